"""Changes that a watcher saw, turned into holdings, and owners counted."""

from halod.lab.ownership import Change, Holding, Share, holdings, share

VIP = "192.0.2.3"
HELD = frozenset({VIP})
NONE: frozenset[str] = frozenset()


def test_a_handover_without_overlap() -> None:
    changes = [Change(10, "a", HELD), Change(30, "a", NONE), Change(35, "b", HELD)]
    held = holdings(changes, 50)
    assert held == [Holding("a", VIP, 10, 30), Holding("b", VIP, 35, 50)]
    assert share(held, VIP, 10, 50) == Share(none_ns=5, two_ns=0, two_longest_ns=0)


def test_two_owners_are_counted_in_total_and_at_longest() -> None:
    held = [
        Holding("a", VIP, 0, 100),
        Holding("b", VIP, 10, 30),
        Holding("b", VIP, 50, 55),
    ]
    assert share(held, VIP, 0, 120) == Share(none_ns=20, two_ns=25, two_longest_ns=20)


def test_two_owners_in_turn_make_one_run() -> None:
    held = [Holding("a", VIP, 0, 100), Holding("b", VIP, 10, 20), Holding("c", VIP, 20, 40)]
    assert share(held, VIP, 0, 100).two_longest_ns == 30


def test_a_holding_that_ends_as_the_next_starts_is_no_overlap() -> None:
    held = [Holding("a", VIP, 0, 20), Holding("b", VIP, 20, 40)]
    assert share(held, VIP, 0, 40) == Share(0, 0, 0)


def test_only_the_stretch_asked_for_and_the_vip_asked_for_count() -> None:
    held = [Holding("a", VIP, 0, 20), Holding("b", "192.0.2.4", 0, 100)]
    assert share(held, VIP, 10, 40) == Share(none_ns=20, two_ns=0, two_longest_ns=0)


def test_nothing_seen_means_no_owner() -> None:
    assert share([], VIP, 5, 9) == Share(4, 0, 0)


def test_changes_after_the_end_do_not_count() -> None:
    changes = [Change(10, "a", HELD), Change(90, "a", NONE)]
    assert holdings(changes, 50) == [Holding("a", VIP, 10, 50)]


def test_the_same_state_told_twice_is_one_holding() -> None:
    changes = [Change(10, "a", HELD), Change(20, "a", HELD), Change(30, "a", NONE)]
    assert holdings(changes, 50) == [Holding("a", VIP, 10, 30)]
