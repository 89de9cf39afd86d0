"""What a heartbeat costs while nothing happens: processor time an advert, and memory.

Knows /proc. Must not judge. The processor time of a process is the kernel's own account of its
threads (schedstat), so what else runs on the machine is not in it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bench.attempts import attempt
from bench.gaps import GapEar
from bench.listening import wait_until_it_listens
from bench.many import Pace, instances_config, vip
from halod.cli.ask import ask
from halod.lab.balancer import Balancer
from halod.lab.lab import Lab
from halod.lab.machine import Machine
from halod.lab.patience import wait_until
from halod.lab.process import ProcessId
from halod.lab.topology import tutorial_topology

__all__ = ["Load", "measure_load", "own_lateness"]

SETTLE_S = 2.0
"""After the last VIP came up: bursts of gratuitous ARP are over."""
MASTER_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Load:
    """One pair at rest."""

    sent_us: float
    """Processor time of the master's heartbeat an advert sent, microseconds, renewals included."""
    renewals_us: float
    """Of that: the threads beside the advert path."""
    received_us: float
    """Processor time of the backup's heartbeat an advert received, microseconds."""
    adverts_s: float
    """Adverts a second on the wire."""
    heartbeat_rss_mib: float
    """Resident memory of the master's heartbeat process."""
    daemon_pss_mib: float
    """Proportional share of memory of all its processes."""
    late_p50_ms: float
    """By how much the gap between two adverts of one instance was longer than the interval, as a
    third host saw it: half of them at most so much."""
    late_p99_ms: float
    """The same of 99 in 100."""
    late_max_ms: float
    """The longest."""
    own_lateness: dict[str, dict[str, Any]]
    """What the master says of itself in `haloctl status`; empty for keepalived, which says
    nothing."""


def measure_load(program: str, instances: int, pace: Pace, seconds: float) -> Load:
    """Brings a pair up and watches it for so many seconds."""
    return attempt(lambda: _measure_once(program, instances, pace, seconds))


def _measure_once(program: str, instances: int, pace: Pace, seconds: float) -> Load:
    with Lab(tutorial_topology()) as lab:
        nodes = []
        for name in ("lb01", "lb02"):
            node = lab.balancer(name, program, instances_config(name, instances, 1, pace))
            node.start()
            wait_until_it_listens(node, instances)
            nodes.append(node)
            last = vip(instances - 1)
            if name == "lb01":
                lab.wait_for_owner(last, "lb01", MASTER_WITHIN_S)
        wait_until(lambda: False, SETTLE_S + pace.interval_s * 2)
        master, backup = (_heartbeat(node) for node in nodes)
        counter = AdvertCounter(lab.machine("client"), str(lab.machine("lb01").host.address.ip))
        ear = GapEar(lab.machine("web01"), str(lab.machine("lb01").host.address.ip))
        before = counter.read(), _spent(master), _spent(backup)
        wait_until(lambda: False, seconds)
        after = counter.read(), _spent(master), _spent(backup)
        lates = ear.lates(pace.interval_s)
        adverts = after[0] - before[0]
        main, beside = (after[1][n] - before[1][n] for n in (0, 1))
        heard = sum(after[2]) - sum(before[2])
        return Load(
            sent_us=(main + beside) / adverts / 1000,
            renewals_us=beside / adverts / 1000,
            received_us=heard / adverts / 1000,
            adverts_s=adverts / seconds,
            heartbeat_rss_mib=_memory(master, "Rss"),
            daemon_pss_mib=sum(_memory(process, "Pss") for process in nodes[0].processes),
            late_p50_ms=lates.p50_ms,
            late_p99_ms=lates.p99_ms,
            late_max_ms=lates.max_ms,
            own_lateness=own_lateness(nodes[0]),
        )


def own_lateness(node: Balancer) -> dict[str, dict[str, Any]]:
    """Timers, adverts and renewals by halod's own account; empty where it does not answer: its
    supervisor is an ordinary process, and 12,000 adverts a second beside other programs starve
    it. What the others see of its adverts is in the table all the same."""
    if node.program.name != "halod":
        return {}
    try:
        answer = ask(str(node.machine.run_directory), "status")
    except click.ClickException:
        return {}
    found: dict[str, dict[str, Any]] = answer["lateness"]
    return found


def _heartbeat(node: Balancer) -> ProcessId:
    found = node.heartbeat
    assert found is not None, "it was started"
    return found


class AdvertCounter:
    """Adverts of one sender that reach a host, counted by its kernel: to look costs nothing."""

    def __init__(self, machine: Machine, source: str) -> None:
        self._machine = machine
        machine.namespace.run(
            "nft",
            "add table inet bench; add chain inet bench before "
            "{ type filter hook prerouting priority -300; }; "
            f"add rule inet bench before ip protocol 112 ip saddr {source} counter",
        )

    def read(self) -> int:
        """How many so far."""
        shown = json.loads(
            self._machine.namespace.run("nft", "-j", "list", "table", "inet", "bench")
        )
        rules = [entry["rule"] for entry in shown["nftables"] if "rule" in entry]
        return int(next(e["counter"]["packets"] for e in rules[0]["expr"] if "counter" in e))


def _spent(process: ProcessId) -> tuple[int, int]:
    """Nanoseconds on a processor: the main thread, and all others together."""
    main = beside = 0
    for task in Path(f"/proc/{process.pid}/task").iterdir():
        spent = int((task / "schedstat").read_text().split()[0])
        if task.name == str(process.pid):
            main = spent
        else:
            beside += spent
    return main, beside


def _memory(process: ProcessId, kind: str) -> float:
    """MiB of one line of smaps_rollup."""
    text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    found = re.search(rf"^{kind}:\s+(\d+) kB", text, re.MULTILINE)
    assert found is not None, text
    return int(found[1]) / 1024
