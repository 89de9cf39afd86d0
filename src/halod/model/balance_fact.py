"""What happened to virtual and real servers, one class a log line, rendered here alone.

Knows the wording and the severity. Must not know where a line goes.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.fact import Severity
from halod.model.units import Duration

__all__ = ["BalanceFact", "CheckFailed", "CheckHeldDown"]


@dataclass(frozen=True, slots=True)
class CheckFailed:
    """`log_all_failures`: a check failed, and that does not count yet."""

    check: str
    """Name of the check."""
    detail: str
    """What was expected and what came."""
    attempts_left: int
    """How many more may fail before it counts."""

    instance = ""
    severity = Severity.INFO

    def sentence(self) -> str:
        more = "the next one counts" if self.attempts_left == 1 else f"{self.attempts_left} to go"
        return f"check {self.check} failed ({more}): {self.detail}"


@dataclass(frozen=True, slots=True)
class CheckHeldDown:
    """`@halod flap_limit`: a check went down once too often."""

    check: str
    times: int
    """How often it went down."""
    span: Duration
    """Within this."""
    hold: Duration
    """How long it stays down, whatever its results are."""

    instance = ""
    severity = Severity.WARNING

    def sentence(self) -> str:
        return (
            f"check {self.check} went down {self.times} times in {self.span.as_seconds():g} s: its "
            f"server stays down for {self.hold.as_seconds():g} s (`@halod flap_limit`)"
        )


BalanceFact = CheckFailed | CheckHeldDown
