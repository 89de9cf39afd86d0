"""What counts as a miss: an outage beside keepalived's, or beside the theory, and two owners."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bench.goals import is_by_two_owners, master_down_s, misses
from bench.load import Load
from bench.load_table import load_misses
from bench.many import Pace
from bench.measure import Figures, medians
from bench.paced import PACES, TUTORIAL, rows_at
from bench.rows import Row

FAST = Pace(3, 0.1)
NOTHING = Figures(0, 0, 0, 0, 0, 0, ("lb02",))
LEFT_BOTH = replace(NOTHING, two_owners_s=2.4, takeover_s=3.61, owners=("lb01", "lb02"))


def row(name: str, pace: Pace = TUTORIAL) -> Row:
    return next(one for one in rows_at(pace) if one.name == name)


def after(advert_to_answer_s: float, outage_s: float = 0.6) -> Figures:
    return replace(NOTHING, outage_s=outage_s, advert_to_answer_s=advert_to_answer_s)


@pytest.mark.parametrize(
    ("pace", "above_s", "missed"),
    [(TUTORIAL, 0.019, 0), (TUTORIAL, 0.021, 1), (FAST, 0.009, 0), (FAST, 0.011, 1)],
)
def test_an_outage_is_held_against_keepalived(pace: Pace, above_s: float, missed: int) -> None:
    figures = {"halod": after(0.7 + above_s), "keepalived": after(0.7)}
    assert len(misses(row("SIGTERM", pace), figures, pace)) == missed


def test_the_moment_of_the_fault_is_not_in_it_where_the_fault_silences_the_master() -> None:
    figures = {"halod": after(0.7, outage_s=0.65), "keepalived": after(0.7, outage_s=0.61)}
    assert misses(row("SIGTERM"), figures, TUTORIAL) == []


def test_where_the_master_goes_on_the_outage_itself_is_compared() -> None:
    figures = {"halod": after(0.7, outage_s=0.03), "keepalived": NOTHING}
    (miss,) = misses(row("partition begins"), figures, TUTORIAL)
    assert miss == "0.030 s outage, and with keepalived 0.000 s: more than 0.02 s longer"


def test_a_dead_node_that_goes_on_answering_is_no_measure() -> None:
    death = row("SIGKILL of everything")
    assert is_by_two_owners(death, LEFT_BOTH)
    assert not is_by_two_owners(death, after(3.6))
    assert not is_by_two_owners(row("partition begins"), LEFT_BOTH)
    assert misses(death, {"halod": after(3.62), "keepalived": LEFT_BOTH}, TUTORIAL) == []
    (miss,) = misses(death, {"halod": after(3.64), "keepalived": LEFT_BOTH}, TUTORIAL)
    assert "in theory 3.609 s" in miss


@pytest.mark.parametrize(
    ("pace", "name", "seconds"),
    [
        (TUTORIAL, "SIGKILL of everything", 3.609375),
        (TUTORIAL, "SIGKILL, 50 VIPs, peer 254", 3.0078125),
        (FAST, "SIGKILL of everything", 0.3609375),
        (Pace(3, 0.02), "SIGSTOP, 50 VIPs, peer 254", 0.06015625),
    ],
)
def test_the_theory(pace: Pace, name: str, seconds: float) -> None:
    """RFC 3768, 6.1 and RFC 9568, 6.1: three intervals and Skew_Time."""
    assert master_down_s(row(name, pace), pace) == pytest.approx(seconds, abs=1e-6)


@pytest.mark.parametrize(("pace", "most_s"), [(TUTORIAL, 0.25), (FAST, 0.1), (PACES[2], 0.1)])
def test_two_owners_have_a_limit_in_each_row_of_a_death(pace: Pace, most_s: float) -> None:
    deaths = [one for one in rows_at(pace) if one.is_death]
    assert len(deaths) == 5
    for death in deaths:
        within = replace(after(0.05, outage_s=0.05), two_owners_s=most_s)
        beyond = replace(within, two_owners_s=most_s + 0.001)
        assert misses(death, {"halod": within, "keepalived": LEFT_BOTH}, pace) == []
        (miss,) = misses(death, {"halod": beyond, "keepalived": LEFT_BOTH}, pace)
        assert miss.startswith("two owners for ")


def test_no_row_goes_unjudged() -> None:
    endless = Figures(9, 9, 9, 9, 9, 9, ("lb02",))
    for pace in PACES:
        for one in rows_at(pace):
            assert misses(one, {"halod": endless, "keepalived": NOTHING}, pace), one.name


def test_the_middle_of_three_runs() -> None:
    runs = [after(3.0), replace(after(1.0), owners=("lb01",)), after(2.0)]
    assert medians(runs) == after(2.0)


LOAD = Load(
    sent_us=36.0,
    renewals_us=2.0,
    received_us=8.0,
    adverts_s=2550.0,
    heartbeat_rss_mib=3.0,
    daemon_pss_mib=4.0,
    late_p50_ms=0.1,
    late_p99_ms=0.2,
    late_max_ms=0.3,
    own_lateness={},
)


@pytest.mark.parametrize(
    ("ours", "missed"),
    [
        (LOAD, 0),
        (replace(LOAD, sent_us=43.0, received_us=8.0, heartbeat_rss_mib=30.0), 0),
        (replace(LOAD, sent_us=43.3), 1),
        (replace(LOAD, received_us=8.1), 1),
        (replace(LOAD, heartbeat_rss_mib=30.1), 1),
        (replace(LOAD, daemon_pss_mib=45.1), 1),
    ],
)
def test_cost_has_limits(ours: Load, missed: int) -> None:
    assert len(load_misses({"halod": ours, "keepalived": LOAD}, "v3 0.1 s")) == missed
