"""One check script: run again and again, never twice at a time; each change is reported.

Knows interval, time limit and the counting of results. Must not know who minds a change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from halod.kernel.account import Account
from halod.kernel.program import ProgramEnd
from halod.kernel.program_run import run_program
from halod.model.event import TrackerReported
from halod.model.fact import CheckChanged
from halod.model.script import VrrpScript
from halod.vrrp.check_result import CheckResult

__all__ = ["CheckRun", "next_turn"]

INIT_FAIL = "init_fail"


def next_turn(due: float, interval_s: float, now: float) -> tuple[float, int]:
    """When a run is due after the one that was due at `due` and is over now, and how many are left
    out because it took so long. Seconds of one clock.

    Counted from when the last one was due, not from when it began: a start that was late for want
    of a processor does not make all later ones late, and 500 checks a second stay 500.
    """
    left_out = max(0, int((now - due) / interval_s))
    return due + (left_out + 1) * interval_s, left_out


class CheckRun:
    """Its schedule, its count, and its last end."""

    def __init__(
        self,
        script: VrrpScript,
        account: Account | str,
        before: bool | None,
        report: Callable[[TrackerReported], None],
        tell: Callable[[CheckChanged], None],
    ) -> None:
        """`account`: as whom it runs, or why it cannot. `before`: what it was when somebody else
        ran it; None: it is new."""
        self.script = script
        self._account = account
        self._report = report
        self._tell = tell
        self._result = CheckResult(script.rise, script.fall)
        self._detail = ""
        """What was reported last, if it failed."""
        self._begun: float | None = None
        """When the run began that goes on; None: none does."""
        self._ended: float | None = None
        self._took_s = 0.0
        self._last = ""
        self._runs = self._failures = self._skipped = 0
        if before is not None:
            self._result.resume(up=before)
        elif script.init_fail:
            self._result.fail_from_start()
            self._report(TrackerReported(script.tracker, up=False, detail=INIT_FAIL))

    @property
    def up(self) -> bool | None:
        """What it is; None: nobody knows yet."""
        return self._result.up if self._result.heard else None

    async def go_on(self) -> None:
        """Until it is cancelled, which ends the run that goes on."""
        clock = asyncio.get_running_loop().time
        interval_s = self.script.interval.as_seconds()
        due = clock()
        while True:
            self._begun = begun = clock()
            ended = await self._run()
            self._begun, self._ended = None, clock()
            self._took_s = self._ended - begun
            self._take(ended)
            due, left_out = next_turn(due, interval_s, self._ended)
            self._skipped += left_out
            await asyncio.sleep(due - self._ended)

    async def _run(self) -> ProgramEnd:
        if isinstance(self._account, str):
            return ProgramEnd(None, f"could not be started: {self._account}")
        return await run_program(self.script.command.argv, self._account, self.script.timeout)

    def _take(self, ended: ProgramEnd) -> None:
        self._runs += 1
        self._failures += not ended.succeeded
        self._last = ended.words
        changed = self._result.take(success=ended.succeeded)
        up = self._result.up
        detail = "" if up else self._detail if ended.succeeded else ended.words
        if changed:
            self._tell(CheckChanged(self.script.name, up, ended.words))
        if changed or detail != self._detail:
            self._report(TrackerReported(self.script.tracker, up, detail=detail))
        self._detail = detail

    def view(self, now: float) -> dict[str, Any]:
        """For status. Times are seconds."""
        towards = self._result.towards
        return {
            "name": self.script.name,
            "last": self._last,
            "last_ago_s": None if self._ended is None else round(now - self._ended, 3),
            "took_s": round(self._took_s, 6),
            "running_s": None if self._begun is None else round(now - self._begun, 3),
            "runs": self._runs,
            "failures": self._failures,
            "skipped": self._skipped,
            "towards": f"{towards[0]} of {towards[1]}" if towards else "",
        }
