"""Every FILE_CHECK: the numbers in files, and what they make of servers.

Knows which check minds which file. Must not know who is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from halod.balance.health import file_verdict
from halod.kernel.number_file import make_file, read_number
from halod.model.balance_event import Verdict
from halod.model.check import FileCheck

__all__ = ["LOOK_EVERY_S", "FileChecks"]

LOOK_EVERY_S = 0.25
"""At most so late a change is seen; a file is read in about 10 us."""


class FileChecks:
    """Of one configuration after the other."""

    def __init__(
        self, tell: Callable[[Verdict], None], trouble: Callable[[str, str], None]
    ) -> None:
        self._tell = tell
        self._trouble = trouble
        self._checks: dict[str, FileCheck] = {}
        self._told: dict[str, Verdict] = {}

    def __bool__(self) -> bool:
        return bool(self._checks)

    def adopt(self, checks: Mapping[str, FileCheck], told: Mapping[str, Verdict]) -> None:
        """By their names. `told`: what another process said of them."""
        known = {check.source.path for check in self._checks.values()}
        made: set[str] = set()
        for check in checks.values():
            if check.source.path not in known | made:
                made.add(check.source.path)
                self._trouble(f"track_file {check.source.name}", make_file(check.source) or "")
        self._checks = dict(checks)
        self._told = {
            name: verdict for name, verdict in {**told, **self._told}.items() if name in checks
        }

    def look(self) -> None:
        """Once: tells what is new."""
        numbers = {path: read_number(path) for path in self._paths()}
        for name, check in self._checks.items():
            verdict = file_verdict(name, check, numbers[check.source.path])
            before = self._told.get(name)
            if before is None or (before.up, before.weight) != (verdict.up, verdict.weight):
                self._told[name] = verdict
                self._tell(verdict)

    def _paths(self) -> set[str]:
        return {check.source.path for check in self._checks.values()}
