"""One MISC_CHECK over and over: a program of the operator, and what its status makes of a server.

Knows one check's schedule. Must not know who is told. Lives as a task of the runner.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from halod.balance.health import CheckHealth, Outcome
from halod.kernel.account import Account
from halod.kernel.clock import boot_now
from halod.kernel.program import ProgramEnd
from halod.kernel.program_run import run_program
from halod.model.check import MiscCheck
from halod.model.units import Instant

__all__ = ["MiscRun", "weight_of"]

DYNAMIC_FROM = 2
"""`misc_dynamic`: the least status that means a weight, and what is taken off it."""


class MiscRun:
    """Of one check, as long as the file has it."""

    def __init__(
        self,
        name: str,
        check: MiscCheck,
        account: Account | str,
        tell: Callable[[Outcome], None],
        trouble: Callable[[str, str], None],
    ) -> None:
        """`account`: as whom it runs, or why it cannot. `trouble`: of this machine's own, with the
        name of the check; empty: no longer."""
        self.check = check
        self.health = CheckHealth(name, check)
        self._account = account
        self._tell = tell
        self._trouble = trouble
        self._is_troubled = False

    def adopt(self, name: str, check: MiscCheck, account: Account | str) -> None:
        """A reload: the same program, maybe at other times."""
        self.check, self._account = check, account
        self.health.adopt(name, check, boot_now())

    async def go_on(self) -> None:
        """Until it is cancelled, which ends the run that goes on. Begins when it is due."""
        while True:
            await asyncio.sleep((self.health.due - boot_now()).as_seconds())
            began = boot_now()
            if isinstance(self._account, str):
                ended = ProgramEnd(None, f"could not be started: {self._account}")
            else:
                ended = await run_program(self.check.command.argv, self._account, self.check.limit)
            self._take(ended, began)

    def _take(self, ended: ProgramEnd, began: Instant) -> None:
        now = boot_now()
        if not ended.was_tried:
            # Nothing is known of the server: it stays what it was, and is asked at its next turn.
            self._trouble(self.health.name, ended.words)
            self._is_troubled = True
            self.health.due = now + self.check.timing.delay_loop
            return
        if self._is_troubled:
            self._trouble(self.health.name, "")
            self._is_troubled = False
        up = ended.succeeded
        weight = None
        if self.check.dynamic and ended.status is not None and ended.status >= DYNAMIC_FROM:
            up, weight = True, weight_of(ended.status)
        wanted = "0 or 2 to 255" if self.check.dynamic else "0"
        words = ended.words if up else f"{ended.words}, wanted exit {wanted}"
        took = (now - began).as_seconds()
        detail = f"{words}, after {took:.1f} s"
        told = self.health.finished(up, detail, now, began=began, weight=weight)
        if told is not None:
            self._tell(told)


def weight_of(status: int) -> int:
    """`misc_dynamic`: what a status from 2 on makes of the weight."""
    return status - DYNAMIC_FROM
