"""VRRPv2 on the wire: RFC 3768, 5, authentication of RFC 2338, 5.3."""

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from halod.model.advert import Advert
from halod.model.drop import DropReason
from halod.model.units import Duration
from halod.model.vrrp import VrrpVersion
from halod.wire import vrrp, vrrp2
from halod.wire.checksum import internet_checksum
from halod.wire.envelope import Envelope
from tests.kit.build import GROUP, LB01
from tests.wire.oracles import VRRP, scapy_vrrp2

GOLDEN = bytes.fromhex("21339601010172bb c0a8b203 3131313100000000")
"""Captured from keepalived 2.2.7 with the tutorial's configuration."""
GOLDEN_ADVERT = Advert(
    version=VrrpVersion.V2,
    virtual_router_id=51,
    priority=150,
    interval=Duration.seconds(1),
    addresses=(IPv4Address("192.168.178.3"),),
    auth_type=vrrp2.AUTH_PASS,
    auth_data=b"1111\0\0\0\0",
)

ENVELOPE = Envelope(LB01, GROUP)
"""v2 sums nothing of it."""

adverts = st.builds(
    Advert,
    version=st.just(VrrpVersion.V2),
    virtual_router_id=st.integers(0, 255),
    priority=st.integers(0, 255),
    interval=st.integers(0, 255).map(Duration.seconds),
    addresses=st.lists(st.ip_addresses(v=4), max_size=255).map(tuple),
    auth_type=st.integers(0, 255),
    auth_data=st.binary(min_size=8, max_size=8),
)


def with_checksum(message: bytes) -> bytes:
    """The message with the checksum that belongs to it."""
    zeroed = message[:6] + b"\0\0" + message[8:]
    return zeroed[:6] + internet_checksum(zeroed).to_bytes(2, "big") + zeroed[8:]


def test_encodes_what_keepalived_sends() -> None:
    assert vrrp2.encode(GOLDEN_ADVERT) == GOLDEN


def test_decodes_what_keepalived_sends() -> None:
    assert vrrp2.decode(GOLDEN) == GOLDEN_ADVERT


def test_without_authentication_the_eight_bytes_are_there_and_zero() -> None:
    # RFC 3768, 5.3.10.
    plain = replace(GOLDEN_ADVERT, auth_type=vrrp2.AUTH_NONE, auth_data=b"")
    assert vrrp2.encode(plain)[-8:] == bytes(8)
    assert len(vrrp2.encode(plain)) == len(GOLDEN)


def test_a_secret_is_not_in_the_representation() -> None:
    assert "1111" not in repr(GOLDEN_ADVERT)


@given(adverts)
def test_round_trip(advert: Advert) -> None:
    assert vrrp2.decode(vrrp2.encode(advert)) == advert


@given(st.binary(max_size=1200))
@example(b"")
@example(GOLDEN[:15])
def test_any_bytes_are_an_advert_or_a_reason(message: bytes) -> None:
    match vrrp.decode(message, VrrpVersion.V2, ENVELOPE):
        case DropReason():
            pass
        case Advert() as advert:
            assert vrrp2.encode(advert) == message, "what was accepted is exactly what was meant"


@given(st.binary(min_size=16, max_size=80))
def test_any_bytes_behind_a_right_header_and_checksum(body: bytes) -> None:
    """Random bytes rarely get past the first checks: these do."""
    message = with_checksum(b"\x21" + body)
    outcome = vrrp2.decode(message)
    if isinstance(outcome, Advert):
        assert vrrp2.encode(outcome) == message
    else:
        assert outcome in (DropReason.TOO_SHORT, DropReason.TOO_LONG)


@given(adverts, st.data())
def test_every_truncation_is_too_short(advert: Advert, data: st.DataObject) -> None:
    message = vrrp2.encode(advert)
    cut = data.draw(st.integers(0, len(message) - 1))
    assert vrrp2.decode(message[:cut]) is DropReason.TOO_SHORT


@given(adverts, st.binary(min_size=1, max_size=64))
def test_every_extension_is_too_long(advert: Advert, more: bytes) -> None:
    assert vrrp2.decode(vrrp2.encode(advert) + more) is DropReason.TOO_LONG


@given(adverts, st.data())
def test_every_flipped_bit_is_noticed(advert: Advert, data: st.DataObject) -> None:
    message = bytearray(vrrp2.encode(advert))
    bit = data.draw(st.integers(0, len(message) * 8 - 1))
    message[bit // 8] ^= 1 << bit % 8
    assert isinstance(vrrp2.decode(bytes(message)), DropReason)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"", DropReason.TOO_SHORT),
        (GOLDEN[:-1], DropReason.TOO_SHORT),
        (GOLDEN + b"\0", DropReason.TOO_LONG),
        (b"\x31" + GOLDEN[1:], DropReason.BAD_VERSION),
        (b"\x01" + GOLDEN[1:], DropReason.BAD_VERSION),
        (with_checksum(b"\x22" + GOLDEN[1:]), DropReason.BAD_TYPE),
        (with_checksum(b"\x20" + GOLDEN[1:]), DropReason.BAD_TYPE),
        (GOLDEN[:6] + b"\x72\xbc" + GOLDEN[8:], DropReason.BAD_CHECKSUM),
        (GOLDEN[:3] + b"\x02" + GOLDEN[4:], DropReason.TOO_SHORT),
        (GOLDEN[:3] + b"\x00" + GOLDEN[4:], DropReason.TOO_LONG),
    ],
)
def test_reasons(message: bytes, reason: DropReason) -> None:
    # RFC 3768, 7.1.
    assert vrrp.decode(message, VrrpVersion.V2, ENVELOPE) is reason


@given(adverts)
def test_scapy_reads_what_we_write(advert: Advert) -> None:
    message = vrrp2.encode(advert)
    read = VRRP(message)
    assert (read.version, read.type) == (2, 1)
    assert read.vrid == advert.virtual_router_id
    assert read.priority == advert.priority
    assert read.authtype == advert.auth_type
    assert read.adv == advert.interval.whole_seconds
    assert read.addrlist == [str(address) for address in advert.addresses]
    assert bytes(read.auth1.to_bytes(4, "big") + read.auth2.to_bytes(4, "big")) == advert.auth_data


@given(
    st.integers(0, 255),
    st.integers(0, 255),
    st.integers(0, 255),
    st.lists(st.ip_addresses(v=4), min_size=1, max_size=20),
    st.binary(max_size=8).map(lambda secret: secret.rstrip(b"\0")),
)
def test_we_read_what_scapy_writes(
    vrid: int, priority: int, interval: int, addresses: list[IPv4Address], password: bytes
) -> None:
    read = vrrp2.decode(scapy_vrrp2(vrid, priority, interval, addresses, password))
    assert read == Advert(
        version=VrrpVersion.V2,
        virtual_router_id=vrid,
        priority=priority,
        interval=Duration.seconds(interval),
        addresses=tuple(addresses),
        auth_type=vrrp2.AUTH_PASS if password else vrrp2.AUTH_NONE,
        auth_data=password.ljust(8, b"\0"),
    )


@pytest.mark.parametrize("message", [b"", b"\x21"])
def test_where_there_is_no_vrid_none_is_seen(message: bytes) -> None:
    assert vrrp.peek_virtual_router_id(message) is None


def test_the_vrid_is_seen_without_decoding() -> None:
    assert vrrp.peek_virtual_router_id(GOLDEN) == 51
