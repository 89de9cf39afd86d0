"""Each promise is seen to be broken by an engine that breaks it."""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from halod.engine.ready import Ready
from halod.engine.vrrp_engine import VrrpEngine
from halod.model.address import IpAddress
from halod.model.effect import (
    Effect,
    GrantAddresses,
    OpenGate,
    RenewAddresses,
    RevokeAddresses,
    SendAdvert,
)
from halod.model.event import TimerFired
from halod.model.state import State
from halod.model.sync_group import VrrpSyncGroup
from halod.model.tracking import Tracked, TrackerId, TrackerKind
from halod.model.units import Duration, Instant
from halod.model.vrrp import LeaseMode, VrrpInstance
from halod.sim.fault import Crash, Fault, LinkDown, Pause, PauseAt, Restart, Stop, TrackerFails
from halod.sim.gate import Gate, GateMaker
from halod.sim.node import EngineMaker
from halod.sim.observation import Configured, Handled, Life, LifeChanged
from halod.sim.oracles.time import TimeOracle
from halod.sim.play import play
from halod.sim.scenario import LinkOptions, Scenario
from tests.sim.broken import Asleep, Deaf, Impatient, bent, each, without
from tests.sim.clusters import CALM_BEFORE, cluster, instance, node, pair, seconds, vip

CRASH = pair(Crash("lb01", CALM_BEFORE), lease=LeaseMode.ADDRESS)
BACK_AGAIN = pair(
    Stop("lb01", CALM_BEFORE),
    Restart("lb01", CALM_BEFORE + seconds(10)),
    lease=LeaseMode.ADDRESS,
)
GATED_CRASH = pair(Crash("lb01", CALM_BEFORE))
GATED_AGAIN = pair(Stop("lb01", CALM_BEFORE), Restart("lb01", CALM_BEFORE + seconds(10)))


def broken(
    scenario: Scenario, make_engine: EngineMaker = VrrpEngine, make_gate: GateMaker = Gate
) -> set[str]:
    """Names of the promises that do not hold; with the real engine all of them do."""
    assert not play(scenario).violations
    verdict = play(scenario, make_engine, make_gate=make_gate)
    return {name for name, _, held in verdict.promises if not held}


def lease_times(factor: int) -> Callable[[Effect], Effect]:
    def longer(effect: Effect) -> Effect:
        if isinstance(effect, GrantAddresses | RenewAddresses) and effect.lease is not None:
            return replace(effect, lease=effect.lease * factor)
        return effect

    return longer


INTERVAL = Duration.seconds(1)


class Stuck(Gate):
    """Opens, and never shuts."""

    def passes(self, address: IpAddress, interface: str) -> bool:
        return True


class Relative(Gate):
    """Takes a timeout, as nftables does: three intervals from when it is told."""

    def open(self, slot: str, until_ns: int) -> None:
        super().open(slot, self._clock.now_ns + (INTERVAL * 3).ns)


def later(milliseconds: int) -> Callable[[Effect], Effect]:
    def late(effect: Effect) -> Effect:
        if isinstance(effect, OpenGate):
            return replace(effect, until=effect.until + Duration.milliseconds(milliseconds))
        return effect

    return late


def endless(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """Grants for ever, and never renews."""
    kept = (effect for effect in effects if not isinstance(effect, RenewAddresses))
    return tuple(replace(e, lease=None) if isinstance(e, GrantAddresses) else e for e in kept)


def test_a_lease_that_never_ends() -> None:
    found = broken(CRASH, bent(endless))
    assert found == {"two owners", "address and state", "settling"}


def test_a_lease_that_is_too_long() -> None:
    assert broken(CRASH, each(lease_times(3))) == {"two owners", "address and state"}


def test_a_gate_that_never_shuts() -> None:
    """Behind it the address stands for 10 s more."""
    assert broken(GATED_CRASH, make_gate=Stuck) == {"two owners", "address and state"}
    assert broken(GATED_AGAIN, make_gate=Stuck) == set(), "a clean stop removes the addresses too"


def test_a_gate_that_shuts_a_millisecond_late() -> None:
    """The bound is 0.1 ms, and it is judged to that."""
    assert broken(GATED_CRASH, each(later(milliseconds=1))) == {"address and state"}
    assert broken(GATED_CRASH, each(later(milliseconds=700))) >= {"two owners"}


def test_a_stale_write() -> None:
    """A relative deadline counts from the write. Stopped before it, and killed just after."""
    stopped, woken = CALM_BEFORE, CALM_BEFORE + seconds(6)
    stronger = replace(node(1, instance(150, preempt=False)), starts_at=seconds(5))
    scenario = cluster(
        stronger,
        node(2, instance(100)),
        faults=(
            Pause("lb02", stopped, woken - stopped, PauseAt.ADVERT),
            Crash("lb02", woken + seconds(0.0001)),
        ),
    )
    assert broken(scenario, make_gate=Relative) == {"two owners", "address and state"}


def test_lost_openings() -> None:
    assert broken(GATED_CRASH, without(OpenGate)) >= {"address and state"}


def test_a_grant_past_the_gate() -> None:
    """Only the lifetime would bind it, and that is 10 s long."""

    def past(effect: Effect) -> Effect:
        return replace(effect, gate=None) if isinstance(effect, GrantAddresses) else effect

    assert broken(GATED_CRASH, each(past)) >= {"two owners", "way of the lease"}


def test_an_engine_that_takes_the_operators_address() -> None:
    operators = replace(node(1, instance(150)), foreign=(vip(),))
    scenario = cluster(operators, node(2, instance(100)), faults=(Stop("lb01", CALM_BEFORE),))

    def greedy(effect: Effect) -> Effect:
        if isinstance(effect, RevokeAddresses):
            return replace(effect, addresses=(vip(),))
        return effect

    assert broken(scenario, each(greedy)) == {"way of the lease"}


def test_lost_renewals() -> None:
    assert "settling" in broken(CRASH, without(RenewAddresses))


def test_lost_adverts() -> None:
    assert broken(CRASH, without(SendAdvert)) >= {"two owners", "order of effects"}


def test_lost_grants() -> None:
    assert broken(CRASH, without(GrantAddresses)) >= {"address and state", "order of effects"}


def test_lost_revocations() -> None:
    found = broken(BACK_AGAIN, without(RevokeAddresses))
    assert found >= {"two owners", "address and state", "order of effects"}


def test_effects_in_the_wrong_order() -> None:
    assert broken(CRASH, bent(lambda effects: effects[::-1])) >= {"order of effects"}


def test_a_node_that_never_preempts() -> None:
    def make(instances: tuple[VrrpInstance, ...], groups: tuple[VrrpSyncGroup, ...]) -> VrrpEngine:
        return VrrpEngine((replace(each, preempt=False) for each in instances), groups)

    assert broken(BACK_AGAIN, make) == {"settling"}


@pytest.mark.parametrize("kind", [Asleep, Impatient])
def test_a_wrong_deadline(kind: type[Asleep | Impatient]) -> None:
    def make(
        instances: tuple[VrrpInstance, ...], groups: tuple[VrrpSyncGroup, ...]
    ) -> Asleep | Impatient:
        return kind(instances, groups, lambda effects: effects)

    short = replace(CRASH, ends_at=seconds(2))
    assert "time" in broken(short, make)


def two_links(*faults: Fault, interval: Duration = INTERVAL) -> Scenario:
    """A sync group over two links; VI_2 advertises each `interval`."""
    group = VrrpSyncGroup(name="VG_1", members=("VI_1", "VI_2"))
    return cluster(
        *(
            replace(
                node(
                    index,
                    instance(priority),
                    instance(
                        priority,
                        name="VI_2",
                        interface="eth1",
                        virtual_router_id=52,
                        addresses=(replace(vip(1), interface="eth1"),),
                        advert_interval=interval,
                    ),
                ),
                links=tuple(
                    LinkOptions(
                        interface=f"eth{n}",
                        segment=f"eth{n}",
                        address=IPv4Address(f"198.18.{n}.{index}"),
                    )
                    for n in (0, 1)
                ),
                groups=(group,),
            )
            for index, priority in ((1, 150), (2, 100))
        ),
        faults=faults,
    )


def alone(instances: tuple[VrrpInstance, ...], groups: tuple[VrrpSyncGroup, ...]) -> VrrpEngine:
    """An engine that knows nothing of sync groups."""
    return VrrpEngine(instances)


def test_a_member_that_goes_its_own_way() -> None:
    down = LinkDown("lb01", CALM_BEFORE, seconds(10), "eth1")
    assert broken(two_links(down), alone) == {"sync groups"}


def test_a_member_that_outlives_the_others() -> None:
    crash = Crash("lb01", CALM_BEFORE * 3)
    assert broken(two_links(crash, interval=seconds(5)), alone) == {"sync groups"}


def test_time_that_goes_back() -> None:
    oracle = TimeOracle(CRASH)
    oracle.see(Configured(0, "lb01", (instance(150),)))
    oracle.see(LifeChanged(0, "lb01", Life.RUNNING))
    for now_ns in (2, 1):
        handled = Handled(
            now_ns,
            "lb01",
            TimerFired(),
            Instant(now_ns),
            Ready(),
            Instant(3),
            {"VI_1": State.INITIALIZE},
        )
        oracle.see(handled)
    assert [violation.at_ns for violation in oracle.violations] == [1]


@pytest.mark.parametrize("weight", [0, -60, 60])
def test_checks_that_nobody_heeds(weight: int) -> None:
    """Without a weight the mastership must end; with one the adverts must say less."""
    check = TrackerId(TrackerKind.SCRIPT, "chk_nginx")
    tracked = (Tracked(check, weight),)
    nodes = [
        node(number, replace(instance(priority), trackers=tracked))
        for number, priority in ((1, 150), (2, 100))
    ]
    fails = TrackerFails("lb01", CALM_BEFORE, check, seconds(10))
    scenario = cluster(*nodes, faults=(fails,))
    assert broken(scenario, lambda instances, groups: Deaf(instances, groups, tuple)) == {
        "trackers"
    }
