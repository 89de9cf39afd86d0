"""The `garp_` keywords of an instance, or with `vrrp_` before them of `global_defs`.

Knows which falls back to which. Must not know where they stand.
"""

from __future__ import annotations

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.garp_group import EXTRA
from halod.config.keywords.kinds import Keyword, Seconds
from halod.config.reading import Values
from halod.config.scalars import read_scalar
from halod.config.tree import Statement
from halod.model.units import ZERO, Duration
from halod.model.vrrp import GarpPolicy

__all__ = ["lower_garp", "lower_global_garp"]

_SECOND, _DAY = Duration.seconds(1), Duration.seconds(86400)
ALL = "all"


def lower_global_garp(values: Values, findings: Findings) -> GarpPolicy:
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
        findings,
    )


def lower_garp(values: Values, global_policy: GarpPolicy, findings: Findings) -> GarpPolicy:
    """Of an instance: what it does not say is as `global_defs` has it, each for itself."""
    policy = _lower(values, "", global_policy, findings)
    # One object for the many that say nothing.
    return global_policy if policy == global_policy else policy


def _lower(values: Values, prefix: str, default: GarpPolicy, findings: Findings) -> GarpPolicy:
    def number(name: str, otherwise: int) -> int:
        return values.get_or(prefix + name, otherwise)

    def time(name: str, otherwise: Duration) -> Duration:
        return values.get_or(prefix + name, otherwise)

    extra, everywhere = default.extra, default.extra_everywhere
    for name in EXTRA:
        for line in values.get(prefix + name, list) or []:
            found = _extra(line, findings, least=_SECOND if prefix else ZERO)
            if found is not None:
                extra, everywhere = found
    return GarpPolicy(
        extra=extra,
        extra_everywhere=everywhere,
        repeat=number("garp_master_repeat", default.repeat),
        delay=time("garp_master_delay", default.delay),
        refresh=time("garp_master_refresh", default.refresh),
        refresh_repeat=number("garp_master_refresh_repeat", default.refresh_repeat),
        lower_prio_repeat=number("garp_lower_prio_repeat", default.lower_prio_repeat),
        lower_prio_delay=time("garp_lower_prio_delay", default.lower_prio_delay),
    )


def _extra(line: Statement, findings: Findings, least: Duration) -> tuple[Duration, bool] | None:
    """`all` and a number, in any order; None: it says no time. 0 is for an instance alone, where it
    overrides `global_defs`."""
    numbers = tuple(word for word in line.arguments if word.text != ALL)
    if not numbers:
        findings.add(
            Code.MISSING_VALUE,
            f"`{line.name}` says no time: the line has no effect",
            line.keyword.span,
            helps=(f"`{line.name} 100`, or `{line.name} all 100`",),
        )
        return None
    keyword = Keyword(
        kind=Seconds(least, _DAY), sets="GarpPolicy.extra", default="the line has no effect"
    )
    every = read_scalar(Statement(line.keyword, numbers), keyword, findings)
    everywhere = len(numbers) < len(line.arguments)
    return (every, everywhere) if isinstance(every, Duration) else None
