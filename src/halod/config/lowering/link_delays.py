"""The lines of `interface_up_down_delays`: `IFACE DOWN [UP]`.

Knows those lines. Must not know instances.
"""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.kinds import Keyword, Seconds
from halod.config.scalars import interface_fault, read_scalar
from halod.config.tree import Statement
from halod.model.diagnostic import FindingSeverity
from halod.model.link_delay import LinkDelay
from halod.model.units import ZERO, Duration

__all__ = ["lower_link_delays"]

_DELAY = Keyword(
    kind=Seconds(ZERO, Duration.seconds(255), fractions=True),
    sets="LinkDelay.down",
    default="the line has no effect",
)


def lower_link_delays(lines: Sequence[Statement], findings: Findings) -> tuple[LinkDelay, ...]:
    """Each interface once; the last line counts."""
    found: dict[str, LinkDelay] = {}
    for line in lines:
        fault = interface_fault(line.name)
        if fault is not None:
            findings.add(
                Code.BAD_INTERFACE,
                f"`{line.shown_name}` {fault}: the line has no effect",
                line.keyword.span,
                severity=FindingSeverity.IGNORED,
            )
            continue
        down = read_scalar(Statement(line.keyword, line.arguments[:1]), _DELAY, findings)
        rest = line.arguments[1:]
        up = read_scalar(Statement(line.keyword, rest), _DELAY, findings) if rest else down
        if isinstance(down, Duration) and isinstance(up, Duration):
            found[line.name] = LinkDelay(line.name, down, up)
    return tuple(found.values())
