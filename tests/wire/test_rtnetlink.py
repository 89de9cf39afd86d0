"""Links, addresses and routes against pyroute2, both ways."""

import struct
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.model.address import Scope, VirtualAddress
from halod.wire import netlink, rtnetlink
from halod.wire.netlink import DecodeError, Message
from halod.wire.rtnetlink import (
    IFAPROT_HALOD,
    LIFETIME_FOREVER,
    AddressMessage,
    LinkMessage,
    RouteMessage,
    Type,
)
from tests.wire.oracles import pyroute2_read, pyroute2_write

VIP = VirtualAddress(IPv4Address("192.168.178.3"), 24, "ens33")

virtual_addresses = st.builds(
    VirtualAddress,
    address=st.ip_addresses(v=4),
    prefix_length=st.integers(0, 32),
    interface=st.just("ens33"),
    label=st.none() | st.from_regex(r"[a-z0-9:]{1,15}", fullmatch=True),
    broadcast=st.none() | st.ip_addresses(v=4),
    scope=st.sampled_from(Scope),
)
indexes = st.integers(1, 2**31 - 1)
lifetimes = st.integers(1, LIFETIME_FOREVER)


def only(datagram: bytes) -> Message:
    [message] = netlink.messages(datagram)
    return message


@given(virtual_addresses, indexes, lifetimes)
def test_pyroute2_reads_an_address_that_we_write(
    address: VirtualAddress, index: int, lifetime: int
) -> None:
    payload = rtnetlink.encode_address(address, index, lifetime)
    read = pyroute2_read(netlink.message(Type.NEWADDR, 0, 1, payload), Type.NEWADDR)
    assert read["index"] == index
    assert read["family"] == 2
    assert read["prefixlen"] == address.prefix_length
    assert read["scope"] == address.scope.value
    assert read["IFA_LOCAL"] == read["IFA_ADDRESS"] == str(address.address)
    assert read.get("IFA_LABEL") == address.label
    assert read.get("IFA_BROADCAST") == (address.broadcast and str(address.broadcast))
    assert read["IFA_PROTO"] == IFAPROT_HALOD
    lives = read["IFA_CACHEINFO"]
    assert lives["ifa_valid"] == lives["ifa_preferred"] == lifetime


@given(virtual_addresses, indexes, lifetimes)
def test_we_read_an_address_that_we_write(
    address: VirtualAddress, index: int, lifetime: int
) -> None:
    payload = rtnetlink.encode_address(address, index, lifetime)
    assert rtnetlink.decode(only(netlink.message(Type.NEWADDR, 0, 1, payload))) == AddressMessage(
        index, address.address, address.prefix_length, IFAPROT_HALOD, lifetime
    )


@given(indexes, st.ip_addresses(v=4), st.integers(0, 32), st.integers(0, 255), lifetimes)
def test_we_read_an_address_that_pyroute2_writes(
    index: int, address: IPv4Address, prefix_length: int, protocol: int, valid: int
) -> None:
    fields = {"family": 2, "index": index, "prefixlen": prefix_length}
    lives = {"ifa_preferred": 1, "ifa_valid": valid, "cstamp": 0, "tstamp": 0}
    attributes = {"IFA_LOCAL": str(address), "IFA_PROTO": protocol, "IFA_CACHEINFO": lives}
    message = only(pyroute2_write(Type.DELADDR, fields, attributes))
    assert rtnetlink.decode(message) == AddressMessage(
        index, address, prefix_length, protocol, valid
    )


def test_an_old_kernel_that_keeps_no_tag() -> None:
    fields = {"family": 2, "index": 2, "prefixlen": 24}
    message = only(pyroute2_write(Type.NEWADDR, fields, {"IFA_LOCAL": "192.0.2.1"}))
    assert rtnetlink.decode(message) == AddressMessage(
        2, IPv4Address("192.0.2.1"), 24, 0, LIFETIME_FOREVER
    )


def test_the_local_address_of_a_point_to_point_link_is_meant() -> None:
    fields = {"family": 2, "index": 2, "prefixlen": 32}
    both = {"IFA_ADDRESS": "192.0.2.9", "IFA_LOCAL": "192.0.2.1"}
    read = rtnetlink.decode(only(pyroute2_write(Type.NEWADDR, fields, both)))
    assert isinstance(read, AddressMessage)
    assert read.address == IPv4Address("192.0.2.1")


def test_an_ipv6_address_is_read_and_an_unknown_family_is_none() -> None:
    fields = {"family": 10, "index": 2, "prefixlen": 64}
    message = only(pyroute2_write(Type.NEWADDR, fields, {"IFA_ADDRESS": "2001:db8::1"}))
    read = rtnetlink.decode(message)
    assert isinstance(read, AddressMessage)
    assert read.address == IPv6Address("2001:db8::1")
    bridge = Message(Type.NEWADDR, 0, 0, 0, b"\x07" + message.payload[1:])
    assert rtnetlink.decode(bridge) is None


@pytest.mark.parametrize(
    ("flags", "up", "running"),
    [(0x41, True, True), (0x01, True, False), (0x40, False, False), (0, False, False)],
)
def test_we_read_a_link_that_pyroute2_writes(flags: int, up: bool, running: bool) -> None:
    attributes = {"IFLA_IFNAME": "ens33", "IFLA_ADDRESS": "02:00:00:00:00:01"}
    message = only(pyroute2_write(Type.NEWLINK, {"index": 7, "flags": flags}, attributes))
    assert rtnetlink.decode(message) == LinkMessage(
        7, "ens33", bytes.fromhex("020000000001"), up, running
    )


@pytest.mark.parametrize(
    ("table", "protocol", "automatic"), [(254, 3, False), (254, 2, True), (255, 3, True)]
)
def test_we_read_a_route_that_pyroute2_writes(table: int, protocol: int, automatic: bool) -> None:
    fields = {"family": 2, "table": table, "proto": protocol, "dst_len": 8, "tos": 16}
    attributes = {"RTA_PREFSRC": "192.168.178.3", "RTA_DST": "10.0.0.0", "RTA_PRIORITY": 50}
    message = only(pyroute2_write(Type.NEWROUTE, fields, attributes))
    place = (b"\x08\x10", b"\x0a\0\0\0", b"", struct.pack("=I", 50))
    payload = message.payload
    assert rtnetlink.decode(message) == RouteMessage(
        VIP.address, payload, payload, place, automatic
    )


@pytest.mark.parametrize(
    ("table", "protocol", "flags", "automatic"),
    [
        (254, 3, 0, False),
        (254, 2, 0, True),
        (254, 9, 0, True),
        (255, 3, 0, True),
        (254, 3, 0x200, True),
    ],
    ids=["static", "kernel", "router", "local", "cloned"],
)
def test_we_read_a_route_of_ipv6_that_pyroute2_writes(
    table: int, protocol: int, flags: int, automatic: bool
) -> None:
    fields = {"family": 10, "table": table, "proto": protocol, "dst_len": 64, "flags": flags}
    attributes = {"RTA_DST": "fd01::", "RTA_PRIORITY": 50, "RTA_OIF": 7}
    bare = rtnetlink.decode(only(pyroute2_write(Type.NEWROUTE, fields, attributes)))
    sourced = rtnetlink.decode(
        only(pyroute2_write(Type.NEWROUTE, fields, attributes | {"RTA_PREFSRC": "fd00::99"}))
    )
    assert isinstance(bare, RouteMessage)
    assert isinstance(sourced, RouteMessage)
    assert bare.preferred_source is None
    assert sourced.preferred_source == IPv6Address("fd00::99")
    assert sourced.is_automatic == bare.is_automatic == automatic
    assert (sourced.is_ipv6, sourced.protocol) == (True, protocol)
    assert sourced.identity == bare.identity, "the kernel takes the source off"
    assert sourced.payload != bare.payload
    assert sourced.place == bare.place


def test_what_a_bridge_tells_of_its_ports_is_no_news_of_a_link() -> None:
    attributes = {"IFLA_IFNAME": "ens33"}
    message = only(pyroute2_write(Type.DELLINK, {"index": 7, "family": 7}, attributes))
    assert rtnetlink.decode(message) is None


@pytest.mark.parametrize("type_", [Type.GETLINK, Type.GETADDR, Type.GETROUTE])
def test_a_dump_asks_for_routes_of_ipv4_and_all_else(type_: Type) -> None:
    family = 2 if type_ is Type.GETROUTE else 0
    assert rtnetlink.encode_dump(type_)[0] == family


@given(st.sampled_from(Type), st.binary(max_size=120))
def test_any_payload_is_a_value_none_or_a_decode_error(type_: Type, payload: bytes) -> None:
    message = Message(type_, 0, 0, 0, payload)
    try:
        read = rtnetlink.decode(message)
    except DecodeError:
        return
    known = (Type.NEWLINK, Type.DELLINK, Type.NEWADDR, Type.DELADDR, Type.NEWROUTE, Type.DELROUTE)
    assert read is None or type_ in known


@given(virtual_addresses, st.data())
def test_a_truncated_address_is_a_decode_error_or_lacks_what_was_cut(
    address: VirtualAddress, data: st.DataObject
) -> None:
    payload = rtnetlink.encode_address(address, 2, 3)
    cut = payload[: data.draw(st.integers(0, len(payload) - 1))]
    try:
        read = rtnetlink.decode(Message(Type.NEWADDR, 0, 0, 0, cut))
    except DecodeError:
        return
    assert isinstance(read, AddressMessage)
    assert read.address == address.address


PORT = 4711


def told_address(address: bytes, local: bytes, *, type_: int = 20, port: int = PORT) -> bytes:
    """As the kernel tells of 192.168.178.3/24 on interface 7."""
    body = b"".join(
        (
            netlink.attribute(1, address),
            netlink.attribute(2, local),
            netlink.attribute(3, b"ens33\0"),
        )
    )
    made = bytearray(netlink.message(type_, 0, 1, struct.pack("=BBBBI", 2, 24, 0, 0, 7) + body))
    made[12:16] = struct.pack("=I", port)
    return bytes(made)


def test_an_address_that_we_put_up_is_known_by_one_look() -> None:
    ip = IPv4Address("192.168.178.3")
    plain = told_address(ip.packed, ip.packed)
    assert rtnetlink.own_address_came(plain, {PORT}) == (7, ip, 24)
    (found,) = netlink.messages(plain)
    assert rtnetlink.decode(found) == rtnetlink.AddressMessage(7, ip, 24, 0, LIFETIME_FOREVER)


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        told_address(b"\xc0\xa8\xb2\x03", b"\xc0\xa8\xb2\x03")[:39],
        told_address(b"\xc0\xa8\xb2\x03", b"\xc0\xa8\xb2\x03", type_=21),
        told_address(b"\xc0\xa8\xb2\x03", b"\xc0\xa8\xb2\x03", port=1),
        told_address(b"\xc0\xa8\xb2\x04", b"\xc0\xa8\xb2\x03"),
        told_address(b"\xc0\xa8\xb2\x03", b"\xc0\xa8\xb2\x03") * 2,
    ],
    ids=["empty", "cut off", "removed", "somebody else's", "with a peer", "two at once"],
)
def test_everything_else_is_looked_at_closely(datagram: bytes) -> None:
    assert rtnetlink.own_address_came(datagram, {PORT}) is None
