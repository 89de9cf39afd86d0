"""Services as rules and elements: the same from the same, and little changed by little."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.service_table import Destination, Service
from halod.model.units import Duration
from halod.model.virtual_server import Forwarding, Method, Tunnel
from halod.wire.netlink import DecodeError
from halod.wire.nfnetlink import NftFamily, NftMessage
from halod.wire.nft_balancing import TABLE
from halod.wire.nft_difference import difference
from halod.wire.nft_expression import native
from halod.wire.nft_flow_rules import FlowTimeouts
from halod.wire.nft_message import COMMENT_MAX
from halod.wire.nft_placing import number_of, refusals
from halod.wire.nft_record import (
    read_destination,
    read_service,
    record_of_destination,
    record_of_service,
)
from halod.wire.nft_service_rules import (
    PlacedDestination,
    PlacedService,
    content_of,
)
from halod.wire.route_lookup import Way

addresses4 = st.integers(1, 2**32 - 1).map(IPv4Address)
addresses6 = st.integers(1, 2**128 - 1).map(IPv6Address)
ports = st.integers(0, 65_535)
endpoints = st.builds(Endpoint, st.one_of(addresses4, addresses6), ports)
marks = st.integers(1, 2**32 - 1)
keys = st.one_of(
    st.builds(
        lambda endpoint, protocol: ServiceKey(endpoint.address.version, protocol, endpoint),
        endpoints,
        st.sampled_from(Protocol),
    ),
    st.builds(
        lambda family, mark: ServiceKey(family, None, None, mark), st.sampled_from((4, 6)), marks
    ),
)
names = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=15)
services = st.builds(
    Service,
    keys,
    names,
    st.integers(0, 255),
    st.booleans(),
    st.integers(0, 2**31).map(Duration.seconds),
    st.integers(0, 128),
    st.one_of(st.just(""), names),
)
forwardings = st.builds(
    Forwarding, st.sampled_from(Method), st.sampled_from(Tunnel), ports, st.integers(0, 2)
)
destinations = st.builds(
    Destination, endpoints, st.integers(0, 2**31 - 1), forwardings, ports, ports
)

VIP = Endpoint(IPv4Address("192.0.2.1"), 80)
WEB = Service(ServiceKey(4, Protocol.TCP, VIP), "wrr")
NAT, DR = Forwarding(Method.NAT), Forwarding(Method.DR)
TIMEOUTS = FlowTimeouts()


def server(last: int, weight: int = 1, forwarding: Forwarding = NAT) -> Destination:
    return Destination(Endpoint(IPv4Address(f"10.0.0.{last}"), 80), weight, forwarding)


def placed(*servers: Destination, service: Service = WEB) -> PlacedService:
    return PlacedService(
        1, service, tuple(PlacedDestination(10 + n, one, 2) for n, one in enumerate(servers))
    )


def messages(old: PlacedService, new: PlacedService) -> list[NftMessage]:
    changes = difference(TABLE, content_of(old, TIMEOUTS), content_of(new, TIMEOUTS))
    return [type_ for type_, _, _ in changes]


@given(services)
def test_a_service_is_read_back_from_its_record(service: Service) -> None:
    record = record_of_service(service)
    assert read_service(record) == service
    assert len(record) <= COMMENT_MAX


@given(destinations)
def test_a_destination_is_read_back_from_its_record(destination: Destination) -> None:
    record = record_of_destination(destination)
    assert read_destination(record) == destination
    assert len(record) <= COMMENT_MAX


@given(st.text(max_size=80))
def test_any_other_comment_is_refused(text: str) -> None:
    for read in (read_service, read_destination):
        with pytest.raises(DecodeError):
            read(f"x {text}")


@given(services, st.lists(destinations, max_size=5))
def test_no_difference_to_itself(service: Service, there: list[Destination]) -> None:
    refused = refusals(service, {one.endpoint: one for one in there}, {})
    one = placed(*(d for d in there if d.endpoint not in refused), service=service)
    assert messages(one, one) == []


@pytest.mark.parametrize("forwarding", [NAT, DR], ids=["nat", "dr"])
@pytest.mark.parametrize("persistence", [Duration.seconds(0), Duration.seconds(60)])
def test_a_change_of_members_touches_no_rule_that_the_kernel_checks(
    forwarding: Forwarding, persistence: Duration
) -> None:
    """Of a constant, a lookup or a translation in it the kernel walks through the whole table."""
    service = replace(WEB, persistence=persistence, persistence_mask=32)
    few = [server(1, 1, forwarding), server(2, 1, forwarding)]
    old = content_of(placed(*few, service=service), TIMEOUTS)
    more = placed(*few, server(3, 5, forwarding), service=service)
    new = content_of(more, TIMEOUTS)
    changed = {chain for chain in new.rules if new.rules[chain] != old.rules[chain]}
    assert {chain for _, chain in changed} == {"w00000001"}
    for rules in (new.rules[chain] for chain in changed):
        for checked in (b"lookup\0", b"immediate\0", b"nat\0", b"fwd\0"):
            assert not any(checked in rule for rule in rules)


def test_a_weight_to_zero_removes_slots_and_keeps_the_counter() -> None:
    before = content_of(placed(server(1), server(2)), TIMEOUTS)
    after = content_of(placed(server(1, 0), server(2)), TIMEOUTS)
    inet = NftFamily.INET
    assert before.elements[inet, "d4"] == after.elements[inet, "d4"]
    assert native(10) not in after.elements[inet, "live"]
    assert {one.value[4:] for one in after.elements[inet, "slots"].values()} == {native(11)}


def test_methods_have_tables_of_their_own() -> None:
    nat, direct = placed(server(1)), placed(server(1, 1, DR))
    assert {family for family, _ in content_of(nat, TIMEOUTS).rules} == {NftFamily.INET}
    assert {family for family, _ in content_of(direct, TIMEOUTS).rules} == {NftFamily.NETDEV}


def test_a_director_that_is_the_only_server_takes_what_is_new_itself() -> None:
    here = PlacedService(1, WEB, (PlacedDestination(10, server(1, 1, DR), 0),))
    assert (NftFamily.NETDEV, "slots") not in content_of(here, TIMEOUTS).elements


def test_numbers_are_the_same_everywhere_and_never_shared() -> None:
    first = number_of("a", ())
    assert first == number_of("a", ())
    assert number_of("a", {first}) != first


NEAR, FAR, HERE = Way(2, False, True), Way(2, False, False), Way(1, True, False)


@pytest.mark.parametrize(
    ("servers", "ways", "refused"),
    [
        ([server(1), server(2)], [], []),
        ([server(1), server(2, 0, DR)], [NEAR, NEAR], []),
        ([server(1), server(2), server(3, 1, DR)], [NEAR, NEAR, NEAR], [3]),
        ([server(1, 1, Forwarding(Method.TUN)), server(2)], [], [1]),
        ([server(1, 1, DR), server(2, 1, DR)], [NEAR, FAR], [2]),
        ([server(1, 1, DR), server(2, 1, DR)], [NEAR, HERE], [2]),
        ([server(1, 1, DR)], [HERE], []),
        ([server(1, 1, DR)], ["network is unreachable"], [1]),
        (
            [server(1), replace(server(2), endpoint=Endpoint(server(2).endpoint.address, 0))],
            [],
            [2],
        ),
    ],
)
def test_what_cannot_stand_is_named(
    servers: list[Destination], ways: list[Way | str], refused: list[int]
) -> None:
    there = {one.endpoint: one for one in servers}
    found = refusals(WEB, there, dict(zip(there, ways, strict=False)))
    assert set(found) == {list(there)[number - 1] for number in refused}
    assert all(why for why in found.values())
