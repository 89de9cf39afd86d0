"""UDP_CHECK, DNS_CHECK and PING_CHECK against real sockets."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.checker.attempt import ask_once
from halod.checker.udp_check import PAYLOAD, is_wanted
from halod.model.check import DnsCheck, PingCheck, UdpCheck
from halod.model.units import Duration
from halod.wire.dns import DNS_TYPES, dns_query, read_dns_head
from tests.checker.peers import LONG, SHORT, TIMING, to

Answer = Callable[[bytes], list[bytes]]


@contextmanager
def responder(answer: Answer, host: str = "127.0.0.1") -> Iterator[int]:
    """Answers each datagram so; the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.bind((host, 0))
        port = sock.getsockname()[1]

        def serve() -> None:
            while True:
                data, peer = sock.recvfrom(65536)
                if data == b"stop":
                    return
                for each in answer(data):
                    sock.sendto(each, peer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield port
        finally:
            with socket.socket(family, socket.SOCK_DGRAM) as last:
                last.sendto(b"stop", (host, port))
            thread.join(20)


def closed_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def udp(port: int, timeout: Duration = LONG, **wanted: object) -> UdpCheck:
    return UdpCheck(timing=TIMING, connection=to(port, timeout=timeout), **wanted)  # type: ignore[arg-type]


def test_silence_is_well_where_no_answer_is_wanted() -> None:
    with responder(lambda _: []) as port:
        found = ask_once(udp(port, SHORT))
        assert (found.up, found.words) == (True, "not refused, and not answered")
        found = ask_once(udp(port, SHORT, require_reply=True))
        assert (found.up, found.words) == (False, "no answer within 300 ms")


def test_a_closed_port_refuses() -> None:
    found = ask_once(udp(closed_port()))
    assert (found.up, found.words) == (False, "connection refused")


@pytest.mark.parametrize(
    ("answer", "up", "words"),
    [
        (b"pong", True, "an answer of 4 bytes"),
        (b"po", True, "an answer of 2 bytes"),
        (b"p", False, "an answer of 1 bytes, wanted 2 to 5"),
        (b"pong pong", False, "an answer of more than 5 bytes, wanted 2 to 5"),
        (b"\x1b[2J", False, "answer '�[2J' (1b 5b 32 4a), wanted another one"),
    ],
)
def test_what_makes_an_answer_right(answer: bytes, up: bool, words: str) -> None:
    seen: list[bytes] = []

    def reply(data: bytes) -> list[bytes]:
        seen.append(data)
        return [answer]

    with responder(reply) as port:
        found = ask_once(
            udp(port, require_reply=True, reply=b"pong", reply_length_min=2, reply_length_max=5)
        )
    assert (found.up, found.words) == (up, words)
    assert seen == [PAYLOAD]


def test_bits_that_do_not_count() -> None:
    check = udp(1, require_reply=True, reply=b"\x10\x20", reply_mask=b"\xff\xf0")
    assert is_wanted(check, b"\x10\x2f")
    assert not is_wanted(check, b"\x10\x3f")
    assert is_wanted(check, b"\x10")


# ---- DNS ---------------------------------------------------------------------------------------


def dns(port: int, timeout: Duration = LONG, **wanted: str) -> DnsCheck:
    return DnsCheck(timing=TIMING, connection=to(port, timeout=timeout), **wanted)


def answered(query: bytes, code: int = 0, answers: int = 1) -> bytes:
    return query[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, answers, 0, 0) + query[12:]


def test_a_name_server_answers() -> None:
    seen: list[bytes] = []

    def answer(query: bytes) -> list[bytes]:
        seen.append(query)
        # A stranger's answer, a question, and a piece of one come before it.
        other = bytes([query[0] ^ 1]) + query[1:]
        return [answered(other), query, b"\x80", answered(query, answers=3)]

    with responder(answer) as port:
        found = ask_once(dns(port, name="www.example.org", record="AAAA"))
    assert (found.up, found.words) == (True, "an answer with 3 records")
    assert seen[0][2:] == bytes.fromhex("0100 0001 0000 0000 0000") + (
        b"\x03www\x07example\x03org\x00" + struct.pack("!HH", 28, 1)
    )


@pytest.mark.parametrize(("code", "name"), [(2, "SERVFAIL"), (3, "NXDOMAIN"), (11, "error 11")])
def test_a_name_server_answers_with_an_error(code: int, name: str) -> None:
    with responder(lambda query: [answered(query, code)]) as port:
        found = ask_once(dns(port))
    assert (found.up, found.words) == (False, f"{name} for SOA of ., wanted an answer")


def test_a_name_server_that_answers_nothing_right() -> None:
    with responder(lambda query: [query] * 50) as port:
        found = ask_once(dns(port, SHORT))
    assert (found.up, found.words) == (False, "no answer for SOA of . within 300 ms")


def test_a_name_that_cannot_be_asked_for() -> None:
    found = ask_once(dns(closed_port(), name="a..b"))
    assert (found.up, found.words) == (None, "a..b: a part of a name has 1 to 63 bytes")


@given(st.binary(max_size=64))
def test_any_bytes_are_a_head_or_none(data: bytes) -> None:
    head = read_dns_head(data)
    assert head is None or (len(data) >= 12 and data[2] & 0x80)


@given(st.text(alphabet="ab.-", max_size=300), st.sampled_from(sorted(DNS_TYPES)))
def test_a_query_is_bounded_or_refused(name: str, record: str) -> None:
    try:
        query = dns_query(7, name, record)
    except ValueError:
        return
    assert len(query) <= 12 + 255 + 4


# ---- ping --------------------------------------------------------------------------------------


@pytest.mark.needs_netns
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_an_echo_is_answered(host: str) -> None:
    found = ask_once(PingCheck(timing=TIMING, connection=to(0, host=host)))
    assert (found.up, found.words) == (True, "echo answered"), found
