"""One attempt of any check, from its first packet to what was found.

Knows which checker asks what, and what errors on the way mean. Must not know when an attempt is
made, nor what follows from it.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Coroutine
from typing import assert_never

from halod.checker.dns_check import ask_for_record
from halod.checker.http_check import ask_for_page
from halod.checker.outcome import AnswerError, CannotAskError, Outcome
from halod.checker.ping_check import echo
from halod.checker.reactor import Reactor
from halod.checker.smtp_check import greet
from halod.checker.sockets import is_of_the_server, words_of
from halod.checker.tcp_check import take_connection
from halod.checker.udp_check import exchange_datagram
from halod.checker.visit import DeadlineError, Visit
from halod.model.check import DnsCheck, HttpCheck, PingCheck, SmtpCheck, TcpCheck, UdpCheck

__all__ = ["NetworkCheck", "ask_once", "attempt", "begin", "outcome_of"]

NetworkCheck = TcpCheck | HttpCheck | UdpCheck | SmtpCheck | DnsCheck | PingCheck
"""What is asked over the network."""


def begin(
    reactor: Reactor, check: NetworkCheck, done: Callable[[Outcome], None], page: int = 0
) -> Visit:
    """Starts an attempt; `done` hears what was found, be it at once."""
    visit = Visit(reactor)
    visit.start(attempt(check, visit, page), done)
    return visit


def ask_once(check: NetworkCheck, page: int = 0) -> Outcome:
    """One attempt, waited for."""
    found: list[Outcome] = []
    reactor = Reactor()
    try:
        begin(reactor, check, found.append, page)
        while not found:
            reactor.turn()
    finally:
        reactor.close()
    return found[0]


async def attempt(check: NetworkCheck, visit: Visit, page: int = 0) -> Outcome:
    """Ends in bounded time, whatever the peer does. `page`: of HTTP_GET and SSL_GET, its number."""
    return await outcome_of(_asked(check, visit, page), visit)


async def outcome_of(asking: Coroutine[None, None, str], visit: Visit) -> Outcome:
    """What went wrong, in words; `asking` says what came where nothing did."""
    up: bool | None = False
    try:
        words = await asking
        up = True
    except AnswerError as failure:
        words = str(failure)
    except DeadlineError as late:
        words = str(late)
    except CannotAskError as why:
        up, words = None, str(why)
    except ssl.SSLCertVerificationError as error:
        words = f"its certificate does not hold: {error.verify_message}"
    except ssl.SSLError as error:
        words = f"TLS failed: {(error.reason or str(error)).replace('_', ' ').lower()}"
    except OSError as error:
        words = words_of(error)
        if not is_of_the_server(error):
            up = None
    return Outcome(up, words, visit.took_ns)


async def _asked(check: NetworkCheck, visit: Visit, page: int) -> str:
    """What came, where it was as wanted."""
    match check:
        case TcpCheck():
            return await take_connection(check, visit)
        case HttpCheck():
            return await ask_for_page(check, page, visit)
        case UdpCheck():
            return await exchange_datagram(check, visit)
        case SmtpCheck():
            return await greet(check, visit)
        case DnsCheck():
            return await ask_for_record(check, visit)
        case PingCheck():
            return await echo(check, visit)
        case _:
            assert_never(check)
