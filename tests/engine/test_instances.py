"""Several instances beside one another, and two hosts that share them (the tutorial's part 2)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from halod.model.effect import SendAdvert
from halod.model.state import State
from halod.model.units import Duration
from halod.model.view import InstanceView
from tests.kit.build import LB01, LB02, VIP, VIP2, S, instance
from tests.kit.driver import Driver, Node

MASTER, BACKUP = State.MASTER, State.BACKUP


def dual() -> tuple[Driver, Node, Node]:
    """lb01 is master of VI_1 and lb02 of VI_2."""
    driver = Driver()

    def node(name: str, own: tuple[int, int]) -> Node:
        return driver.add(
            name,
            LB01 if name == "lb01" else LB02,
            instance(priority=own[0]),
            instance(name="VI_2", virtual_router_id=52, priority=own[1], addresses=(VIP2,)),
        )

    one, two = node("lb01", (150, 100)), node("lb02", (100, 150))
    driver.run(S * 10)
    return driver, one, two


def states(node: Node) -> list[State]:
    return [state for _, state in node.engine.states()]


def test_each_host_is_master_of_one_and_backup_of_the_other() -> None:
    _, one, two = dual()
    assert (states(one), states(two)) == ([MASTER, BACKUP], [BACKUP, MASTER])
    assert (set(one.held), set(two.held)) == ({VIP}, {VIP2})


def test_when_one_goes_the_other_has_both_and_gives_back() -> None:
    driver, one, two = dual()
    one.frozen = True
    driver.run(S * 5)
    assert states(two) == [MASTER, MASTER]
    assert set(two.held) == {VIP, VIP2}
    one.frozen = False
    driver.run(S * 10)
    assert (states(one), states(two)) == ([MASTER, BACKUP], [BACKUP, MASTER])
    assert (set(one.held), set(two.held)) == ({VIP}, {VIP2})


def test_the_same_number_on_two_links_is_two_virtual_routers() -> None:
    # RFC 9568, 1.2: the scope of a virtual router is one link.
    driver = Driver()
    driver.add("lb01", LB01, instance(priority=150))
    other = instance(name="VI_2", interface="ens34", addresses=(VIP2,))
    two = driver.add("lb02", LB02, instance(), other)
    driver.run(S * 10)
    assert states(two) == [BACKUP, MASTER]


priorities = st.lists(st.integers(1, 254), min_size=2, max_size=4, unique=True)


def alone(priority: int, span: Duration) -> list[tuple[object, bytes]]:
    driver = Driver()
    node = driver.add("lb02", LB02, instance(priority=priority))
    driver.run(span)
    return [(when, e.payload) for when, e in node.log if isinstance(e, SendAdvert)]


@given(priorities, st.integers(0, 20_000).map(Duration.milliseconds))
def test_an_instance_does_the_same_alone_and_in_company(several: list[int], span: Duration) -> None:
    driver = Driver()
    configs = [
        instance(name=f"VI_{number}", virtual_router_id=number, priority=priority)
        for number, priority in enumerate(several, 1)
    ]
    node = driver.add("lb02", LB02, *configs)
    driver.run(span)
    for number, priority in enumerate(several, 1):
        of_this = [
            (when, e.payload[:1] + b"\x33" + e.payload[2:6])
            for when, e in node.log
            if isinstance(e, SendAdvert) and e.payload[1] == number
        ]
        assert of_this == [(when, payload[:6]) for when, payload in alone(priority, span)]


@given(priorities)
def test_of_any_hosts_the_highest_priority_is_the_one_master(several: list[int]) -> None:
    """Started together: RFC 9568, 6.1, Skew_Time lets the highest priority come first."""
    driver = Driver()
    nodes = [
        driver.add(f"lb{number}", LB01 + number, instance(priority=priority))
        for number, priority in enumerate(several)
    ]
    driver.run(S * 30)
    masters = [node for node in nodes if node.state() is MASTER]
    [best] = masters
    assert driver.view(best).priority == max(several)
    assert sum(len(node.adverts()) > 0 for node in nodes) == 1
    views: list[InstanceView] = [driver.view(node) for node in nodes if node is not best]
    assert all(view.master == str(best.address) for view in views)
