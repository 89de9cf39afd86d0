"""A sync group over two networks, halod and keepalived in both roles: all of it here, or all there.

The tutorial's instance outside, another one inside on eth1, as on a router between two networks.
"""

from collections.abc import Callable
from functools import partial

import pytest

from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from tests.kit.pair import (
    NEEDS_KEEPALIVED,
    SKEW_S,
    VIP,
    WITHIN_S,
    Pair,
    outage_of,
    start_pair,
    tutorial_config,
)
from tests.kit.second_lan import ETH1, SecondLan

pytestmark = NEEDS_KEEPALIVED

INSIDE = "10.11.0.3"
PROGRAMS = [
    pytest.param("halod", "halod", id="halod-twice"),
    pytest.param("halod", "keepalived", id="halod-then-keepalived"),
    pytest.param("keepalived", "halod", id="keepalived-then-halod"),
]
PRIORITY = {"lb01": 150, "lb02": 100}
LISTENS_AGAIN_S = 2 * WITHIN_S
"""A node that comes back listens first, and waits for the later one of its members."""


def grouped(host: str) -> str:
    return (
        f"{tutorial_config(host)}\n"
        "vrrp_sync_group VG_1 {\n    group {\n        VI_1\n        VI_2\n    }\n}\n"
        f"vrrp_instance VI_2 {{\n    interface {ETH1}\n    virtual_router_id 52\n"
        f"    priority {PRIORITY[host]}\n"
        f"    virtual_ipaddress {{\n        {INSIDE}/24\n    }}\n}}\n"
    )


def start(lab: Lab, lb01: str, lb02: str) -> tuple[Pair, SecondLan]:
    lan = SecondLan(lab, {"lb01": "10.11.0.1/24", "lb02": "10.11.0.2/24"})
    pair = start_pair(lab, lb01, lb02, grouped)
    expect_all(lab, lan, "lb01")
    return pair, lan


def expect_all(lab: Lab, lan: SecondLan, owner: str, within_s: float = WITHIN_S) -> None:
    """Both addresses stand there, and none on the other host."""

    def holds(host: str) -> tuple[bool, bool]:
        return VIP in lab.machine(host).vips(), lan.holds(host, INSIDE)

    other = "lb02" if owner == "lb01" else "lb01"
    settled = wait_until(
        lambda: (holds(owner), holds(other)) == ((True, True), (False, False)), within_s
    )
    assert settled, f"{owner}: {holds(owner)}, {other}: {holds(other)}"


def never_halves(lab: Lab, lan: SecondLan, act: Callable[[], None], owner: str) -> None:
    """After the act no two nodes hold a half each, at any look, until the owner has it all."""
    whole = (True, True, False, False) if owner == "lb01" else (False, False, True, True)
    act()
    seen: list[tuple[bool, bool, bool, bool]] = []

    def look() -> bool:
        held = tuple(
            held
            for host in ("lb01", "lb02")
            for held in (VIP in lab.machine(host).vips(), lan.holds(host, INSIDE))
        )
        assert len(held) == 4
        seen.append(held)
        return held == whole

    assert wait_until(look, LISTENS_AGAIN_S), seen[-1]
    assert (True, False, False, True) not in seen
    assert (False, True, True, False) not in seen


@pytest.mark.parametrize(("lb01", "lb02"), PROGRAMS)
def test_one_link_that_goes_down_moves_all_and_back(lab: Lab, lb01: str, lb02: str) -> None:
    pair, lan = start(lab, lb01, lb02)
    never_halves(lab, lan, partial(lan.carrier, "lb01", there=False), "lb02")
    # Which of the two tells first is the kernel's affair.
    pair.lb01.log.expect(r"\(VI_2\) Entering FAULT STATE", r"VRRP_Group\(VG_1\) Syncing .* FAULT")
    pair.lb02.log.expect(r"VRRP_Group\(VG_1\) Syncing instances to MASTER state")
    if lb01 == "halod":
        why = pair.lb01.haloctl("why", "VI_1").stdout
        assert "VI_2 of sync group VG_1 is in FAULT: interface eth1 is down" in why
        told = pair.lb01.haloctl("status").stdout
        assert "sync group VG_1: VI_1 and VI_2 are MASTER together or not at all" in told
    never_halves(lab, lan, partial(lan.carrier, "lb01", there=True), "lb01")
    pair.lb02.log.expect(r"VRRP_Group\(VG_1\) Syncing instances to BACKUP state")


@pytest.mark.parametrize(("lb01", "lb02"), PROGRAMS)
def test_a_stop_hands_all_over_after_the_skew_time(lab: Lab, lb01: str, lb02: str) -> None:
    pair, lan = start(lab, lb01, lb02)
    report = lab.probe(VIP, 2.0, during=pair.lb01.balancer.stop, until="lb02")
    assert report.answered_by == ["lb01", "lb02"]
    assert report.outage_s == outage_of(SKEW_S)
    expect_all(lab, lan, "lb02")


@pytest.mark.parametrize(("lb01", "lb02"), PROGRAMS)
def test_a_network_that_carries_nothing_gives_nobody_a_half(lab: Lab, lb01: str, lb02: str) -> None:
    """The backup of the one instance hears nobody, that of the other does: it waits with it."""
    pair, lan = start(lab, lb01, lb02)
    lan.darken()
    wait_until(lambda: False, WITHIN_S)
    expect_all(lab, lan, "lb01")
    if lb02 == "halod":
        why = pair.lb02.haloctl("why", "VI_2").stdout
        assert "it is ready to take over; but all of sync group VG_1 do it together" in why
    pair.lb01.balancer.stop()
    expect_all(lab, lan, "lb02")


@pytest.mark.parametrize("lb02", ["halod", "keepalived"])
def test_a_heartbeat_that_dies_loses_all_at_once(lab: Lab, lb02: str) -> None:
    pair, lan = start(lab, "halod", lb02)
    never_halves(lab, lan, pair.lb01.balancer.kill_all, "lb02")


def test_a_reload_that_makes_a_group_of_masters_goes_on(lab: Lab) -> None:
    lan = SecondLan(lab, {"lb01": "10.11.0.1/24", "lb02": "10.11.0.2/24"})
    begin = "vrrp_sync_group"
    end = "vrrp_instance VI_2"

    def without_group(text: str) -> str:
        return text[: text.index(begin)] + text[text.index(end) :]

    pair = start_pair(lab, "halod", "keepalived", lambda host: without_group(grouped(host)))
    expect_all(lab, lan, "lb01")
    report = lab.probe(VIP, 2.0, during=lambda: pair.lb01.reload(lambda _: grouped("lb01")))
    assert report.lost == 0
    expect_all(lab, lan, "lb01")
    lan.carrier("lb01", there=False)
    pair.lb01.log.expect(r"VRRP_Group\(VG_1\) Syncing instances to FAULT state")
