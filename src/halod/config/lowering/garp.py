"""The `garp_` keywords of an instance, or with `vrrp_` before them of `global_defs`.

Knows which falls back to which. Must not know where they stand.
"""

from __future__ import annotations

from typing import TypeVar

from halod.config.reading import Values
from halod.model.units import Duration
from halod.model.vrrp import GarpPolicy

__all__ = ["lower_garp"]

T = TypeVar("T")


def lower_garp(values: Values, prefix: str, default: GarpPolicy) -> GarpPolicy:
    """The policy; what is not said is the default's, and for `lower_prio` the master's value."""

    def number(name: str) -> int | None:
        return values.get(prefix + name, int)

    def time(name: str) -> Duration | None:
        return values.get(prefix + name, Duration)

    repeat = _or(number("garp_master_repeat"), default.repeat)
    delay = _or(time("garp_master_delay"), default.delay)
    inherited_repeat = (
        repeat if default.lower_prio_repeat == default.repeat else default.lower_prio_repeat
    )
    inherited_delay = (
        delay if default.lower_prio_delay == default.delay else default.lower_prio_delay
    )
    return GarpPolicy(
        repeat=repeat,
        delay=delay,
        refresh=_or(time("garp_master_refresh"), default.refresh),
        refresh_repeat=_or(number("garp_master_refresh_repeat"), default.refresh_repeat),
        lower_prio_repeat=_or(number("garp_lower_prio_repeat"), inherited_repeat),
        lower_prio_delay=_or(time("garp_lower_prio_delay"), inherited_delay),
    )


def _or(value: T | None, default: T) -> T:
    """0 is a value."""
    return default if value is None else value
