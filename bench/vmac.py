"""How long a takeover on a virtual MAC takes: 1,000 addresses of each family, at the same instant.

Knows frames on the wire, as `takeover` does. Both nodes speak from one MAC: a node is told by the
source of its adverts, and the dead one announces nothing any more. Its host is dead too: one that
still heard would search its thousand groups for each advertisement, on the taker's processor.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address

from bench.attempts import attempt
from bench.listening import wait_until_it_listens
from bench.many import REAL_TIME, vip
from bench.takeover import BURST_OVER_S, MASTER_WITHIN_S, without_details
from halod.lab.frame_ear import ETHERNET_HEADER_BYTES, FrameEar, HeardFrame
from halod.lab.lab import Lab
from halod.lab.machine import Machine
from halod.lab.patience import wait_until
from halod.lab.topology import Role, Topology, tutorial_topology
from halod.wire import arp, vrrp

__all__ = ["VmacTakeover", "measure_vmac_takeover"]

ADDRESSES = 1000
"""Of each family; all but the first are no part of the advert, which takes 255."""
FIRST_V6 = IPv6Address("fd00::1")
ETHERTYPE_IPV4, ETHERTYPE_IPV6 = 0x0800, 0x86DD
SILENCE_S = 4.0
"""Until lb02's timer fires: three adverts, and the skew of its priority (RFC 9568, 6.1)."""
SETTLES_S = 8.0
"""Until lb02 has put its addresses where they wait, and lb01's last announcement is over."""
_SOURCE = ETHERNET_HEADER_BYTES + 12
_PROTOCOL = ETHERNET_HEADER_BYTES + 9
_NEXT_HEADER = ETHERNET_HEADER_BYTES + 6
_ICMPV6, _ADVERTISEMENT = 58, 136
_TYPE, _TARGET = ETHERNET_HEADER_BYTES + 40, ETHERNET_HEADER_BYTES + 48


@dataclass(frozen=True, slots=True)
class VmacTakeover:
    """Milliseconds after the first advert of the new master."""

    first_ms: float
    """The first announcement of all."""
    each_ms: float
    """Each address was announced at least once."""
    last_ms: float
    """The last announcement."""
    announced: int
    """Addresses that were announced, of both families."""


def pair_and_client() -> Topology:
    """Nobody else is on the link: the one who sends a frame pays in this kernel for what every
    host of the lab does with it."""
    hosts = tutorial_topology().hosts
    return Topology(tuple(host for host in hosts if host.role is not Role.WEB))


def config(host: str) -> str:
    """Two instances, one a family. Each address is announced once, as the goal has it."""
    priority = 150 if host == "lb01" else 100
    lines = (
        f"router_id {host}",
        "vrrp_garp_master_delay 0",
        "vrrp_garp_master_repeat 1",
        *REAL_TIME,
    )
    v4 = [f"{vip(number)}/32" for number in range(ADDRESSES)]
    v6 = ["fe80::1:1/64", *(f"{FIRST_V6 + number}/128" for number in range(ADDRESSES))]
    text = "global_defs {\n" + "".join(f"    {line}\n" for line in lines) + "}\n"
    for name, addresses in (("V4", v4), ("V6", v6)):
        more = "".join(f"        {address}\n" for address in addresses[1:])
        text += (
            f"vrrp_instance {name} {{\n    interface ens33\n    version 3\n    use_vmac\n"
            f"    virtual_router_id 51\n    priority {priority}\n    advert_int 1\n"
            f"    virtual_ipaddress {{\n        {addresses[0]}\n    }}\n"
            f"    virtual_ipaddress_excluded {{\n{more}    }}\n}}\n"
        )
    return text


def measure_vmac_takeover(program: str) -> VmacTakeover:
    """lb01's host loses its power; lb02 takes over everything."""
    return attempt(lambda: _measure_once(program))


def _measure_once(program: str) -> VmacTakeover:
    with Lab(pair_and_client()) as lab:
        for name in ("lb01", "lb02"):
            node = lab.balancer(name, program, config(name))
            node.program = without_details(node.program)
            node.start()
            wait_until_it_listens(node, 2)
            if name == "lb01":
                lab.wait_for_owner(vip(ADDRESSES - 1), "lb01", MASTER_WITHIN_S)
        wait_until(lambda: False, SETTLES_S)
        client, lb02 = lab.machine("client"), lab.machine("lb02")
        types = (arp.ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6)
        lab.stop_watching()
        ears = [FrameEar(client, ethertype) for ethertype in types]
        try:
            lab.faults.power_off("lb01")
            # Not read before it is over: who reads takes the processor from who is measured.
            wait_until(lambda: False, SILENCE_S + 2 * BURST_OVER_S)
            frames = sorted((f for ear in ears for f in ear.frames()), key=lambda f: f.at_ns)
        finally:
            for ear in ears:
                ear.close()
    return _figures(frames, _beginning(frames, lb02))


def _beginning(frames: Iterable[HeardFrame], machine: Machine) -> int:
    """The first advert of IPv4 from that machine: both instances wait for the same silence."""
    own = machine.host.address.ip.packed
    return next(
        frame.at_ns
        for frame in frames
        if frame.data[12:14] == b"\x08\x00"
        and frame.data[_PROTOCOL] == vrrp.PROTOCOL
        and frame.data[_SOURCE : _SOURCE + 4] == own
    )


def _figures(frames: Iterable[HeardFrame], begin_ns: int) -> VmacTakeover:
    seen: dict[str, int] = {}
    last_ns = begin_ns
    for frame in frames:
        address = _announced(frame)
        if address is not None and frame.at_ns > begin_ns:
            seen.setdefault(address, frame.at_ns)
            last_ns = frame.at_ns
    return VmacTakeover(
        first_ms=(min(seen.values()) - begin_ns) / 1e6,
        each_ms=(max(seen.values()) - begin_ns) / 1e6,
        last_ms=(last_ns - begin_ns) / 1e6,
        announced=len(seen),
    )


def _announced(frame: HeardFrame) -> str | None:
    """The address that a frame announces; None: it announces none."""
    found = arp.decode(frame.data)
    if found is not None:
        return str(found.sender) if found.sender == found.target else None
    data = frame.data
    if data[12:14] != b"\x86\xdd" or data[_NEXT_HEADER] != _ICMPV6:
        return None
    return str(IPv6Address(data[_TARGET : _TARGET + 16])) if data[_TYPE] == _ADVERTISEMENT else None
