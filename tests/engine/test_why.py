"""What `haloctl why` answers: one sentence a situation, word for word."""

from __future__ import annotations

from typing import Unpack

from halod.model.event import AddressLost, GrantFailed, LossBy
from halod.model.fact import Severity
from halod.model.vrrp import Password
from tests.kit.build import ETH, LB01, LB02, LB03, MS, VIP, Changes, S, instance, received
from tests.kit.driver import Driver, Node


def backup(heard: int | None = None, **changes: Unpack[Changes]) -> tuple[Driver, Node]:
    """lb02, priority 100, a quarter of a second after it heard lb01 with this priority."""
    driver = Driver()
    node = driver.add("lb02", LB02, instance(**changes))
    if heard is not None:
        driver.tell(node, received(instance(), LB01, heard))
    driver.run(MS * 250)
    return driver, node


def why(driver: Driver, node: Node) -> str:
    lead, _, rest = driver.view(node).why.partition("VI_1 is ")
    assert lead == ""
    return rest


def test_it_follows_a_stronger_master() -> None:
    assert why(*backup(150)) == (
        "BACKUP on ens33: 192.168.178.130 is MASTER with the higher priority 150 (ours 100), "
        "last heard 0.250 s ago"
    )


def test_it_follows_an_equal_master() -> None:
    assert why(*backup(100)) == (
        "BACKUP on ens33: 192.168.178.130 is MASTER with the same priority 100, "
        "last heard 0.250 s ago"
    )


def test_it_will_preempt() -> None:
    assert why(*backup(50)) == (
        "BACKUP on ens33: 192.168.178.130 is MASTER with the lower priority 50 (ours 100); "
        "this node takes over in 3.359 s unless it hears a stronger master"
    )


def test_nopreempt() -> None:
    assert why(*backup(50, preempt=False)) == (
        "BACKUP on ens33: 192.168.178.130 is MASTER with the lower priority 50 (ours 100), "
        "and `nopreempt` leaves it alone while it lives"
    )


def test_preempt_delay() -> None:
    assert why(*backup(50, preempt_delay=S * 30)) == (
        "BACKUP on ens33: 192.168.178.130 is MASTER with the lower priority 50 (ours 100), "
        "and is left alone for another 29.750 s"
    )


def test_preempt_delay_is_over() -> None:
    driver, node = backup(50, preempt_delay=S)
    driver.run(S)
    assert why(driver, node) == (
        "BACKUP on ens33: 192.168.178.130 is MASTER with the lower priority 50 (ours 100); "
        "this node takes over in 2.359 s unless it hears a stronger master"
    )


def test_a_reload_raised_our_priority() -> None:
    driver, node = backup(150)
    driver.reload(node, instance(priority=200))
    assert why(driver, node) == (
        "BACKUP on ens33: 192.168.178.130 is MASTER with the lower priority 150 (ours 200); "
        "this node takes over in 2.969 s unless it hears a stronger master"
    )


def test_the_master_resigned() -> None:
    for preempt in (True, False):
        driver, node = backup(150, preempt=preempt)
        driver.tell(node, received(instance(), LB01, 0))
        assert why(driver, node) == (
            "BACKUP on ens33: 192.168.178.130 resigned; "
            "this node takes over in 0.609 s unless it hears a stronger master"
        )
        assert driver.view(node).master is None


def test_nobody_was_heard_yet() -> None:
    assert why(*backup()) == (
        "BACKUP on ens33: started: listening for a master first; nobody was heard since, "
        "and this node takes over in 3.359 s unless it hears a stronger master"
    )


def test_it_gave_up_a_fight_over_an_address() -> None:
    driver, node = backup()
    driver.run(S * 4)
    for _ in range(4):
        driver.tell(node, AddressLost(VIP.address, ETH, LossBy.SOMEBODY))
    driver.run(S)
    driver.tell(node, received(instance(), LB01, 50))
    fight = "somebody removed 192.168.178.3 4 times within 10 s"
    assert why(driver, node) == (
        "BACKUP on ens33: 192.168.178.130 is MASTER with the lower priority 50 (ours 100), "
        f"and is left alone for another 59.000 s, because {fight}"
    )
    assert driver.view(node).alarm == f"VI_1 gave up being MASTER, because {fight}"
    assert max_severity(node) is Severity.ALERT
    driver.run(S * 60)
    assert driver.view(node).alarm is None


def max_severity(node: Node) -> Severity:
    return min(fact.severity for _, fact in node.facts)


def test_it_gave_up_and_nobody_was_heard_since() -> None:
    driver, node = backup()
    driver.run(S * 4)
    driver.tell(node, received(instance(), LB01, 50))
    driver.tell(node, GrantFailed("VI_1", 1, "No space left on device"))
    assert why(driver, node) == (
        "BACKUP on ens33: the kernel refused the addresses: No space left on device; "
        "nobody was heard since, and this node takes over in 3.609 s unless it hears a stronger "
        "master"
    )


def test_it_is_master() -> None:
    driver, node = backup(150)
    driver.run(S * 4)
    assert why(driver, node) == "MASTER on ens33: no advert from 192.168.178.130 for 3.609 s"


def test_it_is_master_beside_another() -> None:
    driver, node = backup()
    driver.run(S * 4)
    driver.tell(node, received(instance(), LB01, 50))
    assert why(driver, node) == (
        "MASTER on ens33: but 192.168.178.130 is MASTER too, with priority 50 (ours 100): "
        "it does not hear us, or does not understand us"
    )


def test_it_is_master_because_it_does_not_understand_the_other() -> None:
    """The commonest pair of masters in the field: another password, another interval."""
    driver, node = backup()
    for _ in range(5):
        driver.tell(node, received(instance(password=Password(b"2222")), LB01, 150))
        driver.run(S)
    assert why(driver, node) == (
        "MASTER on ens33: no advert from anybody for 3.609 s. "
        "It ignores adverts from 192.168.178.130: another password: compare `auth_pass`"
    )
    assert driver.view(node).alarm == driver.view(node).why
    driver.run(S * 10)
    assert why(driver, node) == "MASTER on ens33: no advert from anybody for 3.609 s"


def test_its_link_is_of_no_use() -> None:
    driver, node = backup(150)
    driver.carrier(node, running=False)
    assert why(driver, node) == (
        "FAULT on ens33, so it cannot be MASTER: interface ens33 is down or has no carrier. "
        "It will listen again as soon as that is mended"
    )
    driver.see_link(node, None)
    assert "interface ens33 does not exist" in why(driver, node)


def test_it_was_stopped() -> None:
    driver, node = backup(150)
    driver.stop(node)
    assert why(driver, node) == "INIT on ens33: stopped by the operator"


# ---- the rest of the view ----------------------------------------------------------------------


def test_the_view_of_a_backup() -> None:
    driver, node = backup(150)
    view = driver.view(node)
    assert (view.state, view.master, view.master_priority) == ("BACKUP", str(LB01), 150)
    assert (view.master_heard_ago_s, view.master_down_in_s) == (0.25, 3.359375)
    assert (view.in_state_s, view.own_address, view.rival) == (0.25, str(LB02), None)
    assert (view.holds_addresses, view.term, view.lease_s) == (False, 0, 2.0)
    assert view.addresses == (str(VIP),)
    assert (view.adverts_sent, view.adverts_received) == (0, 1)


def test_the_view_of_a_master() -> None:
    driver, node = backup()
    driver.run(S * 4)
    view = driver.view(node)
    assert (view.state, view.master, view.master_priority) == ("MASTER", str(LB02), 100)
    assert (view.master_heard_ago_s, view.master_down_in_s) == (None, None)
    assert (view.holds_addresses, view.term) == (True, 1)
    assert (view.adverts_sent, view.adverts_received) == (1, 0)


def test_a_weaker_master_is_shown_as_such() -> None:
    driver, node = backup(50)
    assert driver.view(node).rival == str(LB01)
    driver.tell(node, received(instance(), LB03, 150))
    assert driver.view(node).rival is None
    assert driver.view(node).master == str(LB03)


def test_a_master_that_falls_silent() -> None:
    driver, node = backup(150)
    driver.run(S + MS * 500)
    assert why(driver, node) == (
        "BACKUP on ens33: 192.168.178.130 is MASTER with the higher priority 150 (ours 100), "
        "but silent for 1.750 s; this node takes over in 1.859 s unless it hears a stronger master"
    )


def test_an_equal_master_that_falls_silent() -> None:
    driver, node = backup(100)
    driver.run(S * 2)
    assert why(driver, node) == (
        "BACKUP on ens33: 192.168.178.130 is MASTER with the same priority 100, "
        "but silent for 2.250 s; this node takes over in 1.359 s unless it hears a stronger master"
    )


def test_who_was_heard_means_nothing_once_it_is_stopped() -> None:
    driver, node = backup(50)
    assert driver.view(node).rival == str(LB01)
    driver.stop(node)
    assert driver.view(node).rival is None
    assert why(driver, node) == "INIT on ens33: stopped by the operator"
