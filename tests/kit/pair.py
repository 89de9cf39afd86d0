"""Two balancers that share the tutorial's addresses, and what tests ask about them.

Knows the lab and how halod and keepalived word a change of state. Must not know faults.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from halod.lab.advert_ear import AdvertEar
from halod.lab.balancer import Balancer
from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from halod.lab.topology import VIP_1, VIP_2
from halod.lab.tutorial_files import tutorial_text
from halod.lab.tutorial_lab import SINGLE
from tests.kit.logbook import LogBook

NEEDS_LAB = [pytest.mark.e2e, pytest.mark.needs_netns, pytest.mark.needs_nft]
NEEDS_KEEPALIVED = [*NEEDS_LAB, pytest.mark.needs_keepalived]

VIP, VIP_OF_2 = str(VIP_1), str(VIP_2)
LB01, LB02 = "192.168.178.130", "192.168.178.131"

TAKEOVER_S = 3.61
"""Longest wait of lb02 (priority 100) for a silent master at 1 s: 3 s and 156/256 s."""
SKEW_S = 0.609
"""lb02's wait after a resignation: 156/256 s (RFC 3768, 6.1, and RFC 9568, 6.4.2)."""
BUSY_S = 0.3
"""What a busy machine may add to any time here: half of the shortest that is told apart by it. The
figures themselves are those of `make bench`, medians of several runs."""
RTNL_S = 0.9
"""What a busy machine may add to an outage: an address goes up and down under the kernel's one rtnl
lock, which the namespaces of all tests share (waits of 0.4 s were seen, of both daemons). Less than
the interval of 1 s, so that a lost advert or a wait for three of them is still told apart."""
LISTENED = r"no advert from anybody for 3\.[4-7]"
"""lb01 alone becomes MASTER after 3.414 s (priority 150)."""
SILENT = rf"no advert from {LB01} for 3\.[6-9]"
"""Why lb02 takes over from lb01 that is gone: 3.609 s (priority 100)."""
HALOCTL_WITHIN_S = 60.0
"""It gives up by itself after 5 s."""
WITHIN_S = 8.0
"""Deadline for a takeover on a busy machine."""

MIXED = [
    pytest.param("halod", "keepalived", id="halod-then-keepalived"),
    pytest.param("keepalived", "halod", id="keepalived-then-halod"),
]
"""What lb01 (priority 150) and lb02 (priority 100) run."""


@dataclass
class Node:
    """A balancer and its log."""

    balancer: Balancer
    log: LogBook

    @property
    def name(self) -> str:
        return self.balancer.machine.name

    @property
    def address(self) -> str:
        """Its own address: the source of its adverts."""
        return str(self.balancer.machine.host.address.ip)

    @property
    def is_halod(self) -> bool:
        return self.balancer.program.name == "halod"

    def expect_state(
        self, state: str, cause: str, within_s: float = WITHIN_S, instance: str = "VI_1"
    ) -> None:
        """Waits until it tells the state: halod with `cause` (a pattern), keepalived without."""
        words = rf"\({instance}\) Entering {state} STATE"
        self.log.expect(
            rf"{words} \(was \w+\): {cause}" if self.is_halod else words, within_s=within_s
        )

    def expect_no_change(self) -> None:
        """It has entered no state since."""
        self.log.silent_about(r"Entering \w+ STATE")

    def haloctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What an operator on this host is answered; lines are not wrapped."""
        run_dir = self.balancer.machine.run_directory
        prefix = self.balancer.machine.namespace.prefix
        return subprocess.run(
            [*prefix, Path(sys.prefix, "bin", "haloctl"), *arguments, "--run-dir", run_dir],
            env={**os.environ, "COLUMNS": "1000"},
            capture_output=True,
            text=True,
            timeout=HALOCTL_WITHIN_S,
        )

    def haloctl_json(self) -> dict[str, Any]:
        """`haloctl status --json`."""
        answer: dict[str, Any] = json.loads(self.haloctl("status", "--json").stdout)
        return answer

    def reload(self, change: Callable[[str], str]) -> None:
        """Edits the file and sends SIGHUP; halod has taken it when this returns."""
        self.edit(change)
        self.balancer.reload()
        self.log.expect("configuration reloaded")

    def edit(self, change: Callable[[str], str]) -> None:
        """Changes its configuration file; a change that changes nothing is a mistake."""
        before = self.balancer.config_path.read_text()
        after = change(before)
        assert after != before
        self.balancer.configure(after)


@dataclass
class Pair:
    """lb01, the tutorial's master, and lb02."""

    lab: Lab
    lb01: Node
    lb02: Node

    def owners(self) -> list[str]:
        return self.lab.owners(VIP)

    def strike(self, act: Callable[[], None], after_s: float = 0.5) -> None:
        """Acts at a fixed moment after an advert of lb01, so that every run has the same phase."""
        ear = AdvertEar(self.lab.machine("web01"))
        try:
            assert ear.wait(LB01, WITHIN_S) is not None, "lb01 advertises"
        finally:
            ear.close()
        wait_until(lambda: False, after_s)
        act()


def set_up_pair(lab: Lab, lb01: str, lb02: str, config: Callable[[str], str] | None = None) -> Pair:
    """Gives both their program and their configuration; default: the tutorial's, unchanged."""
    of_host = config or tutorial_config
    nodes = []
    for name, program in (("lb01", lb01), ("lb02", lb02)):
        balancer = lab.balancer(name, program, of_host(name))
        nodes.append(Node(balancer, LogBook(balancer)))
    return Pair(lab, *nodes)


def outage_of(wait_s: float) -> Any:
    """Equal to an outage in s that is this wait and what a busy machine may add."""
    shortest, longest = wait_s - BUSY_S, wait_s + RTNL_S
    return pytest.approx((shortest + longest) / 2, abs=(longest - shortest) / 2)


def start_pair(lab: Lab, lb01: str, lb02: str, config: Callable[[str], str] | None = None) -> Pair:
    """Starts both; lb01 is MASTER and lb02 has heard it."""
    pair = set_up_pair(lab, lb01, lb02, config)
    # lb02 would wait only 0.2 s longer than lb01: it comes when lb01 is there.
    pair.lb01.balancer.start()
    pair.lb01.expect_state("BACKUP", "started: listening for a master first")
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    pair.lb01.expect_state("MASTER", LISTENED)
    pair.lb02.balancer.start()
    pair.lb02.expect_state("BACKUP", "started: listening for a master first")
    # On its own host, for an advert to a unicast peer is heard nowhere else.
    ear = AdvertEar(lab.machine("lb02"))
    assert ear.wait(LB01, WITHIN_S) is not None, "lb01 advertises"
    ear.close()
    return pair


def tutorial_config(host: str) -> str:
    """The tutorial's file of part 1."""
    return tutorial_text(f"{host}/{SINGLE}")


def changed(*pairs: tuple[str, str], only: str | None = None) -> Callable[[str], str]:
    """The tutorial's configuration with texts replaced, on both hosts or only on one."""

    def config(host: str) -> str:
        text = tutorial_config(host)
        if only in (None, host):
            for old, new in pairs:
                assert old in text, f"the tutorial's file of {host} has no {old!r}"
                text = text.replace(old, new)
        return text

    return config
