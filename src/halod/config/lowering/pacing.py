"""`garp_group` blocks, and `vrrp_garp_interval` with its kin, to a pace for each link.

Knows keepalived's rules about them. Must not know which addresses are announced where, but for the
risk that the last of them waits long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.garp_group import GARP_GROUP
from halod.config.lexer import Word
from halod.config.reading import Values, read_section
from halod.config.scalars import interface_fault
from halod.config.tree import Statement
from halod.model.diagnostic import FindingSeverity, Label, Span
from halod.model.pacing import GarpGroup, Pace, Pacing
from halod.model.units import ZERO, Duration
from halod.model.vrrp import VrrpInstance

__all__ = ["lower_global_pace", "lower_pacing", "tell_slow_pace"]

SLOW = Duration.seconds(5)
"""Longer than most clients try before they give up; as long as keepalived waits to say it twice."""


def lower_global_pace(values: Values, findings: Findings) -> tuple[Pace, Span | None]:
    """Of links that stand in no group, and where that is said.

    The file that comes with keepalived says 0, which it then calls a mistake: here it is a word for
    what holds anyway.
    """
    times: list[Duration] = []
    place: Span | None = None
    for name in ("vrrp_garp_interval", "vrrp_gna_interval"):
        times.append(values.get(name, Duration) or ZERO)
        if not values.has(name):
            continue
        where = values.statement(name).keyword.span
        if times[-1] > ZERO:
            place = place or where
        else:
            findings.add(
                Code.WITHOUT_EFFECT,
                f"`{name} 0` has nothing to do: nobody waits anyway, and keepalived calls it a "
                "mistake",
                where,
            )
    return Pace(*times), place


def lower_pacing(blocks: Sequence[Statement], each: Pace, findings: Findings) -> Pacing:
    """Every group that says enough; a link belongs to the first that names it."""
    places: dict[str, Word] = {}
    groups = [group for block in blocks if (group := _group(block, places, findings))]
    return Pacing(each, tuple(groups))


def _group(block: Statement, places: dict[str, Word], findings: Findings) -> GarpGroup | None:
    values = read_section(block.children, GARP_GROUP, findings)
    lines = values.get("interface", list) or []
    entries = values.get("interfaces", list) or []
    named = [word for line in lines if (word := _own_word(line, findings))]
    named += [word for entry in entries for word in (entry.keyword, *entry.arguments)]
    if not values.attempted("garp_interval") and not values.attempted("gna_interval"):
        _lacks(block, "`garp_interval` or `gna_interval`", findings)
        return None
    if not (lines or entries):
        _lacks(block, "`interface`", findings)
        return None
    own: list[str] = []
    for word in named:
        fault = interface_fault(word.text)
        if fault is not None:
            findings.add(
                Code.BAD_INTERFACE,
                f"`{word.shown}` {fault}: it is left out",
                word.span,
                severity=FindingSeverity.IGNORED,
            )
        elif word.text in places:
            findings.add(
                Code.SAME_NAME,
                f"`{word.shown}` stands in a `garp_group` already: here it has no effect",
                word.span,
                secondary=(Label(places[word.text].span, "it stands here already"),),
                helps=("remove one of them",),
            )
        else:
            places[word.text] = word
            own.append(word.text)
    pace = Pace(
        values.get("garp_interval", Duration) or ZERO, values.get("gna_interval", Duration) or ZERO
    )
    return GarpGroup(tuple(own), pace) if own else None


def _own_word(line: Statement, findings: Findings) -> Word | None:
    if not line.arguments:
        findings.add(
            Code.MISSING_VALUE,
            "`interface` has no value: the line has no effect",
            line.keyword.span,
            helps=("`interface` takes the name of an interface",),
        )
        return None
    return line.arguments[0]


def _lacks(block: Statement, what: str, findings: Findings) -> None:
    findings.add(
        Code.INCOMPLETE,
        f"this `garp_group` has no {what}: it has no effect",
        block.keyword.span,
        severity=FindingSeverity.IGNORED,
        helps=(f"add {what}",),
    )


def tell_slow_pace(
    pacing: Pacing,
    instances: Iterable[VrrpInstance],
    place: Span | None,
    findings: Findings,
) -> None:
    """Where the last address of a link waits long after a takeover; one finding of the file."""
    if place is None or not pacing:
        return
    grouped = {name for group in pacing.groups for name in group.interfaces}
    count = Counter((a.interface, a.address.version) for i in instances for a in i.held)
    slow = [
        (pacing.each.of(version) * (number - 1), number, interface)
        for (interface, version), number in count.items()
        if interface not in grouped
    ]
    wait, number, interface = max(slow, default=(ZERO, 0, ""))
    if wait > SLOW:
        findings.add(
            Code.SLOW_PACE,
            f"the last of {number} addresses on `{interface}` is announced {wait} after a takeover",
            place,
            helps=("a shorter interval, or fewer addresses on a link",),
        )
