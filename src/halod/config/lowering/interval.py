"""`advert_int` to what the version of the instance can say.

Knows keepalived's rounding: half a step goes up. Must not know other keywords.
"""

from __future__ import annotations

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.reading import Values
from halod.model.units import Duration
from halod.model.vrrp import VrrpVersion

__all__ = ["lower_interval"]

SECOND = Duration.seconds(1)
STEPS = {VrrpVersion.V2: SECOND, VrrpVersion.V3: Duration.centiseconds(1)}
MAXIMA = {
    # Adver Int has 8 bits of seconds (RFC 3768, 5.3.7).
    VrrpVersion.V2: Duration.seconds(255),
    # Max Advertise Interval has 12 bits of centiseconds (RFC 9568, 5.2.7). keepalived rounds
    # 40.955 s up to 4096, which the field does not hold.
    VrrpVersion.V3: Duration.centiseconds(4095),
}


def lower_interval(values: Values, version: VrrpVersion, findings: Findings) -> Duration:
    """The interval; 1 s where there is none."""
    interval = values.get("advert_int", Duration)
    if interval is None:
        return SECOND
    step, maximum = STEPS[version], MAXIMA[version]
    rounded = min(maximum, max(step, step * ((interval + step // 2).ns // step.ns)))
    if rounded != interval:
        word = values.statement("advert_int").arguments[0]
        findings.add(
            Code.INTERVAL_ROUNDED,
            f"{_limit(version, interval)}: `advert_int {word.shown}` becomes {_seconds(rounded)}",
            word.span,
            helps=_helps(version),
        )
    return rounded


def _limit(version: VrrpVersion, interval: Duration) -> str:
    if version is VrrpVersion.V2:
        return "version 2 counts whole seconds"
    if interval > MAXIMA[version]:
        return f"version 3 takes {_seconds(MAXIMA[version])} s at most"
    return "version 3 counts hundredths of a second"


def _helps(version: VrrpVersion) -> tuple[str, ...]:
    if version is VrrpVersion.V2:
        return ("write whole seconds, or `version 3` on all nodes: it counts hundredths",)
    return ("write 0.01 to 40.95, the same on all nodes",)


def _seconds(span: Duration) -> str:
    return f"{span.as_seconds():.2f}".rstrip("0").rstrip(".")
