"""The trailer of auth_hmac against the vectors of keepalived 2.4.3."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.model.drop import DropReason
from halod.wire.hmac_trailer import Trailer, decode_trailer, is_genuine, message_length, sign

KEY = bytes(range(32))
SEQUENCE = 0x6800000080000000
VECTORS = [
    pytest.param(
        "198.51.100.10",
        "3133c80100644402c0000264",
        "0101000068000000800000001b84bc4e8e43892dc6d98448f8ee2265",
        id="IPv4",
    ),
    pytest.param(
        "fe80::10",
        "3133c8010064a2e9fe800000000000000000000000000100",
        "010100006800000080000000c8c56146ebfd66ee10ec4d8186461b78",
        id="IPv6",
    ),
]


def trailer_of(data: bytes) -> Trailer:
    trailer = decode_trailer(data)
    assert isinstance(trailer, Trailer)
    return trailer


@pytest.mark.parametrize(("source", "message", "trailer"), VECTORS)
def test_the_vectors(source: str, message: str, trailer: str) -> None:
    signed = sign(bytes.fromhex(message), ip_address(source), KEY, 1, SEQUENCE)
    assert signed.hex() == trailer
    found = trailer_of(signed)
    assert (found.key_id, found.sequence) == (1, SEQUENCE)
    assert is_genuine(found, bytes.fromhex(message), ip_address(source), KEY)


@pytest.mark.parametrize(("source", "message", "trailer"), VECTORS)
def test_one_bit_is_seen_wherever_it_stands_but_in_the_checksum(
    source: str, message: str, trailer: str
) -> None:
    intact = bytes.fromhex(message + trailer)
    length = len(message) // 2
    for place in range(len(intact) * 8):
        data = bytearray(intact)
        data[place // 8] ^= 1 << place % 8
        found = decode_trailer(bytes(data[length:]))
        at = place // 8
        if at in (length, length + 2, length + 3):
            assert found is DropReason.TRAILER_MALFORMED, "type and reserved"
            continue
        assert isinstance(found, Trailer)
        genuine = is_genuine(found, bytes(data[:length]), ip_address(source), KEY)
        assert genuine is (at in (6, 7)), f"bit {place}"


def test_another_source_or_key_is_seen() -> None:
    message = bytes.fromhex("3133c80100644402c0000264")
    found = trailer_of(sign(message, ip_address("198.51.100.10"), KEY, 1, SEQUENCE))
    assert not is_genuine(found, message, ip_address("198.51.100.11"), KEY)
    assert not is_genuine(found, message, ip_address("198.51.100.10"), KEY[::-1])


@given(st.binary(max_size=40))
def test_any_bytes_are_a_trailer_or_malformed(data: bytes) -> None:
    found = decode_trailer(data)
    assert isinstance(found, Trailer | DropReason)
    assert len(data) == 28 or found is DropReason.TRAILER_MALFORMED


def test_the_length_of_a_message() -> None:
    assert message_length(bytes.fromhex("3133c80200644402") + bytes(40), 4) == 16
    assert message_length(bytes.fromhex("3133c80200644402") + bytes(40), 16) == 40
    assert message_length(bytes.fromhex("2133c80200644402") + bytes(40), 4) == 24
    assert message_length(b"1234567", 4) is None
