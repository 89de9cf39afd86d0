"""Routes and rules beside keepalived: one file makes the same tables, and leaves none."""

import pytest

from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from tests.kit.pair import NEEDS_KEEPALIVED, VIP, WITHIN_S, Node, changed, start_pair

pytestmark = NEEDS_KEEPALIVED

STATIC = """\
static_ipaddress {
    10.9.1.5/24 dev ens33
}
static_routes {
    10.20.0.0/16 via 192.168.178.1
    10.22.0.0/16 via 192.168.178.1 dev ens33 metric 50 table 100 src 10.9.1.5
    blackhole 10.23.0.0/16
}
static_rules {
    from 10.77.0.0/16 table 100
    to 10.78.0.0/16 table 100 priority 500
}
"""
MOVING = """\
    virtual_routes {
        192.168.1.0/24 via 192.168.178.1
        src 192.168.178.3 to 192.168.2.0/24 via 192.168.178.1 dev ens33
        src 192.168.178.3 192.168.3.0/24 gw 192.168.178.1 dev ens33 metric 5
        192.168.4.0/24 dev ens33
        blackhole 192.168.5.0/24
        unreachable 192.168.6.0/24 metric 9
        default via 192.168.178.1 table 200
        0.0.0.0/0 via 192.168.178.2 table 2010 no_track
        192.168.7.0/24 via 192.168.178.1 mtu lock 1400 tos 8
        192.168.8.0/24 via 10.10.0.2 dev ens33 onlink
        192.168.9.0/24 nexthop via 192.168.178.1 weight 2 nexthop via 192.168.178.2 dev ens33
        192.168.10.5 via 192.168.178.1
        192.168.11.0/24 via 192.168.178.1 dev ens33 advmss 1000 window 3000 initcwnd 4
        via 192.168.178.1 192.168.14.0/24 preference 7 scope global
    }
    virtual_rules {
        from 192.168.2.0/24 table 1
        to 192.168.3.0/24 table 1
        from 192.168.4.0/24 to 192.168.5.0/24 lookup 7 priority 1000
        iif ens33 table 9
        fwmark 0x10/0xff table 9 preference 900
        not from 10.1.0.0/16 table 9
        from 10.3.0.0/16 blackhole
        from 10.4.0.0/16 goto 1000 priority 990
        tos 0x10 table 9
        uidrange 1000-2000 table 9
        dport 80-81 sport 1000-2000 ipproto tcp table 9
        to all table 12
        oif ens33 table 8 suppress_prefixlength 0
        from 10.5.0.0/16 nop
        from 10.6.0.0/16 realms 3/4 table 9
    }
"""
CONFIG = changed(
    ("vrrp_instance VI_1 {", f"{STATIC}vrrp_instance VI_1 {{"),
    ("    virtual_ipaddress {", f"{MOVING}    virtual_ipaddress {{"),
)
REFUSED = """\
    virtual_routes {
        10.1.0.0/16 via 203.0.113.1
        10.2.0.0/16 dev ens33 table nosuch
    }
"""
OPERATORS = ("192.168.1.0/24", "via", "192.168.178.9")
"""A route of the operator's to where one of the file leads, too."""


def tables(node: Node) -> list[str]:
    """Routes and rules that bear keepalived's protocol, as `ip` shows them."""
    namespace = node.balancer.machine.namespace
    routes = namespace.ip("-d", "route", "show", "table", "all", "proto", "keepalived")
    rules = namespace.ip("-d", "rule")
    each = [line.strip() for line in routes.splitlines()]
    return sorted(filter(None, each)) + [line for line in rules.splitlines() if "keepali" in line]


def route_of(node: Node, destination: str) -> list[str]:
    shown = node.balancer.machine.namespace.ip("route", "show", destination)
    return [line.strip() for line in shown.splitlines()]


@pytest.mark.parametrize(
    ("lb01", "lb02"), [("halod", "keepalived"), ("keepalived", "halod"), ("halod", "halod")]
)
def test_the_same_file_makes_the_same_tables(lab: Lab, lb01: str, lb02: str) -> None:
    for name in ("lb01", "lb02"):
        lab.machine(name).namespace.ip("route", "add", *OPERATORS)
    pair = start_pair(lab, lb01, lb02, CONFIG)
    static = tables(pair.lb02)
    assert len(static) == 5, "the backup has what is static"
    assert wait_until(lambda: len(tables(pair.lb01)) > 30, WITHIN_S)
    of_lb01 = tables(pair.lb01)
    assert len(route_of(pair.lb01, "192.168.1.0/24")) == 2, "the operator's stays beside it"
    pair.lb01.balancer.stop()
    lab.wait_for_owner(VIP, "lb02", WITHIN_S)
    assert wait_until(lambda: tables(pair.lb02) == of_lb01, WITHIN_S), tables(pair.lb02)
    assert tables(pair.lb01) == []
    assert route_of(pair.lb01, "192.168.1.0/24") == ["192.168.1.0/24 via 192.168.178.9 dev ens33"]
    assert "10.9.1.5" not in pair.lb01.balancer.machine.namespace.ip("address")
    for node in (pair.lb01, pair.lb02):
        if node.is_halod:
            node.log.silent_about("routes of|static addresses")


def test_a_heartbeat_that_dies_leaves_no_way_and_what_is_static(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod", CONFIG)
    assert wait_until(lambda: len(tables(pair.lb01)) > 30, WITHIN_S)
    seen: list[int] = []

    def watched() -> bool:
        seen.append(len(tables(pair.lb01)))
        return seen[-1] == 5

    pair.lb01.balancer.kill_heartbeat()
    assert wait_until(watched, WITHIN_S, 0.01), seen
    assert min(seen) == 5, "what is static stood all the time"
    lab.wait_for_owner(VIP, "lb02", WITHIN_S)


def test_a_link_that_comes_back_gets_its_routes_again(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod", CONFIG)
    assert wait_until(lambda: len(tables(pair.lb01)) > 30, WITHIN_S)
    before = tables(pair.lb01)
    lab.faults.link_down("lb01")
    pair.lb01.expect_state("FAULT", "interface ens33 is down or has no carrier")
    lab.faults.link_up("lb01")
    pair.lb01.expect_state("MASTER", "")
    assert wait_until(lambda: tables(pair.lb01) == before, WITHIN_S), tables(pair.lb01)


def test_a_reload_moves_what_changed(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod", CONFIG)
    assert wait_until(lambda: len(tables(pair.lb01)) > 30, WITHIN_S)
    before = set(tables(pair.lb01))
    pair.lb01.edit(
        lambda text: text.replace("blackhole 192.168.5.0/24", "blackhole 192.168.55.0/24").replace(
            "blackhole 10.23.0.0/16", "prohibit 10.23.0.0/16"
        )
    )
    pair.lb01.balancer.reload()
    pair.lb01.log.expect(r"routes and rules -blackhole 192.168.5.0/24, \+blackhole 192.168.55.0/24")

    def moved() -> bool:
        now = set(tables(pair.lb01))
        return len(before - now) == len(now - before) == 2

    assert wait_until(moved, WITHIN_S), before ^ set(tables(pair.lb01))


def test_what_the_kernel_refuses_is_told_and_the_addresses_serve(lab: Lab) -> None:
    refused = changed(
        ("    virtual_ipaddress {", f"{REFUSED}    virtual_ipaddress {{"),
    )
    pair = start_pair(lab, "halod", "halod", refused)
    pair.lb01.log.expect(
        r"routes of VI_1: 10\.2\.0\.0/16 dev ens33 table nosuch: no routing table has the name "
        r"nosuch; 10\.1\.0\.0/16 via 203\.0\.113\.1: Network is unreachable"
    )
    assert lab.owners(VIP) == ["lb01"]
    told = pair.lb01.haloctl("status")
    assert "Network is unreachable" in told.stdout
