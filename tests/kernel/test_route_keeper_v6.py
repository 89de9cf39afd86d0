"""Routes of IPv6 that prefer a virtual address: the kernel leaves them without their source."""

from __future__ import annotations

from ipaddress import IPv6Address

import pytest

from halod.kernel.addresses import Addresses
from halod.kernel.route_keeper import RouteKeeper
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.lab.patience import wait_until
from halod.model.address import VirtualAddress
from halod.model.units import Duration
from tests.kit.build import ETH, S
from tests.kit.host import Host

pytestmark = pytest.mark.needs_netns

MINUTE = Duration.seconds(60)
SOURCE = "fd00:178::3"
VIP = VirtualAddress(IPv6Address(SOURCE), 128, ETH)
WAY = ("via", "fd00:178::1", "dev", ETH)
TO = "fd01::/64"


class Router:
    """A host with one virtual address of IPv6 up, and what keeps its routes."""

    def __init__(self, host: Host) -> None:
        self.host = host
        host.ip("address", "add", "fd00:178::130/64", "dev", ETH, "nodad")
        requests = host.open(RtnetlinkSocket)
        self.keeper = host.open(lambda: RouteKeeper(requests))
        self.addresses = Addresses(requests)
        self.addresses.indexes = {ETH: host.index()}
        self.addresses.grant([VIP], MINUTE)
        self.keeper.watch({VIP.address})

    def ip(self, *words: str) -> str:
        return self.host.ip("-6", *words)

    def add(self, *words: str) -> None:
        self.ip("route", "add", *words)

    def routes(self) -> list[str]:
        """All that somebody has set."""
        shown = self.ip("route", "show", "table", "all").replace("\n\t", " ").splitlines()
        ours = ("proto kernel", "local", "multicast", "anycast")
        return sorted(" ".join(x.split()) for x in shown if not any(word in x for word in ours))

    def take_down(self) -> None:
        self.keeper.follow()
        self.addresses.revoke(self.addresses.place([VIP]))
        assert not any(SOURCE in route for route in self.routes()), "the kernel has taken it off"

    def put_up(self) -> None:
        self.addresses.grant([VIP], MINUTE)
        self.host.call(self._restore)

    def _restore(self) -> None:
        self.keeper.follow()
        self.keeper.restore({VIP.address})


@pytest.fixture
def router(host: Host) -> Router:
    return Router(host)


NEXT_HOPS = ("nexthop", *WAY, "nexthop", "via", "fd00:178::2", "dev", ETH)


@pytest.mark.parametrize(
    "words",
    [
        ("default", *WAY, "src", SOURCE),
        (TO, "dev", ETH, "src", SOURCE, "metric", "50", "proto", "static", "mtu", "1400"),
        (TO, "src", SOURCE, *NEXT_HOPS),
        (TO, *WAY, "src", SOURCE, "table", "1000"),
    ],
    ids=["default", "on-link", "two-ways", "another-table"],
)
def test_a_route_gets_its_source_back(router: Router, words: tuple[str, ...]) -> None:
    router.add(*words)
    before = router.routes()
    router.take_down()
    assert len(router.routes()) == len(before), "the route stays"
    router.put_up()
    assert router.routes() == before


def test_it_gets_it_back_each_time(router: Router) -> None:
    router.add(TO, *WAY, "src", SOURCE)
    before = router.routes()
    for _ in range(3):
        router.take_down()
        router.put_up()
    assert router.routes() == before


def test_it_gets_it_back_after_a_lapse(router: Router) -> None:
    router.add(TO, *WAY, "src", SOURCE)
    before = router.routes()
    router.addresses.renew([VIP], S)
    assert wait_until(lambda: router.routes() != before, 5)
    router.put_up()
    assert router.routes() == before


def test_one_that_went_with_its_link_comes_back(router: Router) -> None:
    router.add(TO, *WAY, "src", SOURCE)
    before = router.routes()
    router.host.ip("link", "set", ETH, "down")
    router.host.ip("link", "set", ETH, "up")
    router.host.ip("address", "add", "fd00:178::130/64", "dev", ETH, "nodad")
    assert router.routes() == []
    router.put_up()
    assert router.routes() == before


@pytest.mark.parametrize("when", ["before", "after"])
def test_one_that_somebody_removed_stays_away(router: Router, when: str) -> None:
    router.add(TO, *WAY, "src", SOURCE)
    if when == "after":
        router.take_down()
    router.ip("route", "del", TO)
    if when == "before":
        router.take_down()
    router.put_up()
    assert router.routes() == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_one_that_somebody_replaced_stays_as_it_is(router: Router, when: str) -> None:
    router.add(TO, *WAY, "src", SOURCE)
    if when == "after":
        router.take_down()
    router.ip("route", "replace", TO, "via", "fd00:178::9", "dev", ETH)
    replaced = router.routes()
    if when == "before":
        router.take_down()
    router.put_up()
    assert router.routes() == replaced


def test_one_that_is_there_anew_without_a_source_is_left(router: Router) -> None:
    router.add(TO, *WAY, "src", SOURCE)
    router.take_down()
    router.ip("route", "del", TO)
    router.add(TO, *WAY)
    anew = router.routes()
    router.put_up()
    assert router.routes() == anew


def test_an_overrun_is_mended_by_reading_both_tables(router: Router) -> None:
    router.add(TO, *WAY, "src", SOURCE)
    router.keeper.follow()
    router.keeper._news.setsockopt(1, 8, 1)  # SOL_SOCKET, SO_RCVBUF: the least there is
    router.host.namespace.ip_batch([f"route add fd02:{i}::/64 dev {ETH}" for i in range(1, 50)])
    router.add("fd03::/64", *WAY, "src", SOURCE)
    before = router.routes()
    router.take_down()
    router.put_up()
    assert router.routes() == before


def test_no_news_of_ipv6_come_where_no_address_needs_them(host: Host) -> None:
    requests = host.open(RtnetlinkSocket)
    keeper = host.open(lambda: RouteKeeper(requests))
    host.ip("-6", "route", "add", TO, "dev", ETH)
    with pytest.raises(BlockingIOError):
        keeper._news.recv(4096)
