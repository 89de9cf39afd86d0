"""From the start of a daemon to the moment when it owns its address, alone on its link.

Knows one node. Must not judge.
"""

from __future__ import annotations

import time

from bench.attempts import attempt
from bench.many import Pace, instances_config, vip
from halod.lab.lab import Lab
from halod.lab.topology import tutorial_topology

__all__ = ["measure_start"]

MASTER_WITHIN_S = 20.0


def measure_start(program: str, pace: Pace) -> float:
    """Seconds, the start of the program included. Either waits a whole Master_Down_Interval."""
    return attempt(lambda: _measure_once(program, pace))


def _measure_once(program: str, pace: Pace) -> float:
    with Lab(tutorial_topology()) as lab:
        node = lab.balancer("lb01", program, instances_config("lb01", 1, 1, pace))
        began_ns = time.monotonic_ns()
        node.start()
        lab.wait_for_owner(vip(0), "lb01", MASTER_WITHIN_S)
        held = next(holding for holding in lab.holdings() if holding.vip == vip(0))
        return (held.start_ns - began_ns) / 1e9
