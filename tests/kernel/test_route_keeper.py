"""Routes that prefer a virtual address go with it, and come back with it."""

from collections.abc import Callable

import pytest

from halod.kernel import route_keeper
from halod.kernel.addresses import Addresses
from halod.kernel.route_keeper import ROUTES_MAX, RouteKeeper
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.lab.patience import wait_until
from halod.model.units import Duration
from tests.kit.build import ETH, VIP, VIP2, S
from tests.kit.host import Host

pytestmark = pytest.mark.needs_netns

MINUTE = Duration.seconds(60)
SOURCE = str(VIP.address)


class Router:
    """A host with one virtual address up, and what keeps its routes."""

    def __init__(self, host: Host) -> None:
        self.host = host
        requests = host.open(RtnetlinkSocket)
        self.keeper = host.open(lambda: RouteKeeper(requests))
        self.addresses = Addresses(requests)
        self.addresses.indexes = {ETH: host.index()}
        self.addresses.grant([VIP], MINUTE)

    def add(self, *words: str) -> None:
        self.host.ip("route", "add", *words)

    def routes(self) -> list[str]:
        """Routes with the virtual address as their source, but for those that the kernel makes."""
        lines = self.host.ip("route", "show", "table", "all").splitlines()
        return sorted(
            line.strip()
            for line in lines
            if f"src {SOURCE}" in line and "proto kernel" not in line and "local" not in line
        )

    def take_down(self) -> None:
        self.keeper.follow()
        self.addresses.revoke(self.addresses.place([VIP]))

    def put_up(self) -> None:
        self.addresses.grant([VIP], MINUTE)
        self.keeper.follow()
        self.keeper.restore({VIP.address})


@pytest.fixture
def router(host: Host) -> Router:
    return Router(host)


NEXT_HOP = ("nexthop", "via")
DEFAULT = ("default", "via", "192.168.178.1", "dev", ETH, "src", SOURCE)


@pytest.mark.parametrize(
    "words",
    [
        DEFAULT,
        (*DEFAULT, "metric", "50", "tos", "0x10"),
        ("10.0.0.0/8", "dev", ETH, "scope", "link", "src", SOURCE, "mtu", "1400"),
        ("10.0.0.0/8", "src", SOURCE, *NEXT_HOP, "192.168.178.1", *NEXT_HOP, "192.168.178.2"),
    ],
    ids=["default", "metric-and-tos", "on-link-with-mtu", "two-ways"],
)
@pytest.mark.parametrize("watched", ["before", "after"])
def test_a_route_comes_back_as_it_was(router: Router, words: tuple[str, ...], watched: str) -> None:
    if watched == "before":
        router.keeper.watch({VIP.address})
    router.add(*words)
    router.keeper.watch({VIP.address})
    before = router.routes()
    assert before
    router.take_down()
    assert router.routes() == []
    router.put_up()
    assert router.routes() == before


def test_a_route_comes_back_after_a_lapse(router: Router) -> None:
    router.keeper.watch({VIP.address})
    router.add(*DEFAULT)
    before = router.routes()
    router.addresses.renew([VIP], S)
    assert wait_until(lambda: router.routes() == [], 4)
    router.put_up()
    assert router.routes() == before


@pytest.mark.parametrize("watched", ["before", "after"])
def test_a_route_that_somebody_removed_stays_away(router: Router, watched: str) -> None:
    if watched == "before":
        router.keeper.watch({VIP.address})
    router.add(*DEFAULT)
    router.keeper.watch({VIP.address})
    router.host.ip("route", "del", "default")
    router.take_down()
    router.put_up()
    assert router.routes() == []


@pytest.mark.parametrize("source", [["src", SOURCE], []], ids=["ours", "no source"])
def test_a_route_that_was_replaced_comes_back_as_it_was_last(
    router: Router, source: list[str]
) -> None:
    router.keeper.watch({VIP.address})
    router.add(*DEFAULT)
    router.add("10.0.0.0/8", "dev", ETH, "src", SOURCE)
    router.host.ip("route", "replace", "default", "via", "192.168.178.2", "dev", ETH, *source)
    before = router.routes()
    assert len(before) == 1 + len(source) // 2
    router.take_down()
    router.put_up()
    assert router.routes() == before


def test_what_stands_already_is_left(router: Router) -> None:
    router.keeper.watch({VIP.address})
    router.add(*DEFAULT)
    router.take_down()
    router.add("default", "via", "192.168.178.9", "dev", ETH)
    router.put_up()
    assert router.routes() == []
    assert "192.168.178.9" in router.host.ip("route", "show", "default")


def test_routes_of_other_addresses_are_no_business_of_ours(router: Router) -> None:
    router.addresses.grant([VIP2], MINUTE)
    router.keeper.watch({VIP.address})
    router.add("10.0.0.0/8", "dev", ETH, "src", str(VIP2.address))
    router.add("10.1.0.0/16", "dev", ETH)
    router.keeper.follow()
    assert router.keeper._kept == {}


def test_a_busy_routing_daemon_does_not_overrun_us(
    router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    """We look once a second, and a full table may change by thousands of routes in that time."""
    taken = count_dumps(router, monkeypatch)
    router.keeper.watch({VIP.address})
    assert len(taken) == 1
    lines = [f"route add 10.{i // 250}.{i % 250}.0/24 dev {ETH}" for i in range(3000)]
    for _ in range(3):
        router.host.namespace.ip_batch(lines)
        router.keeper.follow()
        router.host.namespace.ip_batch([line.replace("add", "del") for line in lines])
        router.keeper.follow()
    router.add(*DEFAULT)
    router.keeper.follow()
    assert len(router.keeper._kept) == 1, "the news are read to their end"
    assert len(taken) == 1


def count_dumps(router: Router, monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One entry for each time that the whole table is read."""
    taken: list[None] = []
    whole: Callable[[], None] = router.keeper._take_all

    def counted() -> None:
        taken.append(None)
        whole()

    monkeypatch.setattr(router.keeper, "_take_all", counted)
    return taken


def test_an_overrun_is_mended_by_reading_the_table(router: Router) -> None:
    router.keeper.watch({VIP.address})
    router.keeper._news.setsockopt(1, 8, 1)  # SOL_SOCKET, SO_RCVBUF: the least there is
    router.host.namespace.ip_batch([f"route add 10.0.{i}.0/24 dev {ETH}" for i in range(50)])
    router.add(*DEFAULT)
    before = router.routes()
    router.take_down()
    router.put_up()
    assert router.routes() == before


def test_what_is_remembered_is_bounded(router: Router) -> None:
    router.keeper.watch({VIP.address})
    router.host.namespace.ip_batch(
        [
            f"route add 10.{i // 250}.{i % 250}.0/24 dev {ETH} src {SOURCE}"
            for i in range(ROUTES_MAX + 100)
        ]
    )
    router.keeper.follow()
    assert len(router.keeper._kept) == ROUTES_MAX
    assert route_keeper.DRAIN_MAX > ROUTES_MAX
