"""One fault, one daemon, one fresh lab: what clients and links saw.

Knows how a pair is brought to the moment of the fault. Must not know goals.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median, mode

from bench.attempts import attempt
from bench.listening import wait_until_it_listens
from bench.rows import VIP, Row
from halod.lab.advert_ear import AdvertEar
from halod.lab.balancer import Balancer
from halod.lab.errors import LabError
from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from halod.lab.report import Outage, Report
from halod.lab.topology import tutorial_topology

__all__ = ["PROGRAMS", "Figures", "measure", "measure_all", "medians"]

PROGRAMS = ("halod", "keepalived")
PEER = "lb02"
MASTER_WITHIN_S = 8.0
ADVERT_WITHIN_S = 3.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run showed, seconds."""

    outage_s: float
    """The longest stretch in which nobody answered the client."""
    lost_s: float
    """All such stretches together."""
    two_owners_s: float
    """How long two hosts had the address, in all."""
    no_owner_s: float
    """How long no host had it."""
    advert_to_answer_s: float
    """From the old master's last advert to the next answer, over the longest outage; 0 where there
    was none. The moment of the fault, which a busy machine shifts, is not in it."""
    takeover_s: float
    """From the old master's last advert (the last before the fault, where it does not silence it)
    to the moment when the peer has the address; 0 where it took nothing over. Where the dead goes
    on answering this is all that is left to compare."""
    owners: tuple[str, ...]
    """Who had the address when the watch ended."""


def measure(row: Row, program: str, base: Path | None = None) -> Figures:
    """Brings a pair of `program` up, strikes, watches. LabError where it does not come up.

    A busy machine may make a pair of equals change over before the fault: that run is void.
    """
    return attempt(lambda: _measure_once(row, program, base))


def _measure_once(row: Row, program: str, base: Path | None) -> Figures:
    with Lab(tutorial_topology(), base=base) as lab:
        first, second = (lab.balancer(name, program, row.text(name)) for name in ("lb01", "lb02"))
        first.start()
        lab.wait_for_owner(VIP, "lb01", MASTER_WITHIN_S)
        second.start()
        wait_until_it_listens(second)
        # Not at the client: it hears the prober too.
        ear = AdvertEar(lab.machine("web01"))
        all_adverts = AdvertEar(lab.machine("web01"))

        struck_ns: list[int] = []

        def strike() -> None:
            _wait_for_adverts(ear, first, 1)
            wait_until(lambda: False, row.strike_after_s)
            struck_ns.append(time.monotonic_ns())
            row.act(lab)

        try:
            # lb02 must have heard some, or its own start is what is measured.
            _wait_for_adverts(ear, first, 2)
            if row.before is not None:
                row.before(lab)
                wait_until(lambda: False, row.before_s)
            report = lab.probe(VIP, row.watch_s, during=strike)
            own = str(first.machine.host.address.ip)
            said = [advert.at_ns for advert in all_adverts.heard() if advert.source == own]
        finally:
            ear.close()
            all_adverts.close()
    return Figures(
        report.outage_s,
        report.lost_s,
        report.two_owners_s,
        report.no_owner_s,
        _advert_to_answer_s(report.outages, said),
        _takeover_s(report, said if row.since_advert else [n for n in said if n < struck_ns[0]]),
        tuple(sorted(h.host for h in report.holdings if h.end_ns == report.end_ns)),
    )


def _advert_to_answer_s(outages: Sequence[Outage], said_ns: Sequence[int]) -> float:
    if not outages:
        return 0.0
    longest = max(outages, key=lambda outage: outage.seconds)
    return _since_last(said_ns, longest.start_ns, longest.end_ns)


def _takeover_s(report: Report, said_ns: Sequence[int]) -> float:
    taken = [h.start_ns for h in report.holdings if h.host == PEER and h.start_ns > report.start_ns]
    return _since_last(said_ns, taken[0], taken[0]) if taken else 0.0


def _since_last(said_ns: Sequence[int], before_ns: int, until_ns: int) -> float:
    return (until_ns - max(at_ns for at_ns in said_ns if at_ns <= before_ns)) / 1e9


def _wait_for_adverts(ear: AdvertEar, master: Balancer, count: int) -> None:
    source = str(master.machine.host.address.ip)
    for _ in range(count):
        if ear.wait(source, ADVERT_WITHIN_S) is None:
            raise LabError(f"{source} sends no adverts; it said:\n{master.log_tail()}")


def measure_all(row: Row, base: Path | None = None) -> dict[str, Figures]:
    """Both daemons at the same time, each in a lab of its own: what the machine does to one, it
    does to the other; in turn where the row says so. LabError, and whose, where a pair did not
    come up."""
    with ThreadPoolExecutor(1 if row.in_turn else len(PROGRAMS)) as pool:
        runs = {program: pool.submit(measure, row, program, base) for program in PROGRAMS}
        wait(runs.values())
        for program, run in runs.items():
            if isinstance(error := run.exception(), LabError):
                raise LabError(f"the pair of {program} did not come up: {error}") from error
        return {program: run.result() for program, run in runs.items()}


def medians(runs: Sequence[Figures]) -> Figures:
    """The middle of each figure; of the owners, those that there were most often."""
    numbers = [field.name for field in fields(Figures) if field.name != "owners"]
    middle = {name: median(getattr(run, name) for run in runs) for name in numbers}
    return Figures(**middle, owners=mode(run.owners for run in runs))
