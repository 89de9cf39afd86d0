"""`vrrp_track_process` and `track_file` blocks, and the lines that name them.

Knows those sections. Must not know what an instance does with a tracker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.observed import TRACK_FILE, VRRP_TRACK_PROCESS
from halod.config.lexer import Word
from halod.config.lowering.tracked_line import read_tracked_line
from halod.config.lowering.unfit_tracker import tell_no_such_tracker, tell_tracked_twice
from halod.config.reading import Values, read_section
from halod.config.scalars import clean_text
from halod.config.tree import Statement
from halod.model.diagnostic import FindingSeverity, Label
from halod.model.track_file import VrrpTrackFile, number_in
from halod.model.track_process import ParameterMatch, VrrpTrackProcess
from halod.model.tracking import Tracked, Weight
from halod.model.units import ZERO, Duration

__all__ = ["Observed", "lower_observed"]

_BLOCKS = {"track_process": "vrrp_track_process", "track_file": "track_file"}


@dataclass(frozen=True, slots=True)
class Observed:
    """What `track_process` and `track_file` may name."""

    processes: Mapping[str, VrrpTrackProcess] = field(default_factory=dict)
    files: Mapping[str, VrrpTrackFile] = field(default_factory=dict)

    def trackers(self, values: Values, findings: Findings) -> tuple[Tracked, ...]:
        """Of an instance or a group: the lines of both blocks."""
        known: tuple[tuple[str, Mapping[str, VrrpTrackProcess | VrrpTrackFile]], ...] = (
            ("track_process", dict(self.processes)),
            ("track_file", dict(self.files)),
        )
        found: list[Tracked] = []
        for block, by_name in known:
            found += _lines(values.get(block, list) or [], block, by_name, findings)
        return tuple(found)


def lower_observed(top: Values, findings: Findings) -> Observed:
    """Every block that says enough."""
    processes: dict[str, VrrpTrackProcess] = {}
    files: dict[str, VrrpTrackFile] = {}
    places: tuple[dict[str, Word], dict[str, Word]] = ({}, {})
    for kind, block in top.nested:
        if kind == "vrrp_track_process":
            name = _name_of(block, places[0], findings)
            process = name and _process(block, name, findings)
            if process:
                processes[process.name] = process
        elif kind in ("track_file", "vrrp_track_file"):
            name = _name_of(block, places[1], findings)
            file = name and _file(block, name, findings)
            if file:
                files[file.name] = file
    return Observed(processes, files)


def _name_of(block: Statement, places: dict[str, Word], findings: Findings) -> Word | None:
    if not block.arguments:
        findings.add(
            Code.MISSING_VALUE,
            f"a `{block.name}` needs a name: nothing in it has an effect",
            block.keyword.span,
            helps=(f"write `{block.name} NAME {{`",),
        )
        return None
    word = block.arguments[0]
    if word.text in places:
        findings.add(
            Code.SAME_NAME,
            f"there is a `{block.name} {word.shown}` already: this one has no effect",
            word.span,
            secondary=(Label(places[word.text].span, "first defined here"),),
            helps=("give it another name",),
        )
        return None
    places[word.text] = word
    return word


def _lacks(keyword: str, name: Word, values: Values, findings: Findings) -> None:
    if not values.attempted(keyword):
        findings.add(
            Code.INCOMPLETE,
            f"`{name.shown}` has no `{keyword}`: it is left out",
            name.span,
            severity=FindingSeverity.IGNORED,
            helps=(f"add `{keyword}`",),
        )


def _process(block: Statement, name: Word, findings: Findings) -> VrrpTrackProcess | None:
    values = read_section(block.children, VRRP_TRACK_PROCESS, findings)
    if not values.has("process"):
        _lacks("process", name, values, findings)
        return None
    command, *parameters = (clean_text(w, findings) for w in values.statement("process").arguments)
    both = values.get("delay", Duration) or ZERO
    weight = values.get("weight", Weight) or Weight()
    return VrrpTrackProcess(
        name=clean_text(name, findings),
        command=command,
        parameters=tuple(parameters),
        full_command=values.has("full_command"),
        match=values.get("param_match", ParameterMatch),
        quorum=values.get("quorum", int) or 1,
        quorum_max=values.get("quorum_max", int),
        fork_delay=values.get_or("fork_delay", both),
        terminate_delay=values.get_or("terminate_delay", both),
        weight=weight.value,
        reverse=weight.reverse,
    )


def _file(block: Statement, name: Word, findings: Findings) -> VrrpTrackFile | None:
    plain = [child for child in block.children if child.name != "init_file" or child.arguments]
    values = read_section(plain, TRACK_FILE, findings)
    path = values.get("file", str)
    if path is None:
        _lacks("file", name, values, findings)
        return None
    weight = values.get("weight", Weight) or Weight(1)
    words = (values.get("init_file", str) or "").split()
    numbers = [word for word in words if word != "overwrite"]
    made = any(child.name == "init_file" for child in block.children)
    return VrrpTrackFile(
        name=clean_text(name, findings),
        path=path,
        weight=weight.value,
        reverse=weight.reverse,
        init_value=number_in(numbers[0] if numbers else "0") if made else None,
        overwrites="overwrite" in words,
    )


def _lines(
    lines: Sequence[Statement],
    block: str,
    known: Mapping[str, VrrpTrackProcess | VrrpTrackFile],
    findings: Findings,
) -> list[Tracked]:
    found: dict[str, Tracked] = {}
    places: dict[str, Word] = {}
    for line in lines:
        read = read_tracked_line(line, findings)
        name = clean_text(read.name, findings)
        config = known.get(name)
        if config is None:
            tell_no_such_tracker(_BLOCKS[block], read.name, name, known, findings)
        elif name in found:
            tell_tracked_twice(read.name, places[name].span, findings)
        else:
            own = read.weight is not None
            weight, reverse = (
                (read.weight, read.reverse) if own else (config.weight, config.reverse)
            )
            found[name] = Tracked(config.tracker, weight or 0, reverse)
            places[name] = read.name
    return list(found.values())
