"""When a check is done, and when its results count: keepalived's rules as time lines.

The facts are those of keepalived 2.4.3 and 2.2.7 (check_tcp.c, check_http.c, check_smtp.c,
check_misc.c), read and not copied.
"""

import tracemalloc
from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from halod.balance.health import CheckHealth, file_verdict
from halod.balance.inheritance import same_checks
from halod.model.balance_event import Verdict
from halod.model.balance_fact import CheckFailed, CheckHeldDown
from halod.model.check import (
    Check,
    CheckTiming,
    Connection,
    DnsCheck,
    FileCheck,
    HttpCheck,
    HttpPage,
    MiscCheck,
    SmtpCheck,
    TcpCheck,
)
from halod.model.command import Command
from halod.model.endpoint import Endpoint
from halod.model.track_file import VrrpTrackFile
from halod.model.units import Duration, Instant

TO = Connection(to=Endpoint(IPv4Address("10.0.0.9"), 80))


def seconds(count: float) -> Duration:
    return Duration(round(count * 1_000_000_000))


def timing(**given: object) -> CheckTiming:
    plain = CheckTiming(
        delay_loop=seconds(10), retry=2, delay_before_retry=seconds(3), warmup=seconds(10)
    )
    return replace(plain, **given)  # type: ignore[arg-type]


def tcp(**given: object) -> Check:
    return TcpCheck(timing=timing(**given), connection=TO)


def http(pages: int = 1, *, fast: bool = False, **given: object) -> Check:
    return HttpCheck(
        timing=timing(**given),
        connection=TO,
        pages=tuple(HttpPage(path=f"/{page}") for page in range(pages)),
        fast_recovery=fast,
    )


def smtp(**given: object) -> Check:
    return SmtpCheck(timing=timing(**given), connection=TO)


def misc(**given: object) -> Check:
    return MiscCheck(timing=timing(**given), command=Command(("/bin/check",)), dynamic=True)


def played(check: Check, results: str, *, took: float = 0.0) -> str:
    """A time line: for each result (`+` or `-`) `t` and the second at which the attempt began, and
    `UP` or `DOWN` where there was a verdict."""
    health = CheckHealth("web", check)
    health.first_due(Instant(0), 0.0)
    line = []
    for result in results:
        began = health.due
        page = f"/{health.page}" if isinstance(check, HttpCheck) and len(check.pages) > 1 else ""
        outcome = health.finished(result == "+", "why", began + seconds(took), began=began)
        verdict = outcome.verdict if outcome else None
        told = "" if verdict is None else " UP" if verdict.up else " DOWN"
        line.append(f"{began.ns / 1e9:g}{page}{result}{told}")
    return ", ".join(line)


@pytest.mark.parametrize(
    ("check", "results", "wanted"),
    [
        # What is well goes on by delay_loop.
        (tcp(), "+++", "0+ UP, 10+, 20+"),
        # The first failure counts at once; afterwards it takes retry + 1 in a row.
        (tcp(), "--+", "0- DOWN, 10-, 20+ UP"),
        (tcp(), "+---", "0+ UP, 10-, 13-, 16- DOWN"),
        (tcp(), "+--+---", "0+ UP, 10-, 13-, 16+, 26-, 29-, 32- DOWN"),
        # What is down is asked by delay_loop, without retries.
        (tcp(), "+-----+", "0+ UP, 10-, 13-, 16- DOWN, 26-, 36-, 46+ UP"),
        (tcp(retry=0), "+-+", "0+ UP, 10- DOWN, 20+ UP"),
        # alpha: down until a success; the first failure is told.
        (tcp(alpha=True), "--+", "0- DOWN, 10-, 20+ UP"),
        # DNS_CHECK as TCP_CHECK.
        (DnsCheck(timing=timing(), connection=TO), "+---", "0+ UP, 10-, 13-, 16- DOWN"),
        # SMTP_CHECK takes its retries from the beginning, and while it is down.
        (smtp(), "---", "0-, 3-, 6- DOWN"),
        (smtp(), "-----+", "0-, 3-, 6- DOWN, 16-, 19-, 22+ UP"),
        (smtp(), "-------+", "0-, 3-, 6- DOWN, 16-, 19-, 22-, 32-, 35+ UP"),
    ],
)
def test_time_lines(check: Check, results: str, wanted: str) -> None:
    assert played(check, results) == wanted


@pytest.mark.parametrize(
    ("check", "results", "wanted"),
    [
        # One page: after a failure it must be well twice, once as the page and once as all pages.
        (http(), "+---++", "0+ UP, 10-, 13-, 16- DOWN, 26+, 36+ UP"),
        (http(fast=True), "+---++", "0+ UP, 10-, 13-, 16- DOWN, 26+, 26+ UP"),
        # Where delay_before_retry is longer, what is down waits that long.
        (http(delay_before_retry=seconds(30), retry=0), "--", "0- DOWN, 30-"),
        # Pages are delay_loop apart, and the verdict comes with the last one.
        (http(2), "++++", "0/0+, 10/1+ UP, 20/0+, 30/1+"),
        (http(2, fast=True), "+++", "0/0+, 0/1+ UP, 10/0+"),
        (http(2), "+-", "0/0+, 10/1- DOWN"),
        # The page that failed is asked for until it is well, then all of them.
        (
            http(2, retry=0),
            "+++--+++",
            "0/0+, 10/1+ UP, 20/0+, 30/1- DOWN, 40/1-, 50/1+, 60/0+, 70/1+ UP",
        ),
        (
            http(2, retry=0, fast=True),
            "++-+++",
            "0/0+, 0/1+ UP, 10/0- DOWN, 20/0+, 20/0+, 20/1+ UP",
        ),
        # Another page fails on the way: no spinning, not even with fast_recovery.
        (http(2, fast=True), "-++-+", "0/0- DOWN, 10/0+, 10/0+, 10/1-, 13/1+ UP"),
    ],
)
def test_time_lines_of_pages(check: Check, results: str, wanted: str) -> None:
    assert played(check, results) == wanted


def test_a_loop_counts_from_the_end_and_that_of_a_program_from_its_begin() -> None:
    assert played(tcp(), "++", took=1.5) == "0+ UP, 11.5+"
    assert played(misc(), "+++", took=1.5) == "0+ UP, 10+, 20+"
    assert played(misc(), "+-", took=15) == "0+ UP, 15-"


def test_warmup_spreads_the_first_attempt() -> None:
    health = CheckHealth("web", tcp(warmup=seconds(8)))
    assert health.first_due(Instant(5), 0.25) == Instant(2_000_000_005)
    assert health.first_due(Instant(5), 1.0) == Instant(8_000_000_005)


def test_failures_that_do_not_count_are_told_on_request() -> None:
    health = CheckHealth("web", tcp(log_all_failures=True))
    health.finished(True, "", Instant(0))
    first = health.finished(False, "refused", Instant(1))
    assert first is not None
    assert first.fact == CheckFailed("web", "refused", 2)
    assert first.verdict is None
    health.finished(False, "refused", Instant(2))
    last = health.finished(False, "status 503", Instant(3))
    assert last is not None
    assert last.verdict == Verdict("web", False, None, "status 503, 3 times in a row")
    assert health.finished(False, "status 503", Instant(4)) is None


def test_a_weight_that_changes_is_a_verdict() -> None:
    health = CheckHealth("web", misc())
    told = []
    for weight in (None, 5, 5, 0, None):
        outcome = health.finished(True, "", Instant(0), weight=weight)
        told.append(outcome.verdict.weight if outcome and outcome.verdict else "none")
    assert told == [None, 5, "none", 0, None]


def test_rise_asks_for_more_than_one_success() -> None:
    check = tcp(rise=3, retry=0)
    assert played(check, "+-+++") == "0+ UP, 10- DOWN, 20+, 30+, 40+ UP"
    assert played(check, "+-++-+++") == ("0+ UP, 10- DOWN, 20+, 30+, 40-, 50+, 60+, 70+ UP")
    # Rounds of pages, too, and these are not asked for without a wait between them.
    assert played(http(rise=2, retry=0, fast=True), "-+++") == "0- DOWN, 10+, 10+, 20+ UP"


def test_what_flaps_is_held_down() -> None:
    check = tcp(retry=0, flap_limit=2, flap_window=seconds(60), flap_hold=seconds(35))
    assert played(check, "+-+-+-++++") == (
        "0+ UP, 10- DOWN, 20+ UP, 30- DOWN, 40+ UP, 50- DOWN, 60+, 70+, 80+, 90+ UP"
    )
    health, outcomes = CheckHealth("web", check), []
    for at, result in enumerate("+-+-+-"):
        outcomes.append(health.finished(result == "+", "", Instant(at * 10**9)))
    assert outcomes[-1] is not None
    assert outcomes[-1].fact == CheckHeldDown("web", 3, seconds(4), seconds(35))
    assert "flaps" in str(outcomes[-1].verdict)
    # Spread over more than the window it is left alone.
    slow = tcp(retry=0, flap_limit=2, flap_window=seconds(30), flap_hold=seconds(35))
    assert played(slow, "+-+-+-+").endswith("50- DOWN, 60+ UP")


def test_a_reload_keeps_what_is_known() -> None:
    old, new = tcp(), tcp(retry=1, delay_loop=seconds(4))
    health = CheckHealth("web 0", old)
    health.finished(True, "", Instant(0))
    health.finished(False, "", Instant(0))
    health.finished(False, "", Instant(0))
    health.adopt("web 1", new, Instant(10**9))
    outcome = health.finished(False, "", Instant(2 * 10**9))
    assert outcome is not None
    assert outcome.verdict is not None
    assert (outcome.verdict.check, outcome.verdict.up) == ("web 1", False)
    # What waits in the old loop does not wait longer than the new one says.
    health = CheckHealth("web 0", old)
    health.finished(True, "", Instant(0))
    health.adopt("web 0", new, Instant(10**9))
    assert health.due == Instant(5 * 10**9)
    # Nothing is known: one failure is enough all the same.
    health = CheckHealth("web 0", tcp(retry=0))
    health.adopt("web 0", old, Instant(0))
    assert health.finished(False, "", Instant(0)) is not None


def test_what_was_known_before_a_restart_is_no_first_result() -> None:
    health = CheckHealth("web", tcp())
    health.resume(up=True)
    assert health.finished(True, "", Instant(0)) is None
    assert health.finished(False, "", Instant(0)) is None, "has its retries"
    health = CheckHealth("web", tcp())
    health.resume(up=False)
    assert health.finished(False, "", Instant(0)) is None
    assert health.finished(True, "", Instant(0)) is not None


@pytest.mark.parametrize(
    ("weight", "reverse", "number", "up", "moved"),
    [
        (0, False, 0, True, None),
        (0, False, 3, False, None),
        (0, True, 3, True, None),
        (0, True, 0, False, None),
        (1, False, -7, True, -7),
        (2, True, 5, True, -10),
        (1, False, -(2**31), False, None),
        (2, True, 2**30, False, None),
        (2, False, 2**30, True, 2**31),
    ],
)
def test_files(weight: int, reverse: bool, number: int, up: bool, moved: int | None) -> None:
    check = FileCheck(
        timing=timing(),
        source=VrrpTrackFile(name="load", path="/run/load"),
        weight=weight,
        reverse=reverse,
    )
    verdict = file_verdict("web", check, number)
    assert (verdict.up, verdict.weight) == (up, moved)
    assert str(number) in verdict.detail


def test_a_check_is_the_same_whatever_its_times_are() -> None:
    other = TcpCheck(timing=timing(), connection=replace(TO, mark=3))
    assert same_checks([tcp(), http()], [http(retry=7), tcp(retry=0)]) == {0: 1, 1: 0}
    assert same_checks([tcp()], [other]) == {}
    # Two alike are taken up one after the other.
    assert same_checks([tcp(), tcp()], [tcp(retry=9), tcp(), tcp()]) == {0: 0, 1: 1}


def test_results_without_news_leave_no_garbage() -> None:
    """Ten thousand checks at a 5 s loop are two thousand results a second."""
    health = CheckHealth("web", tcp())
    now = Instant(0)
    for _ in range(10):
        health.finished(True, "", now)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(1000):
        health.finished(True, "", now)
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert held < 1000, "one deadline replaces the other"
