"""How long a takeover of many addresses takes: from the timer to the last announcement.

Knows frames on the wire. The new master's first advert is sent as its timer fires (RFC 9568, 6.4.2)
and both daemons announce last, so both ends are seen from outside and alike for both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from bench.attempts import attempt
from bench.listening import wait_until_it_listens
from bench.many import Pace, instances_config, vip
from halod.lab.frame_ear import ETHERNET_HEADER_BYTES, FrameEar, HeardFrame
from halod.lab.lab import Lab
from halod.lab.node_program import NodeProgram
from halod.lab.patience import wait_until
from halod.lab.topology import tutorial_topology
from halod.wire import arp, vrrp

__all__ = ["Takeover", "measure_takeover"]

ETHERTYPE_IPV4 = 0x0800
PACE = Pace(2, 1.0)
MASTER_WITHIN_S = 20.0
BURST_OVER_S = 1.5
"""After the new owner is seen: the first burst of announcements is over, a second is turned off."""


@dataclass(frozen=True, slots=True)
class Takeover:
    """Milliseconds after the first advert of the new master."""

    first_ms: float
    """The first gratuitous ARP."""
    each_ms: float
    """Each address was announced at least once."""
    last_ms: float
    """The last gratuitous ARP of the burst (5 for each address)."""
    announced: int
    """Addresses that were announced."""


ADDRESSES_EACH = 250
"""An advert takes 255: more addresses are several instances that wait for the same silence."""


def measure_takeover(program: str, addresses: int) -> Takeover:
    """lb01 is killed with all its processes; lb02 takes over so many addresses."""
    return attempt(lambda: _measure_once(program, addresses))


def _measure_once(program: str, addresses: int) -> Takeover:
    instances = -(-addresses // ADDRESSES_EACH)
    each = addresses // instances
    assert each * instances == addresses
    with Lab(tutorial_topology()) as lab:
        for name in ("lb01", "lb02"):
            node = lab.balancer(name, program, instances_config(name, instances, each, PACE))
            node.program = without_details(node.program)
            node.start()
            wait_until_it_listens(node, instances)
            if name == "lb01":
                lab.wait_for_owner(vip(addresses - 1), "lb01", MASTER_WITHIN_S)
        wait_until(lambda: False, 2.0)
        client, lb02 = lab.machine("client"), lab.machine("lb02")
        adverts, announcements = (
            FrameEar(client, ETHERTYPE_IPV4),
            FrameEar(client, arp.ETHERTYPE_ARP),
        )
        try:
            lab.balancers["lb01"].kill_all()
            sender = bytes.fromhex(lb02.hardware_address().replace(":", ""))
            last = vip(addresses - 1)
            wait_until(lambda: "lb02" in lab.owners(last), MASTER_WITHIN_S)
            wait_until(lambda: False, BURST_OVER_S)
            first = next(f.at_ns for f in adverts.frames() if f.sender == sender and _is_advert(f))
            heard = [f for f in announcements.frames() if f.sender == sender and f.at_ns > first]
        finally:
            adverts.close()
            announcements.close()
    seen: dict[str, int] = {}
    for frame in heard:
        found = arp.decode(frame.data)
        if found is not None and found.sender == found.target:
            seen.setdefault(str(found.sender), frame.at_ns)
    return Takeover(
        first_ms=(heard[0].at_ns - first) / 1e6,
        each_ms=(max(seen.values()) - first) / 1e6,
        last_ms=(heard[-1].at_ns - first) / 1e6,
        announced=len(seen),
    )


def without_details(program: NodeProgram) -> NodeProgram:
    """With -D keepalived writes a line for each gratuitous ARP, and takes a second for 5,000."""

    def arguments(file: Path, run: Path) -> list[str]:
        return [word for word in program.arguments(file, run) if word != "-D"]

    return replace(program, arguments=arguments)


def _is_advert(frame: HeardFrame) -> bool:
    return frame.data[ETHERNET_HEADER_BYTES + 9] == vrrp.PROTOCOL
