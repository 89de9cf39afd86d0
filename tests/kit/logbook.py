"""Reads a node's log forward, as an operator would: each line that is looked for comes after the
one found before. Knows one file of a lab; nothing of what a node should say."""

import re
from functools import partial

from halod.lab.balancer import NODE, Balancer
from halod.lab.patience import wait_until

LINE_WITHIN_S = 2.0
"""A line is told at once; a busy machine writes it late."""


class LogBook:
    """The log of one node from its first line, over restarts."""

    def __init__(self, node: Balancer) -> None:
        self._node = node
        self._read = 0

    def lines(self) -> list[str]:
        """The whole lines after the last one that was found."""
        path = self._node.machine.log_path(NODE)
        text = path.read_text(errors="replace") if path.exists() else ""
        return text[: text.rfind("\n") + 1].splitlines()[self._read :]

    def expect(self, *patterns: str, within_s: float = LINE_WITHIN_S) -> str:
        """Waits for a line with each of the patterns, in their order; the last line found."""
        found = ""
        for pattern in patterns:
            wanted = re.compile(pattern)
            hit = wait_until(partial(self._find, wanted), within_s)
            assert hit is not None, (
                f"{self._node.machine.name} ({self._node.program.name}) does not say {pattern!r}; "
                "it says:\n" + "\n".join(self.lines()[-20:])
            )
            position, found = hit
            self._read += position + 1
        return found

    def skip(self) -> None:
        """What was said so far is of no interest."""
        self._read += len(self.lines())

    def silent_about(self, pattern: str) -> None:
        """Nothing said since the last line found fits the pattern."""
        found = [line for line in self.lines() if re.search(pattern, line)]
        assert found == [], f"{self._node.machine.name} says: {found}"

    def _find(self, wanted: re.Pattern[str]) -> tuple[int, str] | None:
        for position, line in enumerate(self.lines()):
            if wanted.search(line):
                return position, line
        return None
