"""Masters that go on: the short way of their adverts ends where the long way ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halod.engine.ready import Ready
from halod.engine.routines import Routines
from halod.engine.timers import TimerHeap
from halod.engine.vrrp_engine import VrrpEngine
from halod.model.effect import Effect, OpenGate, RenewAddresses, SendAdvert
from halod.model.event import (
    AddressLost,
    AdvertSendFailed,
    Event,
    GateObserved,
    Granted,
    GrantFailed,
    LinkObserved,
    LossBy,
    Reconfigured,
    Started,
    StopRequested,
    TimerFired,
    TrackerReported,
)
from halod.model.fact import Fact
from halod.model.hmac_policy import HmacKey, HmacPolicy
from halod.model.sync_group import VrrpSyncGroup
from halod.model.units import Duration
from halod.model.vrrp import GarpPolicy, LeaseMode, VrrpInstance, VrrpVersion
from halod.vrrp.lease import BACKSTOP_EVERY
from halod.vrrp.machine import VirtualRouter
from tests.kit.build import (
    CHECK,
    ETH,
    LB01,
    LB02,
    LB03,
    MS,
    VIP,
    VIP2,
    S,
    at,
    instance,
    link,
    received,
    tracks,
    unicast,
)

FAST = instance(version=VrrpVersion.V3, password=None, advert_interval=MS * 100)
BESIDE = instance(
    name="VI_2",
    virtual_router_id=52,
    addresses=(VIP2,),
    version=VrrpVersion.V3,
    password=None,
    advert_interval=MS * 100,
)


class NoRoutines(Routines):
    """Nobody goes on: each advert is looked up in the table."""

    def take(self, router: VirtualRouter) -> None:
        self.forget(router.name)


class LongWay(VrrpEngine):
    """What is compared with."""

    def __init__(
        self, instances: Iterable[VrrpInstance], groups: Iterable[VrrpSyncGroup] = ()
    ) -> None:
        super().__init__(instances, groups)
        self._timers = TimerHeap(NoRoutines())


def started(engine: VrrpEngine) -> VrrpEngine:
    """MASTER behind a gate; what has come due until 5 s is done."""
    engine.handle(LinkObserved(link(LB02)), at(0))
    engine.handle(GateObserved(ETH, LeaseMode.BPF, hangs=True), at(0))
    engine.handle(Started(), at(0))
    while (due := engine.deadline()) is not None and due <= at(5):
        engine.handle(TimerFired(), due)
    return engine


def by_instance(ready: Ready) -> dict[str, list[Effect | Fact]]:
    """What each instance wants and tells, in its order; which of several comes first means
    nothing. What belongs to none of them stands under the empty name."""
    found: dict[str, list[Effect | Fact]] = {}
    for each in (*ready.effects, *ready.facts):
        found.setdefault(getattr(each, "instance", ""), []).append(each)
    return found


def test_a_master_that_goes_on_costs_no_effect() -> None:
    engine = started(VrrpEngine([FAST, BESIDE]))
    due = engine.deadline()
    assert due is not None
    ready = engine.handle(TimerFired(), due)
    assert (ready.before, ready.after, ready.facts) == ((), (), ())
    assert [len(each.routines) for each in ready.rounds] == [2]
    [first, second, *opened] = ready.effects
    assert isinstance(first, SendAdvert)
    assert isinstance(second, SendAdvert)
    until = due + MS * 300
    assert opened == [
        OpenGate("VI_1", 1, LeaseMode.BPF, until),
        OpenGate("VI_2", 1, LeaseMode.BPF, until),
    ]
    assert engine.deadline() == due + MS * 100


def test_lifetimes_are_renewed_all_the_same() -> None:
    engine = started(VrrpEngine([FAST]))
    renewed = []
    while (due := engine.deadline()) is not None and due < at(16):
        ready = engine.handle(TimerFired(), due)
        assert [type(e) for e in ready.effects][:2] == [SendAdvert, OpenGate]
        renewed += [due for e in ready.effects if isinstance(e, RenewAddresses)]
    assert [later - sooner for sooner, later in pairwise(renewed)] == [BACKSTOP_EVERY] * 3


@pytest.mark.parametrize(
    "event",
    [
        Reconfigured((FAST, BESIDE)),
        LinkObserved(link(LB03)),
        AdvertSendFailed("VI_1", "no buffer"),
        AddressLost(VIP.address, ETH, LossBy.SOMEBODY),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_happens_to_a_router_counts_at_once(event: Event) -> None:
    """Its advert has another source, or earns another lease: nothing of the routine is left."""
    short, long = started(VrrpEngine([FAST])), started(LongWay([FAST]))
    for engine in (short, long):
        engine.handle(event, at(5.05))
    for _ in range(5):
        due = long.deadline()
        assert due is not None
        assert short.deadline() == due
        assert by_instance(short.handle(TimerFired(), due)) == by_instance(
            long.handle(TimerFired(), due)
        )


def test_what_was_due_first_is_done_first() -> None:
    """The answer to a rival, put off, stands for the advert that was due after it."""
    short, long = started(VrrpEngine([FAST])), started(LongWay([FAST]))
    weaker = received(FAST, LB01, 91)
    for engine in (short, long):
        engine.handle(weaker, at(5))
        engine.handle(weaker, at(5))
    late = at(5.19)
    ready = short.handle(TimerFired(), late)
    assert by_instance(ready) == by_instance(long.handle(TimerFired(), late))
    assert len([e for e in ready.effects if isinstance(e, SendAdvert)]) == 1


def test_one_that_slept_past_its_lease_does_not_go_on() -> None:
    engine = started(VrrpEngine([FAST]))
    ready = engine.handle(TimerFired(), at(5.5))
    assert ready.rounds == ()
    assert [e.priority for e in ready.effects if isinstance(e, SendAdvert)] == [0]


POLICY = HmacPolicy(keys=(HmacKey(1, bytes(range(32))),), active=1, window=S * 5)


def test_in_a_sync_group_each_advert_is_looked_at() -> None:
    """What one earns depends on those of the others."""
    engine = started(VrrpEngine([FAST, BESIDE]))
    group = VrrpSyncGroup(name="VG", members=("VI_1", "VI_2"))
    engine.handle(Reconfigured((FAST, BESIDE), (group,)), at(5.05))
    assert not engine.handle(TimerFired(), at(5.15)).rounds
    engine.handle(Reconfigured((FAST, BESIDE)), at(5.2))
    assert engine.handle(TimerFired(), at(5.25)).rounds


@pytest.mark.parametrize(
    "config",
    [
        replace(FAST, auth_hmac=POLICY),
        replace(FAST, lease=LeaseMode.ADDRESS),
        replace(FAST, advert_interval=S, lease=LeaseMode.ADDRESS),
    ],
    ids=["signed", "no lease", "a lease without a gate"],
)
def test_who_has_a_routine(config: VrrpInstance) -> None:
    engine = started(VrrpEngine([config]))
    due = engine.deadline()
    assert due is not None
    ready = engine.handle(TimerFired(), due)
    assert [type(e) for e in ready.effects][:1] == [SendAdvert]
    is_held_for_ever = config.auth_hmac is None and config.advert_interval < S
    assert bool(ready.rounds) is is_held_for_ever


# ---- against the long way ----------------------------------------------------------------------


@dataclass
class Wait:
    """Time passes, and timers fire, each so late."""

    span: Duration
    late: Duration


@dataclass
class Refused:
    """The kernel takes no advert of the first instance for a while."""

    adverts: int


OTHER = replace(FAST, name="VI_3", virtual_router_id=53, addresses=())
CONFIGS = [
    (FAST, BESIDE),
    (FAST, BESIDE, OTHER),
    (replace(FAST, priority=255), BESIDE),
    (replace(FAST, lease=LeaseMode.OFF), replace(BESIDE, lease=LeaseMode.ADDRESS)),
    (replace(FAST, lease=LeaseMode.NFT), replace(BESIDE, advert_interval=MS * 70)),
    (replace(FAST, unicast=unicast(LB01, LB03)), BESIDE),
    (replace(FAST, trackers=(tracks(-20),)), replace(BESIDE, trackers=(tracks(),))),
    (replace(FAST, garp=GarpPolicy(refresh=S, refresh_repeat=1)), BESIDE),
    (instance(advert_interval=S), replace(BESIDE, advert_interval=S)),
    (instance(lease=LeaseMode.ADDRESS),),
]
steps = st.one_of(
    st.builds(
        Wait,
        st.integers(1, 4000).map(lambda ms: MS * ms),
        st.sampled_from([0, 0, 0, 1, 20, 90, 350, 2000]).map(lambda ms: MS * ms),
    ),
    st.builds(Refused, st.integers(1, 4)),
    st.sampled_from(CONFIGS).map(Reconfigured),
    st.builds(
        received,
        st.sampled_from([FAST, BESIDE]),
        st.sampled_from([LB01, LB03]),
        st.sampled_from([0, 50, 100, 150]),
    ),
    st.builds(TrackerReported, st.just(CHECK), st.booleans()),
    st.builds(
        GateObserved,
        st.just(ETH),
        st.sampled_from([LeaseMode.BPF, LeaseMode.NFT]),
        st.booleans(),
    ),
    st.sampled_from(
        [
            LinkObserved(link(LB02)),
            LinkObserved(link(LB03)),
            LinkObserved(link(LB02, running=False)),
            Granted("VI_1", 1),
            GrantFailed("VI_1", 1, "full"),
            AddressLost(VIP.address, ETH, LossBy.KERNEL),
            AddressLost(VIP.address, ETH, LossBy.SOMEBODY),
            StopRequested(),
            Started(),
        ]
    ),
)


class Pair:
    """Both engines, told the same."""

    def __init__(self) -> None:
        self.short = started(VrrpEngine(CONFIGS[0]))
        self.long = started(LongWay(CONFIGS[0]))
        self.now = at(5)
        self.refused = 0

    def tell(self, event: Event) -> None:
        short, long = (engine.handle(event, self.now) for engine in (self.short, self.long))
        assert by_instance(short) == by_instance(long)
        assert self.short.deadline() == self.long.deadline()
        sent = any(isinstance(e, SendAdvert) and e.instance == "VI_1" for e in long.effects)
        if sent and self.refused:
            self.refused -= 1
            self.tell(AdvertSendFailed("VI_1", "no buffer"))

    def play(self, step: Event | Wait | Refused) -> None:
        match step:
            case Wait(span, late):
                end = self.now + span
                while (due := self.long.deadline()) is not None and due + late <= end:
                    self.now = max(self.now, due + late)
                    self.tell(TimerFired())
                self.now = end
            case Refused(adverts):
                self.refused = adverts
            case _:
                self.tell(step)


@settings(max_examples=300)
@given(st.lists(steps, max_size=20))
def test_the_short_way_ends_where_the_long_way_ends(
    script: list[Event | Wait | Refused],
) -> None:
    pair = Pair()
    for step in script:
        pair.play(step)
        assert pair.short.view(pair.now) == pair.long.view(pair.now)
