"""VRRPv3 on IPv4: RFC 9568, 5, with the checksum that keepalived computes, against scapy."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.model.advert import Advert
from halod.model.drop import DropReason
from halod.model.units import Duration
from halod.model.vrrp import VrrpVersion
from halod.wire import vrrp, vrrp3
from halod.wire.checksum import internet_checksum
from halod.wire.envelope import Envelope
from tests.kit.build import GROUP, LB01, LB02
from tests.wire.oracles import scapy_vrrp3, scapy_vrrp3_is_intact

ENVELOPE = Envelope(LB01, GROUP)
AS_V2 = replace(ENVELOPE, checksum_v3_as_v2=True)

GOLDEN = bytes.fromhex("31339601 0064 7200 c0a8b203")
"""VRID 51, priority 150, one address, 100 cs, from 192.168.178.130 to the group."""
GOLDEN_AS_V2 = bytes.fromhex("31339601 0064 c5ba c0a8b203")
GOLDEN_ADVERT = Advert(
    version=VrrpVersion.V3,
    virtual_router_id=51,
    priority=150,
    interval=Duration.seconds(1),
    addresses=(IPv4Address("192.168.178.3"),),
)

adverts = st.builds(
    Advert,
    version=st.just(VrrpVersion.V3),
    virtual_router_id=st.integers(0, 255),
    priority=st.integers(0, 255),
    interval=st.integers(1, 4095).map(Duration.centiseconds),
    addresses=st.lists(st.ip_addresses(v=4), max_size=255).map(tuple),
)
envelopes = st.builds(
    Envelope, st.ip_addresses(v=4), st.ip_addresses(v=4) | st.just(GROUP), st.booleans()
)


def with_checksum(message: bytes, envelope: Envelope = ENVELOPE) -> bytes:
    """The message with the checksum that belongs to it in that envelope."""
    zeroed = message[:6] + b"\0\0" + message[8:]
    pseudo = b"" if envelope.checksum_v3_as_v2 else envelope.pseudo_header(len(message))
    return zeroed[:6] + internet_checksum(pseudo + zeroed).to_bytes(2, "big") + zeroed[8:]


@pytest.mark.parametrize(
    ("envelope", "message"), [(ENVELOPE, GOLDEN), (AS_V2, GOLDEN_AS_V2)], ids=["pseudo", "as v2"]
)
def test_golden(envelope: Envelope, message: bytes) -> None:
    # RFC 5798, 5.2.8, and RFC 9568, 5.2.8.
    assert vrrp3.encode(GOLDEN_ADVERT, envelope) == message
    assert vrrp3.decode(message, envelope) == GOLDEN_ADVERT


@given(adverts, envelopes)
def test_round_trip(advert: Advert, envelope: Envelope) -> None:
    assert vrrp3.decode(vrrp3.encode(advert, envelope), envelope) == advert


@given(adverts, st.ip_addresses(v=4), st.ip_addresses(v=4))
def test_scapy_makes_the_same_bytes(
    advert: Advert, source: IPv4Address, destination: IPv4Address
) -> None:
    ours = vrrp3.encode(advert, Envelope(source, destination))
    assert ours == scapy_vrrp3(
        source,
        destination,
        advert.virtual_router_id,
        advert.priority,
        advert.interval.ns // 10_000_000,
        [IPv4Address(address) for address in advert.addresses],
    )
    assert scapy_vrrp3_is_intact(ours, source, destination)


@given(adverts, envelopes, envelopes)
def test_the_checksum_is_bound_to_source_and_destination(
    advert: Advert, sent: Envelope, heard: Envelope
) -> None:
    """Unless it is summed as in v2, an advert that was sent from elsewhere does not count."""
    message = vrrp3.encode(advert, replace(sent, checksum_v3_as_v2=False))
    decoded = vrrp3.decode(message, replace(heard, checksum_v3_as_v2=False))
    sums = [internet_checksum(envelope.pseudo_header(len(message))) for envelope in (sent, heard)]
    assert isinstance(decoded, Advert) == (sums[0] == sums[1])


@given(adverts)
def test_switched_to_v2s_checksum_it_accepts_both_and_otherwise_one(advert: Advert) -> None:
    """So that the nodes of a pair can be switched one after the other."""
    with_pseudo, alone = vrrp3.encode(advert, ENVELOPE), vrrp3.encode(advert, AS_V2)
    assert vrrp3.decode(with_pseudo, AS_V2) == advert
    assert vrrp3.decode(alone, AS_V2) == advert
    assert vrrp3.decode(alone, ENVELOPE) is DropReason.BAD_CHECKSUM


@given(st.integers(0, 15))
def test_the_reserved_bits_are_ignored(reserved: int) -> None:
    # RFC 9568, 5.2.6: set to zero on transmission and ignored on reception.
    message = with_checksum(GOLDEN[:4] + bytes([reserved << 4 | GOLDEN[4]]) + GOLDEN[5:])
    assert vrrp3.decode(message, ENVELOPE) == GOLDEN_ADVERT


def test_there_is_no_authentication_to_send() -> None:
    # RFC 9568, 9: there is none in VRRPv3.
    secret = replace(GOLDEN_ADVERT, auth_type=1, auth_data=b"1111\0\0\0\0")
    assert vrrp3.encode(secret, ENVELOPE) == GOLDEN


@pytest.mark.parametrize("centiseconds", [1, 100, 4095])
def test_the_interval_is_in_centiseconds(centiseconds: int) -> None:
    # RFC 9568, 5.2.7: twelve bits.
    advert = replace(GOLDEN_ADVERT, interval=Duration.centiseconds(centiseconds))
    message = vrrp3.encode(advert, ENVELOPE)
    assert int.from_bytes(message[4:6], "big") == centiseconds


@pytest.mark.parametrize("centiseconds", [0, 4096])
def test_an_interval_that_does_not_fit_was_refused_before(centiseconds: int) -> None:
    advert = replace(GOLDEN_ADVERT, interval=Duration.centiseconds(centiseconds))
    with pytest.raises(AssertionError):
        vrrp3.encode(advert, ENVELOPE)


def test_an_empty_address_list_is_read() -> None:
    """RFC 9568, 5.2.5 would ignore it; keepalived sends and takes it, and so does halod."""
    empty = replace(GOLDEN_ADVERT, addresses=())
    assert vrrp3.decode(vrrp3.encode(empty, ENVELOPE), ENVELOPE) == empty


@given(st.binary(max_size=1200), envelopes)
def test_any_bytes_are_an_advert_or_a_reason(message: bytes, envelope: Envelope) -> None:
    assert isinstance(vrrp.decode(message, VrrpVersion.V3, envelope), Advert | DropReason)


@given(st.binary(min_size=7, max_size=80), envelopes)
def test_any_bytes_behind_a_right_first_byte_and_checksum(body: bytes, envelope: Envelope) -> None:
    outcome = vrrp3.decode(with_checksum(b"\x31" + body, envelope), envelope)
    if isinstance(outcome, DropReason):
        assert outcome in (DropReason.TOO_SHORT, DropReason.TOO_LONG)
    else:
        assert len(body) == 7 + 4 * len(outcome.addresses)


@given(adverts, envelopes, st.data())
def test_every_truncation_is_too_short(
    advert: Advert, envelope: Envelope, data: st.DataObject
) -> None:
    message = vrrp3.encode(advert, envelope)
    cut = data.draw(st.integers(0, len(message) - 1))
    assert vrrp3.decode(message[:cut], envelope) is DropReason.TOO_SHORT


@given(adverts, envelopes, st.binary(min_size=1, max_size=64))
def test_every_extension_is_too_long(advert: Advert, envelope: Envelope, more: bytes) -> None:
    assert vrrp3.decode(vrrp3.encode(advert, envelope) + more, envelope) is DropReason.TOO_LONG


@given(adverts, st.data())
def test_every_flipped_bit_is_noticed(advert: Advert, data: st.DataObject) -> None:
    message = bytearray(vrrp3.encode(advert, ENVELOPE))
    bit = data.draw(st.integers(0, len(message) * 8 - 1))
    message[bit // 8] ^= 1 << bit % 8
    assert isinstance(vrrp3.decode(bytes(message), ENVELOPE), DropReason)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"", DropReason.TOO_SHORT),
        (GOLDEN[:-1], DropReason.TOO_SHORT),
        (GOLDEN + b"\0", DropReason.TOO_LONG),
        (b"\x21" + GOLDEN[1:], DropReason.BAD_VERSION),
        (with_checksum(b"\x32" + GOLDEN[1:]), DropReason.BAD_TYPE),
        (GOLDEN[:6] + b"\0\0" + GOLDEN[8:], DropReason.BAD_CHECKSUM),
    ],
)
def test_reasons(message: bytes, reason: DropReason) -> None:
    # RFC 9568, 7.1.
    assert vrrp.decode(message, VrrpVersion.V3, Envelope(LB01, GROUP)) is reason


def test_an_advert_to_another_destination_has_another_sum() -> None:
    elsewhere = Envelope(LB01, LB02)
    assert vrrp3.decode(GOLDEN, elsewhere) is DropReason.BAD_CHECKSUM
