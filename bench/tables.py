"""The tables of `make bench` by name, and those that are a page each.

Knows which programs are compared and how figures are shown. Must not know how one is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from bench.balanced_table import balanced
from bench.checks_table import checks
from bench.faults_table import faults
from bench.figures import Outcome, cells, ratio, ratio_text, spread
from bench.load_table import load
from bench.measure import PROGRAMS
from bench.paced import PACES
from bench.renewal import ADDRESSES, WAYS, Renewal, measure_renewal
from bench.scripts import COUNTS, measure_scripts
from bench.scripts import PACE as SCRIPTS_PACE
from bench.start import measure_start
from bench.takeover import measure_takeover
from bench.vmac import measure_vmac_takeover

__all__ = ["TABLES"]

VIPS = (1, 100, 1000)
RENEWAL_DELAY_MS_MAX = 2.0
SCRIPTS_LATE_MS_MAX = 5.0


def takeovers(repeat: int, wanted: Sequence[str]) -> Outcome:
    """From the timer to the last gratuitous ARP, in turn."""
    del wanted
    document: list[dict[str, Any]] = []
    missed: list[str] = []
    print(f"\ntakeover, ms after the new master's first advert, {repeat} runs, in turn\n")
    print(cells("", ["first announced", "each announced once", "last announcement"]), flush=True)
    for addresses in VIPS:
        last: dict[str, float] = {}
        print(f"{addresses} VIPs")
        for program in PROGRAMS:
            runs = [measure_takeover(program, addresses) for _ in range(repeat)]
            names = ("first_ms", "each_ms", "last_ms")
            texts = [spread([getattr(one, name) for one in runs]) for name in names]
            print(cells(f"  {program}", texts), flush=True)
            last[program] = median(one.last_ms for one in runs)
            each = [asdict(one) for one in runs]
            document.append({"program": program, "addresses": addresses, "runs": each})
        print(cells("  ratio", ["", "", ratio_text(ratio(last["halod"], last["keepalived"]))]))
        # Of a few addresses a millisecond or two is the way from thread to thread.
        if addresses == VIPS[-1] and last["halod"] > last["keepalived"]:
            missed.append(f"{addresses} VIPs: {last['halod']:.1f} ms, longer than keepalived")
    return document, missed


def vmac_takeovers(repeat: int, wanted: Sequence[str]) -> Outcome:
    """The same for 1,000 addresses of each family on virtual MACs."""
    del wanted
    document: list[dict[str, Any]] = []
    print(f"\ntakeover of 1,000 and 1,000 VIPs with `use_vmac`, ms, {repeat} runs, in turn\n")
    heads = ["first announced", "each announced once", "last announcement", "announced"]
    print(cells("", heads), flush=True)
    for program in PROGRAMS:
        runs = [measure_vmac_takeover(program) for _ in range(repeat)]
        names = ("first_ms", "each_ms", "last_ms", "announced")
        print(cells(program, [spread([getattr(one, name) for one in runs]) for name in names]))
        document.append({"program": program, "runs": [asdict(one) for one in runs]})
    return document, []


def renewals(repeat: int, wanted: Sequence[str]) -> Outcome:
    """What renewing the lease of 1,000 VIPs does to adverts, each way in turn."""
    del wanted
    print(f"\nadverts of a master of {ADDRESSES} VIPs, late by ms: {repeat} runs, in turn\n")
    heads = ("half at most", "99 % at most", "most", "more than without", "latest renewal, ms")
    print(cells("", heads), flush=True)
    rounds = [[measure_renewal(way) for way in WAYS] for _ in range(repeat)]
    document: list[dict[str, Any]] = []
    missed: list[str] = []
    without: dict[object, float] = {}
    for number, way in enumerate(WAYS):
        runs: list[Renewal] = [one[number] for one in rounds]
        names = ("p50_ms", "p99_ms", "max_ms")
        texts = [spread([getattr(one.lates, name) for one in runs]) for name in names]
        most = median(one.lates.max_ms for one in runs)
        delay_ms = None
        if way.is_compared_with is None:
            without[way.pace] = most
        else:
            delay_ms = most - without[way.pace]
            texts += [f"{delay_ms:.3f}", spread([(one.renewal_max_s or 0) * 1e3 for one in runs])]
            if delay_ms > RENEWAL_DELAY_MS_MAX:
                missed.append(
                    f"{way}: renewals of {ADDRESSES} VIPs delay an advert by {delay_ms:.1f} ms, "
                    f"at most {RENEWAL_DELAY_MS_MAX:g} ms"
                )
        print(cells(str(way), texts), flush=True)
        each = [asdict(one) for one in runs]
        document.append({"way": str(way), "delay_ms": delay_ms, "runs": each})
    return document, missed


def starts(repeat: int, wanted: Sequence[str]) -> Outcome:
    """From the start of the program to MASTER, in turn."""
    del wanted
    document: list[dict[str, Any]] = []
    print(f"\nstart to MASTER, seconds, {repeat} runs, in turn\n", flush=True)
    for pace in PACES:
        for program in PROGRAMS:
            runs = [measure_start(program, pace) for _ in range(repeat)]
            print(cells(f"{program} {pace}", [spread(runs)]), flush=True)
            document.append({"program": program, "pace": str(pace), "seconds": runs})
    return document, []


def scripts(repeat: int, wanted: Sequence[str]) -> Outcome:
    """Adverts of one master at 0.1 s beside 500 check scripts a second, in turn."""
    del wanted
    document: list[dict[str, Any]] = []
    missed: list[str] = []
    print(f"\nadverts at {SCRIPTS_PACE}, late by ms, {repeat} runs, in turn\n")
    heads = ("half at most", "99 % at most", "most", "with stalls", "processes/s")
    print(cells("", heads), flush=True)
    for count in COUNTS:
        for program in PROGRAMS:
            runs = [measure_scripts(program, count) for _ in range(repeat)]
            names = ("p50_ms", "p99_ms", "max_ms", "max_with_stalls_ms", "started_per_s")
            texts = [spread([getattr(one, name) for one in runs]) for name in names]
            print(cells(f"{program}, {count} scripts", texts), flush=True)
            each = [asdict(one) for one in runs]
            document.append({"program": program, "scripts": count, "runs": each})
            latest = median(one.max_ms for one in runs)
            if program == "halod" and latest > SCRIPTS_LATE_MS_MAX:
                missed.append(
                    f"{count} scripts: an advert {latest:.1f} ms late, "
                    f"at most {SCRIPTS_LATE_MS_MAX:g} ms"
                )
    return document, missed


TABLES: dict[str, Callable[[int, Sequence[str]], Outcome]] = {
    "faults": faults,
    "load": load,
    "takeover": takeovers,
    "vmac": vmac_takeovers,
    "renewal": renewals,
    "scripts": scripts,
    "start": starts,
    "checks": checks,
    "balanced": balanced,
}
"""By the name that `--only` takes."""
