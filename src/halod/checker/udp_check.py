"""UDP_CHECK: a datagram is not refused, or is answered.

Knows what an answer must be. Must not know when one is asked for.
"""

from __future__ import annotations

import socket

from halod.checker.datagram import open_datagram
from halod.checker.outcome import AnswerError, peer_text
from halod.checker.visit import DeadlineError, Visit
from halod.model.check import UdpCheck

__all__ = ["exchange_datagram", "is_wanted"]

PAYLOAD = (b"health check - " * 3)[:32]
"""Where the file names none."""


async def exchange_datagram(check: UdpCheck, visit: Visit) -> str:
    """AnswerError where the answer is wrong or missing; OSError where the port refuses."""
    open_datagram(visit, check.connection, socket.SOCK_DGRAM, 0, "answer")
    await visit.send(PAYLOAD if check.payload is None else check.payload)
    try:
        # One more than may come: so that too long is seen.
        data = await visit.receive(check.reply_length_max + 1)
    except DeadlineError:
        if check.require_reply:
            raise
        return "not refused, and not answered"
    if not check.require_reply:
        return "answered"
    least, most = check.reply_length_min, check.reply_length_max
    if not least <= len(data) <= most:
        size = f"more than {most}" if len(data) > most else str(len(data))
        raise AnswerError(f"an answer of {size} bytes, wanted {least} to {most}")
    if not is_wanted(check, data):
        raise AnswerError(f"answer {peer_text(data)} ({data[:16].hex(' ')}), wanted another one")
    return f"an answer of {len(data)} bytes"


def is_wanted(check: UdpCheck, data: bytes) -> bool:
    """Whether it begins as wanted, as far as it goes: as in keepalived."""
    if check.reply is None:
        return True
    mask = check.reply_mask or b"\xff" * len(check.reply)
    pairs = zip(data, check.reply, mask, strict=False)
    return not any((came ^ wanted) & counts for came, wanted, counts in pairs)
