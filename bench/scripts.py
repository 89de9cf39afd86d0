"""Whether 500 check scripts a second delay an advert.

Knows one master at 0.1 s, with and without the scripts, and when its adverts came. What the machine
itself stood still is taken out: a witness a core, before everything else, says when a core did
nothing. Must not judge.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.kit.stalls import Stall, Witnesses, read_stalls

from bench.attempts import attempt
from bench.load import own_lateness
from bench.many import Pace, instances_config, vip
from halod.lab.advert_ear import AdvertEar
from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from halod.lab.topology import tutorial_topology

__all__ = ["COUNTS", "SCRIPTS", "Lateness", "measure_scripts"]

SCRIPTS = 500
COUNTS = (0, SCRIPTS)
"""Without them first: what is later with them is their doing."""
PACE = Pace(3, 0.1)
WATCH_S = 20.0
SETTLE_S = 5.0
MASTER_WITHIN_S = 60.0
STALL_S = 0.002
"""A core that did nothing for longer spoils the advert that was due then."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """Adverts of one master, ms by which they came later than one interval after the one before."""

    p50_ms: float
    p99_ms: float
    max_ms: float
    """Of those that no stall of the machine touches."""
    max_with_stalls_ms: float
    adverts: int
    spoiled: int
    """Of them, those that a stall touches."""
    own_max_ms: float | None
    """The latest by the daemon's own account; None: it gives none."""
    started_per_s: float
    """Processes that the machine started meanwhile."""


def config(scripts: int) -> str:
    """One instance that tracks so many scripts, each with a weight that moves nothing."""
    names = [f"chk_{number}" for number in range(scripts)]
    blocks = "".join(
        f'vrrp_script {name} {{\n    script "/bin/true"\n    interval 1\n    weight -1\n}}\n'
        for name in names
    )
    text = instances_config("lb01", 1, 1, PACE)
    if not scripts:
        return text
    begin, track = "global_defs {\n", "    virtual_ipaddress {"
    tracked = "".join(f"        {name}\n" for name in names)
    text = text.replace(begin, f"{begin}    enable_script_security\n    script_user root\n")
    text = text.replace(track, f"    track_script {{\n{tracked}    }}\n{track}")
    return text.replace("vrrp_instance", f"{blocks}vrrp_instance", 1)


def measure_scripts(program: str, scripts: int) -> Lateness:
    """One master, watched from another host."""
    return attempt(lambda: _measure_once(program, scripts))


def _measure_once(program: str, scripts: int) -> Lateness:
    with TemporaryDirectory() as folder, Lab(tutorial_topology()) as lab:
        witnesses = Witnesses.start(Path(folder, "stalls"), STALL_S)
        try:
            node = lab.balancer("lb01", program, config(scripts))
            node.start()
            lab.wait_for_owner(vip(0), "lb01", MASTER_WITHIN_S)
            wait_until(lambda: False, SETTLE_S)
            ear = AdvertEar(lab.machine("web01"))
            since_ns, before = time.monotonic_ns(), _started()
            wait_until(lambda: False, WATCH_S, 1.0)
            started = _started() - before
            own = str(node.machine.host.address.ip)
            came_ns = [advert.at_ns for advert in ear.heard() if advert.source == own]
            ear.close()
            stalls = read_stalls(witnesses.file, since_ns)
            account = own_lateness(node).get("advert", {})
        finally:
            witnesses.stop()
    return _figures(came_ns, stalls, account.get("max_s"), started / WATCH_S)


def _started() -> int:
    """Processes since the boot (proc(5))."""
    lines = Path("/proc/stat").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("processes ")).split()[1])


def _figures(
    came_ns: Sequence[int], stalls: Sequence[Stall], own_s: float | None, started_per_s: float
) -> Lateness:
    interval_ns = PACE.interval_s * 1e9
    late = [
        ((after - before - interval_ns) / 1e6, _is_spoiled(before, after, stalls))
        for before, after in pairwise(came_ns)
    ]
    clean = sorted(ms for ms, spoiled in late if not spoiled)
    assert clean, "nobody advertised, or the machine stood still all the time"
    return Lateness(
        p50_ms=clean[len(clean) // 2],
        p99_ms=clean[-(-len(clean) * 99 // 100) - 1],
        max_ms=clean[-1],
        max_with_stalls_ms=max(ms for ms, _ in late),
        adverts=len(late),
        spoiled=len(late) - len(clean),
        own_max_ms=None if own_s is None else own_s * 1e3,
        started_per_s=started_per_s,
    )


def _is_spoiled(before_ns: int, after_ns: int, stalls: Sequence[Stall]) -> bool:
    """Whether a core stood still when one of the two adverts was due."""
    interval_ns = int(PACE.interval_s * 1e9)
    due = (before_ns, before_ns + interval_ns, after_ns)
    margin_ns = 1_000_000
    return any(
        stall.start_ns - margin_ns <= moment <= stall.end_ns + margin_ns
        for stall in stalls
        for moment in due
    )
