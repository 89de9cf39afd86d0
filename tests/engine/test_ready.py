"""The order of effects: on becoming MASTER, on leaving it, and whatever was wanted first."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from halod.engine.ready import Ready
from halod.model.cause import OwnerStarts
from halod.model.effect import (
    AnnounceAddresses,
    Effect,
    GrantAddresses,
    Notify,
    OpenGate,
    RenewAddresses,
    RevokeAddresses,
    SendAdvert,
    ShutGate,
)
from halod.model.event import GrantFailed, LinkObserved, Started, StopRequested, TimerFired
from halod.model.state import State
from halod.model.vrrp import LeaseMode
from halod.vrrp.message import advert_of
from halod.vrrp.outbox import Outbox
from tests.kit.build import LB01, LB02, VIP, S, at, instance, link, received
from tests.kit.driver import Driver, Node

NAMES = ("VI_1", "VI_2", "VI_3")
ORDER = [
    SendAdvert,
    ShutGate,
    RevokeAddresses,
    OpenGate,
    GrantAddresses,
    RenewAddresses,
    Notify,
]
TOGETHER = (GrantAddresses, AnnounceAddresses)
"""One instance after the other."""
ENDED_BY = {
    GrantAddresses: RevokeAddresses,
    AnnounceAddresses: RevokeAddresses,
    OpenGate: ShutGate,
}
"""What is not done where the same batch wants it undone later."""


def kinds(ready: Ready) -> list[type[Effect]]:
    return [type(effect) for effect in ready.in_order()]


def lone() -> tuple[Driver, Node]:
    driver = Driver()
    node = driver.add("lb02", LB02, instance())
    driver.now = at(3.609375)
    return driver, node


def test_becoming_master() -> None:
    """RFC 9568, 6.4.2: advert, addresses, gratuitous ARP; then the operator's programs."""
    driver, node = lone()
    ready = node.engine.handle(TimerFired(), driver.now)
    assert kinds(ready) == [SendAdvert, GrantAddresses, AnnounceAddresses, Notify]


def test_leaving_master_on_a_stop() -> None:
    """Priority 0 first: the next master's Skew_Time runs while the addresses go."""
    driver, node = lone()
    driver.run(S)
    ready = node.engine.handle(StopRequested(), driver.now)
    assert kinds(ready) == [SendAdvert, RevokeAddresses, Notify]
    advert, _, told = ready.effects
    assert isinstance(advert, SendAdvert)
    assert isinstance(told, Notify)
    assert (advert.priority, told.state) == (0, State.INITIALIZE)


def test_leaving_master_for_a_stronger_one() -> None:
    driver, node = lone()
    driver.run(S)
    ready = node.engine.handle(received(instance(), LB01, 150), driver.now)
    assert kinds(ready) == [SendAdvert, RevokeAddresses, Notify]


def test_leaving_master_for_a_fault() -> None:
    driver, node = lone()
    driver.run(S)
    down = LinkObserved(link(LB02, running=False))
    assert kinds(node.engine.handle(down, driver.now)) == [SendAdvert, RevokeAddresses, Notify]


def test_leaving_master_for_a_refusal() -> None:
    driver, node = lone()
    driver.run(S)
    ready = node.engine.handle(GrantFailed("VI_1", 1, "full"), driver.now)
    assert kinds(ready) == [SendAdvert, RevokeAddresses, Notify]


def test_a_master_at_work() -> None:
    driver, node = lone()
    driver.tell(node, TimerFired())
    ready = node.engine.handle(TimerFired(), driver.now + S)
    assert kinds(ready) == [SendAdvert, RenewAddresses]


def test_several_instances_send_their_adverts_before_any_address_moves() -> None:
    driver = Driver()
    owners = [
        instance(name=name, virtual_router_id=number, priority=255, addresses=(VIP,))
        for number, name in enumerate(NAMES, 1)
    ]
    node = driver.add("lb02", None, *owners)
    node.engine.handle(LinkObserved(link(LB02)), driver.now)
    driver.stop(node)
    assert kinds(node.engine.handle(Started(), driver.now))[:3] == [SendAdvert] * 3


effects = st.sampled_from(
    [
        effect
        for name in NAMES
        for effect in (
            advert_of(instance(name=name), LB01, 100),
            RevokeAddresses(name, 1, (VIP,)),
            GrantAddresses(name, 1, (VIP,), S, at(1)),
            RenewAddresses(name, 1, S, at(1)),
            AnnounceAddresses(name, 1, (VIP,), 5),
            OpenGate(name, 1, LeaseMode.BPF, at(1)),
            ShutGate(name),
            Notify(name, State.MASTER, 100, OwnerStarts()),
        )
    ]
)


@given(st.lists(effects, max_size=30))
@example([OpenGate("VI_1", 1, LeaseMode.BPF, at(1)), ShutGate("VI_1")])
def test_whatever_was_wanted_is_done_in_that_order_and_nothing_that_lasts_is_lost(
    wanted: list[Effect],
) -> None:
    done = list(Ready.of(Outbox(effects=list(wanted))).in_order())
    lasting = [
        effect
        for place, effect in enumerate(wanted)
        if not any(
            type(later) is ENDED_BY.get(type(effect)) and later.instance == effect.instance
            for later in wanted[place:]
        )
    ]
    assert [rank(e) for e in done] == sorted(rank(e) for e in lasting)
    for kind in set(ORDER) - {GrantAddresses}:
        assert [e for e in done if isinstance(e, kind)] == [e for e in lasting if type(e) is kind]
    together = [e for e in done if isinstance(e, TOGETHER)]
    if not any(isinstance(e, AnnounceAddresses) for e in lasting):
        # Nobody waits to be announced: they stay as they came.
        assert together == [e for e in lasting if isinstance(e, TOGETHER)]
        return
    assert together == [
        effect
        for name in dict.fromkeys(e.instance for e in lasting if isinstance(e, TOGETHER))
        for kind in TOGETHER
        for effect in lasting
        if isinstance(effect, kind) and effect.instance == name
    ]


def rank(effect: Effect) -> int:
    return ORDER.index(GrantAddresses if isinstance(effect, TOGETHER) else type(effect))


def test_what_stands_is_announced_before_the_addresses_of_others_go_up() -> None:
    """The kernel takes 20 ms for a thousand of them."""
    names = [instance(name=name, virtual_router_id=number) for number, name in enumerate(NAMES, 1)]
    driver = Driver()
    node = driver.add("lb02", LB02, *names)
    driver.now = at(3.609375)
    ready = node.engine.handle(TimerFired(), driver.now)
    assert kinds(ready)[:9] == [SendAdvert] * 3 + [GrantAddresses, AnnounceAddresses] * 3
    assert [effect.instance for effect in ready.effects[3:9:2]] == [*NAMES]
