"""What one attempt found.

Knows the values that every checker answers with. Must not know what follows from them: that is the
health machine's.
"""

from __future__ import annotations

from typing import NamedTuple

from halod.model.printable import SHOWN_MAX, printable, shortened
from halod.model.units import NS_PER_MICROSECOND, NS_PER_MILLISECOND, NS_PER_SECOND

__all__ = ["AnswerError", "CannotAskError", "Outcome", "peer_text", "span"]


class Outcome(NamedTuple):
    """Of one attempt. A tuple: thousands are made each second."""

    up: bool | None
    """Whether the server answered as wanted; None: it could not be asked, for a reason of this
    machine, and nothing is known of the server."""
    words: str
    """What came, and where that is not what was wanted, what was: half a sentence. What the peer
    sent is escaped and shortened already."""
    took_ns: int
    """From the first packet to the answer, nanoseconds."""
    weight: int | None = None
    """What it makes of the server's weight; None: nothing."""

    @property
    def detail(self) -> str:
        """For people: `status 503, wanted 200-299, after 12 ms`."""
        return f"{self.words}, after {span(self.took_ns)}"


class AnswerError(Exception):
    """The server did not answer as wanted: the text is what came and what was wanted."""


class CannotAskError(Exception):
    """This machine could not ask: the text says why."""


def span(ns: int) -> str:
    """`340 us`, `12 ms`, `5.0 s`."""
    if ns < NS_PER_MILLISECOND:
        return f"{ns // NS_PER_MICROSECOND} us"
    if ns < NS_PER_SECOND:
        return f"{ns // NS_PER_MILLISECOND} ms"
    return f"{ns / NS_PER_SECOND:.1f} s"


def peer_text(data: bytes) -> str:
    """What a peer sent, safe for a terminal and short: in quotes, on one line."""
    # Four bytes a sign at most: no more is looked at than can be shown.
    text = data[: 4 * SHOWN_MAX].decode("utf-8", "replace")
    return f"'{shortened(printable(' '.join(text.split())))}'"
