"""A pair at a tenth of a second while others want the processor: `python -m bench.starvation`.

    --minutes N   how long it is starved; default: 10
    --ordinary    without real-time scheduling, as where CAP_SYS_NICE is missing

Two busy loops a core, of ordinary priority. Exit status 1 where lb02 took over from a living lb01.
Knows the pair and the loops. Must not know why one was late.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.attempts import attempt
from bench.listening import wait_until_it_listens
from bench.many import Pace, instances_config, vip
from halod.cli.ask import ask
from halod.lab.advert_ear import AdvertEar
from halod.lab.balancer import Balancer
from halod.lab.lab import Lab
from halod.lab.node_program import HALOD
from halod.lab.patience import wait_until
from halod.lab.topology import tutorial_topology

__all__ = ["PACE", "Starved", "starve"]

PACE = Pace(version=3, interval_s=0.1)
LOOPS_A_CORE = 2
MASTER_WITHIN_S = 10.0
READ_EVERY_S = 5.0
"""The ear has room for minutes, not for hours."""
_NOT_NICE = ("--bounding-set=-sys_nice", "--inh-caps=-sys_nice")


@dataclass(frozen=True, slots=True)
class Starved:
    """What one pair did while it was starved."""

    seconds: float
    takeovers: int
    """How often lb02 had the address."""
    adverts: int
    """Of lb01."""
    longest_gap_s: float
    """Between two of them; 0.1 s where nothing is late."""
    lateness: dict[str, dict[str, Any]]
    """Of lb01's timer, adverts and renewals, by its own account."""
    outage_s: float
    """The longest stretch in which nobody answered a client."""


def starve(seconds: float, *, real_time: bool, base: Path | None = None) -> Starved:
    """Brings a pair up, takes the processor from it, and looks."""
    with Lab(tutorial_topology(), base=base) as lab:
        first, second = (_node(lab, name, real_time=real_time) for name in ("lb01", "lb02"))
        first.start()
        lab.wait_for_owner(vip(0), "lb01", MASTER_WITHIN_S)
        second.start()
        wait_until_it_listens(second)
        own = str(first.machine.host.address.ip)
        ear = AdvertEar(lab.machine("web01"))
        at_ns: list[int] = []
        # lb02 has heard some, or its own start is what is measured.
        ear.wait(own, MASTER_WITHIN_S)

        def listen() -> bool:
            at_ns.extend(advert.at_ns for advert in ear.heard() if advert.source == own)
            return False

        # Without a route: the VIPs of the bench are in nobody's subnet.
        lab.machine("client").namespace.ip("route", "add", f"{vip(0)}/32", "dev", "ens33")
        with lab.probing(vip(0)) as recording, _busy():
            wait_until(listen, seconds, READ_EVERY_S)
        listen()
        ear.close()
        report = lab.report(recording, vip(0))
        assert report.sent > seconds, "the prober asked, and was not starved itself"
        return Starved(
            seconds=seconds,
            takeovers=sum(holding.host == "lb02" for holding in lab.holdings()),
            adverts=len(at_ns),
            longest_gap_s=max(after - before for before, after in pairwise(at_ns)) / 1e9,
            lateness=ask(str(first.machine.run_directory), "status")["lateness"],
            outage_s=report.outage_s,
        )


def _node(lab: Lab, name: str, *, real_time: bool) -> Balancer:
    node = lab.balancer(name, "halod", instances_config(name, 1, 1, PACE))
    if not real_time:
        setpriv, halod = shutil.which("setpriv"), HALOD.find()
        assert setpriv, "util-linux, as unshare is"
        assert halod, "make setup"
        node.program = replace(
            HALOD,
            find=lambda: setpriv,
            arguments=lambda file, run: [*_NOT_NICE, halod, *HALOD.arguments(file, run)],
        )
    return node


@contextmanager
def _busy() -> Iterator[None]:
    count = LOOPS_A_CORE * (os.cpu_count() or 1)
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.starvation", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--ordinary", action="store_true")
    given = parser.parse_args()
    found = attempt(lambda: starve(given.minutes * 60, real_time=not given.ordinary))
    print(json.dumps(asdict(found), indent=2))
    return 1 if found.takeovers else 0


if __name__ == "__main__":
    sys.exit(main())
