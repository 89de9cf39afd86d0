"""The `garp_` keywords of an instance, or with `vrrp_` before them of `global_defs`.

Knows which falls back to which. Must not know where they stand.
"""

from __future__ import annotations

from halod.config.reading import Values
from halod.model.units import ZERO, Duration
from halod.model.vrrp import GarpPolicy

__all__ = ["lower_garp", "lower_global_garp"]


def lower_global_garp(values: Values) -> GarpPolicy:
    """Of `global_defs`: a lower master is answered like a takeover, unless that is said."""
    default = GarpPolicy()
    if values.get_or("vrrp_min_garp", default=False):
        default = GarpPolicy(repeat=1, delay=ZERO)
    repeat = values.get_or("vrrp_garp_master_repeat", default.repeat)
    delay = values.get_or("vrrp_garp_master_delay", default.delay)
    return _lower(
        values,
        "vrrp_",
        GarpPolicy(repeat=repeat, delay=delay, lower_prio_repeat=repeat, lower_prio_delay=delay),
    )


def lower_garp(values: Values, global_policy: GarpPolicy) -> GarpPolicy:
    """Of an instance: what it does not say is as `global_defs` has it, each for itself."""
    policy = _lower(values, "", global_policy)
    # One object for the many that say nothing.
    return global_policy if policy == global_policy else policy


def _lower(values: Values, prefix: str, default: GarpPolicy) -> GarpPolicy:
    def number(name: str, otherwise: int) -> int:
        return values.get_or(prefix + name, otherwise)

    def time(name: str, otherwise: Duration) -> Duration:
        return values.get_or(prefix + name, otherwise)

    return GarpPolicy(
        repeat=number("garp_master_repeat", default.repeat),
        delay=time("garp_master_delay", default.delay),
        refresh=time("garp_master_refresh", default.refresh),
        refresh_repeat=number("garp_master_refresh_repeat", default.refresh_repeat),
        lower_prio_repeat=number("garp_lower_prio_repeat", default.lower_prio_repeat),
        lower_prio_delay=time("garp_lower_prio_delay", default.lower_prio_delay),
    )
