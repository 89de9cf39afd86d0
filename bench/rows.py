"""The faults that both daemons go through, and how far halod may go in each.

Knows faults and goals. Must not know how anything is measured.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

from bench.many import REAL_TIME
from halod.lab.lab import Lab
from halod.lab.topology import VIP_1
from halod.lab.tutorial_files import tutorial_text
from halod.lab.tutorial_lab import SINGLE

__all__ = ["BUSY_LOOPS", "ROWS", "STARVED", "VIP", "Row"]

VIP = str(VIP_1)
Act = Callable[[Lab], None]

BUSY_LOOPS = 2 * (os.cpu_count() or 1)
"""Two a core: without a priority of its own a daemon gets a third of one."""

TWO_OWNERS_S = 0.25
"""Of a dead node and its successor, at adverts of 1 s."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One fault, done to a pair whose lb01 is MASTER."""

    name: str
    act: Act
    """Done at a fixed moment after an advert of lb01, so that both daemons have the same phase."""
    watch_s: float
    """How long clients are watched after it."""
    strike_after_s: float = 0.4
    """From that advert to the fault, seconds. Default: far from the adverts before and after."""
    before: Act | None = None
    """Done first, and given `before_s` to take its effect."""
    before_s: float = 0.0
    configs: Callable[[str], str] = lambda host: tutorial_text(f"{host}/{SINGLE}")
    """A host's keepalived.conf. Default: the tutorial's, unchanged."""
    in_real_time: bool = True
    """Whether keepalived, too, runs in real time: on a busy machine the fault is measured then, and
    not who had the processor. halod does so unasked."""
    peer_priority: int = 100
    """Of lb02: its skew is part of the time after which it must have taken over."""
    in_turn: bool = False
    """One daemon after the other: what both do at the same instant would wait for one lock of the
    one kernel, which two machines do not share."""
    is_death: bool = False
    """The node goes on without its daemon: whoever leaves the address there has no outage, and two
    owners instead."""
    since_advert: bool = True
    """Whether outages are compared from the last advert on: where the fault silences the master."""
    outage_s: float | None = None
    """Goal beside that of every row: outage at most this."""
    two_owners_s: float | None = None
    """Goal: two owners for at most this."""

    def text(self, host: str) -> str:
        """A host's file, the same for both daemons."""
        text = self.configs(host)
        if not self.in_real_time:
            return text
        begin = "global_defs {\n"
        assert begin in text
        lines = "".join(f"    {line}\n" for line in REAL_TIME)
        return text.replace(begin, begin + lines)


def partition(lab: Lab) -> None:
    lab.faults.partition("lb01", "lb02")


def heal(lab: Lab) -> None:
    lab.faults.heal()


def many_addresses(host: str) -> str:
    """The tutorial's instance with 50 addresses, and both nodes at 254: no timer that is not an
    owner's runs out sooner (3 s and 2/256 s). lb01 starts first, and equals do not preempt."""
    text = tutorial_text(f"{host}/{SINGLE}")
    line = "        192.168.178.3/24 dev ens33 label ens33:3"
    assert line in text
    more = "".join(f"\n        192.168.178.{n}/24 dev ens33" for n in range(150, 199))
    text = text.replace(line, line + more)
    return text.replace("priority 150", "priority 254").replace("priority 100", "priority 254")


def starve(lab: Lab) -> None:
    """Programs that want all of the machine; they end with the lab."""
    for number in range(BUSY_LOOPS):
        lab.machine("web02").start(f"busy-{number}", [sys.executable, "-c", "while True: pass"])


def _of(method: str) -> Act:
    def act(lab: Lab) -> None:
        getattr(lab.balancers["lb01"], method)()

    return act


ROWS = (
    Row(name="SIGTERM", act=_of("stop"), watch_s=2.0),
    Row(name="link down", act=lambda lab: lab.faults.link_down("lb01"), watch_s=5.0),
    Row(name="cable out", act=lambda lab: lab.faults.unplug("lb01"), watch_s=5.0),
    Row(name="SIGKILL of the VRRP child", act=_of("kill_heartbeat"), watch_s=5.5, outage_s=0.65),
    Row(
        name="SIGSTOP of the VRRP child",
        act=_of("freeze_heartbeat"),
        watch_s=6.0,
        is_death=True,
        outage_s=1.7,
        two_owners_s=TWO_OWNERS_S,
    ),
    Row(
        name="SIGKILL of everything",
        act=_of("kill_all"),
        watch_s=6.0,
        is_death=True,
        two_owners_s=TWO_OWNERS_S,
    ),
    Row(
        name="SIGSTOP of everything",
        act=_of("freeze_all"),
        watch_s=6.0,
        is_death=True,
        two_owners_s=TWO_OWNERS_S,
    ),
    Row(
        name="SIGKILL, 50 VIPs, peer 254",
        act=_of("kill_all"),
        watch_s=6.0,
        configs=many_addresses,
        peer_priority=254,
        in_turn=True,
        is_death=True,
        two_owners_s=TWO_OWNERS_S,
    ),
    Row(
        name="SIGSTOP, 50 VIPs, peer 254",
        act=_of("freeze_all"),
        watch_s=6.0,
        configs=many_addresses,
        peer_priority=254,
        in_turn=True,
        is_death=True,
        two_owners_s=TWO_OWNERS_S,
    ),
    # Two masters that cannot hear each other: no daemon can tell that from a death without asking
    # elsewhere. The client sees both here.
    Row(name="partition begins", act=partition, watch_s=5.5, since_advert=False),
    # lb02 became master 3.61 s after an advert of lb01: so its own come 0.61 s after lb01's.
    Row(
        name="partition heals, lb02 speaks first",
        before=partition,
        before_s=5.0,
        act=heal,
        watch_s=7.5,
        since_advert=False,
        outage_s=0.1,
    ),
    Row(
        name="partition heals, lb01 speaks first",
        before=partition,
        before_s=5.0,
        act=heal,
        watch_s=7.5,
        strike_after_s=0.8,
        since_advert=False,
        outage_s=0.1,
    ),
)

STARVED = Row(
    name="CPU starved, two loops a core",
    act=starve,
    watch_s=20.0,
    in_real_time=False,
    since_advert=False,
    outage_s=0.1,
    two_owners_s=0.0,
)
"""Nobody may take over. Apart from the others: it leaves no core to what runs beside it, and is
watched as long at every pace."""
