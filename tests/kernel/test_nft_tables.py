"""Any table in nftables: what was planned stands, and planning again gives nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halod.balance.plan import plan
from halod.kernel.forwarding import not_forwarding
from halod.kernel.nft_services import NftServices
from halod.lab.namespace import Namespace
from halod.model.address import IpAddress
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.service_table import (
    AddDestination,
    AddService,
    Destination,
    Service,
    ServiceTable,
    UpdateDestination,
)
from halod.model.units import ZERO, Duration
from halod.model.virtual_server import Forwarding, LvsTimeouts, Method

pytestmark = [pytest.mark.needs_netns, pytest.mark.needs_nft]

EXAMPLES = 60
"""Each changes the kernel's tables twice and reads them back three times."""
NAT, DR = Forwarding(Method.NAT), Forwarding(Method.DR)

addresses: dict[int, st.SearchStrategy[IpAddress]] = {
    4: st.integers(10, 60).map(lambda last: IPv4Address(f"10.9.0.{last}")),
    6: st.integers(10, 60).map(lambda last: IPv6Address(f"fd09::{last}")),
}


def keys(family: int) -> st.SearchStrategy[ServiceKey]:
    vip: IpAddress = IPv4Address("192.0.2.1") if family == 4 else IPv6Address("2001:db8::1")
    endpoints = st.integers(0, 5).map(lambda port: Endpoint(vip, port))
    by_address = st.builds(ServiceKey, st.just(family), st.sampled_from(Protocol), endpoints)
    marks = st.integers(1, 3).map(lambda mark: ServiceKey(family, None, None, mark))
    return st.one_of(by_address, marks)


@st.composite
def entries(draw: st.DrawFn) -> tuple[Service, dict[Endpoint, Destination]]:
    family = draw(st.sampled_from((4, 6)))
    key = draw(keys(family))
    seconds = draw(st.sampled_from((0, 0, 60)))
    service = Service(
        key,
        draw(st.sampled_from(("rr", "wrr", "wlc", "sh", "mh", "dh", "fo", "lblc"))),
        draw(st.sampled_from((0, 8, 16))),
        one_packet=draw(st.booleans()),
        persistence=Duration.seconds(seconds),
        persistence_mask=draw(st.integers(1, 32 if family == 4 else 128)) if seconds else 0,
    )
    forwarding = NAT if key.mark else draw(st.sampled_from((NAT, DR)))
    port = draw(st.sampled_from((0, 80)))
    servers = draw(st.lists(addresses[family], unique=True, max_size=5))
    destinations = [
        Destination(Endpoint(address, port), draw(st.integers(0, 9)), forwarding)
        for address in servers
    ]
    return service, {one.endpoint: one for one in destinations}


@st.composite
def tables(draw: st.DrawFn) -> ServiceTable:
    drawn = draw(st.lists(entries(), max_size=6, unique_by=lambda entry: entry[0].key))
    return ServiceTable(
        {service.key: service for service, _ in drawn},
        {service.key: destinations for service, destinations in drawn},
    )


@pytest.fixture(scope="module")
def here() -> Iterator[Namespace]:
    """One link, on which all servers are."""
    namespace = Namespace(f"halod-nft-{os.getpid()}")
    namespace.create()
    try:
        namespace.ip("link", "add", "near", "type", "veth", "peer", "far")
        for link in ("near", "far"):
            namespace.ip("link", "set", link, "up")
        namespace.ip("address", "add", "10.9.0.1/24", "dev", "near")
        namespace.ip("address", "add", "fd09::1/64", "dev", "near", "nodad")
        yield namespace
    finally:
        namespace.delete()


@pytest.fixture
def engine(here: Namespace) -> Iterator[NftServices]:
    made = here.call(NftServices)
    yield made
    made.flush()
    made.close()


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(tables(), tables())
def test_planning_after_applying_gives_nothing(
    engine: NftServices, here: Namespace, first: ServiceTable, second: ServiceTable
) -> None:
    for wanted in (first, second):
        observed = engine.observe()
        assert engine.apply(plan(wanted, observed, observed.services)) == []
        seen = engine.observe()
        assert seen == wanted
        assert plan(wanted, seen, seen.services) == ()
    other = here.call(NftServices)
    assert other.observe() == second
    other.close()


WEB = Service(ServiceKey(4, Protocol.TCP, Endpoint(ip_address("192.0.2.1"), 80)), "wrr")
DNS = Service(ServiceKey(4, Protocol.UDP, Endpoint(ip_address("192.0.2.2"), 53)), "rr")
ONE = Destination(Endpoint(ip_address("10.9.0.11"), 80), 1, NAT)
TWO = Destination(Endpoint(ip_address("10.9.0.12"), 53), 1, DR)


def served(engine: NftServices) -> ServiceTable:
    operations = (
        AddService(WEB),
        AddDestination(WEB.key, ONE),
        AddService(DNS),
        AddDestination(DNS.key, TWO),
    )
    assert engine.apply(operations) == []
    return engine.observe()


@pytest.mark.parametrize(
    ("family", "service", "changed"), [("inet", WEB, ONE), ("netdev", DNS, TWO)]
)
def test_a_change_after_somebody_removed_the_table_brings_all_back(
    engine: NftServices, here: Namespace, family: str, service: Service, changed: Destination
) -> None:
    """Without a look in between: the check's verdict comes first."""
    before = served(engine)
    here.run("nft", "delete", "table", family, "halod_lvs")
    drained = replace(changed, weight=0)
    assert engine.apply([UpdateDestination(service.key, drained)]) == []
    after = engine.observe()
    assert after.services == before.services
    assert after.destinations == {**before.destinations, service.key: {drained.endpoint: drained}}


def test_a_link_that_comes_later_is_hooked(engine: NftServices, here: Namespace) -> None:
    served(engine)
    here.ip("link", "add", "late", "type", "veth", "peer", "later")
    engine.observe()
    listed = here.run("nft", "list", "table", "netdev", "halod_lvs")
    assert 'hook ingress device "late"' in listed
    here.ip("link", "del", "late")
    assert engine.observe().services.keys() == {WEB.key, DNS.key}
    assert '"late"' not in here.run("nft", "list", "table", "netdev", "halod_lvs")


def test_timeouts_are_of_flows(engine: NftServices, here: Namespace) -> None:
    served(engine)
    engine.set_timeouts(LvsTimeouts(ZERO, ZERO, Duration.seconds(77)))
    assert "timeout 1m17s" in here.run("nft", "list", "table", "netdev", "halod_lvs")
    assert set(engine.observe().services) == {WEB.key, DNS.key}


def test_counters_outlive_a_change_of_weight(engine: NftServices) -> None:
    served(engine)
    counted = engine.counters()
    assert counted[WEB.key][ONE.endpoint].connections == 0
    assert set(counted) == {WEB.key, DNS.key}


def test_what_nobody_has_touched_is_not_read_again(engine: NftServices, here: Namespace) -> None:
    before = served(engine)
    reads = engine.reads
    assert engine.apply([UpdateDestination(WEB.key, replace(ONE, weight=9))]) == []
    assert engine.observe().destinations[WEB.key][ONE.endpoint].weight == 9
    assert engine.reads == reads
    here.run("nft", "add", "table", "inet", "somebody")
    assert engine.observe().services == before.services
    assert engine.reads == reads + 1
    here.run("nft", "delete", "table", "inet", "somebody")


def test_a_way_that_changes_is_seen(engine: NftServices, here: Namespace) -> None:
    """The server of DR is on another link now: what forwards to the old one is not whole."""
    before = served(engine)
    here.ip("address", "del", "10.9.0.1/24", "dev", "near")
    here.ip("address", "add", "10.9.0.1/24", "dev", "far")
    assert set(engine.observe().services) == {WEB.key}
    assert served(engine) == before
    here.ip("address", "del", "10.9.0.1/24", "dev", "far")
    here.ip("address", "add", "10.9.0.1/24", "dev", "near")


def test_a_machine_that_does_not_forward_is_told(here: Namespace) -> None:
    here.set_kernel_value("net/ipv4/ip_forward", "0")
    here.set_kernel_value("net/ipv6/conf/all/forwarding", "1")
    (told,) = here.call(lambda: not_forwarding([4, 6, 4]))
    assert told.startswith("net.ipv4.ip_forward is 0")
    here.set_kernel_value("net/ipv4/ip_forward", "1")
    assert here.call(lambda: not_forwarding([4, 6])) == []
