"""Files with mistakes reloaded on a running master: a halod pair and a keepalived pair, at once.

halod keeps what runs: its clients, through real nginx, lose no request in the whole play, and two
hosts never have the address. What keepalived 2.2.7 is known to do stands beside each step; where it
races with its own processes, only what is sure is asserted.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from halod.lab.lab import Lab
from halod.lab.patience import stays_true, wait_until
from halod.lab.topology import tutorial_topology
from halod.lab.tutorial_lab import WWW, start_web
from tests.kit.pair import (
    NEEDS_KEEPALIVED,
    RTNL_S,
    TAKEOVER_S,
    VIP,
    WITHIN_S,
    Node,
    Pair,
    start_pair,
    tutorial_config,
)

pytestmark = [*NEEDS_KEEPALIVED, pytest.mark.needs_nginx, pytest.mark.timeout(240)]

INCLUDED = "instance.conf"
WATCH_S = TAKEOVER_S + 0.4
"""Longer than lb02 listens: whoever fell silent has been followed by then."""
DIES_WITHIN_S = 5.0
BOTH = ["lb01", "lb02"]
ADDED = "192.168.178.77"
ONE_MORE = ("    virtual_ipaddress {", f"    virtual_ipaddress {{\n        {ADDED}/24 dev ens33")


@dataclass(frozen=True)
class Files:
    """The configuration of lb01: what is started, and what that includes."""

    main: str
    instance: str | None
    """None: the file is not there."""


Change = Callable[[Files], Files]


def in_instance(old: str, new: str) -> Change:
    """The included file with a text replaced."""

    def change(files: Files) -> Files:
        assert files.instance is not None
        assert old in files.instance
        return Files(files.main, files.instance.replace(old, new))

    return change


def without_last_brace(files: Files) -> Files:
    assert files.instance is not None
    return Files(files.main, files.instance.rstrip().removesuffix("}"))


@dataclass(frozen=True)
class Step:
    """One mistake, and what becomes of it."""

    name: str
    change: Change
    halod: str
    """Part of why halod refuses it; empty: it takes it."""
    keepalived_ends: bool
    """Exit status 2 with the address left behind, so that both hosts have it."""
    keepalived_drops: bool = False
    """It runs on without the instance: the address goes to lb02."""


STEPS = (
    Step(
        "no virtual_router_id",
        in_instance("virtual_router_id 51", ""),
        "instance.conf:1:15: refuse[E203]",
        keepalived_ends=True,
    ),
    Step(
        "an interface that is not there",
        in_instance("interface ens33", "interface ens34"),
        "instance.conf:3:5: refuse[H501] this machine has no interface `ens34`, and `VI_1` would "
        "lose its addresses (did you mean `ens33`?)",
        keepalived_ends=True,
    ),
    Step(
        "a keyword without its value",
        in_instance("virtual_router_id 51", "virtual_router_id"),
        "instance.conf:4:5: refuse[E101]",
        keepalived_ends=True,
    ),
    Step("no last brace", without_last_brace, "", keepalived_ends=False),
    Step("an empty file", lambda files: Files("", files.instance), "is empty", False, True),
    Step(
        "the included file is gone",
        lambda files: Files(files.main, None),
        "instance.conf` does not exist: nothing is included",
        keepalived_ends=False,
        keepalived_drops=True,
    ),
    Step(
        "the included file is misspelt",
        in_instance("vrrp_instance VI_1", "vrrp_instnace VI_1"),
        "instance.conf:1:1: refuse[E004]",
        False,
        True,
    ),
)


def files_of(host: str) -> Files:
    text = tutorial_config(host)
    begin = text.index("vrrp_instance")
    return Files(f"{text[:begin]}include {INCLUDED}\n", text[begin:])


def put(node: Node, files: Files) -> None:
    included = node.balancer.config_path.with_name(INCLUDED)
    if files.instance is None:
        included.unlink()
    else:
        included.write_text(files.instance)
    node.balancer.configure(files.main)


def open_pair(lab: Lab, program: str) -> Pair:
    """Real nginx on all four hosts, and a pair whose master is lb01."""
    start_web(lab)
    for host in ("lb01", "lb02"):
        lab.machine(host).directory.joinpath(INCLUDED).write_text(files_of(host).instance or "")
    return start_pair(lab, program, program, lambda host: files_of(host).main)


def _one_address_more(pair: Pair) -> None:
    """Into the included file of lb01 and then of lb02, with a reload of each."""
    for node in (pair.lb01, pair.lb02):
        put(node, in_instance(*ONE_MORE)(files_of(node.name)))
        node.balancer.reload()
        if node is pair.lb01 and not node.is_halod:
            # Adverts whose list is not its own count for nothing to 2.2.7.
            assert wait_until(lambda: pair.owners() == BOTH, WITHIN_S), pair.owners()
        elif node is pair.lb01:
            node.log.expect("configuration reloaded")
            assert stays_true(lambda: pair.owners() == ["lb01"], for_s=WATCH_S)


# ---- halod -----------------------------------------------------------------------------------


def play_halod(base: Path) -> None:
    with Lab(tutorial_topology(), base=base) as lab:
        pair = open_pair(lab, "halod")
        good = files_of("lb01")
        with lab.requesting({WWW: VIP}) as requesting, lab.probing(VIP) as probing:
            for step in STEPS:
                _refused_and_mended(pair, step, good)
            _one_address_more(pair)
            assert stays_true(lambda: pair.owners() == ["lb01"], for_s=WATCH_S)
            assert lab.owners(ADDED) == ["lb01"]
        requests = requesting.requests()
        assert len(requests) > 100
        assert [request for request in requests if request.error is not None] == []
        report = lab.report(probing, VIP)
        assert (report.two_owners_s, report.no_owner_s) == (0, 0)
        assert report.answered_by == ["lb01"]
        assert report.outage_s < RTNL_S
        for node in (pair.lb01, pair.lb02):
            node.expect_no_change()


def _refused_and_mended(pair: Pair, step: Step, good: Files) -> None:
    node = pair.lb01
    put(node, step.change(good))
    node.balancer.reload()
    if step.halod:
        node.log.expect("reload refused, what ran before runs on unchanged: ")
        status = node.haloctl("status")
        assert status.returncode == 1, step.name
        assert "alarm: the last reload was refused" in status.stdout, step.name
        assert step.halod in status.stdout, step.name
    else:
        node.log.expect("configuration reloaded")
    assert node.balancer.heartbeat is not None
    assert pair.owners() == ["lb01"], step.name
    put(node, good)
    assert node.haloctl("reload").returncode == 0
    node.log.expect("configuration reloaded")
    assert node.haloctl("status").returncode == 0


# ---- keepalived ------------------------------------------------------------------------------


def play_keepalived(base: Path) -> None:
    with Lab(tutorial_topology(), base=base) as lab:
        pair = open_pair(lab, "keepalived")
        good = files_of("lb01")
        for step in STEPS:
            put(pair.lb01, step.change(good))
            pair.lb01.balancer.reload()
            _what_keepalived_does(pair, step)
            _begin_again(pair, good)
        _one_address_more(pair)
        pair.lab.wait_for_owner(VIP, "lb01", WITHIN_S)


def _what_keepalived_does(pair: Pair, step: Step) -> None:
    if step.keepalived_ends:
        assert wait_until(lambda: pair.lb01.balancer.parent is None, DIES_WITHIN_S), step.name
        assert wait_until(lambda: pair.owners() == BOTH, WITHIN_S), (step.name, pair.owners())
    elif step.keepalived_drops:
        assert wait_until(lambda: pair.owners() == ["lb02"], WITHIN_S), (step.name, pair.owners())
    else:
        assert stays_true(lambda: pair.owners() == ["lb01"], for_s=WATCH_S), step.name


def _begin_again(pair: Pair, good: Files) -> None:
    node = pair.lb01
    put(node, good)
    if node.balancer.parent is None:
        # What it left behind is the next one's to find; here it goes by hand, as an operator would.
        node.balancer.machine.namespace.ip("address", "flush", "dev", "ens33", "to", f"{VIP}/32")
        node.balancer.start()
    else:
        node.balancer.reload()
    pair.lab.wait_for_owner(VIP, "lb01", WITHIN_S)


def test_a_mistake_in_a_reload_costs_halod_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        plays = [
            pool.submit(play, tmp_path / play.__name__) for play in (play_halod, play_keepalived)
        ]
        for played in plays:
            played.result()
