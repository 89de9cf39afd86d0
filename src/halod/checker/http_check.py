"""HTTP_GET and SSL_GET: pages are asked for, and answered as wanted.

Knows the request, and what makes an answer right. Must not know when pages are asked for. No
redirection is followed, as in keepalived: 302 is a status like any other.
"""

from __future__ import annotations

from halod.checker.http_answer import PAGE_MAX, HttpAnswer
from halod.checker.outcome import AnswerError
from halod.checker.page_text import judge_text
from halod.checker.sockets import host_text
from halod.checker.tls import client_context
from halod.checker.visit import Visit
from halod.model.check import HttpCheck, HttpPage

__all__ = [
    "ask_for_page",
    "authority_of",
    "judge",
    "receive_answer",
    "request_for",
    "server_name_of",
]

_SUCCESS = ((200, 299),)
"""Status codes wanted where the file names none."""
AGENT = "KeepAliveClient"
"""As keepalived's: operators leave it out of their logs by this name."""


async def ask_for_page(check: HttpCheck, number: int, visit: Visit) -> str:
    """One of its pages. AnswerError where it is not as wanted."""
    if not check.pages:
        return "no page to ask for"
    page = check.pages[number]
    try:
        return await _ask_for(check, page, visit)
    except AnswerError as failure:
        if len(check.pages) == 1:
            raise
        raise AnswerError(f"{failure} (page {page.path})") from None


async def _ask_for(check: HttpCheck, page: HttpPage, visit: Visit) -> str:
    return judge(page, await receive_answer(check, page, visit))


async def receive_answer(check: HttpCheck, page: HttpPage, visit: Visit) -> HttpAnswer:
    """Whatever it is."""
    if check.version == "2":
        # Two packages that nobody needs who does not ask for HTTP/2.
        from halod.checker.http2 import receive_page

        return await receive_page(check, page, visit)
    # Before anything is sent: where a file is missing nobody is to blame but this machine.
    context = client_context(check.identity) if check.tls else None
    await visit.connect(check.connection)
    if context is not None:
        await visit.start_tls(context, server_name_of(check, page))
    visit.within(check.connection.timeout.ns, "answer")
    await visit.send(request_for(check, page))
    answer = HttpAnswer(digests=bool(page.digest), keeps_text=bool(page.regex))
    while not answer.is_complete and not answer.is_too_long:
        data = await visit.receive()
        if not data:
            answer.end()
            break
        answer.take(data)
        if answer.status:
            visit.step = "end of the page"
    if check.tls and page.tls_compliant:
        visit.say_goodbye()
    visit.close()
    return answer


def judge(page: HttpPage, answer: HttpAnswer) -> str:
    """What came, where it was as wanted; else AnswerError."""
    wanted = page.status_codes or _SUCCESS
    status = answer.status
    if not any(first <= status <= last for first, last in wanted):
        leads = f" to {answer.location}" if answer.location else ""
        raise AnswerError(f"status {status}{leads}, wanted {_codes(wanted)}")
    words = f"status {status}"
    if answer.is_too_long and (page.digest or page.regex):
        raise AnswerError(f"{words}, but its page is longer than {PAGE_MAX >> 20} MiB")
    if page.digest and answer.digest != page.digest:
        words = f"{words}, page of {answer.received} bytes with digest {answer.digest}"
        raise AnswerError(f"{words}, wanted {page.digest}{_cut_off(answer)}")
    if page.regex:
        return f"{words}, {judge_text(page, answer.text)}"
    return f"{words}{_cut_off(answer)}"


def _cut_off(answer: HttpAnswer) -> str:
    """keepalived takes a page that ends early for one, and so does halod: but it says so."""
    if answer.length is None or answer.is_complete or answer.is_too_long:
        return ""
    return f" (closed after {answer.received} of {answer.length} bytes)"


def _codes(ranges: tuple[tuple[int, int], ...]) -> str:
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in ranges)


def server_name_of(check: HttpCheck, page: HttpPage) -> str:
    """What the TLS handshake names; empty: nothing."""
    if not check.sends_server_name:
        return ""
    return check.server_name or page.virtualhost


def authority_of(check: HttpCheck, page: HttpPage) -> str:
    """Whom the request names."""
    if page.virtualhost:
        return page.virtualhost
    to = check.connection.to
    text = host_text(to.address)
    host = f"[{text}]" if to.address.version == 6 else text
    return f"{host}:{to.port}"


def request_for(check: HttpCheck, page: HttpPage) -> bytes:
    """As keepalived writes it."""
    minor = "1" if check.version == "1.1" else "0"
    closing = "" if check.version == "1.0" else "Connection: close\r\n"
    return (
        f"GET {page.path} HTTP/1.{minor}\r\n"
        f"User-Agent: {AGENT}\r\n{closing}Host: {authority_of(check, page)}\r\n\r\n"
    ).encode()
