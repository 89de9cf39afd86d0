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


class GrowingRecords:
    """The lines of a file that is still written, each of them once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        """Bytes."""

    def more(self) -> list[dict[str, Any]]:
        """The lines that were completed since the last call; LabError when one is not JSON (a crash
        of the program, usually)."""
        with self._path.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        complete = data[: data.rfind(b"\n") + 1]
        lines = complete.decode(errors="replace").splitlines()
        try:
            found = [json.loads(line) for line in lines]
        except json.JSONDecodeError as error:
            tail = "\n".join(lines[-12:])
            name = f"{self._path.stem} on {self._path.parent.name}"
            raise LabError(f"{name} failed:\n{tail}") from error
        self._read += len(complete)
        return found


def read_records(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """All complete lines; LabError as in `GrowingRecords`."""
    return [record for path in paths for record in GrowingRecords(path).more()]


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
