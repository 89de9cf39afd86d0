"""A page over HTTP/2 (RFC 9113): `@halod http_protocol 2`.

Knows h2, which is imported here alone: who does not ask for HTTP/2 has nothing of it. Must not know
what makes an answer right. Over TLS by ALPN, else with prior knowledge (RFC 9113, 3.2 and 3.3).
"""

from __future__ import annotations

import ssl

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    ResponseReceived,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import H2Error

from halod.checker.http_answer import HttpAnswer
from halod.checker.http_check import AGENT, authority_of, server_name_of
from halod.checker.outcome import AnswerError, peer_text
from halod.checker.tls import h2_context
from halod.checker.visit import Visit
from halod.model.check import HttpCheck, HttpPage
from halod.model.printable import printable, shortened

__all__ = ["receive_page"]

FRAMES_WITHOUT_PAGE_MAX = 1024
"""Pieces that carry nothing of the page before it is enough: settings, pings and their like cost
the sender nothing."""


async def receive_page(check: HttpCheck, page: HttpPage, visit: Visit) -> HttpAnswer:
    """One stream on a connection of its own."""
    context = h2_context(check.identity) if check.tls else None
    await visit.connect(check.connection)
    if context is not None:
        await visit.start_tls(context, server_name_of(check, page))
        assert isinstance(visit.sock, ssl.SSLSocket)
        if visit.sock.selected_alpn_protocol() != "h2":
            raise AnswerError("the server does not offer HTTP/2 in its TLS handshake, wanted h2")
    visit.within(check.connection.timeout.ns, "answer")
    answer = HttpAnswer(digests=bool(page.digest), keeps_text=bool(page.regex))
    try:
        await _exchange(check, page, visit, answer)
    except H2Error as error:
        raise AnswerError(f"no HTTP/2: {shortened(printable(str(error)))}") from None
    if check.tls and page.tls_compliant:
        visit.say_goodbye()
    visit.close()
    return answer


async def _exchange(check: HttpCheck, page: HttpPage, visit: Visit, answer: HttpAnswer) -> None:
    connection = H2Connection(H2Configuration(client_side=True, header_encoding=None))
    connection.initiate_connection()
    scheme = "https" if check.tls else "http"
    stream = connection.get_next_available_stream_id()
    headers = [
        (":method", "GET"),
        (":path", page.path),
        (":scheme", scheme),
        (":authority", authority_of(check, page)),
        ("user-agent", AGENT),
    ]
    connection.send_headers(stream, headers, end_stream=True)
    await visit.send(connection.data_to_send())
    idle = 0
    beginning = b""
    while not answer.is_too_long:
        data = await visit.receive()
        if not data:
            raise AnswerError(f"closed before the end of a page; it began {peer_text(beginning)}")
        beginning = beginning or data
        before = answer.received
        for event in connection.receive_data(data):
            if _heed(connection, event, answer):
                return
        idle = 0 if answer.received > before else idle + 1
        if idle > FRAMES_WITHOUT_PAGE_MAX:
            raise AnswerError("many frames and no page, wanted an answer")
        if answer.status:
            visit.step = "end of the page"
        # Acknowledgements, and more room for the page.
        await visit.send(connection.data_to_send())


def _heed(connection: H2Connection, event: Event, answer: HttpAnswer) -> bool:
    """Whether the page is there."""
    match event:
        case ResponseReceived():
            fields = [(bytes(name), bytes(value)) for name, value in event.headers or ()]
            answer.take_fields(dict(fields))
        case DataReceived():
            answer.take_page(event.data or b"")
            connection.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id)
        case StreamEnded():
            return True
        case StreamReset() | ConnectionTerminated():
            raise AnswerError(f"the server ended it with error {event.error_code}, wanted a page")
        case _:
            pass
    return False
