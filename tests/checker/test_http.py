"""TCP_CHECK, HTTP_GET and SSL_GET against servers that behave, and against those that do not."""

import hashlib
import socket
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.checker.attempt import ask_once
from halod.checker.http_answer import HEAD_MAX, HttpAnswer
from halod.checker.http_check import request_for
from halod.checker.outcome import AnswerError, span
from halod.model.check import HttpPage, TlsIdentity
from tests.checker.peers import (
    SHORT,
    Talk,
    drip,
    endless,
    endless_head,
    http_check,
    peer,
    says,
    silent,
    tcp_check,
)
from tests.kit.mail_server import Certificate, make_certificate

PAGE = b"all is well\n"
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n" + PAGE
DIGEST = hashlib.md5(PAGE).hexdigest()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_a_connection_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = ask_once(tcp_check(server.getsockname()[1]))
    assert found.up is True
    assert found.detail == f"connection taken, after {span(found.took_ns)}"


def test_a_connection_is_refused() -> None:
    found = ask_once(tcp_check(free_port()))
    assert (found.up, found.words) == (False, "connection refused")


def test_nobody_answers() -> None:
    """A listener whose queue is full drops what comes."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(8)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        found = ask_once(tcp_check(port, timeout=SHORT))
        for filler in fillers:
            filler.close()
    assert (found.up, found.words) == (False, "no connection within 300 ms")


@pytest.mark.parametrize(
    ("page", "up", "words"),
    [
        (HttpPage(), True, "status 200"),
        (HttpPage(status_codes=((200, 200), (404, 404))), True, "status 200"),
        (HttpPage(status_codes=((204, 204), (300, 399))), False, "status 200, wanted 204, 300-399"),
        (HttpPage(digest=DIGEST), True, "status 200"),
        (
            HttpPage(digest="0" * 32),
            False,
            f"status 200, page of 12 bytes with digest {DIGEST}, wanted {'0' * 32}",
        ),
        (HttpPage(regex="is wel+"), True, "status 200, regex matches at 4"),
        (HttpPage(regex="is w", regex_min_offset=5), False, None),
        (HttpPage(regex="is w", regex_max_offset=3), False, None),
        (HttpPage(regex="is w", regex_max_offset=4), True, "status 200, regex matches at 4"),
        (
            HttpPage(regex="sick"),
            False,
            "the regex matches nowhere in its 12 bytes, wanted a match",
        ),
        (HttpPage(regex="sick", regex_no_match=True), True, "status 200, regex does not match"),
        (
            HttpPage(regex="well", regex_no_match=True),
            False,
            "the regex matches at byte 7, wanted no match",
        ),
        (HttpPage(regex="WELL", regex_options=frozenset({"caseless"})), True, None),
        (HttpPage(regex="("), None, None),
    ],
)
def test_what_makes_a_page_right(page: HttpPage, up: bool | None, words: str | None) -> None:
    with peer(says(GOOD)) as port:
        found = ask_once(http_check(port, page))
    assert found.up is up, found
    assert words is None or found.words == words


def test_a_redirection_is_not_followed() -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\x1b[2J\r\n\r\n"
    with peer(says(answer)) as port:
        found = ask_once(http_check(port))
    assert found.up is False
    assert found.words == "status 302 to http://elsewhere/�[2J, wanted 200-299"


def test_of_several_pages_the_wrong_one_is_named() -> None:
    pages = HttpPage(), HttpPage(path="/deep", regex="sick")
    with peer(says(GOOD)) as port:
        assert ask_once(http_check(port, *pages)).up is True
        found = ask_once(http_check(port, *pages), page=1)
    assert found.words.endswith("wanted a match (page /deep)")


@pytest.mark.parametrize(
    ("version", "lines"),
    [
        ("1.0", ["GET / HTTP/1.0"]),
        ("1.0C", ["GET / HTTP/1.0", "Connection: close"]),
        ("1.1", ["GET / HTTP/1.1", "Connection: close"]),
    ],
)
def test_the_request_is_keepaliveds(version: str, lines: list[str]) -> None:
    check = http_check(80, version=version)
    first, *rest = lines
    wanted = [first, "User-Agent: KeepAliveClient", *rest, "Host: 127.0.0.1:80", "", ""]
    assert request_for(check, check.pages[0]).decode().split("\r\n") == wanted
    named = replace(check.pages[0], virtualhost="web.example.org")
    assert b"Host: web.example.org\r\n" in request_for(check, named)


def test_interim_answers_are_no_answers() -> None:
    with peer(says(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + GOOD)) as port:
        assert ask_once(http_check(port, HttpPage(digest=DIGEST))).up is True


def test_a_page_that_ends_early_counts_and_is_told() -> None:
    with peer(says(GOOD[:-2])) as port:
        found = ask_once(http_check(port))
    assert (found.up, found.words) == (True, "status 200 (closed after 10 of 12 bytes)")


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (says(b""), "closed without a word, wanted an answer"),
        (says(b"HTTP/1.1 200"), "closed within the head of its answer, which began 'HTTP/1.1 200'"),
        (says(b"220 mail\x1b]0;x\x07 ESMTP\r\n\r\n"), "no HTTP: it began '220 mail�]0;x� ESMTP'"),
        (says(bytes(range(256)) * 8), "closed within the head of its answer, which began"),
        (silent, "no answer within 300 ms"),
        (drip, "no end of the page within 300 ms"),
        (endless_head, f"a head of more than {HEAD_MAX // 1024} KiB, wanted a page"),
    ],
)
def test_hostile_peers_cost_a_bounded_time(talk: Talk, words: str) -> None:
    with peer(talk) as port:
        found = ask_once(http_check(port, timeout=SHORT))
    assert found.up is False
    assert found.words.startswith(words), found.words
    assert found.words.isprintable()


def test_a_page_without_an_end_is_read_so_far_and_no_further() -> None:
    with peer(endless) as port:
        assert ask_once(http_check(port)).up is True
        found = ask_once(http_check(port, HttpPage(digest=DIGEST)))
    assert (found.up, found.words) == (False, "status 200, but its page is longer than 16 MiB")


def test_a_regex_that_would_take_for_ever_is_ended() -> None:
    with peer(says(b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 5000 + b"!")) as port:
        found = ask_once(http_check(port, HttpPage(regex="^(a+)+$")))
    assert found.up is False
    assert found.words.startswith("the regex was not done with its 5001 bytes in 50 ms")


# ---- TLS ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def test_a_page_over_tls(certificate: Certificate) -> None:
    with peer(says(GOOD), certificate.context()) as port:
        page = HttpPage(digest=DIGEST, tls_compliant=True)
        assert ask_once(http_check(port, page, tls=True)).up is True


def test_a_certificate_is_verified_where_there_is_a_ca(
    certificate: Certificate, tmp_path: Path
) -> None:
    other = make_certificate(tmp_path)
    with peer(says(GOOD), certificate.context()) as port:
        trusted = TlsIdentity(ca=str(certificate.file))
        assert ask_once(http_check(port, tls=True, identity=trusted)).up is True
        stranger = TlsIdentity(ca=str(other.file))
        found = ask_once(http_check(port, tls=True, identity=stranger))
    assert found.up is False
    assert found.words == "its certificate does not hold: self-signed certificate"


def test_a_file_that_is_missing_says_nothing_of_the_server() -> None:
    found = ask_once(http_check(1, tls=True, identity=TlsIdentity(ca="/none/ca.pem")))
    assert found.up is None
    assert found.words == "SSL ca /none/ca.pem: No such file or directory"


def test_tls_to_a_server_without() -> None:
    with peer(says(b"HTTP/1.1 400 Bad\r\n\r\n", reads_first=False)) as port:
        found = ask_once(http_check(port, tls=True))
    assert found.up is False
    assert found.words.startswith("TLS failed: ")
    with peer(silent) as port:
        found = ask_once(http_check(port, tls=True, timeout=SHORT))
    assert found.words == "no TLS handshake within 300 ms"


def test_the_server_name_goes_out_where_the_file_says_so(certificate: Certificate) -> None:
    asked: list[str | None] = []
    context = certificate.context()

    def note(_: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
        asked.append(name)

    context.sni_callback = note
    with peer(says(GOOD), context) as port:
        check = http_check(port, HttpPage(virtualhost="web.example.org"), tls=True)
        assert ask_once(check).up is True
        assert ask_once(replace(check, sends_server_name=True)).up is True
        named = replace(check, sends_server_name=True, server_name="sni.example.org")
        assert ask_once(named).up is True
    assert asked == [None, "web.example.org", "sni.example.org"]


# ---- any bytes ---------------------------------------------------------------------------------

PIECES = st.lists(
    st.one_of(
        st.binary(max_size=60),
        st.sampled_from(
            [
                b"HTTP/1.1 200 OK\r\n",
                b"\r\n\r\n",
                b"Content-Length: 5\r\n",
                b"HTTP/1.1 100 x\r\n\r\n",
            ]
        ),
    ),
    max_size=12,
)


@given(PIECES)
def test_any_bytes_are_an_answer_or_none(pieces: list[bytes]) -> None:
    """The same answer, whatever pieces it comes in."""

    def read(parts: list[bytes]) -> tuple[object, ...]:
        answer = HttpAnswer(digests=True, keeps_text=True)
        try:
            for part in parts:
                answer.take(part)
            answer.end()
        except AnswerError:
            return ("none",)
        return answer.status, answer.digest, answer.text, answer.received

    assert read(pieces) == read([b"".join(pieces)])
