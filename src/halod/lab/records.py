"""The lines that measuring programs have written, as values, from one file or several.

Knows the line formats of prober, http_prober and owner_watch. Must not know whether they run.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from halod.lab.errors import LabError
from halod.lab.ownership import Change
from halod.lab.report import Probe, Request


def read_records(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """The complete lines; LabError when one is not JSON (a crash of the program, usually)."""
    found: list[dict[str, Any]] = []
    for path in paths:
        text = path.read_text()
        complete = text[: text.rfind("\n") + 1].splitlines()
        try:
            found += [json.loads(line) for line in complete]
        except json.JSONDecodeError as error:
            tail = "\n".join(complete[-12:])
            raise LabError(f"{path.stem} on {path.parent.name} failed:\n{tail}") from error
    return found


def read_probes(paths: Iterable[Path]) -> list[Probe]:
    """The prober's questions that are decided, in the order sent."""
    found = [Probe(**record) for record in read_records(paths)]
    return sorted(found, key=lambda probe: probe.sent_ns)


def read_requests(paths: Iterable[Path]) -> list[Request]:
    """The HTTP prober's requests that are finished, in the order sent."""
    found = [Request(**record) for record in read_records(paths)]
    return sorted(found, key=lambda request: request.sent_ns)


def read_changes(paths: Iterable[Path]) -> list[Change]:
    """The owner watch's changes, in the order of time."""
    found = [
        Change(record["at_ns"], record["host"], frozenset(record["held"]))
        for record in read_records(paths)
        if "held" in record
    ]
    # A silence is noticed a little after it began.
    return sorted(found, key=lambda change: change.at_ns)
