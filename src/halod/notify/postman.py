"""Brings the mail to the mail server, one after another, and never makes anybody wait for it.

Knows the queue and the thread that sends. Must not know what a mail says. A thread that the server
holds up is a daemon: it cannot keep the process from ending.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable

from halod.model.fact import Severity
from halod.model.mail import MailSettings
from halod.model.units import Instant
from halod.notify.smtp import Outcome, SmtpTry
from halod.telling.letter import Letter
from halod.telling.mailbag import Mailbag, Queued

__all__ = ["Postman"]

STEPS_MAX = 5
"""Answers of `smtp_connect_timeout` each that one mail may wait for: a server that sends a letter a
second would never time out by itself."""
TROUBLE = "mail"


class Postman:
    """All mail of the daemon."""

    def __init__(
        self,
        now: Callable[[], Instant],
        wall_s: Callable[[], float],
        tell: Callable[[Severity, str], None],
        trouble: Callable[[str, str], None],
    ) -> None:
        """`now` and `wall_s`: clocks; `trouble`: subject and text, empty when it is over."""
        self._now, self._wall_s = now, wall_s
        self._tell, self._trouble = tell, trouble
        self._settings = MailSettings()
        self._bag = Mailbag()
        self._trying: SmtpTry | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._last_try = False
        """The daemon stops: what fails now is not tried again."""
        self._idle = asyncio.Event()
        self._idle.set()

    def adopt(self, settings: MailSettings) -> None:
        """Takes up other settings: what waits goes by them, and at once."""
        if settings == self._settings:
            return
        self._settings = settings
        if not settings.can_send and (gone := self._bag.clear()):
            self._tell(Severity.ERROR, f"{_mails(gone)} given up: there is no mail server now")
        self._bag.try_at_once()
        self._next()

    def post(self, letter: Letter) -> None:
        """Queues one more mail. Without a server, or anybody to write to, there is none."""
        if not self._settings.can_send:
            return
        self._idle.clear()
        if not self._bag.add(Queued(letter, self._now(), self._wall_s())):
            self._tell(Severity.ERROR, "too many mails wait: the oldest was given up")
        self._next()

    def figures(self) -> dict[str, int]:
        """For status."""
        bag = self._bag
        return {"waiting": len(bag), "sent": bag.sent, "lost": bag.lost, "failures": bag.failures}

    async def stop(self, within_s: float) -> None:
        """Tries what waits once more, at once, and tells what is left when the time is up."""
        self._last_try = True
        self._bag.try_at_once()
        self._next()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._idle.wait()
        for timer in (self._timer, self._patience):
            if timer is not None:
                timer.cancel()
        if self._trying is not None:
            self._trying.abort()
        if len(self._bag):
            self._tell(Severity.ERROR, f"{_mails(len(self._bag))} not sent before the stop")

    # ---- one after another -----------------------------------------------------------------

    def _next(self) -> None:
        """Tries the first mail when it is due, unless one is being tried."""
        if self._trying is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        gone = self._bag.expire(self._now())
        if gone:
            self._tell(Severity.ERROR, f"{_mails(gone)} given up: not sent for a day")
        due = self._bag.due()
        if due is None:
            self._idle.set()
            return
        wait_s = max(0.0, (due - self._now()).as_seconds())
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._try)

    def _try(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        trying = SmtpTry(self._bag.first(), self._settings)
        self._trying = trying

        def run() -> None:
            outcome = trying.run()
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(self._done, trying, outcome)

        patience_s = STEPS_MAX * max(1.0, self._settings.connect_timeout.as_seconds())
        self._patience = loop.call_later(patience_s, trying.abort)
        try:
            threading.Thread(target=run, name="mail", daemon=True).start()
        except RuntimeError as error:
            self._done(trying, Outcome(delivered=False, words=str(error)))

    def _done(self, trying: SmtpTry, outcome: Outcome) -> None:
        self._trying = None
        if self._patience is not None:
            self._patience.cancel()
        server = f"mail server {self._settings.host}"
        if outcome.delivered:
            if self._bag.failures:
                self._tell(Severity.NOTICE, f"{server} takes mail again")
            self._bag.delivered(trying.queued)
            self._trouble(TROUBLE, outcome.words)
        else:
            self._bag.failed(trying.queued, self._now(), permanent=outcome.permanent)
            # Without the figures, which stand in status: the same text is logged once.
            self._trouble(TROUBLE, f"{server}: {outcome.words}")
            if self._last_try:
                self._idle.set()
                return
        self._next()


def _mails(count: int) -> str:
    return "1 mail" if count == 1 else f"{count} mails"
