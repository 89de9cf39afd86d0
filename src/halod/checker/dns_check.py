"""DNS_CHECK: a name server answers without an error.

Knows how it is asked. Must not know what the answer says.
"""

from __future__ import annotations

import secrets
import socket

from halod.checker.datagram import open_datagram
from halod.checker.outcome import AnswerError, CannotAskError
from halod.checker.visit import Visit
from halod.model.check import DnsCheck
from halod.wire.dns import dns_query, read_dns_head

__all__ = ["ask_for_record"]

_HEAD_LENGTH = 12


async def ask_for_record(check: DnsCheck, visit: Visit) -> str:
    """AnswerError where it answers with an error."""
    number = secrets.randbits(16)
    try:
        query = dns_query(number, check.name, check.record)
    except ValueError as error:
        raise CannotAskError(str(error)) from None
    open_datagram(visit, check.connection, socket.SOCK_DGRAM, 0, f"answer for {_what(check)}")
    await visit.send(query)
    while True:
        # What is no answer to this question is not looked at, until the deadline ends it: a late
        # answer to the one before may come first.
        head = read_dns_head(await visit.receive(_HEAD_LENGTH))
        if head is None or head.number != number:
            continue
        if head.code:
            raise AnswerError(f"{head.code_name} for {_what(check)}, wanted an answer")
        return f"an answer with {head.answers} records"


def _what(check: DnsCheck) -> str:
    return f"{check.record} of {check.name}"
