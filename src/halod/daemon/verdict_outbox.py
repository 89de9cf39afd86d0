"""The verdicts of a process that checks: each is sent until it was taken, and one batch at a time.

Knows what was said last of each check. Must not know how a check is done. Nothing is lost, for what
was not taken is sent again; and nothing grows, for of one check the last verdict alone counts.

    outbox.say(verdict)                     as it comes
    message = outbox.next()                 after that, and after `taken`: to be sent if not None
    outbox.taken(number)                    the supervisor: {"type": "taken", "batch": number}
    outbox.repeat()                         the supervisor: {"type": "retell"}
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from halod.daemon.channel import Message
from halod.daemon.verdict_message import BATCH_MAX, VerdictBatch, verdicts_message
from halod.model.balance_event import Verdict

__all__ = ["VerdictOutbox"]


class VerdictOutbox:
    """Of one process."""

    def __init__(self) -> None:
        self._last: dict[str, Verdict] = {}
        """What was said last of each check."""
        self._waiting: dict[str, Verdict] = {}
        """Not sent yet, in the order in which they came."""
        self._under_way: VerdictBatch | None = None
        self._number = 0

    def keep(self, checks: Iterable[str]) -> None:
        """Checks that there are from now on; what was said of others is forgotten."""
        wanted = set(checks)
        self._last = {name: v for name, v in self._last.items() if name in wanted}
        self._waiting = {name: v for name, v in self._waiting.items() if name in wanted}

    def remember(self, verdicts: Iterable[Verdict]) -> None:
        """Said by another process, before this one was started: to be repeated, not to be said."""
        self._last.update((each.check, each) for each in verdicts)

    def say(self, verdict: Verdict) -> None:
        """A new one: it goes behind those that wait, and its forerunner is not sent any more."""
        self._last[verdict.check] = verdict
        self._waiting.pop(verdict.check, None)
        self._waiting[verdict.check] = verdict

    def next(self) -> Message | None:
        """The next batch; None: nothing waits, or the last one was not taken yet."""
        if self._under_way is not None or not self._waiting:
            return None
        names = list(islice(self._waiting, BATCH_MAX))
        self._number += 1
        batch = VerdictBatch(self._number, tuple(self._waiting.pop(name) for name in names))
        self._under_way = batch
        return verdicts_message(batch)

    def taken(self, number: int) -> None:
        """The service has it."""
        if self._under_way is not None and self._under_way.number == number:
            self._under_way = None

    def repeat(self) -> None:
        """There is a new service, which knows nothing of what the one before it was told."""
        self._under_way = None
        self._waiting = dict(self._last)
