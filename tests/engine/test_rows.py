"""Each row of the state machine that does something, played through the engine's door.

A scenario names its row. The last tests hold that every such row has one, and that none would pass
if its row were not there.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Unpack, cast

import pytest

from halod.model.effect import AnnounceAddresses, RenewAddresses, RevokeAddresses
from halod.model.event import (
    AddressLost,
    AdvertSendFailed,
    GrantFailed,
    LossBy,
    TimerFired,
    TrackerReported,
)
from halod.model.state import State
from halod.vrrp.table import TRANSITIONS, Row, Trigger
from tests.engine.group_scenarios import GROUP_SCENARIOS
from tests.kit.build import (
    CHECK,
    ETH,
    LB01,
    LB02,
    LB03,
    MS,
    VIP,
    Changes,
    S,
    at,
    instance,
    received,
    tracks,
)
from tests.kit.driver import Driver, Node

Scenario = Callable[[Driver], None]
INITIALIZE, BACKUP, MASTER, FAULT = State.INITIALIZE, State.BACKUP, State.MASTER, State.FAULT
SKEW_100 = S * 156 // 256
"""Skew_Time at priority 100 (RFC 3768, 6.1)."""
DOWN_100 = S * 3 + SKEW_100

SCENARIOS: dict[tuple[State, Trigger], Scenario] = {}


def plays(state: State, trigger: Trigger) -> Callable[[Scenario], Scenario]:
    """Names the row that a scenario plays."""

    def register(scenario: Scenario) -> Scenario:
        assert (state, trigger) not in SCENARIOS
        SCENARIOS[state, trigger] = scenario
        return scenario

    return register


def backup(driver: Driver, **changes: Unpack[Changes]) -> Node:
    """lb02, priority 100 where nothing else is said, just started."""
    node = driver.add("lb02", LB02, instance(**changes))
    assert node.state() is BACKUP
    return node


def master(driver: Driver, **changes: Unpack[Changes]) -> Node:
    """The same after it heard nobody; it was MASTER for less than one advert."""
    node = backup(driver, **changes)
    driver.run(S * 4)
    assert node.state() is MASTER
    node.forget()
    return node


def hear(driver: Driver, node: Node, priority: int, source: IPv4Address = LB01) -> None:
    """An advert like this node's own, of another priority, from another address."""
    driver.tell(node, received(instance(), source, priority))


def report(driver: Driver, node: Node, *, up: bool) -> None:
    """The check script turns out well, or not."""
    driver.tell(node, TrackerReported(CHECK, up, detail="" if up else "exit 1"))


# ---- Initialize --------------------------------------------------------------------------------


@plays(INITIALIZE, Trigger.STARTUP)
def a_backup_listens_first(driver: Driver) -> None:
    """RFC 9568, 6.4.1: below 255 the timer is set and the state is Backup."""
    node = driver.add("lb02", LB02, instance())
    assert node.state() is BACKUP
    assert node.engine.deadline() == driver.now + DOWN_100
    assert node.adverts() == []


@plays(INITIALIZE, Trigger.STARTUP_OWNER)
def an_owner_does_not_wait(driver: Driver) -> None:
    """RFC 9568, 6.4.1: priority 255 sends, announces and is Active at once."""
    node = driver.add("lb02", LB02, instance(priority=255))
    assert node.state() is MASTER
    assert node.adverts() == [(driver.now, 255)]
    assert node.engine.deadline() == driver.now + S
    assert len(node.announced()) == 1


@plays(INITIALIZE, Trigger.LINK_LOST)
def it_starts_in_fault_without_a_link(driver: Driver) -> None:
    """keepalived: an instance whose interface is down begins in FAULT."""
    node = driver.add("lb02", None, instance())
    assert node.state() is FAULT
    assert node.sentences()[-1].endswith("interface ens33 has no IPv4 address")
    assert node.engine.deadline() is None


@plays(INITIALIZE, Trigger.TRACKER_FAILED)
def it_starts_in_fault_with_a_failing_check(driver: Driver) -> None:
    """keepalived: the first result of a script of weight 0 is waited for, and this one is bad."""
    node = driver.add("lb02", LB02, instance(trackers=(tracks(),)))
    assert node.state() is INITIALIZE
    report(driver, node, up=False)
    assert node.state() is FAULT
    assert node.sentences()[-1].endswith("script chk_nginx failed (exit 1)")


# ---- Backup ------------------------------------------------------------------------------------


@plays(BACKUP, Trigger.SHUTDOWN)
def a_backup_stops_without_a_word(driver: Driver) -> None:
    """RFC 9568, 6.4.2, Shutdown: cancel the timer, Initialize; nothing is sent."""
    node = backup(driver)
    driver.stop(node)
    assert node.state() is INITIALIZE
    assert node.engine.deadline() is None
    assert node.adverts() == []


@plays(BACKUP, Trigger.MASTER_DOWN)
def silence_makes_a_master(driver: Driver) -> None:
    """RFC 9568, 6.4.2: the timer fires to the nanosecond; advert, announcement, Active."""
    node = backup(driver)
    driver.run(DOWN_100 - S // 10**9)
    assert node.state() is BACKUP
    driver.run(S // 10**9)
    assert node.state() is MASTER
    assert node.adverts() == [(at(3.609375), 100)]
    assert list(node.held) == [VIP]


@plays(BACKUP, Trigger.HEARD_RESIGNATION)
def a_resignation_leaves_the_skew_only(driver: Driver) -> None:
    """RFC 9568, 6.4.2: on priority 0 the timer is set to Skew_Time."""
    node = backup(driver)
    hear(driver, node, 150)
    driver.run(MS * 100)
    hear(driver, node, 0)
    assert node.engine.deadline() == driver.now + SKEW_100
    driver.run(SKEW_100)
    assert node.sentences()[-1].endswith("192.168.178.130 resigned (priority 0)")


@plays(BACKUP, Trigger.HEARD_STRONGER)
def a_stronger_master_keeps_it_back(driver: Driver) -> None:
    """RFC 9568, 6.4.2: an advert of a higher priority restarts the timer."""
    node = backup(driver)
    driver.run(S)
    hear(driver, node, 150)
    assert node.engine.deadline() == driver.now + DOWN_100
    assert driver.view(node).master == str(LB01)


@plays(BACKUP, Trigger.HEARD_EQUAL)
def an_equal_master_keeps_it_back_whatever_its_address(driver: Driver) -> None:
    """RFC 9568, 6.4.2: greater than or equal restarts the timer; addresses do not matter here."""
    node = backup(driver)
    driver.run(S)
    hear(driver, node, 100, LB01)
    assert node.engine.deadline() == driver.now + DOWN_100


@plays(BACKUP, Trigger.HEARD_TOLERATED)
def nopreempt_keeps_it_back(driver: Driver) -> None:
    """RFC 9568, 6.1 and 6.4.2: with Preempt_Mode false a lower priority restarts the timer too."""
    node = backup(driver, preempt=False)
    driver.run(S)
    hear(driver, node, 50)
    assert node.engine.deadline() == driver.now + DOWN_100


@plays(BACKUP, Trigger.HEARD_WEAKER)
def a_weaker_master_is_let_time_out(driver: Driver) -> None:
    """RFC 9568, 6.4.2, Preempt_Mode: the advert is discarded and the timer runs."""
    node = backup(driver)
    for _ in range(3):
        driver.run(S)
        hear(driver, node, 50)
    driver.run(SKEW_100)
    assert node.state() is MASTER
    assert node.sentences()[-1].endswith(
        "192.168.178.130 is MASTER with priority 50, below this node's 100"
    )


@plays(BACKUP, Trigger.LINK_LOST)
def a_backup_without_a_link_is_faulty(driver: Driver) -> None:
    """keepalived: FAULT; no timer, so no takeover while nothing can be heard."""
    node = backup(driver)
    driver.carrier(node, running=False)
    assert node.state() is FAULT
    assert node.engine.deadline() is None
    driver.run(S * 60)
    assert node.adverts() == []


@plays(BACKUP, Trigger.OVERSLEPT)
def a_late_timer_of_a_backup_proves_nothing(driver: Driver) -> None:
    """halod: a backup that was frozen listens once more before it takes over."""
    node = backup(driver)
    driver.now = driver.now + DOWN_100 + S + MS
    driver.tell(node, TimerFired())
    assert node.state() is BACKUP
    assert node.engine.deadline() == driver.now + DOWN_100


@plays(BACKUP, Trigger.OVERSLEPT_OWNER)
def a_late_timer_of_an_owner_proves_nothing_either(driver: Driver) -> None:
    """The same for an owner that had given way to a second owner of a higher address."""
    node = driver.add("lb02", LB02, instance(priority=255))
    hear(driver, node, 255, LB03)
    assert node.state() is BACKUP
    down = S * 3 + S // 256
    driver.now = driver.now + down + S + MS
    driver.tell(node, TimerFired())
    assert node.state() is BACKUP
    assert node.engine.deadline() == driver.now + down


@plays(BACKUP, Trigger.TRACKER_FAILED)
def a_backup_whose_check_fails_is_faulty(driver: Driver) -> None:
    """keepalived: weight 0 means FAULT, and no takeover while it lasts."""
    node = driver.add("lb02", LB02, instance(trackers=(tracks(),)))
    report(driver, node, up=True)
    assert node.state() is BACKUP
    report(driver, node, up=False)
    assert node.state() is FAULT
    driver.run(S * 60)
    assert node.adverts() == []


@plays(BACKUP, Trigger.PRIORITY_MOVED)
def a_weight_shifts_the_running_timer(driver: Driver) -> None:
    """keepalived: by the difference of the skews, whatever time has passed."""
    node = backup(driver, trackers=(tracks(-60),))
    driver.run(S)
    report(driver, node, up=False)
    assert node.engine.deadline() == at(3) + S * (256 - 40) // 256
    report(driver, node, up=True)
    assert node.engine.deadline() == at(3) + SKEW_100


# ---- Master ------------------------------------------------------------------------------------


@plays(MASTER, Trigger.SHUTDOWN)
def a_master_resigns_when_it_stops(driver: Driver) -> None:
    """RFC 9568, 6.4.3, Shutdown: an advert of priority 0, then Initialize."""
    node = master(driver)
    driver.stop(node)
    assert node.state() is INITIALIZE
    assert node.adverts() == [(driver.now, 0)]
    assert node.held == {}
    assert node.engine.deadline() is None


@plays(MASTER, Trigger.ADVERT_DUE)
def a_master_advertises_and_renews(driver: Driver) -> None:
    """RFC 9568, 6.4.3: each time the timer fires one advert; and one renewal for it."""
    node = master(driver)
    driver.run(S * 3)
    assert node.adverts() == [(at(3.609375 + n), 100) for n in (1, 2, 3)]
    assert len(node.effects(RenewAddresses)) == 3


@plays(MASTER, Trigger.HEARD_RESIGNATION)
def a_master_answers_priority_0(driver: Driver) -> None:
    """RFC 9568, 6.4.3: on priority 0 an advert is sent at once and the timer reset."""
    node = master(driver)
    hear(driver, node, 0)
    assert node.state() is MASTER
    assert node.adverts() == [(driver.now, 100)]
    assert driver.view(node).rival is None


@plays(MASTER, Trigger.HEARD_STRONGER)
def a_master_gives_way_to_a_stronger_one(driver: Driver) -> None:
    """RFC 9568, 6.4.3: Backup with a whole timer; halod says it once more before it goes."""
    node = master(driver)
    hear(driver, node, 150)
    assert node.state() is BACKUP
    assert node.adverts() == [(driver.now, 100)]
    assert node.held == {}
    assert node.engine.deadline() == driver.now + DOWN_100
    assert driver.view(node).master == str(LB01)


@plays(MASTER, Trigger.HEARD_EQUAL)
def a_master_keeps_its_place_against_a_lower_address(driver: Driver) -> None:
    """RFC 9568, 6.4.3: equal priority, and the address of the sender is not greater."""
    node = master(driver)
    hear(driver, node, 100, LB01)
    assert node.state() is MASTER
    assert node.adverts() == [(driver.now, 100)]


@plays(MASTER, Trigger.HEARD_WEAKER)
def a_master_asserts_itself_against_a_weaker_one(driver: Driver) -> None:
    """RFC 9568, 6.4.3: an advert at once, so that the sender and the bridges learn."""
    node = master(driver)
    hear(driver, node, 50)
    assert node.state() is MASTER
    assert node.adverts() == [(driver.now, 100)]
    assert node.announced() == [(driver.now, 5)]
    assert driver.view(node).rival == str(LB01)


@plays(MASTER, Trigger.HEARD_TOLERATED)
def nopreempt_does_not_make_a_master_give_way(driver: Driver) -> None:
    """keepalived: `nopreempt` stops a backup from taking over, and nothing else."""
    node = master(driver, preempt=False)
    hear(driver, node, 50)
    assert node.state() is MASTER
    assert node.adverts() == [(driver.now, 100)]


@plays(MASTER, Trigger.LINK_LOST)
def a_master_without_a_link_gives_up(driver: Driver) -> None:
    """keepalived: priority 0 as far as it goes, the addresses down, FAULT."""
    node = master(driver)
    driver.carrier(node, running=False)
    assert node.state() is FAULT
    assert node.adverts() == [(driver.now, 0)]
    assert node.held == {}


@plays(MASTER, Trigger.LEASE_LAPSED)
def a_lapsed_lease_is_never_put_back(driver: Driver) -> None:
    """halod, the lease: the kernel took it away, so this node was not fit to keep it."""
    node = master(driver)
    driver.tell(node, AddressLost(VIP.address, ETH, LossBy.KERNEL))
    assert node.state() is BACKUP
    assert node.adverts() == [(driver.now, 0)]
    assert node.held == {}


@plays(MASTER, Trigger.OVERSLEPT)
def a_master_that_slept_is_none(driver: Driver) -> None:
    """halod, the lease: it looks at the clock before anything else, and wakes as BACKUP."""
    node = master(driver)
    driver.now = driver.now + S * 30
    driver.tell(node, TimerFired())
    assert node.state() is BACKUP
    assert node.adverts() == [(driver.now, 0)]
    assert node.held == {}


@plays(MASTER, Trigger.OVERSLEPT_OWNER)
def an_owner_that_slept_starts_anew(driver: Driver) -> None:
    """halod, the lease: what the old term left is void; the owner begins another at once."""
    node = driver.add("lb02", LB02, instance(priority=255))
    node.forget()
    driver.now = driver.now + S * 30
    driver.tell(node, TimerFired())
    assert node.state() is MASTER
    assert [e.term for e in node.effects(RevokeAddresses)] == [1]
    assert driver.view(node).term == 2
    assert node.held == {VIP: 2}


@plays(MASTER, Trigger.CONTESTED)
def a_fight_over_an_address_is_given_up(driver: Driver) -> None:
    """halod, the lease: put back three times in 10 s, and then BACKUP."""
    node = master(driver)
    for _ in range(3):
        driver.tell(node, AddressLost(VIP.address, ETH, LossBy.SOMEBODY, "dhclient (812)"))
        assert node.state() is MASTER
        assert VIP in node.held
    driver.tell(node, AddressLost(VIP.address, ETH, LossBy.SOMEBODY, "dhclient (812)"))
    assert node.state() is BACKUP
    assert node.adverts()[-1] == (driver.now, 0)
    assert node.sentences()[-1].endswith("somebody removed 192.168.178.3 4 times within 10 s")


@plays(MASTER, Trigger.REFUSED)
def a_refused_address_ends_the_term(driver: Driver) -> None:
    """halod, the lease: half of the addresses is worse than none."""
    node = master(driver)
    driver.tell(node, GrantFailed("VI_1", 1, "No space left on device"))
    assert node.state() is BACKUP
    assert node.adverts() == [(driver.now, 0)]
    assert node.sentences()[-1].endswith(
        "the kernel refused the addresses: No space left on device"
    )


@plays(MASTER, Trigger.MUTE)
def who_cannot_be_heard_is_no_master(driver: Driver) -> None:
    """halod: an advert that the kernel refuses earns no lease; when that ends, so does the term."""
    node = master(driver)
    driver.run(S)
    driver.tell(node, AdvertSendFailed("VI_1", "Operation not permitted"))
    assert node.state() is MASTER
    driver.run(S)
    driver.tell(node, AdvertSendFailed("VI_1", "Operation not permitted"))
    assert node.state() is FAULT
    assert node.held == {}
    assert node.sentences()[-1].endswith("look for a firewall that drops protocol 112")
    assert node.engine.deadline() == driver.now + S * 60


@plays(MASTER, Trigger.TRACKER_FAILED)
def a_master_whose_check_fails_gives_up(driver: Driver) -> None:
    """keepalived: priority 0, the addresses down, FAULT."""
    node = driver.add("lb02", LB02, instance(trackers=(tracks(),)))
    report(driver, node, up=True)
    driver.run(S * 4)
    node.forget()
    report(driver, node, up=False)
    assert node.state() is FAULT
    assert node.adverts() == [(driver.now, 0)]
    assert node.held == {}


# ---- Fault -------------------------------------------------------------------------------------


@plays(FAULT, Trigger.SHUTDOWN)
def a_faulty_instance_stops(driver: Driver) -> None:
    """RFC 9568, 6.4: Shutdown leads to Initialize; nothing could be sent anyway."""
    node = backup(driver)
    driver.carrier(node, running=False)
    driver.stop(node)
    assert node.state() is INITIALIZE
    assert node.adverts() == []


@plays(FAULT, Trigger.LINK_BACK)
def after_a_fault_the_whole_timer_runs(driver: Driver) -> None:
    """keepalived: from FAULT to BACKUP with the full Master_Down_Timer."""
    node = backup(driver)
    driver.carrier(node, running=False)
    driver.run(S * 7)
    driver.carrier(node, running=True)
    assert node.state() is BACKUP
    assert node.engine.deadline() == driver.now + DOWN_100


@plays(FAULT, Trigger.LINK_BACK_OWNER)
def after_a_fault_an_owner_does_not_wait(driver: Driver) -> None:
    """RFC 9568, 6.4.1: what holds at the start holds when the link is back."""
    node = driver.add("lb02", LB02, instance(priority=255))
    driver.carrier(node, running=False)
    node.forget()
    driver.carrier(node, running=True)
    assert node.state() is MASTER
    assert node.adverts() == [(driver.now, 255)]
    assert [e.term for e in node.effects(AnnounceAddresses)] == [2]


@plays(FAULT, Trigger.TRACKERS_WELL)
def a_check_that_succeeds_again_ends_the_fault(driver: Driver) -> None:
    """keepalived: to BACKUP, with the whole Master_Down_Timer."""
    node = driver.add("lb02", LB02, instance(trackers=(tracks(),)))
    report(driver, node, up=False)
    driver.run(S * 7)
    report(driver, node, up=True)
    assert node.state() is BACKUP
    assert node.engine.deadline() == driver.now + DOWN_100
    assert node.sentences()[-1].endswith(
        "script chk_nginx succeeds again: listening for a master first"
    )


@plays(FAULT, Trigger.TRACKERS_WELL_OWNER)
def an_owner_whose_check_succeeds_again_does_not_wait(driver: Driver) -> None:
    """RFC 9568, 6.4.1: what holds at the start holds when the fault is over."""
    node = driver.add("lb02", LB02, instance(priority=255, trackers=(tracks(),)))
    report(driver, node, up=False)
    report(driver, node, up=True)
    assert node.state() is MASTER
    assert node.adverts() == [(driver.now, 255)]


@plays(FAULT, Trigger.RETRY_DUE)
def a_mute_one_tries_again(driver: Driver) -> None:
    """halod: nobody tells when a firewall was mended, so it listens anew after a minute."""
    node = master(driver)
    driver.tell(node, AdvertSendFailed("VI_1", "Operation not permitted"))
    assert node.state() is FAULT
    driver.run(S * 60)
    assert node.state() is BACKUP
    assert node.engine.deadline() == driver.now + DOWN_100


SCENARIOS |= GROUP_SCENARIOS

# ---- the rows as a whole -----------------------------------------------------------------------

LIVE = {key for key, row in TRANSITIONS.items() if row.actions or row.state is not key[0]}


def name(key: tuple[State, Trigger]) -> str:
    return f"{key[0].value}-{key[1].name}"


def test_every_row_that_does_something_is_played() -> None:
    assert set(SCENARIOS) == LIVE


@pytest.mark.parametrize("key", SCENARIOS, ids=name)
def test_row(key: tuple[State, Trigger]) -> None:
    SCENARIOS[key](Driver())


@pytest.mark.parametrize("key", SCENARIOS, ids=name)
def test_no_scenario_passes_without_its_row(
    key: tuple[State, Trigger], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = cast("dict[tuple[State, Trigger], Row]", TRANSITIONS)
    monkeypatch.setitem(rows, key, Row.ignore(key[0], "taken out by a test"))
    with pytest.raises(AssertionError):
        SCENARIOS[key](Driver())
