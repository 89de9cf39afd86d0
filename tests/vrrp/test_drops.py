"""Lines about drops: one at once, then one a minute with the number; counts are exact."""

from dataclasses import replace
from ipaddress import IPv4Address
from itertools import pairwise
from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from halod.model.drop import DropReason
from halod.model.fact import AdvertsDropped
from halod.model.units import Duration, Instant
from halod.vrrp.drops import TOLD_MAX, DropLedger
from tests.kit.build import ETH, LB01, LB02, MS, at, instance, received

EVENT = received(instance(), LB01)
BAD = DropReason.BAD_CHECKSUM


def tell(
    ledger: DropLedger, now: Instant, source: IPv4Address = LB01, reason: DropReason = BAD
) -> AdvertsDropped | None:
    return ledger.count(replace(EVENT, source=source), reason, "wrong checksum", now)


def test_the_first_is_told_at_once() -> None:
    # RFC 9568, 7.1: log the event, subject to rate-limiting.
    assert tell(DropLedger("VI_1"), at(5)) == AdvertsDropped(
        "VI_1", ETH, LB01, BAD, 1, "wrong checksum"
    )


def test_a_summary_a_minute_has_the_number_since_the_last_line() -> None:
    ledger = DropLedger("VI_1")
    told = [(n, fact.count) for n in range(181) if (fact := tell(ledger, at(n)))]
    assert told == [(0, 1), (60, 60), (120, 60), (180, 60)]
    assert ledger.counts == {BAD: 181}


def test_each_source_and_each_reason_is_told_on_its_own() -> None:
    ledger = DropLedger("VI_1")
    assert tell(ledger, at(0))
    assert tell(ledger, at(1), LB02)
    assert tell(ledger, at(2), LB01, DropReason.AUTH_FAILED)
    assert tell(ledger, at(3)) is None


def test_after_a_state_change_each_is_told_anew() -> None:
    ledger = DropLedger("VI_1")
    assert tell(ledger, at(0))
    assert tell(ledger, at(1)) is None
    ledger.state_changed()
    again = tell(ledger, at(2))
    assert again is not None
    assert again.count == 1
    assert ledger.counts == {BAD: 3}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 90_000)), max_size=200))
def test_lines_are_rare_and_numbers_add_up(steps: list[tuple[int, int]]) -> None:
    """Against a plain list: never two lines of one source within a minute, and none lost."""
    ledger, now = DropLedger("VI_1"), at(0)
    lines: dict[IPv4Address, list[tuple[Instant, int]]] = {}
    seen: dict[IPv4Address, int] = {}
    for host, wait in steps:
        now = now + MS * wait
        source = IPv4Address(host + 1)
        seen[source] = seen.get(source, 0) + 1
        fact = tell(ledger, now, source)
        if fact is not None:
            lines.setdefault(source, []).append((now, fact.count))
            assert sum(count for _, count in lines[source]) == seen[source]
    for told in lines.values():
        gaps = [later - earlier for (earlier, _), (later, _) in pairwise(told)]
        assert all(gap >= Duration.seconds(60) for gap in gaps)
    assert set(lines) == set(seen)


def test_a_flood_of_sources_is_counted_and_mostly_not_told() -> None:
    ledger = DropLedger("VI_1")
    told = [fact for n in range(1000) if (fact := tell(ledger, at(0), IPv4Address(n + 1)))]
    assert len(told) == TOLD_MAX
    assert ledger.counts == {BAD: 1000}


def test_after_a_flood_a_new_source_is_told_again_within_a_minute() -> None:
    ledger = DropLedger("VI_1")
    for n in range(1000):
        tell(ledger, at(0), IPv4Address(n + 1))
    assert tell(ledger, at(59), LB01) is None
    assert tell(ledger, at(60), LB01)


def test_a_flood_that_goes_on_gets_few_lines_a_minute() -> None:
    ledger = DropLedger("VI_1")
    told = [fact for n in range(6000) if (fact := tell(ledger, at(n / 10), IPv4Address(n + 1)))]
    assert len(told) <= TOLD_MAX * 11


def test_a_flood_from_ever_new_sources_costs_no_more_than_from_one() -> None:
    """Else it would keep the processor from the adverts that count: it was twenty times as much."""

    def cost_s(sources: int) -> float:
        ledger = DropLedger("VI_1")
        events = [replace(EVENT, source=IPv4Address(n % sources)) for n in range(4000)]
        started = process_time()
        for event in events:
            ledger.count(event, BAD, "wrong checksum", at(5))
        return process_time() - started

    many, one = (min(cost_s(sources) for _ in range(5)) for sources in (4000, 1))
    assert many < 3 * one, (many, one)
