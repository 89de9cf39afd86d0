"""What seeds found, as small as it can be: each failed before it was mended.

A seed means something else once the generator changes; these do not.
"""

import pytest

from halod.model.units import Duration
from halod.sim.fault import AdvertsRefused, Crash, DeleteAddresses, GateRefused, LinkDown, Pause
from halod.sim.play import play
from halod.sim.scenario import KernelOptions
from tests.sim.clusters import (
    CALM_BEFORE,
    StateLog,
    cluster,
    instance,
    instances,
    node,
    pair,
    seconds,
    vip,
)

PAUSED = seconds(5)
"""Longer than any lease of an interval of 1 s."""


@pytest.mark.parametrize("interval_s", [1, 2, 3])
@pytest.mark.parametrize("adverts", [1, 2])
def test_a_lease_outlives_the_wait_for_its_renewal(adverts: int, interval_s: int) -> None:
    """`down_timer_adverts 2` gave a lease as long as an interval: every master lapsed at once."""
    interval = Duration.seconds(interval_s)
    verdict = play(pair(advert_interval=interval, down_timer_adverts=adverts))
    assert not verdict.violations


def test_one_flush_of_many_addresses_is_no_fight() -> None:
    """Each address counted for all: an instance with four gave up at the first `ip address flush`.

    A node that gave up holds back for a minute, and the weaker one would be MASTER at the end.
    """
    addresses = tuple(vip(number) for number in range(6))
    verdict = play(pair(DeleteAddresses("lb01", CALM_BEFORE), addresses=addresses))
    assert not verdict.violations


def test_what_one_batch_grants_and_revokes_is_not_granted() -> None:
    """An owner overslept, and the next thing it read was that its link is down.

    In one batch it took the address and let it go; sorted, the revocation came first.
    """
    down = LinkDown("lb01", CALM_BEFORE + seconds(1), PAUSED * 2)
    scenario = cluster(
        node(1, instance(255)),
        node(2, instance(100)),
        faults=(Pause("lb01", CALM_BEFORE, PAUSED), down),
    )
    log = StateLog("lb01")
    verdict = play(scenario, watchers=[log.see])
    assert not verdict.violations
    assert log.states == ["MASTER", "INIT", "MASTER", "FAULT", "MASTER"]


def test_a_loss_from_before_the_term_does_not_end_it() -> None:
    """An owner that overslept is MASTER at once, in a new term; then came the old term's news."""
    scenario = cluster(
        node(1, instance(255)), node(2, instance(100)), faults=(Pause("lb01", CALM_BEFORE, PAUSED),)
    )
    log = StateLog("lb01")
    verdict = play(scenario, watchers=[log.see])
    assert not verdict.violations
    assert log.states == ["MASTER", "INIT", "MASTER"]


def test_an_advert_that_was_not_sent_earns_nothing() -> None:
    """An owner wakes with adverts of the new master to read, and its link went down just now.

    It took the address for the length of a call to an advert that its kernel refused.
    """
    woken = CALM_BEFORE + PAUSED
    down = LinkDown("lb01", woken - seconds(0.02), PAUSED)
    scenario = cluster(
        node(1, instance(255)),
        node(2, instance(100)),
        faults=(Pause("lb01", CALM_BEFORE, PAUSED), down),
    )
    assert not play(scenario).violations


def test_the_bound_counts_renewals_that_come_late() -> None:
    """Twenty instances renew one after another: the last lease begins long after its advert.

    A renewal counts until half an interval after its advert; the published bound left that out.
    """
    wait = Duration.milliseconds(20)
    scenario = cluster(
        node(1, *instances(20, priority=255)),
        node(2, *instances(20, priority=254)),
        faults=(Crash("lb01", CALM_BEFORE + seconds(0.6)),),
        kernel=KernelOptions(wait_min=wait, wait_max=wait),
    )
    verdict = play(scenario)
    assert not verdict.violations


def test_a_lifetime_that_takes_the_place_of_a_gate_is_paid_by_an_advert() -> None:
    """A node lost its gate long after an advert, was given a lifetime from then on, and died.

    Two owned addresses for up to half an interval longer than the bound that was published.
    """
    addresses = tuple(vip(number) for number in range(20))
    for tenth in range(10):
        lost = CALM_BEFORE + Duration.milliseconds(100) * tenth
        death = Crash("lb01", lost + Duration.milliseconds(60))
        scenario = pair(GateRefused("lb01", lost, PAUSED), death, addresses=addresses)
        assert not play(scenario).violations


def test_an_owner_whose_first_adverts_are_refused_is_none() -> None:
    """It woke beside the new master, behind a firewall: two adverts of one batch were refused, one
    refusal was counted, and it stayed MASTER of addresses that were never put up."""
    woken = CALM_BEFORE + PAUSED
    scenario = cluster(
        node(1, instance(255)),
        node(2, instance(100)),
        faults=(
            Pause("lb01", CALM_BEFORE, PAUSED),
            AdvertsRefused("lb01", woken - seconds(1), seconds(1.1)),
        ),
    )
    assert not play(scenario).violations
