"""The Authentication Header (RFC 2402, 2; RFC 2338, 5.3.6.3), against keepalived 2.2.7's."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.model.auth_header import AUTH_HEADER_BYTES, AuthHeader
from halod.model.event import AdvertReceived
from halod.wire import auth_header, ipv4
from tests.kit.build import ETH, GROUP, LB01, LB02

KEY = b"1111"
SOURCE = IPv4Address("192.168.178.131")
MESSAGE = bytes.fromhex("213396010201d358c0a8b2c80000000000000000")
"""VRID 51, priority 150, authentication type 2, 192.168.178.200, and 8 zero bytes."""
FROM_KEEPALIVED = {
    # Captured from keepalived 2.2.7 (Debian 12): (destination, TTL, sequence) and the datagram.
    (GROUP, 255, 1): (
        "45c0004000010000ff33678bc0a8b283e000001270040000c0a8b28300000001b1f3cc0bbaa7499f6b07bbca"
    ),
    (GROUP, 255, 6): (
        "45c0004000060000ff336786c0a8b283e000001270040000c0a8b283000000065094ca092bc812f7fb14d7ad"
    ),
    (IPv4Address("192.168.178.132"), 64, 2): (
        "45c000400002000040339370c0a8b283c0a8b28470040000c0a8b2830000000259cf289584b31c383d40931f"
    ),
    (IPv4Address("192.168.178.133"), 64, 3): (
        "45c00040000300004033936ec0a8b283c0a8b28570040000c0a8b283000000033e8cfea31118d9b33b523358"
    ),
}


def decoded(packet: bytes) -> tuple[AdvertReceived, AuthHeader]:
    event = ipv4.decode(ETH, packet)
    assert event is not None
    assert event.auth_header is not None
    return event, event.auth_header


@pytest.mark.parametrize(("what", "headers"), FROM_KEEPALIVED.items())
def test_byte_for_byte_as_keepalived(what: tuple[IPv4Address, int, int], headers: str) -> None:
    destination, ttl, sequence = what
    wanted = bytes.fromhex(headers) + MESSAGE
    assert auth_header.datagram(SOURCE, destination, ttl, sequence, MESSAGE, KEY) == wanted
    event, header = decoded(wanted)
    assert (event.payload, header.sequence) == (MESSAGE, sequence)
    assert (header.next_header, header.payload_length) == (112, 4)
    assert header.parameters_index == SOURCE.packed
    assert auth_header.is_genuine(event, header, KEY)


def test_a_key_is_padded_with_zeros() -> None:
    """keepalived hands HMAC all 8 bytes of its field: RFC 2104, 2 pads a key in the same way."""
    one, other = (
        auth_header.datagram(LB01, GROUP, 255, 1, MESSAGE, key)
        for key in (KEY, KEY.ljust(8, b"\0"))
    )
    assert one == other


@given(st.integers(1, 63), st.integers(0, 7), st.booleans())
def test_one_bit_that_counts(at: int, bit: int, multicast: bool) -> None:
    """Any bit is covered but those of TOS, flags, fragment offset and checksum, and in unicast TTL
    (RFC 2402, 3.3.3.1.1.1)."""
    destination = GROUP if multicast else LB02
    packet = auth_header.datagram(LB01, destination, 255, 7, MESSAGE, KEY)
    changed = packet[:at] + bytes([packet[at] ^ 1 << bit]) + packet[at + 1 :]
    free = {1, 6, 7, 10, 11} | (set() if multicast else {8})
    event = ipv4.decode(ETH, changed)
    if event is None or event.auth_header is None:
        assert at in (2, 3, 9), "then it is no such datagram at all"
        return
    if multicast and not event.destination.is_multicast:
        return  # its TTL counts otherwise, and it is refused as it came to another destination
    assert auth_header.is_genuine(event, event.auth_header, KEY) is (at in free)


@given(st.integers(1, auth_header.SEQUENCE_MAX))
def test_the_kernel_finds_no_zero_to_fill(sequence: int) -> None:
    """ip(7), IP_HDRINCL: an identification of 0 is filled in, and then the check value is wrong."""
    packet = auth_header.datagram(LB01, GROUP, 255, sequence, MESSAGE, KEY)
    _, header = decoded(packet)
    assert 1 <= header.identification <= 0xFFFF
    assert header.sequence == sequence


@given(st.binary(max_size=AUTH_HEADER_BYTES + 30))
def test_any_bytes_are_a_datagram_or_none(rest: bytes) -> None:
    route = ipv4.Route(LB01, GROUP, 255, 7, 51)
    event = ipv4.decode(ETH, ipv4.header(route, len(rest)) + rest)
    if len(rest) < AUTH_HEADER_BYTES:
        assert event is None
        return
    assert event is not None
    assert event.auth_header == AuthHeader(7, rest[:AUTH_HEADER_BYTES])
    assert ipv4.decode(ETH, ipv4.encode(event)) == event
    assert not auth_header.is_genuine(event, event.auth_header, KEY)


def test_another_key_or_header_is_not_genuine() -> None:
    event, header = decoded(auth_header.datagram(LB01, GROUP, 255, 7, MESSAGE, KEY))
    assert not auth_header.is_genuine(event, header, b"2222")
    assert not auth_header.is_genuine(event, replace(header, identification=8), KEY)
    assert not auth_header.is_genuine(replace(event, source=LB02), header, KEY)
