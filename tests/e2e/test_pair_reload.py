"""SIGHUP on a running pair: an address, a priority, an instance come and go, and nobody notices."""

from collections.abc import Iterable
from itertools import pairwise

import pytest

from halod.lab.advert_ear import AdvertEar, HeardAdvert
from halod.lab.lab import Lab
from halod.lab.patience import stays_true, wait_until
from halod.lab.tutorial_files import tutorial_text
from halod.lab.tutorial_lab import DUAL
from tests.kit.pair import (
    BUSY_S,
    LB01,
    LB02,
    NEEDS_LAB,
    RTNL_S,
    SKEW_S,
    TAKEOVER_S,
    VIP,
    VIP_OF_2,
    WITHIN_S,
    outage_of,
    set_up_pair,
    start_pair,
)

pytestmark = NEEDS_LAB

VIP_LINE = "192.168.178.3/24 dev ens33 label ens33:3"
ADDED = "192.168.178.77"
INTERVAL_S = 1.0


def add_address(text: str) -> str:
    return text.replace(VIP_LINE, f"{VIP_LINE}\n        {ADDED}/24 dev ens33")


def lower_priority(text: str) -> str:
    return text.replace("priority 150", "priority 90")


def longest_gap_s(adverts: Iterable[HeardAdvert]) -> float:
    instants = [advert.at_ns for advert in adverts]
    return max(after - before for before, after in pairwise(instants)) / 1e9


@pytest.mark.parametrize("order", [("lb01", "lb02"), ("lb02", "lb01")], ids="-then-".join)
def test_an_address_more_on_one_node_and_then_on_the_other(
    lab: Lab, order: tuple[str, str]
) -> None:
    """keepalived 2.2.7 drops adverts whose list differs, and both become MASTER."""
    pair = start_pair(lab, "halod", "halod")
    nodes = {"lb01": pair.lb01, "lb02": pair.lb02}
    ear = AdvertEar(lab.machine("web01"))
    with lab.probing(VIP) as recording:
        nodes[order[0]].reload(add_address)
        # Longer than any timer: were the other list refused, lb02 would be MASTER by then.
        assert stays_true(lambda: pair.owners() == ["lb01"], for_s=TAKEOVER_S + 0.5)
        nodes[order[1]].reload(add_address)
        assert wait_until(lambda: lab.owners(ADDED) == ["lb01"], WITHIN_S)
        assert stays_true(lambda: lab.owners(ADDED) == ["lb01"], for_s=2.0)
    adverts = ear.heard()
    ear.close()
    assert {advert.source for advert in adverts} == {LB01}
    assert {advert.priority for advert in adverts} == {150}
    assert longest_gap_s(adverts) < INTERVAL_S + BUSY_S
    report = lab.report(recording, VIP)
    assert (report.two_owners_s, report.no_owner_s) == (0, 0)
    assert report.outage_s < RTNL_S, [
        (o.seconds, (o.start_ns - report.start_ns) / 1e9) for o in report.outages
    ]
    for node in nodes.values():
        node.log.silent_about(r"Entering \w+ STATE")
    first = nodes[order[0]] if order[0] == "lb02" else nodes["lb02"]
    assert first.haloctl("status").returncode == 0


def test_a_file_with_a_mistake_keeps_what_runs_and_says_so(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod")
    before = pair.lb01.balancer.config_path.read_text()
    ear = AdvertEar(lab.machine("web01"))
    pair.lb01.edit(lambda text: text.replace("virtual_router_id 51", "virtual_router_id 510"))
    pair.lb01.balancer.reload()
    pair.lb01.log.expect(r"reload refused, what ran before runs on unchanged: .*:8:23: .*`510`")
    status = pair.lb01.haloctl("status")
    assert status.returncode == 1
    assert "alarm: the last reload was refused" in status.stdout
    assert "keepalived.conf:8:23" in status.stdout
    refused = pair.lb01.haloctl("reload")
    assert refused.returncode == 5
    assert "`510` is out of range for `virtual_router_id`" in refused.stdout + refused.stderr
    assert stays_true(lambda: pair.owners() == ["lb01"], for_s=2.0)
    pair.lb01.balancer.configure(before)
    assert pair.lb01.haloctl("reload").returncode == 0
    pair.lb01.log.expect("configuration reloaded")
    assert pair.lb01.haloctl("status").returncode == 0
    assert longest_gap_s(ear.heard()) < INTERVAL_S + BUSY_S
    ear.close()
    pair.lb01.expect_no_change()
    pair.lb02.expect_no_change()


def test_a_lower_priority_hands_over_without_a_gap(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod")
    report = lab.probe(
        VIP, TAKEOVER_S + 1.0, during=lambda: pair.lb01.reload(lower_priority), until="lb02"
    )
    assert pair.owners() == ["lb02"]
    assert report.answered_by == ["lb01", "lb02"]
    assert report.outage_s < RTNL_S, [
        (o.seconds, (o.start_ns - report.start_ns) / 1e9) for o in report.outages
    ]
    assert report.two_owners_s < RTNL_S
    pair.lb02.expect_state("MASTER", rf"{LB01} is MASTER with priority 90, below this node's 100")
    pair.lb01.expect_state("BACKUP", rf"{LB02} is MASTER with priority 100, above this node's 90")
    why = pair.lb01.haloctl("why").stdout
    assert f"{LB02} is MASTER with the higher priority 100 (ours 90)" in why


def test_an_instance_that_is_removed_resigns_and_the_other_is_untouched(lab: Lab) -> None:
    pair = set_up_pair(lab, "halod", "halod", lambda host: tutorial_text(f"{host}/{DUAL}"))
    pair.lb01.balancer.start()
    pair.lb02.balancer.start()
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    lab.wait_for_owner(VIP_OF_2, "lb02", WITHIN_S)
    pair.lb01.log.skip()
    pair.lb02.log.skip()
    ear = AdvertEar(lab.machine("web01"))
    with lab.probing(VIP, VIP_OF_2) as recording:
        pair.lb02.reload(lambda text: text[: text.index("vrrp_instance VI_2")])
        lab.wait_for_owner(VIP_OF_2, "lb01", WITHIN_S)
    assert lab.report(recording, VIP).outage_s < RTNL_S
    assert lab.report(recording, VIP_OF_2).outage_s == outage_of(SKEW_S)
    assert lab.report(recording, VIP_OF_2).two_owners_s == 0
    resigned = [a for a in ear.heard() if a.priority == 0]
    ear.close()
    assert [(a.source, a.virtual_router_id) for a in resigned] == [(LB02, 52)]
    pair.lb01.expect_state("MASTER", rf"{LB02} resigned \(priority 0\)", instance="VI_2")
    pair.lb01.expect_no_change()
    assert "VI_2" not in pair.lb02.haloctl("status").stdout
