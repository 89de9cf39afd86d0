"""Verdicts on their way: from the checker and the runner to the supervisor, and on to the service.

Knows the form of a batch as JSON. Must not know what follows from a verdict. Nothing from a network
gets this far but the detail, which is escaped and cut off here once more: the checker is not
trusted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from halod.daemon.channel import Message
from halod.model.balance_event import Verdict
from halod.model.printable import printable

__all__ = ["BATCH_MAX", "VerdictBatch", "taken_message", "verdicts_in", "verdicts_message"]

BATCH_MAX = 256
"""Verdicts: about 64 KiB, a few milliseconds of the service process."""
NAME_MAX, DETAIL_MAX = 1024, 300
"""Characters; a line of a configuration is shorter, and so is a sentence."""
WEIGHT_MAX = 65535
"""Of a real server, and of what a file may add, either way."""


@dataclass(frozen=True, slots=True)
class VerdictBatch:
    """Verdicts that were sent together; the next ones come when these were taken."""

    number: int
    """Counts up in one life of the process that sends them."""
    verdicts: tuple[Verdict, ...]


def verdicts_message(batch: VerdictBatch) -> Message:
    """What `verdicts_in` reads."""
    return {
        "type": "verdicts",
        "batch": batch.number,
        "verdicts": [
            [each.check, each.up, each.weight, each.detail[:DETAIL_MAX]] for each in batch.verdicts
        ],
    }


def taken_message(number: int) -> Message:
    """The batch was taken: the next one may come."""
    return {"type": "taken", "batch": number}


def verdicts_in(message: Message) -> VerdictBatch | None:
    """None: this is no such message."""
    match message:
        case {"type": "verdicts", "batch": int(number), "verdicts": [*rows]} if (
            len(rows) <= BATCH_MAX
        ):
            verdicts = tuple(_verdicts(rows))
            return VerdictBatch(number, verdicts) if len(verdicts) == len(rows) else None
        case _:
            return None


def _verdicts(rows: Iterable[object]) -> Iterable[Verdict]:
    for row in rows:
        match row:
            case [str(check), bool(up), int() | None as weight, str(detail)] if (
                len(check) <= NAME_MAX and abs(weight or 0) <= WEIGHT_MAX
            ):
                yield Verdict(check, up, weight, printable(detail[:DETAIL_MAX]))
