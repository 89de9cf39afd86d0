"""`vrrp_startup_delay`: the daemon runs, and its instances do not listen yet."""

import pytest

from halod.model.state import State
from halod.model.units import Duration, Instant
from halod.vrrp.machine import VirtualRouter
from halod.vrrp.outbox import Outbox
from halod.vrrp.timer_kind import TimerKind
from tests.kit.build import LB01, LB02, MS, S, instance, received
from tests.kit.driver import Driver

DELAYED = instance(startup_delay=MS * 5500)


def test_nothing_is_heard_or_said_until_it_is_over() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, DELAYED)
    driver.run(S * 5)
    driver.tell(node, received(instance(), LB01, 150))
    driver.carrier(node, running=False)
    driver.carrier(node, running=True)
    assert node.state() is State.INITIALIZE
    assert driver.view(node).why == (
        "VI_1 is INIT on ens33: started: it begins to listen 5.500 s later (vrrp_startup_delay)"
    )
    driver.run(MS * 500)
    assert node.state() is State.BACKUP
    driver.run(S * 4)
    assert node.state() is State.MASTER


def test_an_owner_waits_too_and_a_stop_ends_the_wait() -> None:
    driver = Driver()
    owner = driver.add("lb01", LB01, instance(startup_delay=S, priority=255))
    node = driver.add("lb02", LB02, DELAYED)
    driver.run(S)
    assert owner.state() is State.MASTER
    driver.stop(node)
    driver.run(S * 10)
    assert node.state() is State.INITIALIZE


def test_a_reload_does_not_start_the_wait_anew_and_one_that_it_adds_does_not_wait() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, DELAYED)
    driver.run(S * 5)
    more = instance(startup_delay=MS * 5500, name="VI_2", virtual_router_id=52, addresses=())
    driver.reload(node, instance(startup_delay=MS * 5500, priority=90), more)
    assert (node.state(), node.state("VI_2")) == (State.INITIALIZE, State.BACKUP)
    driver.run(MS * 500)
    assert node.state() is State.BACKUP


@pytest.mark.parametrize(
    ("uptime", "startup_delay", "waits", "keyword"),
    [
        (S * 50, S * 0, S * 10, "vrrp_delay_after_boot"),
        (S * 50, S * 5, S * 10, "vrrp_delay_after_boot"),
        (S * 50, S * 15, S * 15, "vrrp_startup_delay"),
        (S * 70, S * 5, S * 5, "vrrp_startup_delay"),
    ],
)
def test_after_boot_the_longer_wait_counts(
    uptime: Duration, startup_delay: Duration, waits: Duration, keyword: str
) -> None:
    router = VirtualRouter(instance(startup_delay=startup_delay, delay_after_boot=S * 60))
    router.begin(Instant(7), Outbox(), uptime)
    assert router.timers == {TimerKind.START: Instant(7) + waits}
    assert router.cause.sentence() == f"started: it begins to listen {waits} later ({keyword})"


def test_a_machine_that_is_up_for_long_does_not_wait() -> None:
    router = VirtualRouter(instance(delay_after_boot=S * 60))
    router.begin(Instant(7), Outbox(), S * 60)
    assert router.is_started
