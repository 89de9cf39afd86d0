"""IPv6 on the wire, as keepalived 2.2.7 sends it: datagrams, adverts, neighbour advertisements."""

from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.model.advert import Advert
from halod.model.drop import DropReason
from halod.model.event import AdvertReceived
from halod.model.units import Duration
from halod.model.vrrp import GROUP_V6, VrrpVersion
from halod.wire import ip, ipv4, ipv6, neighbour, vrrp, vrrp3
from halod.wire.envelope import Envelope
from tests.kit.build import ETH, GROUP, LB01

SOURCE = IPv6Address("fe80::84eb:4cff:fe31:8bcc")
HARDWARE = bytes.fromhex("86eb4c318bcc")
ADDRESSES = tuple(map(IPv6Address, ("fe80::3", "fd00:178::3", "fd00:178::5")))
HEADER = bytes.fromhex("6000000000387 0ff".replace(" ", "")) + SOURCE.packed + GROUP_V6.packed
"""keepalived's, but for traffic class and flow label."""
MESSAGE = bytes.fromhex(
    "313396030064e2bf"
    "fe800000000000000000000000000003"
    "fd000178000000000000000000000003"
    "fd000178000000000000000000000005"
)
"""Captured from keepalived 2.2.7: VRID 51, priority 150, 1 s, three addresses."""
ENVELOPE = Envelope(SOURCE, GROUP_V6)
ADVERT = Advert(
    version=VrrpVersion.V3,
    virtual_router_id=51,
    priority=150,
    interval=Duration.seconds(1),
    addresses=ADDRESSES,
)
HEARD = AdvertReceived(ETH, SOURCE, GROUP_V6, 255, MESSAGE)

addresses_v6 = st.ip_addresses(v=6)


# ---- adverts -------------------------------------------------------------------------------


def test_an_advert_is_the_one_that_keepalived_sends() -> None:
    # RFC 9568, 5.2.8, with the pseudo-header of RFC 8200, 8.1.
    assert vrrp3.encode(ADVERT, ENVELOPE) == MESSAGE
    assert vrrp.decode(MESSAGE, VrrpVersion.V3, ENVELOPE) == ADVERT


def test_without_the_pseudo_header_there_is_no_ipv6() -> None:
    """`v3_checksum_as_v2` is about IPv4 (RFC 9568, 5.2.8)."""
    as_v2 = Envelope(SOURCE, GROUP_V6, checksum_v3_as_v2=True)
    assert vrrp3.encode(ADVERT, as_v2) == MESSAGE


@given(st.lists(addresses_v6, max_size=255), addresses_v6, st.integers(0, 255))
def test_an_advert_comes_back(
    addresses: list[IPv6Address], source: IPv6Address, priority: int
) -> None:
    advert = Advert(VrrpVersion.V3, 1, priority, Duration.centiseconds(1), tuple(addresses))
    envelope = Envelope(source, GROUP_V6)
    assert vrrp3.decode(vrrp3.encode(advert, envelope), envelope) == advert


@given(st.binary(max_size=100))
def test_any_bytes_are_an_advert_or_a_reason(message: bytes) -> None:
    assert isinstance(vrrp.decode(message, VrrpVersion.V3, ENVELOPE), Advert | DropReason)


def test_addresses_of_ipv4_do_not_pass_for_ipv6() -> None:
    message = vrrp3.encode(
        Advert(VrrpVersion.V3, 51, 150, Duration.seconds(1), (LB01,) * 4), Envelope(LB01, GROUP)
    )
    assert vrrp3.decode(message, ENVELOPE) is DropReason.TOO_SHORT


# ---- datagrams -----------------------------------------------------------------------------


def test_the_header_says_what_the_kernel_said_beside_the_payload() -> None:
    assert ipv6.encode(HEARD) == HEADER + MESSAGE
    assert ip.decode(ETH, HEADER + MESSAGE) == HEARD


@given(addresses_v6, addresses_v6, st.integers(0, 255), st.binary(max_size=300))
def test_a_datagram_comes_back(
    source: IPv6Address, destination: IPv6Address, hops: int, payload: bytes
) -> None:
    event = AdvertReceived(ETH, source, destination, hops, payload)
    packet = ip.encode(event)
    assert ip.decode(ETH, packet) == event
    assert packet[ipv6.SAYING] == ipv6.saying(event)
    assert packet[ipv6.PAYLOAD_LENGTH] == ipv6.payload_length(event)
    assert packet[ipv6.HOP_LIMIT] == hops


@pytest.mark.parametrize("cut", [0, 1, 39, 41])
def test_a_datagram_that_is_cut_off_is_none(cut: int) -> None:
    assert ip.decode(ETH, (HEADER + MESSAGE)[:cut]) is None


def test_what_follows_another_header_is_none() -> None:
    assert ip.decode(ETH, HEADER[:6] + b"\x3a" + HEADER[7:] + MESSAGE) is None


@given(st.binary(max_size=120))
def test_any_bytes_are_a_datagram_or_none(packet: bytes) -> None:
    decoded = ip.decode(ETH, packet)
    assert decoded is None or isinstance(decoded, AdvertReceived)


def test_ipv4_goes_its_own_way() -> None:
    event = AdvertReceived(ETH, LB01, GROUP, 255, b"x")
    assert ip.encode(event, 7) == ipv4.encode(event, 7)
    assert ip.decode(ETH, ip.encode(event)) == event


# ---- neighbour advertisements --------------------------------------------------------------

ANNOUNCED = bytes.fromhex(
    "33330000000186eb4c318bcc86dd6000000000203aff"
    "fe800000000000000000000000000003ff020000000000000000000000000001"
    "8800faae20000000fe800000000000000000000000000003020186eb4c318bcc"
)
"""Captured from keepalived 2.2.7 on a host that does not forward."""


def test_an_announcement_is_the_one_that_keepalived_sends() -> None:
    assert neighbour.unsolicited(HARDWARE, ADDRESSES[0], router=False) == ANNOUNCED


def test_a_router_says_that_it_is_one() -> None:
    # RFC 4861, 4.4: R, and not S; the checksum is the other one.
    frame = neighbour.unsolicited(HARDWARE, ADDRESSES[0], router=True)
    assert frame[58] == 0xA0
    assert frame[56:58] == bytes.fromhex("7aae")
