"""`interface_up_down_delays`: a carrier that goes and comes back in time was never away."""

from dataclasses import replace

from halod.engine.vrrp_engine import VrrpEngine
from halod.model.event import LinkGone, LinkObserved, Reconfigured, Started, TimerFired
from halod.model.link_delay import LinkDelay
from halod.model.state import State
from halod.model.units import Instant
from tests.kit.build import ETH, LB02, S, at, instance, link

DELAYS = (LinkDelay(ETH, down=S * 2, up=S * 3),)
UP, DOWN = link(LB02), link(LB02, running=False)


def engine(delays: tuple[LinkDelay, ...] = DELAYS) -> VrrpEngine:
    made = VrrpEngine([instance()], delays=delays)
    made.handle(LinkObserved(UP), at(0))
    made.handle(Started(), at(0))
    return made


def state(made: VrrpEngine) -> State:
    return dict(made.states())["VI_1"]


def pass_until(made: VrrpEngine, end: Instant) -> None:
    """Called at each deadline, as by the daemon."""
    while (due := made.deadline()) is not None and due <= end:
        made.handle(TimerFired(), due)


def test_a_loss_counts_when_it_has_lasted() -> None:
    """keepalived 2.2.7: 2 s after the change, and not at all where it is undone by then."""
    made = engine()
    made.handle(LinkObserved(DOWN), at(0.5))
    pass_until(made, at(2.4))
    assert state(made) is State.BACKUP
    made.handle(LinkObserved(UP), at(2.4))
    pass_until(made, at(3))
    assert state(made) is State.BACKUP
    made.handle(LinkObserved(DOWN), at(3))
    pass_until(made, at(4.9))
    assert state(made) is not State.FAULT
    pass_until(made, at(5))
    assert state(made) is State.FAULT


def test_a_return_counts_when_it_has_lasted() -> None:
    made = engine()
    made.handle(LinkObserved(DOWN), at(0.1))
    pass_until(made, at(2.1))
    assert state(made) is State.FAULT
    made.handle(LinkObserved(UP), at(3))
    pass_until(made, at(5.9))
    assert state(made) is State.FAULT
    pass_until(made, at(6))
    assert state(made) is State.BACKUP


def test_a_link_that_is_gone_or_has_no_address_counts_at_once() -> None:
    made = engine()
    made.handle(LinkObserved(replace(UP, addresses=())), at(1))
    assert state(made) is State.FAULT
    made.handle(LinkObserved(UP), at(2))
    assert state(made) is State.BACKUP
    made.handle(LinkObserved(DOWN), at(2.1))
    made.handle(LinkGone(ETH), at(2.2))
    assert state(made) is State.FAULT
    made.handle(LinkObserved(UP), at(2.3))
    assert state(made) is State.BACKUP


def test_a_link_without_a_delay_counts_at_once_and_so_after_a_reload() -> None:
    made = engine(())
    made.handle(LinkObserved(DOWN), at(1))
    assert state(made) is State.FAULT
    made.handle(Reconfigured((instance(),), (), DELAYS), at(2))
    made.handle(LinkObserved(UP), at(2))
    assert state(made) is State.FAULT
    pass_until(made, at(5))
    assert state(made) is State.BACKUP
