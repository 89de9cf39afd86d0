"""Each kind of lease against a daemon that is frozen, and against one that is killed.

A pair of halod nodes in the lab. The lab's owner watch asks every address that stands by ARP, so an
owner is who answers. Nodes do not preempt: what the first one says after its lease is over, it says
without right.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from halod.cli.ask import ask
from halod.lab.balancer import Balancer
from halod.lab.lab import Lab
from halod.lab.ownership import Holding, share
from halod.lab.patience import wait_until
from halod.lab.topology import VIP_1, tutorial_topology
from halod.model.vrrp import LeaseMode

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.needs_netns,
    pytest.mark.needs_nft,
    pytest.mark.needs_bpf,
    pytest.mark.timeout(120),
]

VIP = str(VIP_1)
MODES = (LeaseMode.BPF, LeaseMode.NFT, LeaseMode.ADDRESS)
BEYOND_S = 0.5
"""How long the freeze outlasts the lease; the peer has taken over by then or is about to."""
LATENESS_S = {LeaseMode.BPF: 0.001, LeaseMode.NFT: 0.06, LeaseMode.ADDRESS: 1.0}
"""How late each may end a lease: the figures of `vrrp.lease`, and no others."""
WATCH_S = 0.05
"""How late the watch may be about a silence on a busy machine."""
CONFIG = """
vrrp_instance VI_1 {{
    state BACKUP
    nopreempt
    interface ens33
    virtual_router_id 51
    priority {priority}
    advert_int 1
    @halod vip_lease {mode}
    virtual_ipaddress {{
        {vip}/24
    }}
}}
"""


@dataclass
class Played:
    """What one pair showed."""

    instance: dict[str, Any]
    """The first master's status before the faults."""
    frozen_ns: int
    thawed_ns: int
    killed_ns: int
    end_ns: int
    holdings: list[Holding]
    log: str

    def spoke(self, host: str, start_ns: float, end_ns: float) -> list[Holding]:
        """When a host owned the address within a stretch of time."""
        return [
            one
            for one in self.holdings
            if one.host == host and one.start_ns < end_ns and one.end_ns > start_ns
        ]

    def two_owners_s(self, start_ns: int, end_ns: int) -> float:
        return share(self.holdings, VIP, start_ns, end_ns).two_ns / 1e9


def play(mode: LeaseMode, base: Path) -> Played:
    """The first master is frozen past its lease and thawed; then the second one is killed."""
    with Lab(tutorial_topology(), base=base) as lab:
        first, second = (
            lab.balancer(name, "halod", CONFIG.format(priority=priority, mode=mode.value, vip=VIP))
            for name, priority in (("lb01", 150), ("lb02", 100))
        )
        first.start()
        lab.wait_for_owner(VIP, "lb01", within_s=10)
        second.start()
        instance = status(first)["instances"][0]
        first.freeze_all()
        # Not before: an advert that goes out while it is being frozen earns a lease.
        frozen_ns = time.monotonic_ns()
        wait_until(lambda: False, instance["lease_s"] + LATENESS_S[mode] + BEYOND_S)
        thawed_ns = time.monotonic_ns()
        first.thaw()
        lab.wait_for_owner(VIP, "lb02", within_s=10)
        # It holds for some adverts, and lb01 has had time to say what it must not.
        wait_until(lambda: False, 2.0)
        killed_ns = time.monotonic_ns()
        second.kill_all()
        lab.wait_for_owner(VIP, "lb01", within_s=10)
        wait_until(lambda: False, 1.0)
        log = first.log_tail(40)
        return Played(
            instance, frozen_ns, thawed_ns, killed_ns, time.monotonic_ns(), lab.holdings(), log
        )


def status(node: Balancer) -> dict[str, Any]:
    return ask(str(node.machine.run_directory), "status")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[LeaseMode, Future[Played]]]:
    base = tmp_path_factory.mktemp("labs")
    with ThreadPoolExecutor(len(MODES)) as pool:
        yield {mode: pool.submit(play, mode, base) for mode in MODES}
        pool.shutdown(cancel_futures=True)


each_mode = pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)


@each_mode
def test_the_lease_that_is_wished_for_is_in_force(
    mode: LeaseMode, played: dict[LeaseMode, Future[Played]]
) -> None:
    instance = played[mode].result().instance
    assert instance["lease_mode"] == mode.value
    assert instance["two_owners_bound_s"] is not None
    assert instance["two_owners_bound_s"] < 0.5


@each_mode
def test_a_frozen_daemon_falls_silent_and_says_nothing_when_it_thaws(
    mode: LeaseMode, played: dict[LeaseMode, Future[Played]]
) -> None:
    it = played[mode].result()
    silent_ns = it.frozen_ns + (it.instance["lease_s"] + LATENESS_S[mode] + WATCH_S) * 1e9
    assert silent_ns < it.thawed_ns
    assert it.spoke("lb01", it.frozen_ns, it.frozen_ns + 1), "it owned it until then"
    assert it.spoke("lb01", silent_ns, it.killed_ns) == []
    assert "sent nothing for" in it.log
    assert it.two_owners_s(it.frozen_ns, it.killed_ns) <= it.instance["two_owners_bound_s"]


@each_mode
def test_a_killed_daemon_owns_no_longer_than_the_bound(
    mode: LeaseMode, played: dict[LeaseMode, Future[Played]]
) -> None:
    it = played[mode].result()
    assert it.spoke("lb02", it.killed_ns - 1, it.killed_ns), "it owned it until then"
    assert it.spoke("lb01", it.killed_ns, it.end_ns), "the other one took over"
    assert it.two_owners_s(it.killed_ns, it.end_ns) <= it.instance["two_owners_bound_s"]
