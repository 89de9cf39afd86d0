"""How long a takeover takes in virtual time: the formulas of the RFCs, and the last will."""

from ipaddress import IPv4Address

import pytest

from halod.model.unicast import Unicast, UnicastPeer
from halod.model.units import Duration
from halod.sim.allowance import handover_span, master_down
from halod.sim.fault import Crash, Fault, HeartbeatDies, Pause, Stop
from halod.sim.play import play
from halod.sim.scenario import Scenario
from tests.sim.clusters import CALM_BEFORE, OwnerLog, cluster, instance, node, pair, seconds

BACKUP_SKEW = seconds(156 / 256)
"""RFC 3768, 6.1: (256 - 100) / 256 s."""
HUNG = Duration.milliseconds(850)
"""How long a supervisor looks at a heartbeat that hangs."""


@pytest.mark.parametrize(
    ("fault", "longest"),
    [
        (Stop("lb01", CALM_BEFORE), BACKUP_SKEW),
        (HeartbeatDies("lb01", CALM_BEFORE), BACKUP_SKEW),
        (HeartbeatDies("lb01", CALM_BEFORE, hangs=True), HUNG + BACKUP_SKEW),
    ],
)
def test_who_resigns_is_followed_after_skew_time(fault: Fault, longest: Duration) -> None:
    """RFC 3768, 6.4.2: on priority 0 the backup waits Skew_Time only."""
    log = OwnerLog()
    scenario = pair(fault)
    assert not play(scenario, watchers=[log.see]).violations
    took = Duration(log.backup_came_ns) - CALM_BEFORE
    assert longest <= took < longest + handover_span(scenario)


@pytest.mark.parametrize(
    "fault", [Crash("lb01", CALM_BEFORE), Pause("lb01", CALM_BEFORE, seconds(9))]
)
def test_who_falls_silent_is_followed_after_master_down(fault: Fault) -> None:
    """RFC 3768, 6.1: Master_Down_Interval, counted from the last advert."""
    log = OwnerLog()
    scenario = pair(fault)
    assert not play(scenario, watchers=[log.see]).violations
    down = master_down(scenario.nodes[1].instances[0])
    took = Duration(log.backup_came_ns) - CALM_BEFORE
    assert down - Duration.seconds(1) <= took < down + handover_span(scenario)


def unicast_pair(*faults: Fault, peer_of_lb01: int = 2) -> Scenario:
    """As `pair`, over unicast."""

    def to(index: int) -> Unicast:
        return Unicast(peers=(UnicastPeer(IPv4Address(f"198.18.0.{index}")),))

    nodes = [
        node(1, instance(150, unicast=to(peer_of_lb01))),
        node(2, instance(100, unicast=to(1))),
    ]
    return cluster(*nodes, faults=faults)


@pytest.mark.parametrize(
    ("fault", "longest"),
    [
        (Stop("lb01", CALM_BEFORE), BACKUP_SKEW),
        (HeartbeatDies("lb01", CALM_BEFORE), BACKUP_SKEW),
    ],
)
def test_a_unicast_peer_follows_who_resigns(fault: Fault, longest: Duration) -> None:
    log = OwnerLog()
    scenario = unicast_pair(fault)
    assert not play(scenario, watchers=[log.see]).violations
    took = Duration(log.backup_came_ns) - CALM_BEFORE
    assert longest <= took < longest + handover_span(scenario)


def test_what_goes_to_another_address_is_not_heard() -> None:
    log = OwnerLog()
    assert play(unicast_pair(peer_of_lb01=9), watchers=[log.see]).violations
    assert Duration(log.backup_came_ns) < CALM_BEFORE
