"""Routes and rules in a real kernel: what `ip` shows is what was asked for.

IPv4 is played beside keepalived in tests/interop/test_routes.py.
"""

from ipaddress import IPv4Network, IPv6Address, IPv6Network
from pathlib import Path

import pytest

from halod.kernel.route_tables import TableNames
from halod.kernel.routing_table import RoutingTable
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.model.routing import NextHop, Route, RouteKind, Routing, Rule, RuleAction
from tests.kit.build import ETH
from tests.kit.host import FAR, Host

needs_netns = pytest.mark.needs_netns


@pytest.fixture
def table(host: Host) -> RoutingTable:
    indexes = {name: host.index(name) for name in (ETH, FAR)}
    return RoutingTable(host.open(RtnetlinkSocket), indexes)


@needs_netns
def test_routes_and_rules_of_ipv6(host: Host, table: RoutingTable) -> None:
    host.ip("-6", "address", "add", "2001:db8::5/64", "dev", ETH, "nodad")
    routing = Routing(
        (
            Route(
                destination=IPv6Network("2001:db8:1::/48"),
                hops=(NextHop(IPv6Address("2001:db8::1")),),
                metric=7,
            ),
            Route(destination=IPv6Network("2001:db8:2::/48"), kind=RouteKind.BLACKHOLE, table=77),
        ),
        (
            Rule(
                preference=900,
                is_ipv6=True,
                source=IPv6Network("2001:db8:9::/48"),
                table=77,
                mark=0x1,
            ),
        ),
    )
    assert table.install(routing) == []
    assert table.install(routing) == [], "it stands already"
    shown = host.ip("-6", "route", "show", "proto", "keepalived")
    assert f"2001:db8:1::/48 via 2001:db8::1 dev {ETH} metric 7" in shown
    assert "blackhole 2001:db8:2::/48" in host.ip("-6", "route", "show", "table", "77")
    rules = [line for line in host.ip("-6", "rule").splitlines() if "keepalived" in line]
    assert rules == [
        "900:\tfrom 2001:db8:9::/48 fwmark 0x1 lookup 77 proto keepalived",
    ]
    assert table.remove(routing) == []
    assert host.ip("-6", "route", "show", "table", "all", "proto", "keepalived") == ""
    assert "keepalived" not in host.ip("-6", "rule")
    assert table.remove(routing) == [], "it is gone already"


@needs_netns
def test_an_equal_rule_of_the_operator_stays(host: Host, table: RoutingTable) -> None:
    host.ip("rule", "add", "from", "10.1.0.0/16", "table", "7", "preference", "50")
    rule = Rule(preference=50, source=IPv4Network("10.1.0.0/16"), table=7)
    assert table.install(Routing(rules=(rule,))) == []
    assert table.remove(Routing(rules=(rule,))) == []
    assert "50:\tfrom 10.1.0.0/16 lookup 7" in host.ip("rule")


@needs_netns
def test_one_that_cannot_be_set_keeps_no_other_from_it(host: Host, table: RoutingTable) -> None:
    good = Route(destination=IPv4Network("10.2.0.0/16"), hops=(NextHop(interface=ETH),))
    routing = Routing(
        (
            Route(destination=IPv4Network("10.1.0.0/16"), hops=(NextHop(interface="nosuch"),)),
            Route(destination=IPv4Network("10.3.0.0/16"), hops=(NextHop(interface=FAR),), tos=255),
            good,
        ),
        (Rule(preference=1, action=RuleAction.GOTO, target=0),),
    )
    refused = table.install(routing)
    assert refused[0] == "10.1.0.0/16 dev nosuch: no interface nosuch"
    assert [line.partition(":")[0] for line in refused[1:]] == [
        f"10.3.0.0/16 dev {FAR}",
        "from all goto 0 preference 1",
    ]
    assert host.ip("route", "show", "proto", "keepalived").split()[0] == "10.2.0.0/16"


def test_names_of_tables(tmp_path: Path) -> None:
    more = tmp_path / "rt_tables.d"
    more.mkdir()
    (tmp_path / "rt_tables").write_text("# reserved\n254\tmain\n0x10 vpn # ours\nbroken\nx y\n")
    (more / "a.conf").write_text("300 other\n300 other\n")
    (more / "a.txt").write_text("301 unread\n")
    names = TableNames((tmp_path / "nowhere", tmp_path))
    wanted: dict[int | str, int | None] = {
        "main": 254,
        "local": 255,
        "vpn": 16,
        "other": 300,
        "unread": None,
        7: 7,
    }
    assert {name: names.number(name) for name in wanted} == wanted
