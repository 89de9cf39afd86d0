"""What virtual servers read, over any bytes: the kernel's tables, and what real servers answer.

Knows each decoder's promise, and a valid message of each to begin with: a value or a DecodeError of
the kernel's, a value or an AnswerError of a server's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import TypeVar

from halod.checker.http_answer import PAGE_MAX, TEXT_MAX, HttpAnswer
from halod.checker.outcome import AnswerError
from halod.model.balance_effect import SyncRole
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.printable import SHOWN_MAX, printable
from halod.model.service_table import Destination, Service
from halod.model.units import Duration
from halod.model.virtual_server import Forwarding, LvsTimeouts, Method, SyncDaemon, Tunnel
from halod.wire import (
    conntrack,
    dns,
    flow_tally,
    generic_netlink,
    ipvs,
    ipvs_destination,
    netlink,
    nft_message,
    nft_record,
)
from halod.wire.ipvs_attributes import Attributes
from halod.wire.netlink import DecodeError
from halod.wire.nfnetlink import NftFamily
from tools.fuzz.bytes_target import BytesTarget, Seeds
from tools.fuzz.example import Violation

__all__ = ["BalanceTarget"]

T = TypeVar("T")
V4 = Endpoint(IPv4Address("192.0.2.9"), 80)
V6 = Endpoint(IPv6Address("2001:db8::9"), 443)
SERVICES = (
    Service(ServiceKey(4, Protocol.TCP, V4), "wrr", persistence=Duration.seconds(60)),
    Service(ServiceKey(6, Protocol.UDP, V6), "sh", 2, one_packet=True, persistence_mask=128),
    Service(ServiceKey(4, None, None, 7), "mh"),
)
DESTINATIONS = (
    Destination(V4, 3, Forwarding(Method.NAT), 100, 50),
    Destination(V6, 0, Forwarding(Method.TUN, Tunnel.GUE, 6080, 0)),
)
SYNC = SyncDaemon(interface="eth0", sync_id=51, maximum_length=1400, port=8848, ttl=3)
PIECE = 97
"""Bytes of an answer that come at once: heads and lines are cut anywhere."""


# ---- the kernel's tables -----------------------------------------------------------------------


def _decode_ipvs(data: bytes) -> None:
    """As a dump is read, message by message."""
    try:
        found = [generic_netlink.decode_command(each).attributes for each in netlink.messages(data)]
    except DecodeError:
        return
    decoders: tuple[Callable[[Attributes], object], ...] = (
        ipvs.decode_service,
        lambda top: ipvs_destination.decode_destination(top, 4),
        lambda top: ipvs_destination.decode_destination(top, 6),
        ipvs_destination.decode_counters,
        ipvs.decode_daemon,
        ipvs.decode_timeouts,
        ipvs.decode_info,
    )
    for attributes in found:
        for decode in decoders:
            try:
                decode(attributes)
            except DecodeError:
                continue


def _decode_nft(data: bytes) -> None:
    """As sets and chains of virtual servers are read back, and flows that are to be forgotten."""
    try:
        messages = list(netlink.messages(data))
    except DecodeError:
        return
    for message in messages:
        counted: Counter[tuple[bytes, bool]] = Counter()
        flow_tally.count_translated(message.payload, counted)
        for key, _ in counted:
            flow_tally.read_ends(key)
        for decode in (
            lambda each: flow_tally.count_direct(each.payload, Counter()),
            nft_message.decode_generation,
            nft_message.decode_nft_rule,
            nft_message.decode_nft_elements,
            lambda each: nft_message.decode_nft_elements(each, counted=True),
            conntrack.decode_flow,
            generic_netlink.decode_family,
        ):
            try:
                decode(message)
            except DecodeError:
                continue


def _decode_record(data: bytes) -> None:
    """What stands in the table's own book may have been written by anybody."""
    text = data.decode("ascii", "replace")
    _read_record(text, nft_record.read_service, nft_record.record_of_service)
    _read_record(text, nft_record.read_destination, nft_record.record_of_destination)


def _read_record(text: str, read: Callable[[str], T], write: Callable[[T], str]) -> None:
    try:
        found = read(text)
    except DecodeError:
        return
    if read(write(found)) != found:
        raise Violation("a record that is written comes back as another")


# ---- what real servers answer ------------------------------------------------------------------


def _decode_dns(data: bytes) -> None:
    head = dns.read_dns_head(data)
    if head is not None and len(data) < 12:
        raise Violation("the head of an answer from less than its length")


def _decode_http(data: bytes) -> None:
    """In pieces, as it comes; what is said of it fits on a line."""
    answer = HttpAnswer(digests=True, keeps_text=True)
    try:
        for start in range(0, len(data), PIECE):
            answer.take(data[start : start + PIECE])
        answer.end()
    except AnswerError as error:
        said = str(error)
        if said != printable(said) or len(said) > SHOWN_MAX + 100:
            raise Violation("what is said of an answer is not for a line of a terminal") from error
        return
    if answer.received > PAGE_MAX or len(answer.text) > min(TEXT_MAX, len(data)):
        raise Violation("a page is more than came")
    if answer.location != printable(answer.location):
        raise Violation("a location that is not for a terminal")


def _ipvs_messages() -> tuple[bytes, ...]:
    new = ipvs.IpvsCommand
    payloads = [ipvs.command(new.NEW_SERVICE, ipvs.encode_service(each)) for each in SERVICES]
    payloads += [
        ipvs.command(new.NEW_DEST, ipvs_destination.encode_destination(d)) for d in DESTINATIONS
    ]
    payloads.append(ipvs.command(new.NEW_DAEMON, ipvs.encode_daemon(SyncRole.MASTER, SYNC)))
    seconds = LvsTimeouts(*map(Duration.seconds, (900, 120, 300)))
    payloads.append(ipvs.command(new.SET_CONFIG, ipvs.encode_timeouts(seconds)))
    return tuple(netlink.message(30, 0, 1, payload) for payload in payloads)


def _nft_messages() -> tuple[bytes, ...]:
    family = NftFamily.INET
    element = nft_message.NftElement
    members = [element(b"\0\0\0\1", b"\n\0\0\1", comment="server 192.0.2.1 80 1 NAT")]
    members.append(element(b"\0\0\0\2", chain="c00000002"))
    told = nft_message.elements(family, "halod_lvs", "book", members)
    flow = conntrack.encode_query(V4, 6)
    payloads = (*told, nft_message.rule(family, "halod_lvs", "in", b"", "c1"), flow)
    return tuple(netlink.message(0x0A0C, 0, 1, payload) for payload in payloads)


SEEDS: Seeds = (
    (_decode_ipvs, _ipvs_messages()),
    (_decode_nft, _nft_messages()),
    (
        _decode_record,
        (
            *(nft_record.record_of_service(each).encode() for each in SERVICES),
            *(nft_record.record_of_destination(each).encode() for each in DESTINATIONS),
        ),
    ),
    (_decode_dns, (dns.dns_query(7, "example.org", "SOA"), b"\0\7\x81\x80" + bytes(8))),
    (
        _decode_http,
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nall is well\n",
            b"HTTP/1.0 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\n\r\n" + b"page" * 60,
        ),
    ),
)


class BalanceTarget(BytesTarget):
    """Dumps of IPVS and nftables, and answers to checks."""

    name = "balance"
    share = 0.2
    seeds = SEEDS
