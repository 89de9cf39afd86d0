"""What a person at a host of the lab sees: a page, a ping, a neighbour, gratuitous ARPs.

Knows one machine. Must not know what should be seen: the demo and tests do.
"""

import json
import re
import struct
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address

from halod.lab.command import CommandError
from halod.lab.frame_ear import FrameEar, HeardFrame
from halod.lab.machine import Machine

PAGE_TIMEOUT_S = 3.0
"""Seconds that one page may take."""

ETHERTYPE_ARP = 0x0806

ARP_FRAME = struct.Struct("!6s6sHHHBBH6s4s6s4s")
"""Ethernet header and ARP for IPv4 (RFC 826), 42 bytes."""

BROADCAST = b"\xff" * 6


def page(machine: Machine, name: str, address: str) -> str:
    """The page of a site as the host sees it when it resolves `name` to `address`, or the error."""

    def get() -> str:
        connection = HTTPConnection(address, 80, timeout=PAGE_TIMEOUT_S)
        try:
            connection.request("GET", "/", headers={"Host": name})
            return connection.getresponse().read().decode(errors="replace").strip()
        except (OSError, HTTPException) as error:
            return f"error: {error}"
        finally:
            connection.close()

    return machine.namespace.call(get)


def server_of(text: str) -> str:
    """The name of the web server that a page tells, or the page itself when it tells none."""
    found = re.search(r"\bweb\d+\b", text)
    return found[0] if found is not None else text


def pings(machine: Machine, address: str) -> bool:
    """Whether one echo request is answered within a second."""
    try:
        machine.namespace.run("ping", "-c", "1", "-W", "1", "-n", address)
    except CommandError:
        return False
    return True


def neighbour(machine: Machine, address: str) -> str:
    """The MAC address that the host's cache has for an address, "" when it has none."""
    tree = json.loads(machine.namespace.ip("-j", "neigh", "show", address))
    return str(tree[0].get("lladdr", "")) if tree else ""


@dataclass(frozen=True)
class GratuitousArp:
    """One broadcast by which a host told that an address is its own (RFC 5227 section 3)."""

    address: str
    """The address announced."""

    hardware_address: str
    """MAC address announced for it, lower-case with colons."""

    frame: HeardFrame
    """All of it, with its instant."""


class ArpEar:
    """Hears gratuitous ARPs at a host from the moment it is made; the kernel keeps them."""

    def __init__(self, machine: Machine) -> None:
        self._ear = FrameEar(machine, ETHERTYPE_ARP)

    def heard(self) -> list[GratuitousArp]:
        """Those heard since the last call, in order."""
        found = (read_gratuitous_arp(frame) for frame in self._ear.frames())
        return [arp for arp in found if arp is not None]

    def close(self) -> None:
        """Hear no more."""
        self._ear.close()


def read_gratuitous_arp(frame: HeardFrame) -> GratuitousArp | None:
    """What a frame announces; None where it announces nothing."""
    if len(frame.data) < ARP_FRAME.size:
        return None
    _target, *_unused, sender_mac, sender, _target_mac, asked = ARP_FRAME.unpack_from(frame.data)
    if frame.target != BROADCAST or sender != asked:
        return None
    return GratuitousArp(str(IPv4Address(sender)), sender_mac.hex(":"), frame)
