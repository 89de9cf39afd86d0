"""Flows are counted by their ends, and nothing that is no flow is counted."""

from __future__ import annotations

import contextlib
import struct
from collections import Counter
from ipaddress import IPv4Address, IPv6Address, ip_address

from hypothesis import given
from hypothesis import strategies as st

from halod.model.endpoint import Endpoint
from halod.wire.flow_tally import FlowEnds, count_direct, count_translated, read_ends
from halod.wire.netlink import DecodeError, attribute

NESTED = 0x8000
TCP, UDP = 6, 17
ESTABLISHED, TIME_WAIT = 3, 7
ports = st.integers(0, 65535)


def nest(type_: int, value: bytes) -> bytes:
    return attribute(type_ | NESTED, value)


def tuple_of(type_: int, source: Endpoint, target: Endpoint, protocol: int) -> bytes:
    first, second = (1, 2) if source.address.version == 4 else (3, 4)
    ip = attribute(first, source.address.packed) + attribute(second, target.address.packed)
    proto = attribute(1, bytes((protocol,)))
    proto += attribute(2, struct.pack("!H", source.port))
    proto += attribute(3, struct.pack("!H", target.port))
    return nest(type_, nest(1, ip) + nest(2, proto))


def flow(
    client: Endpoint, asked: Endpoint, server: Endpoint, protocol: int, state: int | None = None
) -> bytes:
    head = bytes((2 if asked.address.version == 4 else 10, 0, 0, 0))
    tuples = tuple_of(1, client, asked, protocol) + tuple_of(2, server, client, protocol)
    more = attribute(3, bytes(4)) + attribute(7, bytes(4))
    if state is not None:
        more += nest(4, nest(1, attribute(1, bytes((state,)))))
    return head + tuples + more


@given(ports, st.data())
def test_what_is_counted_has_the_ends_that_the_kernel_told(port: int, data: st.DataObject) -> None:
    kind = IPv4Address if data.draw(st.booleans()) else IPv6Address
    bits = 32 if kind is IPv4Address else 128
    made = [Endpoint(kind(data.draw(st.integers(0, 2**bits - 1))), port) for _ in range(3)]
    counted: Counter[tuple[bytes, bool]] = Counter()
    for state in (ESTABLISHED, ESTABLISHED, TIME_WAIT, None):
        count_translated(flow(made[0], made[1], made[2], TCP, state), counted)
    ends = FlowEnds(made[1], made[2], TCP)
    assert {(read_ends(key), active): n for (key, active), n in counted.items()} == {
        (ends, True): 2,
        (ends, False): 2,
    }


def test_what_has_no_state_goes_on() -> None:
    one = Endpoint(ip_address("192.0.2.1"), 53)
    counted: Counter[tuple[bytes, bool]] = Counter()
    count_translated(flow(one, one, one, UDP), counted)
    assert [active for _, active in counted] == [True]


def test_a_flow_without_ports_is_none() -> None:
    counted: Counter[tuple[bytes, bool]] = Counter()
    ip = attribute(1, bytes(4)) + attribute(2, bytes(4))
    echo = nest(1, nest(1, ip) + nest(2, attribute(1, b"\1") + attribute(4, b"\0\7")))
    count_translated(b"\2\0\0\0" + echo + echo, counted)
    assert not counted


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_trust(data: bytes) -> None:
    counted: Counter[tuple[bytes, bool]] = Counter()
    count_translated(data, counted)
    count_translated(b"\2\0\0\0" + data, counted)
    for key, _ in counted:
        read_ends(key)
    with contextlib.suppress(DecodeError):
        count_direct(b"\5\0\0\0" + data, Counter())
