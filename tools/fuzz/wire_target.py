"""Every decoder of VRRP and addresses, over any bytes: a value, a reason or a DecodeError.

Knows each decoder's promise, and a valid message of each to begin with.
"""

from __future__ import annotations

from ipaddress import IPv4Address

from halod.model.address import VirtualAddress
from halod.model.advert import Advert
from halod.model.drop import DropReason
from halod.model.event import AdvertReceived
from halod.model.units import Duration
from halod.model.vrrp import VrrpVersion
from halod.wire import (
    arp,
    auth_header,
    hmac_trailer,
    ipv4,
    lease_elements,
    netlink,
    rtnetlink,
    traffic_control,
    vrrp,
)
from halod.wire.envelope import Envelope
from halod.wire.lease_elements import Element
from halod.wire.netlink import DecodeError
from halod.wire.nfnetlink import NftFamily
from tools.fuzz.bytes_target import BytesTarget, Seeds
from tools.fuzz.example import Violation

__all__ = ["WireTarget"]

SOURCE = IPv4Address("192.0.2.1")
ENVELOPE = Envelope(SOURCE, vrrp.GROUP_V4)
KEY = bytes(range(32))


def _advert(version: VrrpVersion, count: int) -> bytes:
    return vrrp.encode(
        Advert(
            version=version,
            virtual_router_id=51,
            priority=150,
            interval=Duration.seconds(1),
            addresses=tuple(IPv4Address(0xC0000200 + number) for number in range(count)),
            auth_type=1 if version is VrrpVersion.V2 else 0,
            auth_data=b"1111" if version is VrrpVersion.V2 else b"",
        ),
        ENVELOPE,
    )


def _decode_vrrp(data: bytes) -> None:
    for version in VrrpVersion:
        found = vrrp.decode(data, version, ENVELOPE)
        if isinstance(found, DropReason):
            continue
        if vrrp.decode(vrrp.encode(found, ENVELOPE), version, ENVELOPE) != found:
            raise Violation("an advert that is encoded comes back as another")
    vrrp.peek_virtual_router_id(data)


def _unsummed(data: bytes) -> bytes:
    """Without the checksum, which is not signed."""
    return data[:6] + data[8:]


def _signed(version: VrrpVersion) -> bytes:
    message = _advert(version, 2)
    return message + hmac_trailer.sign(message, SOURCE, KEY, 1, 1 << 40)


SIGNED = tuple(map(_signed, VrrpVersion))


def _decode_signed(data: bytes) -> None:
    """As an advert with auth_hmac is admitted."""
    length = hmac_trailer.message_length(data, 4)
    if length is None or length > len(data):
        return
    trailer = hmac_trailer.decode_trailer(data[length:])
    if isinstance(trailer, DropReason):
        return
    genuine = hmac_trailer.is_genuine(trailer, data[:length], SOURCE, KEY)
    if genuine and _unsummed(data) not in map(_unsummed, SIGNED):
        raise Violation("a signature that nobody made is taken for genuine")


def _decode_ipv4(data: bytes) -> None:
    found = ipv4.decode("eth0", data)
    if found is not None and ipv4.decode("eth0", ipv4.encode(found)) != found:
        raise Violation("a datagram that is encoded comes back as another")


BEHIND_HEADER = tuple(
    auth_header.datagram(SOURCE, to, 255, 7, _advert(VrrpVersion.V2, 2), KEY[:8])
    for to in (vrrp.GROUP_V4, IPv4Address("192.0.2.2"))
)
SAID = tuple(packet[ipv4.SAYING] for packet in BEHIND_HEADER)


def _decode_behind_header(data: bytes) -> None:
    """As an advert with AH is admitted."""
    _decode_ipv4(data)
    found = ipv4.decode("eth0", data)
    if found is None or found.auth_header is None:
        return
    genuine = auth_header.is_genuine(found, found.auth_header, KEY[:8])
    if genuine and ipv4.encode(found)[ipv4.SAYING] not in SAID:
        raise Violation("a check value that nobody made is taken for genuine")


def _decode_arp(data: bytes) -> None:
    found = arp.decode(data)
    if found is not None and len(data) < 42:
        raise Violation("an ARP frame from less than its length")


def _decode_netlink(data: bytes) -> None:
    """As the sockets of `kernel` do, message by message."""
    rtnetlink.may_be_kept_route(data)
    try:
        messages = list(netlink.messages(data))
    except DecodeError:
        return
    for message in messages:
        for decode in (
            rtnetlink.decode,
            lease_elements.decode_elements,
            lease_elements.decode_rule_table,
            traffic_control.decode_filter,
            traffic_control.decode_index,
            netlink.error_of,
        ):
            try:
                decode(message)
            except DecodeError:
                continue


def _rtnetlink() -> bytes:
    address = VirtualAddress(SOURCE, 24, "eth0")
    new = rtnetlink.Type.NEWADDR
    first = netlink.message(new, 0, 1, rtnetlink.encode_address(address, 2, 3))
    link = netlink.attribute(3, b"eth0\0") + netlink.attribute(1, bytes(6))
    second = netlink.message(rtnetlink.Type.NEWLINK, 0, 1, bytes(16) + link)
    source = netlink.attribute(7, SOURCE.packed) + netlink.attribute(1, SOURCE.packed)
    route = netlink.message(rtnetlink.Type.NEWROUTE, 0, 1, b"\x02" + bytes(11) + source)
    return first + second + route


def _nfnetlink() -> bytes:
    elements = [Element(SOURCE.packed, 1000, "accept"), Element(b"\1" * 4)]
    payloads = lease_elements.encode_elements(NftFamily.INET, "halod", "leases", elements)
    return b"".join(netlink.message(0x0A0C, 0, 1, payload) for payload in payloads)


SEEDS: Seeds = (
    (_decode_vrrp, tuple(_advert(v, n) for v in VrrpVersion for n in (0, 1, 20, 255))),
    (
        _decode_ipv4,
        (ipv4.encode(AdvertReceived("eth0", SOURCE, vrrp.GROUP_V4, 255, bytes(20))),),
    ),
    (_decode_signed, SIGNED),
    (_decode_behind_header, BEHIND_HEADER),
    (_decode_arp, (arp.gratuitous(bytes(6), SOURCE), arp.probe(bytes(6), SOURCE))),
    (_decode_netlink, (_rtnetlink(), _nfnetlink())),
)


class WireTarget(BytesTarget):
    """Adverts, ARP and netlink."""

    name = "wire"
    share = 0.25
    seeds = SEEDS
