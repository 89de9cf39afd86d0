"""The nftables engine in a real kernel, with real HTTP through the VIP."""

from __future__ import annotations

import socket
import struct
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from halod.kernel.nfnetlink_socket import NfnetlinkSocket
from halod.kernel.nft_services import NftServices
from halod.lab.patience import wait_until
from halod.model import nft_fitness
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.service_table import (
    AddDestination,
    AddService,
    Destination,
    OperationFailure,
    RemoveDestination,
    RemoveService,
    Service,
    TableOperation,
    UpdateDestination,
)
from halod.model.units import Duration
from halod.model.virtual_server import Forwarding, Method
from halod.wire.conntrack import DELETE
from tests.kit.balanced import (
    PORT,
    SERVERS,
    VIP4,
    VIP6,
    Connection,
    Stage,
    ask,
    ask_datagram,
    key,
    make_stage,
    spread,
)

pytestmark = [pytest.mark.needs_netns, pytest.mark.needs_nft]

DNS = 53
MARK = 7
REQUESTS = 10_000
CONNECTIONS = 50
ROUND = 6
"""Slots of weights 1:2:3."""


class Balanced:
    """A stage and the engine on its director."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.forwarding = Forwarding(stage.method)
        self.engine = self.open()

    def open(self) -> NftServices:
        return self.stage.director.call(NftServices)

    def apply(self, *operations: TableOperation) -> list[OperationFailure]:
        return self.engine.apply(operations)

    def destination(
        self, name: str, weight: int = 1, family: int = 4, port: int = PORT
    ) -> Destination:
        return Destination(self.stage.endpoint(name, family, port), weight, self.forwarding)

    def serve(
        self, service: Service, weights: tuple[int, ...] = (1, 1, 1), port: int = PORT
    ) -> None:
        family = service.key.family
        operations: list[TableOperation] = [AddService(service)]
        for name, weight in zip(SERVERS, weights, strict=False):
            one = self.destination(name, weight, family, port)
            operations.append(AddDestination(service.key, one))
        assert self.apply(*operations) == []

    def forget_connections(self) -> None:
        """Connection tracking of the director knows none any more."""
        tracking = self.stage.director.call(NfnetlinkSocket)
        each = [struct.pack("!BBH", family, 0, 0) for family in (socket.AF_INET, socket.AF_INET6)]
        assert tracking.request(DELETE, each) == [0, 0]
        tracking.close()

    def nft(self, *arguments: str) -> str:
        return self.stage.director.run("nft", *arguments)


@pytest.fixture(scope="module", params=[Method.NAT, Method.DR], ids=["nat", "dr"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with make_stage(request.param) as made:
        yield made


@pytest.fixture
def balanced(stage: Stage) -> Iterator[Balanced]:
    """The engine with empty tables; a server that a test has killed stands again."""
    for name in SERVERS:
        if name not in stage.processes:
            stage.start(name)
    made = Balanced(stage)
    yield made
    made.engine.flush()
    made.engine.close()


@pytest.fixture(scope="module")
def nat_stage() -> Iterator[Stage]:
    with make_stage(Method.NAT) as made:
        yield made


@pytest.fixture
def nat(nat_stage: Stage) -> Iterator[Balanced]:
    made = Balanced(nat_stage)
    yield made
    made.engine.flush()
    made.engine.close()


WEB = Service(key(), "wrr")


@pytest.mark.parametrize(("family", "vip"), [(4, VIP4), (6, VIP6)])
def test_weights_are_met(balanced: Balanced, family: int, vip: str) -> None:
    balanced.serve(Service(key(family), "wrr"), (1, 2, 3))
    number = 100 * ROUND
    answers = spread(balanced.stage.client, number, vip)
    for name, weight in zip(SERVERS, (1, 2, 3), strict=True):
        assert answers[name] == pytest.approx(number * weight / ROUND, rel=0.05)
    counted = balanced.engine.counters()[key(family)]
    assert {endpoint: one.connections for endpoint, one in counted.items()} == {
        balanced.stage.endpoint(name, family): answers[name] for name in SERVERS
    }


@pytest.mark.parametrize("scheduler", ["wlc", "sh", "mh", "dh", "fo"])
@pytest.mark.parametrize(("family", "vip"), [(4, VIP4), (6, VIP6)])
def test_every_scheduler_carries(balanced: Balanced, scheduler: str, family: int, vip: str) -> None:
    balanced.serve(Service(key(family), scheduler))
    answers = spread(balanced.stage.client, 30, vip)
    # By a hash of the client's port many serve; by its address, or the service's, one does.
    assert (len(answers) > 1) == (scheduler == "wlc")


@pytest.mark.parametrize(("family", "vip"), [(4, VIP4), (6, VIP6)])
def test_what_is_removed_gets_nothing_new_and_keeps_what_it_has(
    balanced: Balanced, family: int, vip: str
) -> None:
    balanced.serve(Service(key(family), "wrr"))
    client = balanced.stage.client
    connections = client.call(lambda: [Connection(vip) for _ in SERVERS])
    assert {one.ask() for one in connections} == set(SERVERS)
    gone, drained = balanced.stage.endpoint("s1", family), balanced.destination("s2", 0, family)
    changes = (RemoveDestination(key(family), gone), UpdateDestination(key(family), drained))
    assert balanced.apply(*changes) == []
    assert set(spread(client, 20, vip)) == {"s3"}
    assert {one.ask() for one in connections} == set(SERVERS)
    for one in connections:
        one.close()


def test_a_service_without_servers_refuses_at_once(balanced: Balanced) -> None:
    balanced.serve(WEB, (0, 0, 0))
    with pytest.raises(ConnectionRefusedError):
        balanced.stage.client.call(ask)


def test_a_killed_server_that_is_taken_out_costs_no_request(balanced: Balanced) -> None:
    balanced.serve(WEB)
    balanced.stage.kill("s2")
    assert balanced.apply(RemoveDestination(key(), balanced.stage.endpoint("s2"))) == []
    assert set(spread(balanced.stage.client, 200)) == {"s1", "s3"}


def test_member_changes_break_no_connection(balanced: Balanced) -> None:
    """10,000 requests on connections that are kept, while members and weights change."""
    balanced.serve(WEB)
    client = balanced.stage.client
    answers: list[str] = []
    errors: list[BaseException] = []

    def load() -> None:
        try:
            connections = [Connection() for _ in range(CONNECTIONS)]
            first = [one.ask() for one in connections]
            while len(answers) < REQUESTS:
                again = [one.ask() for one in connections]
                assert again == first, "a connection went to another server"
                answers.extend(again)
            for one in connections:
                one.close()
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)

    thread = threading.Thread(target=lambda: client.call(load))
    thread.start()
    changes = 0
    while thread.is_alive():
        name = SERVERS[changes % len(SERVERS)]
        one = balanced.destination(name)
        balanced.apply(RemoveDestination(key(), one.endpoint))
        balanced.apply(AddDestination(key(), replace(one, weight=changes % 5)))
        balanced.apply(UpdateDestination(key(), one))
        changes += 3
    thread.join()
    assert errors == []
    assert len(answers) >= REQUESTS
    assert changes > 30


def _flows(balanced: Balanced, service: ServiceKey) -> dict[str, tuple[int | None, int | None]]:
    """Active and inactive connections by server; a closed one is told of once its end has come."""
    counted = balanced.stage.director.call(balanced.engine.counters)[service]
    port = next(iter(counted)).port
    names = {balanced.stage.endpoint(name, service.family, port): name for name in SERVERS}
    return {names[at]: (one.active, one.inactive) for at, one in counted.items()}


@pytest.mark.parametrize(("family", "vip"), [(4, VIP4), (6, VIP6)])
def test_connections_are_counted_while_they_are_there(
    balanced: Balanced, family: int, vip: str
) -> None:
    """What whoever drains a server waits for; those that are drained are counted on."""
    service = Service(key(family), "wrr")
    balanced.forget_connections()
    balanced.serve(service, (1, 2, 3))
    assert _flows(balanced, service.key) == dict.fromkeys(SERVERS, (0, 0))
    connections = balanced.stage.client.call(lambda: [Connection(vip) for _ in range(ROUND)])
    for one in connections:
        one.ask()
    assert _flows(balanced, service.key) == {"s1": (1, 0), "s2": (2, 0), "s3": (3, 0)}
    balanced.apply(UpdateDestination(service.key, balanced.destination("s3", 0, family)))
    assert _flows(balanced, service.key)["s3"] == (3, 0)
    for one in connections:
        one.close()
    over = {"s1": (0, 1), "s2": (0, 2), "s3": (0, 3)}
    assert wait_until(lambda: _flows(balanced, service.key) == over, 5.0)


def test_flows_of_every_port_and_of_a_mark_are_counted_by_their_servers(nat: Balanced) -> None:
    every = Service(key(port=0), "rr", persistence=Duration.seconds(60), persistence_mask=32)
    nat.forget_connections()
    nat.serve(every, port=0)
    connections = nat.stage.client.call(lambda: [Connection(VIP4) for _ in range(2)])
    for one in connections:
        one.ask()
    found = _flows(nat, every.key)
    assert sorted(active for active, _ in found.values() if active is not None) == [0, 0, 2]
    for one in connections:
        one.close()


def test_clients_stay_and_leave_a_server_that_is_drained(balanced: Balanced) -> None:
    stays = replace(WEB, persistence=Duration.seconds(60), persistence_mask=32)
    balanced.serve(stays)
    client = balanced.stage.client

    def answers() -> dict[str, set[str]]:
        sources = ("10.1.0.2", "10.1.0.3", "10.1.0.130")
        return client.call(lambda: {s: {ask(source=s) for _ in range(6)} for s in sources})

    first = answers()
    assert all(len(names) == 1 for names in first.values())
    assert len(set.union(*first.values())) == len(first)
    assert answers() == first
    (drained,) = first["10.1.0.2"]
    balanced.apply(UpdateDestination(key(), balanced.destination(drained, 0)))
    then = answers()
    assert then["10.1.0.2"] != {drained}
    assert len(then["10.1.0.2"]) == 1
    assert then["10.1.0.3"] == first["10.1.0.3"]


def test_clients_of_one_network_stay_together(balanced: Balanced) -> None:
    balanced.serve(replace(WEB, persistence=Duration.seconds(60), persistence_mask=25))
    together = balanced.stage.client.call(
        lambda: [ask(source=source) for source in ("10.1.0.2", "10.1.0.3")]
    )
    assert len(set(together)) == 1
    assert balanced.stage.client.call(lambda: ask(source="10.1.0.130")) not in together


def test_a_client_is_forgotten(balanced: Balanced) -> None:
    balanced.serve(replace(WEB, persistence=Duration.seconds(1), persistence_mask=32))
    first = balanced.stage.client.call(ask)
    family = "netdev" if balanced.stage.method is Method.DR else "inet"
    listed = ("list", "map", family, "halod_lvs", "p4")
    assert "10.1.0.2" in balanced.nft(*listed) or "expires" in balanced.nft(*listed)
    assert wait_until(lambda: "expires" not in balanced.nft(*listed), 5.0)
    assert balanced.stage.client.call(ask) != first


@pytest.mark.parametrize(("family", "vip"), [(4, VIP4), (6, VIP6)])
def test_datagrams(balanced: Balanced, family: int, vip: str) -> None:
    """A flow stays with its server, until that one is removed."""
    dns = Service(key(family, Protocol.UDP, DNS), "rr")
    balanced.serve(dns, port=DNS)
    client = balanced.stage.client
    kind = socket.AF_INET if family == 4 else socket.AF_INET6
    speakers = client.call(lambda: [socket.socket(kind, socket.SOCK_DGRAM) for _ in SERVERS])
    with ExitStack() as closing:
        for one in speakers:
            closing.enter_context(one)
        _datagrams(balanced, dns, speakers, vip)


def _datagrams(balanced: Balanced, dns: Service, speakers: list[socket.socket], vip: str) -> None:
    first = [ask_datagram(one, vip, DNS) for one in speakers]
    assert set(first) == set(SERVERS)
    assert [ask_datagram(one, vip, DNS) for one in speakers] == first
    gone = balanced.stage.endpoint("s2", dns.key.family, DNS)
    balanced.apply(RemoveDestination(dns.key, gone))
    then = [ask_datagram(one, vip, DNS) for one in speakers]
    assert "s2" not in then
    assert all(new == old for old, new in zip(first, then, strict=True) if old != "s2")


def test_a_firewall_mark(nat: Balanced) -> None:
    """What the operator's rules mark, on two ports, goes by one service."""
    nat.nft("add table ip mangle")
    nat.nft("add chain ip mangle pre { type filter hook prerouting priority mangle; }")
    nat.nft(f"add rule ip mangle pre ip daddr {VIP4} tcp dport {{ 80, 8080 }} mark set {MARK}")
    marked = ServiceKey(4, None, None, MARK)
    nat.serve(Service(marked, "rr"), port=0)
    assert spread(nat.stage.client, 6) == dict.fromkeys(SERVERS, 2)
    assert spread(nat.stage.client, 6, port=8080) == dict.fromkeys(SERVERS, 2)
    nat.nft("delete table ip mangle")


def test_every_port_of_an_address(nat: Balanced) -> None:
    every = replace(
        Service(key(port=0), "rr"), persistence=Duration.seconds(60), persistence_mask=32
    )
    nat.serve(every, port=0)
    answers = nat.stage.client.call(lambda: {ask(port=80), ask(port=8080)})
    assert len(answers) == 1


def test_the_director_is_a_client_too(nat: Balanced) -> None:
    nat.serve(WEB)
    assert spread(nat.stage.director, 6) == dict.fromkeys(SERVERS, 2)


def test_another_port_of_the_servers(nat: Balanced) -> None:
    nat.serve(Service(key(port=81), "rr"), port=8080)
    assert spread(nat.stage.client, 6, port=81) == dict.fromkeys(SERVERS, 2)


def test_a_restart_takes_over_what_stands(balanced: Balanced) -> None:
    balanced.serve(replace(WEB, persistence=Duration.seconds(300), persistence_mask=32), (1, 2, 3))
    connection = balanced.stage.client.call(Connection)
    name = connection.ask()
    before = balanced.engine.observe()
    again = balanced.open()
    assert again.observe() == before
    assert again.apply([UpdateDestination(key(), balanced.destination(name, 0))]) == []
    assert connection.ask() == name
    assert balanced.stage.client.call(ask) != name
    again.close()
    connection.close()


DRIFTS = (
    "flush ruleset",
    "delete table inet halod_lvs",
    "flush chain {family} halod_lvs dispatch",
    "flush map {family} halod_lvs slots",
    "flush map {family} halod_lvs v4",
    "flush set {family} halod_lvs live",
    "flush set inet halod_lvs book",
)


@pytest.mark.parametrize("drift", DRIFTS)
def test_what_somebody_removed_is_seen_and_put_back(balanced: Balanced, drift: str) -> None:
    balanced.serve(WEB)
    whole = balanced.engine.observe()
    family = "netdev" if balanced.stage.method is Method.DR else "inet"
    balanced.nft(*drift.format(family=family).split())
    assert balanced.engine.observe().services == {}
    balanced.serve(WEB)
    assert balanced.engine.observe() == whole
    assert set(spread(balanced.stage.client, 12)) == set(SERVERS)


def test_what_somebody_added_is_swept_away(nat: Balanced) -> None:
    nat.serve(WEB)
    whole = nat.engine.observe()
    other = f"{{ {VIP4} . tcp . 8080 : goto c{'0' * 8} }}"
    nat.nft("add", "chain", "inet", "halod_lvs", "c" + "0" * 8)
    nat.nft("add", "rule", "inet", "halod_lvs", "c" + "0" * 8, "drop")
    nat.nft("add", "element", "inet", "halod_lvs", "v4", other)
    assert nat.engine.observe() == whole
    assert nat.apply(UpdateDestination(key(), nat.destination("s1", 2))) == []
    assert "drop" not in nat.nft("list", "table", "inet", "halod_lvs")
    assert nat.engine.observe().destinations[key()][nat.stage.endpoint("s1")].weight == 2


def test_what_cannot_be_taken_is_told_and_the_rest_serves(nat: Balanced) -> None:
    tunnel = replace(nat.destination("s1"), forwarding=Forwarding(Method.TUN))
    lost = AddDestination(ServiceKey(4, Protocol.TCP, nat.stage.endpoint("s1")), tunnel)
    failures = nat.apply(
        lost,
        AddService(WEB),
        AddDestination(key(), tunnel),
        AddDestination(key(), nat.destination("s2")),
    )
    assert [(one.operation, one.error_number) for one in failures] == [
        (lost, 3),
        (AddDestination(key(), tunnel), 0),
    ]
    assert failures[1].why == nft_fitness.TUNNEL.sentence
    assert set(nat.engine.observe().destinations[key()]) == {nat.stage.endpoint("s2")}
    assert set(spread(nat.stage.client, 5)) == {"s2"}


def test_a_server_that_no_link_reaches_is_told(stage: Stage, balanced: Balanced) -> None:
    if stage.method is Method.NAT:
        assert balanced.apply(AddService(WEB)) == []
        return
    far = Destination(
        Endpoint(stage.endpoint("s1").address + 256 * 77, PORT), 1, Forwarding(Method.DR)
    )
    (failure,) = balanced.apply(AddService(WEB), AddDestination(key(), far))
    assert "no way to 10.1.77.11" in failure.why


def test_a_listing_is_complete(balanced: Balanced) -> None:
    """nft aborts at rules that it does not understand: ours are shaped so that it does."""
    for number, scheduler in enumerate(("wrr", "wlc", "sh", "mh", "dh", "fo")):
        for family in (4, 6):
            for protocol in Protocol:
                plain = Service(key(family, protocol, 1000 + number), scheduler)
                balanced.serve(plain)
                mask = 24 if family == 4 else 64
                balanced.serve(
                    replace(
                        plain,
                        key=key(family, protocol, 2000 + number),
                        persistence=Duration.seconds(60),
                        persistence_mask=mask,
                    )
                )
    listed = subprocess.run(
        [*balanced.stage.director.prefix, "nft", "list", "ruleset"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert listed.stderr == ""
    assert listed.stdout.count("service tcp") == 24


def test_removing_the_service_leaves_nothing(balanced: Balanced) -> None:
    empty = balanced.engine.observe()
    balanced.serve(replace(WEB, persistence=Duration.seconds(60), persistence_mask=32))
    assert balanced.apply(RemoveService(key())) == []
    assert balanced.engine.observe() == empty
    listed = balanced.nft("list", "ruleset")
    assert "elements" not in listed
    assert not any(f"chain {kind}" in listed for kind in ("c0", "w0", "r0"))


def test_answers_are_counted_by_name() -> None:
    """`spread` compares with a dictionary: a Counter is one."""
    assert Counter(["s1", "s1"]) == {"s1": 2}


def test_a_director_that_knows_no_connection_chooses_as_the_other_did(balanced: Balanced) -> None:
    """By a hash, and the default scheduler is one here: most failovers break no connection."""
    balanced.serve(Service(key(), "wlc"))
    client = balanced.stage.client
    connections = client.call(lambda: [Connection() for _ in range(20)])
    first = [one.ask() for one in connections]
    assert set(first) == set(SERVERS)
    if balanced.stage.method is Method.DR:
        balanced.nft("flush", "map", "netdev", "halod_lvs", "tcp4")
    else:
        balanced.forget_connections()
    assert [one.ask() for one in connections] == first
    for one in connections:
        one.close()
