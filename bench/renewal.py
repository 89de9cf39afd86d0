"""Whether the renewal of a thousand addresses delays an advert.

Knows one master with all of them, and how late its adverts are. The same master without a lease is
measured in turn: what is later with one is the lease's doing. Must not judge.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.attempts import attempt
from bench.gaps import GapEar, Lates
from bench.load import own_lateness
from bench.many import Pace, instances_config, vip
from bench.takeover import ADDRESSES_EACH
from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from halod.lab.topology import tutorial_topology

__all__ = ["ADDRESSES", "WAYS", "Renewal", "Way", "measure_renewal"]

ADDRESSES = 1000
WATCH_S = 12.0
"""Four renewals of lifetimes behind the gate, one each 3 s; twelve without a gate."""
SETTLE_S = 3.0
MASTER_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Way:
    """How the addresses are held, and how fast the master speaks."""

    lease: str
    pace: Pace
    is_compared_with: str | None = None
    """The lease of the way without one at the same pace."""

    def __str__(self) -> str:
        return f"vip_lease {self.lease}, {self.pace}"


WAYS = (
    Way("off", Pace(3, 0.1)),
    Way("bpf", Pace(3, 0.1), "off"),
    Way("nft", Pace(3, 0.1), "off"),
    Way("off", Pace(2, 1.0)),
    Way("address", Pace(2, 1.0), "off"),
)


@dataclass(frozen=True, slots=True)
class Renewal:
    """Adverts of one master with all these addresses."""

    lates: Lates
    renewal_max_s: float | None
    """The latest renewal by the daemon's own account; None where nothing was renewed."""
    renewals: int


def measure_renewal(way: Way) -> Renewal:
    """Brings it up alone, and looks at its adverts from another host."""
    return attempt(lambda: _measure_once(way))


def _measure_once(way: Way) -> Renewal:
    instances = ADDRESSES // ADDRESSES_EACH
    with Lab(tutorial_topology()) as lab:
        text = instances_config("lb01", instances, ADDRESSES_EACH, way.pace, way.lease)
        node = lab.balancer("lb01", "halod", text)
        node.start()
        lab.wait_for_owner(vip(ADDRESSES - 1), "lb01", MASTER_WITHIN_S)
        wait_until(lambda: False, SETTLE_S)
        source = str(lab.machine("lb01").host.address.ip)
        ear = GapEar(lab.machine("web01"), source, range(1, instances + 1))
        wait_until(lambda: False, WATCH_S)
        renewal = own_lateness(node).get("renewal", {})
        lates = ear.lates(way.pace.interval_s)
        return Renewal(lates, renewal.get("max_s"), renewal.get("count", 0))
