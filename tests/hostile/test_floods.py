"""A million adverts at full rate into the link of a pair that lives on tenths of a second.

`make hostile FRAMES=300000` fires fewer, as `.ci/run` does.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from halod.lab.lab import Lab
from halod.lab.recording import Recording
from halod.model.units import Duration
from halod.model.vrrp import VrrpVersion
from tests.kit.build import instance
from tests.kit.fast_pair import FAST_S, start_fast_pair
from tests.kit.flood import FRAMES, Fired, fire
from tests.kit.heartbeat_cost import processor_s, resident_mib
from tests.kit.pair import NEEDS_LAB, VIP, Node, Pair
from tests.kit.volley import Volleys, mutants, true_adverts

pytestmark = [*NEEDS_LAB, pytest.mark.timeout(300)]

SEED = 9568
VRID = 51
OURS = instance(
    version=VrrpVersion.V3, advert_interval=Duration.milliseconds(100), password=None, priority=150
)
OUTAGE_S = 0.1
"""No client may wait longer: one advert interval."""
GROWTH_MIB = 4.0
LOG_LINES = 300
"""64 sources that are told at once, and a summary of each a minute."""


@dataclass
class Before:
    """What a node had spent and counted."""

    status: dict[str, Any]
    processor_s: float
    resident_mib: float


def look(node: Node) -> Before:
    heartbeat = node.balancer.heartbeat
    assert heartbeat is not None
    return Before(node.haloctl_json(), processor_s(heartbeat), resident_mib(heartbeat))


@contextmanager
def unharmed(pair: Pair) -> Iterator[None]:
    """While the block runs the pair keeps its states, and clients their answers."""
    nodes = (pair.lb01, pair.lb02)
    before = [look(node) for node in nodes]
    with pair.lab.probing(VIP) as recording:
        yield
        answered_to_the_end(pair, recording)
    report = pair.lab.report(recording, VIP)
    assert report.answered_by == ["lb01"]
    assert report.outage_s < OUTAGE_S
    assert (report.two_owners_s, report.no_owner_s) == (0, 0)
    for node, earlier in zip(nodes, before, strict=True):
        after = look(node)
        node.expect_no_change()
        node.log.silent_about("Traceback|broke|quarantine")
        assert len(node.log.lines()) < LOG_LINES
        assert after.status["heartbeat_pid"] == earlier.status["heartbeat_pid"]
        assert after.resident_mib - earlier.resident_mib < GROWTH_MIB
        assert after.status["lateness"]["timer"]["max_s"] < FAST_S
        assert after.status["sockets"]["ens33"]["lost"] == 0


def answered_to_the_end(pair: Pair, recording: Recording) -> None:
    """The prober has not stopped before the flood: its last answer is fresh."""
    count = len(recording.probes())
    pair.lab.probe(VIP, 0.5)
    assert len(recording.probes()) > count


def heard_by(volleys: Volleys, count: int, own: str) -> tuple[int, int]:
    """How many of the frames are for our VRID, and how many for others, that a host takes in: a
    kernel drops what comes from outside under its own address."""
    ours = others = 0
    own_bytes = bytes(map(int, own.split(".")))
    for frame in volleys.each(count):
        if frame[26:30] == own_bytes:
            continue
        if frame[35] == VRID:
            ours += 1
        else:
            others += 1
    return ours, others


def said(fired: Fired, pair: Pair, spent_s: list[float]) -> None:
    """The figures of a run, for whoever reads them (pytest -rP)."""
    figures = {
        "frames a second": round(fired.rate),
        "processor seconds of the heartbeats": [round(each, 2) for each in spent_s],
        "timer lateness ms": [
            round(node.haloctl_json()["lateness"]["timer"]["max_s"] * 1000, 2)
            for node in (pair.lb01, pair.lb02)
        ],
    }
    print(json.dumps(figures))


def spent_since(pair: Pair, before: list[Before]) -> list[float]:
    nodes = (pair.lb01, pair.lb02)
    return [look(n).processor_s - b.processor_s for n, b in zip(nodes, before, strict=True)]


def test_mutants_without_end_are_counted_and_change_nothing(lab: Lab) -> None:
    """RFC 9568, 7.1: discarded, and logged subject to rate-limiting."""
    volleys = mutants(OURS, FRAMES, SEED)
    pair = start_fast_pair(lab, "halod", "halod")
    before = [look(pair.lb01), look(pair.lb02)]
    with unharmed(pair):
        fired = fire(lab.machine("web02"), volleys, FRAMES)
    said(fired, pair, spent_since(pair, before))
    for node in (pair.lb01, pair.lb02):
        status = node.haloctl_json()
        (shown,) = status["instances"]
        ours, others = heard_by(volleys, FRAMES, node.address)
        assert sum(shown["adverts_dropped"].values()) == ours
        assert {"bad_checksum", "bad_ttl", "too_short", "too_long"} <= set(shown["adverts_dropped"])
        counted = sum(status["link_drops"].values())
        assert counted + status["sockets"]["ens33"]["strangers_lost"] >= others
        assert len(status["unknown_virtual_router_ids"]) <= 256


def test_adverts_without_end_of_other_clusters_cost_nothing(lab: Lab) -> None:
    volleys = true_adverts(OURS, 150, vrids=[n for n in range(1, 256) if n != VRID])
    pair = start_fast_pair(lab, "halod", "halod")
    before = [look(pair.lb01), look(pair.lb02)]
    with unharmed(pair):
        fired = fire(lab.machine("web02"), volleys, FRAMES)
    spent_s = spent_since(pair, before)
    said(fired, pair, spent_s)
    assert max(spent_s) < 0.1 * fired.seconds
    for node in (pair.lb01, pair.lb02):
        status = node.haloctl_json()
        counted = status["link_drops"]["no_instance"]
        assert counted > 0, "some of them are looked at"
        assert counted + status["sockets"]["ens33"]["strangers_lost"] >= FRAMES
        assert status["instances"][0]["adverts_dropped"] == {}
