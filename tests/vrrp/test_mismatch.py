"""Two lists of addresses: told once a source until it changes, never a reason to drop."""

from halod.model.fact import ListMismatch
from halod.vrrp.mismatch import TOLD_MAX, ListComparison
from tests.kit.build import LB01, LB02, VIP, VIP2, advert, instance

HERE = instance(addresses=(VIP,))
THERE = advert(instance(addresses=(VIP2,)))
SAME = advert(HERE)


def test_the_difference_is_told_once() -> None:
    lists = ListComparison()
    fact = lists.compare(HERE, THERE, LB01)
    assert fact == ListMismatch("VI_1", LB01, (VIP.address,), (VIP2.address,))
    assert lists.compare(HERE, THERE, LB01) is None
    assert fact is not None
    assert fact.sentence() == (
        "(VI_1) 192.168.178.130 advertises another address list: only here 192.168.178.3; "
        "only there 192.168.178.4. Its advert counts all the same"
    )


def test_the_order_does_not_matter() -> None:
    both, reverse = instance(addresses=(VIP, VIP2)), instance(addresses=(VIP2, VIP))
    assert ListComparison().compare(both, advert(reverse), LB01) is None


def test_it_is_told_again_after_they_agreed() -> None:
    lists = ListComparison()
    assert lists.compare(HERE, THERE, LB01)
    assert lists.compare(HERE, SAME, LB01) is None
    assert lists.compare(HERE, THERE, LB01)


def test_it_is_told_again_when_our_own_list_changed() -> None:
    lists = ListComparison()
    assert lists.compare(HERE, THERE, LB01)
    assert lists.compare(instance(addresses=()), THERE, LB01)


def test_a_resignation_lists_what_it_likes() -> None:
    assert ListComparison().compare(HERE, advert(instance(addresses=()), 0), LB01) is None


def test_two_sources_do_not_make_each_other_new() -> None:
    """One that agrees and one that does not, in turn, would fill the log."""
    lists = ListComparison()
    told = [
        lists.compare(HERE, theirs, source)
        for _ in range(10)
        for theirs, source in ((THERE, LB01), (SAME, LB02))
    ]
    assert len([fact for fact in told if fact]) == 1


def test_a_flood_of_sources_fills_no_memory() -> None:
    lists = ListComparison()
    told = [lists.compare(HERE, THERE, LB01 + number) for number in range(1000)]
    assert len([fact for fact in told if fact]) == TOLD_MAX
