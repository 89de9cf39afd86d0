"""What the kernel should hold: ports of services, groups, places that two servers share."""

from dataclasses import replace
from ipaddress import IPv4Address

from halod.balance.desired import desired_table, layouts_of
from halod.balance.names import virtual_names
from halod.balance.outbox import BalanceOutbox
from halod.balance.pool import Pool
from halod.model.balance_event import Admin
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.service_table import Destination
from halod.model.units import Instant
from halod.model.virtual_server import Forwarding, LvsSettings, Method, SorryServer, VirtualServer
from tests.balance.servers import SORRY, endpoint, key, real, virtual

NOW = Instant(0)
DR = Forwarding(Method.DR)
MARK = ServiceKey(4, None, None, 7)


def pool_of(server: VirtualServer) -> Pool:
    pool = Pool(server, virtual_names([server])[server.title], LvsSettings())
    pool.begin(NOW, BalanceOutbox(), known=frozenset())
    return pool


def places(server: VirtualServer) -> dict[str, list[str]]:
    table = desired_table([pool_of(server)])
    return {str(each): list(map(str, found)) for each, found in table.destinations.items()}


def test_behind_dr_a_server_has_the_port_of_the_service() -> None:
    group = virtual(
        real(1, forwarding=DR),
        real(2),
        services=(key(80), key(443), MARK),
        sorry_server=replace(SORRY, forwarding=DR),
    )
    assert places(group) == {
        "[192.0.2.1]:tcp:80": ["[10.0.0.1]:80", "[10.0.0.2]:80"],
        "[192.0.2.1]:tcp:443": ["[10.0.0.1]:443", "[10.0.0.2]:80"],
        "FWM 7": ["[10.0.0.1]:0", "[10.0.0.2]:80"],
    }


def test_services_of_one_port_are_worked_out_once() -> None:
    keys = tuple(key(80, f"192.0.2.{number}") for number in range(1, 250))
    layouts = layouts_of(pool_of(virtual(real(1), services=keys)))
    assert [layout.keys for layout in layouts] == [keys]


def test_two_servers_at_one_place() -> None:
    """Behind a firewall mark and DR ports do not count: two servers of one address are one."""
    first = real(1, weight=2, forwarding=DR)
    second = replace(first, endpoint=endpoint("10.0.0.1", 8080), weight=5)
    pool = pool_of(virtual(first, second, services=(MARK,), protocol=None))
    place = Endpoint(IPv4Address("10.0.0.1"), 0)
    [layout] = layouts_of(pool)
    assert layout.destinations() == {place: Destination(place, 5, DR)}
    pool.members[second.endpoint].order(Admin.DISABLED, None)
    assert layout.destinations() == {place: Destination(place, 2, DR)}


def test_a_sorry_server_that_is_a_real_server_too() -> None:
    sorry = SorryServer(endpoint=endpoint("10.0.0.1"))
    pool = pool_of(virtual(real(1, weight=4), real(2, weight=4), quorum=5, sorry_server=sorry))
    [layout] = layouts_of(pool)
    weights = [each.weight for each in layout.destinations().values()]
    assert weights == [4, 4]
    pool.sorry_serves = True
    place = endpoint("10.0.0.1")
    assert layout.destinations() == {place: Destination(place, 1)}


def test_names() -> None:
    web = virtual(real(1), name="group web")
    names = virtual_names(
        [
            virtual(real(1)),
            web,
            replace(web, protocol=Protocol.UDP),
            virtual(real(1), name="fwmark 7", protocol=None, services=(MARK,)),
        ]
    )
    assert names == {
        "192.0.2.1 80 tcp": "[192.0.2.1]:tcp:80",
        "group web tcp": "[web]:0",
        "group web udp": "[web]:1",
        "fwmark 7": "FWM 7",
    }
    marked = pool_of(virtual(real(1), name="fwmark 7", protocol=None, services=(MARK,)))
    assert marked.members[endpoint("10.0.0.1")].name == "[10.0.0.1]:none:80"
