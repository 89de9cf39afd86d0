"""The short way of an advert that repeats the last one ends where the long way ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halod.engine.ready import Ready
from halod.engine.vrrp_engine import VrrpEngine
from halod.model.event import (
    AddressLost,
    AdvertReceived,
    Event,
    GateObserved,
    Granted,
    GrantFailed,
    LinkGone,
    LinkObserved,
    LossBy,
    Reconfigured,
    Started,
    StopRequested,
    TimerFired,
)
from halod.model.units import Duration, Instant
from halod.model.vrrp import LeaseMode, Password, VrrpInstance, VrrpVersion
from halod.wire import ipv4
from tests.kit.build import ETH, LB01, LB02, LB03, MS, VIP, VIP2, S, at, instance, link, received

GOOD = received(instance(priority=150), LB01)
PACKET = ipv4.encode(GOOD)


def following() -> VrrpEngine:
    """A backup that has heard its master once, at 1 s."""
    engine = VrrpEngine([instance()])
    engine.handle(LinkObserved(link(LB02)), at(0))
    engine.handle(Started(), at(0))
    assert not engine.repeat(ETH, PACKET, at(1)), "nothing was heard yet"
    engine.handle(GOOD, at(1))
    return engine


def test_the_same_advert_only_moves_the_deadline() -> None:
    engine = following()
    assert engine.repeat(ETH, PACKET, at(2))
    assert engine.deadline() == at(2 + 3.609375)
    [view] = engine.view(at(2.5)).instances
    assert (view.adverts_received, view.master_heard_ago_s) == (2, 0.5)


def test_what_a_router_on_the_way_may_change_does_not_matter() -> None:
    """The kernel counts the identification up with each packet, and its checksum changes along."""
    engine = following()
    for identification in range(1, 1000):
        assert engine.repeat(ETH, ipv4.encode(GOOD, identification), at(1 + identification / 1000))
    other_service = PACKET[:1] + b"\xc0" + PACKET[2:]
    assert engine.repeat(ETH, other_service, at(2.5))


@pytest.mark.parametrize(
    "packet",
    [
        PACKET[:-1],
        PACKET + b"\0",
        PACKET[:-1] + b"\1",
        ipv4.encode(replace(GOOD, ttl=254)),
        ipv4.encode(replace(GOOD, source=LB03)),
        ipv4.encode(replace(GOOD, destination=LB02)),
        ipv4.encode(received(instance(priority=151), LB01)),
        ipv4.encode(received(instance(), LB01, 0)),
        b"\x46" + PACKET[1:],
        PACKET[:2] + b"\0\x14" + PACKET[4:],
        b"",
        b"\x45",
    ],
)
def test_anything_else_is_looked_at(packet: bytes) -> None:
    engine = following()
    before = engine.view(at(2))
    assert not engine.repeat(ETH, packet, at(2))
    assert engine.view(at(2)) == before


def test_on_another_link_it_is_another_advert() -> None:
    assert not following().repeat("ens34", PACKET, at(2))


@pytest.mark.parametrize(
    "event",
    [
        Reconfigured((instance(priority=120),)),
        Reconfigured((instance(password=Password(b"2222")),)),
        Reconfigured((instance(advert_interval=S * 2),)),
        Reconfigured((instance(virtual_router_id=52),)),
        Reconfigured(()),
        LinkObserved(link(LB03)),
        LinkGone(ETH),
        StopRequested(),
        received(instance(priority=151), LB01),
        received(instance(), LB03, 50),
        received(instance(), LB01, 0),
    ],
    ids=lambda event: type(event).__name__,
)
def test_after_anything_that_happens_to_the_router_it_is_looked_at_again(event: Event) -> None:
    engine = following()
    engine.handle(event, at(2))
    assert not engine.repeat(ETH, PACKET, at(2.5))


def test_what_does_not_count_does_not_matter() -> None:
    """A flood of such must not cost the true adverts their short way."""
    engine = following()
    for refused in (replace(GOOD, ttl=254), replace(GOOD, payload=GOOD.payload[:-1] + b"\1")):
        engine.handle(refused, at(2))
    (shown,) = engine.view(at(2)).instances
    assert sum(shown.adverts_dropped.values()) == 2
    assert engine.repeat(ETH, PACKET, at(2.5))


def test_what_happens_to_another_router_does_not_matter() -> None:
    engine = following()
    other = instance(name="VI_2", virtual_router_id=52, addresses=(VIP2,))
    engine.handle(Reconfigured((instance(), other)), at(2))
    engine.handle(TimerFired(), at(2.1))
    engine.handle(GrantFailed("VI_2", 1, "x"), at(2.2))
    engine.handle(received(other, LB01, 150), at(2.3))
    assert engine.repeat(ETH, PACKET, at(2.5))


@pytest.mark.parametrize(
    ("config", "priority", "repeats"),
    [
        (instance(), 100, True),
        (instance(preempt=False), 50, True),
        (instance(), 50, False),
        (instance(preempt_delay=S * 60), 50, False),
        (instance(), 0, False),
        (instance(preempt=False), 0, False),
        (instance(version=VrrpVersion.V3, password=None), 150, True),
    ],
)
def test_only_a_master_that_is_followed_whatever_the_time_is_can_repeat(
    config: VrrpInstance, priority: int, repeats: bool
) -> None:
    engine = VrrpEngine([config])
    engine.handle(LinkObserved(link(LB02)), at(0))
    engine.handle(Started(), at(0))
    event = received(config, LB01, priority)
    engine.handle(event, at(1))
    assert engine.repeat(ETH, ipv4.encode(event), at(1.1)) is repeats


def test_a_master_never_repeats() -> None:
    engine = VrrpEngine([instance()])
    engine.handle(LinkObserved(link(LB02)), at(0))
    engine.handle(Started(), at(0))
    engine.handle(TimerFired(), at(4))
    weaker = received(instance(), LB01, 50)
    engine.handle(weaker, at(4.5))
    assert not engine.repeat(ETH, ipv4.encode(weaker), at(4.6))


# ---- against the long way ----------------------------------------------------------------------


@dataclass
class Wait:
    """Time passes, and each engine's timers fire when they are due."""

    span: Duration


CONFIGS = [
    (instance(), instance(name="VI_2", virtual_router_id=52, addresses=(VIP2,))),
    (instance(priority=150),),
    (instance(preempt=False), instance(name="VI_2", virtual_router_id=52, addresses=(VIP2,))),
    (instance(preempt_delay=S * 5),),
    (instance(addresses=(VIP, VIP2)),),
    (instance(version=VrrpVersion.V3, password=None),),
    (instance(version=VrrpVersion.V3, password=None, advert_interval=MS * 100),),
]
SENDERS = [
    instance(),
    instance(addresses=()),
    instance(virtual_router_id=52, addresses=(VIP2,)),
    instance(password=None),
    instance(advert_interval=S * 2),
    instance(version=VrrpVersion.V3, password=None, advert_interval=MS * 500),
]


def advert(sender: VrrpInstance, source: IPv4Address, priority: int) -> AdvertReceived:
    return received(sender, source, priority)


adverts = st.builds(
    advert,
    st.sampled_from(SENDERS),
    st.sampled_from([LB01, LB02, LB03]),
    st.sampled_from([0, 50, 100, 150, 255]),
)
steps = st.one_of(
    st.lists(adverts, min_size=1, max_size=2).flatmap(
        # One master that goes on and on, the usual thing, sometimes beside another.
        lambda few: st.lists(st.sampled_from(few), min_size=1, max_size=12)
    ),
    st.integers(1, 3000).map(lambda ms: [Wait(MS * ms)]),
    st.sampled_from(CONFIGS).map(lambda configs: [Reconfigured(configs)]),
    st.sampled_from(
        [
            LinkObserved(link(LB02)),
            LinkObserved(link(LB03)),
            LinkObserved(link(LB02, running=False)),
            LinkGone(ETH),
            GateObserved(ETH, LeaseMode.BPF, hangs=True),
            Granted("VI_1", 1),
            GrantFailed("VI_1", 1, "full"),
            AddressLost(VIP.address, ETH, LossBy.KERNEL),
            AddressLost(VIP.address, ETH, LossBy.SOMEBODY),
            StopRequested(),
            Started(),
        ]
    ).map(lambda event: [event]),
)


def play(step: Event | Wait, short: VrrpEngine, long: VrrpEngine, now: Instant) -> Instant:
    """One step by both ways; the time afterwards."""
    match step:
        case Wait(span):
            end = now + span
            while (due := long.deadline()) is not None and due <= end:
                assert short.deadline() == due
                now = max(now, due)
                assert short.handle(TimerFired(), now) == long.handle(TimerFired(), now)
            return end
        case AdvertReceived():
            # A little apart, as on a wire.
            now = now + MS * 30
            if short.repeat(step.interface, ipv4.encode(step, now.ns & 0xFFFF), now):
                assert long.handle(step, now) == Ready()
            else:
                assert short.handle(step, now) == long.handle(step, now)
        case _:
            assert short.handle(step, now) == long.handle(step, now)
    return now


@settings(max_examples=400)
@given(st.lists(steps, max_size=15))
def test_the_short_way_ends_where_the_long_way_ends(script: list[list[Event | Wait]]) -> None:
    short, long = (VrrpEngine(CONFIGS[0]) for _ in range(2))
    now = at(1)
    for step in [LinkObserved(link(LB02)), Started(), *[s for part in script for s in part]]:
        now = play(step, short, long, now)
        assert short.view(now) == long.view(now)
        assert short.deadline() == long.deadline()
