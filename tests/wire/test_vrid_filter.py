"""Which datagrams the kernel lets through: it runs the programs itself, on a pair of sockets."""

import ctypes
import socket
import struct
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.wire import vrid_filter
from tests.kit.host import ip_packet

LB = IPv4Address("192.168.178.131")
SO_ATTACH_FILTER = 26
VRIDS = st.integers(1, 255)


def passes(program: bytes, packet: bytes) -> bool:
    """Whether a datagram reaches a socket with this filter."""
    ear, mouth = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ear, mouth:
        memory = ctypes.create_string_buffer(program, len(program))
        described = struct.pack("@HP", len(program) // 8, ctypes.addressof(memory))
        ear.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, described)
        ear.setblocking(False)
        mouth.send(packet)
        try:
            return ear.recv(4096) == packet
        except BlockingIOError:
            return False


@given(st.frozensets(VRIDS, max_size=20), st.integers(0, 255), st.integers(0, 10), st.binary())
def test_a_datagram_is_either_ours_or_a_strangers(
    vrids: frozenset[int], vrid: int, words: int, rest: bytes
) -> None:
    """RFC 9568, 5.2.3: the VRID; RFC 791, 3.1: options make the header longer."""
    packet = ip_packet(bytes([0x31, vrid]) + rest, LB, options=b"\x01" * (4 * words))
    assert passes(vrid_filter.ours(vrids), packet) is (vrid in vrids)
    assert passes(vrid_filter.strangers(vrids), packet) is (vrid not in vrids)


def test_all_of_a_link_find_room() -> None:
    every = range(1, 256)
    for vrid in (1, 128, 255):
        packet = ip_packet(bytes([0x31, vrid]), LB)
        assert passes(vrid_filter.ours(every), packet)
        assert not passes(vrid_filter.strangers(every), packet)


@pytest.mark.parametrize("payload", [b"", b"\x31"])
def test_what_has_no_vrid_is_a_strangers(payload: bytes) -> None:
    """Someone must count it."""
    packet = ip_packet(payload, LB)
    assert not passes(vrid_filter.ours([51]), packet)
    assert passes(vrid_filter.strangers([51]), packet)


@given(st.frozensets(VRIDS, max_size=20), st.integers(0, 255), st.integers(0, 10), st.binary())
def test_behind_an_auth_header_ours_alone_are_let_through(
    vrids: frozenset[int], vrid: int, words: int, rest: bytes
) -> None:
    """RFC 2402, 2: the message begins 24 bytes later."""
    body = bytes(24) + bytes([0x21, vrid]) + rest
    packet = ip_packet(body, LB, options=b"\x01" * (4 * words))
    program = vrid_filter.ours_behind_auth_header(vrids)
    assert passes(program, packet) is (vrid in vrids)
    assert not passes(program, ip_packet(body[:25], LB))


@given(st.frozensets(VRIDS, max_size=20), VRIDS, st.binary(max_size=40))
def test_a_packet_socket_hears_ours_of_a_link_alone(
    vrids: frozenset[int], vrid: int, rest: bytes
) -> None:
    """It is given all datagrams of a link; IPv6 (RFC 8200, 3) has its payload behind 40 bytes."""
    message = bytes([0x31, vrid]) + rest
    v6 = bytes.fromhex("6000000000") + b"\0" + bytes([112, 255]) + bytes(32)
    for version, packet, protocol in ((4, ip_packet(message, LB), 9), (6, v6 + message, 6)):
        program = vrid_filter.ours_on_link(vrids, version)
        assert passes(program, packet) == (vrid in vrids)
        other = bytearray(packet)
        other[protocol] = 17
        assert not passes(program, bytes(other))
