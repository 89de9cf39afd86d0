"""Services, destinations, sync daemon and timeouts of IPVS: there and back, and from any bytes.

That the kernel reads them so is tested in a real one: `tests/uml/inside_table.py`.
"""

import struct
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.model.balance_effect import SyncRole
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.service_table import Destination, DestinationCounters, Service
from halod.model.units import ZERO, Duration
from halod.model.virtual_server import Forwarding, LvsTimeouts, Method, SyncDaemon, Tunnel
from halod.wire import ipvs, ipvs_destination
from halod.wire.ipvs import IpvsInfo
from halod.wire.ipvs_attributes import IpvsCommand
from halod.wire.netlink import DecodeError, attribute, attributes

ports = st.integers(0, 0xFFFF)
words = st.integers(0, 0xFFFFFFFF)
v4 = st.builds(IPv4Address, words)
v6 = st.builds(IPv6Address, st.integers(0, (1 << 128) - 1))
names = st.text("abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=15)
keys = st.one_of(
    st.builds(
        lambda address, port, protocol: ServiceKey(
            address.version, protocol, Endpoint(address, port)
        ),
        v4 | v6,
        ports,
        st.sampled_from(Protocol),
    ),
    st.builds(
        lambda family, mark: ServiceKey(family, None, None, mark),
        st.sampled_from([4, 6]),
        st.integers(1, 0xFFFFFFFF),
    ),
)
scheduler_flags = st.sampled_from([0, 8, 16, 24, 32, 56])
seconds = st.builds(Duration.seconds, st.integers(1, 0xFFFFFFFF))


@st.composite
def services(draw: st.DrawFn) -> Service:
    key = draw(keys)
    is_persistent = draw(st.booleans())
    return Service(
        key,
        draw(names),
        draw(scheduler_flags),
        draw(st.booleans()),
        draw(seconds) if is_persistent else ZERO,
        draw(st.integers(1, 32 if key.family == 4 else 128)) if is_persistent else 0,
        draw(st.just("") | names),
    )


forwardings = st.one_of(
    st.sampled_from([Forwarding(Method.NAT), Forwarding(Method.DR)]),
    st.builds(
        Forwarding, st.just(Method.TUN), st.sampled_from(Tunnel), ports, st.sampled_from([0, 1, 2])
    ),
)
destinations = st.builds(
    Destination, st.builds(Endpoint, v4 | v6, ports), ports, forwardings, words, words
)
daemons = st.builds(
    SyncDaemon,
    interface=names,
    sync_id=st.integers(0, 255),
    maximum_length=ports,
    port=ports,
    ttl=st.integers(0, 255),
    group=st.just("") | (v4 | v6).map(str),
)


@given(services())
def test_a_service_comes_back(service: Service) -> None:
    assert ipvs.decode_service(attributes(ipvs.encode_service(service), 0)) == service


@given(destinations)
def test_a_destination_comes_back(destination: Destination) -> None:
    top = attributes(ipvs_destination.encode_destination(destination), 0)
    # Its own family, whatever that of the service is.
    for family in (4, 6):
        assert ipvs_destination.decode_destination(top, family) == destination


@given(st.sampled_from(SyncRole), daemons)
def test_a_sync_daemon_comes_back(role: SyncRole, daemon: SyncDaemon) -> None:
    assert ipvs.decode_daemon(attributes(ipvs.encode_daemon(role, daemon), 0)) == (role, daemon)


@given(seconds, seconds, st.just(ZERO) | seconds)
def test_timeouts_come_back(tcp: Duration, tcp_fin: Duration, udp: Duration) -> None:
    timeouts = LvsTimeouts(tcp, tcp_fin, udp)
    assert ipvs.decode_timeouts(attributes(ipvs.encode_timeouts(timeouts), 0)) == timeouts


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_a_decode_error(payload: bytes) -> None:
    for decode in DECODERS:
        try:
            decode(attributes(payload, 0))
        except DecodeError:
            continue


@given(
    st.sampled_from([1, 2, 3]),
    st.dictionaries(st.integers(1, 16), st.binary(max_size=20) | st.just(bytes(16)), max_size=16),
)
def test_any_attributes_are_a_value_or_a_decode_error(top: int, inner: dict[int, bytes]) -> None:
    packed = b"".join(attribute(*pair) for pair in inner.items())
    for decode in DECODERS:
        try:
            decode({top: packed})
        except DecodeError:
            continue


@given(services(), st.data())
def test_a_service_that_is_cut_is_a_decode_error(service: Service, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, 40))
    with pytest.raises(DecodeError):
        ipvs.decode_service(attributes(ipvs.encode_service(service)[:cut], 0))


DECODERS = (
    ipvs.decode_service,
    lambda top: ipvs_destination.decode_destination(top, 4),
    ipvs_destination.decode_counters,
    ipvs.decode_daemon,
    ipvs.decode_timeouts,
    ipvs.decode_info,
)


def test_the_bytes_of_a_service() -> None:
    key = ServiceKey(4, Protocol.TCP, Endpoint(IPv4Address("10.0.0.1"), 80))
    service = Service(key, "rr", 0x10, persistence=Duration.seconds(360), persistence_mask=24)
    assert ipvs.command(IpvsCommand.NEW_SERVICE, ipvs.encode_service(service)) == bytes.fromhex(
        "01010000"
        "54000180"  # SERVICE, nested
        "06000100 0200 0000"  # AF_INET
        "06000200 0600 0000"  # TCP
        "14000300 0a000001 00000000 00000000 00000000"
        "06000400 0050 0000"  # port 80, big-endian
        "07000600 727200 00"  # rr
        "0c000700 11000000 ffffffff"  # persistent, sh-port; all bits count
        "08000800 68010000"  # 360 s
        "08000900 ffffff00"  # 255.255.255.0, big-endian
    )


@given(destinations, words, words, st.booleans())
def test_a_destination_as_the_kernel_lays_it_out_is_read_at_once(
    destination: Destination, active: int, inactive: int, with_64: bool
) -> None:
    payload = told(destination, active, inactive, with_64=with_64)
    assert ipvs_destination.read_destination(payload, 4) == destination
    assert ipvs_destination.decode_destination(attributes(payload, 4), 4) == destination
    assert ipvs_destination.read_counters(payload).active == active


@given(destinations, st.data())
def test_a_destination_that_lies_otherwise_is_read_all_the_same(
    destination: Destination, data: st.DataObject
) -> None:
    """Another kernel may write them in any order, and more of them."""
    inner = data.draw(st.permutations(laid_out(destination, 1, 2)))
    inner += data.draw(st.lists(st.just(attribute(99, b"new"))))
    payload = NEW_DEST + attribute(2, b"".join(inner))
    assert ipvs_destination.read_destination(payload, 4) == destination


@given(destinations, st.data())
def test_a_destination_that_is_cut_is_a_decode_error(
    destination: Destination, data: st.DataObject
) -> None:
    """What is counted and its family may be missing: old kernels do not tell the latter."""
    payload = told(destination, 1, 2, with_64=True)
    cut = payload[: data.draw(st.integers(4, 91))]
    # With a nest that ends there, and with one that goes on.
    for each in (cut, cut[:4] + struct.pack("=H", len(cut) - 4) + cut[6:]):
        with pytest.raises(DecodeError):
            ipvs_destination.read_destination(each, 4)


def test_the_bytes_of_a_real_kernel() -> None:
    """Linux 6.1: 10.9.16.1:80 with weight 1 by NAT, up to its counters."""
    payload = bytes.fromhex(
        "05010000 78000200"
        "14000100 0a091001 00000000 00000000 00000000"
        "06000200 00500000 08000300 00000000 08000400 01000000"
        "05000d00 00000000 06000e00 00000000 06000f00 00000000"
        "08000500 00000000 08000600 00000000"
        "08000700 00000000 08000800 00000000 08000900 00000000"
        "06000b00 02000000"
    )
    expected = Destination(Endpoint(IPv4Address("10.9.16.1"), 80), 1, Forwarding(Method.NAT))
    assert ipvs_destination.read_destination(payload, 4) == expected
    assert payload == NEW_DEST + attribute(2, b"".join(laid_out(expected, 0, 0)))


def test_counters_of_64_bits_stand_between_padding() -> None:
    top = attributes(kernel_destination(with_64=True), 0)
    assert ipvs_destination.decode_counters(top) == DestinationCounters(
        7, 9, 1 << 40, 5 << 33, 6 << 33
    )


def test_counters_of_an_old_kernel() -> None:
    top = attributes(kernel_destination(with_64=False), 0)
    assert ipvs_destination.decode_counters(top) == DestinationCounters(7, 9, 3, 5 << 33, 6 << 33)


NEW_DEST = bytes.fromhex("05010000")


def laid_out(destination: Destination, active: int, inactive: int) -> list[bytes]:
    """What a kernel tells of a destination before its counters, in its order."""
    forwarding, address = destination.forwarding, destination.endpoint.address
    method = {Method.NAT: 0, Method.TUN: 2, Method.DR: 3}[forwarding.method]
    family = {4: 2, 6: 10}[address.version]
    found = (
        (1, address.packed.ljust(16, b"\0")),
        (2, struct.pack("!H", destination.endpoint.port)),
        (3, struct.pack("=I", method)),
        (4, struct.pack("=I", destination.weight)),
        (13, struct.pack("=B", forwarding.tunnel.value)),
        (14, struct.pack("!H", forwarding.tunnel_port)),
        (15, struct.pack("=H", forwarding.tunnel_flags)),
        (5, struct.pack("=I", destination.threshold_upper)),
        (6, struct.pack("=I", destination.threshold_lower)),
        *(
            (type_, struct.pack("=I", count))
            for type_, count in ((7, active), (8, inactive), (9, 0))
        ),
        (11, struct.pack("=H", family)),
    )
    return [attribute(*each) for each in found]


def told(destination: Destination, active: int, inactive: int, *, with_64: bool) -> bytes:
    """Payload of a whole NEW_DEST message."""
    counters = attributes(kernel_destination(with_64=with_64), 0)[2]
    # Behind its own counts of connections, which stand first there.
    inner = b"".join(laid_out(destination, active, inactive)) + counters[16:]
    return NEW_DEST + attribute(2, inner)


def kernel_destination(*, with_64: bool) -> bytes:
    """The part of a NEW_DEST message that has counters, as the kernel lays it out."""
    pad = attribute(11, b"")
    small = attribute(1, struct.pack("=I", 3)) + pad + attribute(4, struct.pack("=Q", 5 << 33))
    small += pad + attribute(5, struct.pack("=Q", 6 << 33))
    body = attribute(7, struct.pack("=I", 7)) + attribute(8, struct.pack("=I", 9))
    body += attribute(10, small)
    if with_64:
        large = b"".join(
            pad + attribute(type_, struct.pack("=Q", value))
            for type_, value in ((1, 1 << 40), (2, 1), (3, 1), (4, 5 << 33), (5, 6 << 33))
        )
        body += attribute(12, large)
    return attribute(2, body)


def test_info() -> None:
    told = attribute(1, struct.pack("=I", 0x010201)) + attribute(2, struct.pack("=I", 4096))
    assert ipvs.decode_info(attributes(told, 0)) == IpvsInfo((1, 2, 1), 4096)
