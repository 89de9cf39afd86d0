"""Hears VRRP adverts at a host: to look at them, or to strike at a chosen moment between two.

Knows where an IPv4 header has its protocol and its source (RFC 791), and where an advert has its
VRID and its priority (RFC 9568, 5.2). Must not judge adverts.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from ipaddress import IPv4Address

from halod.lab.frame_ear import ETHERNET_HEADER_BYTES, FrameEar, HeardFrame
from halod.lab.machine import Machine
from halod.model.auth_header import AUTH_HEADER_BYTES
from halod.wire.envelope import PROTOCOL, PROTOCOL_AH

__all__ = ["AdvertEar", "HeardAdvert"]

ETHERTYPE_IPV4 = 0x0800
IPV4_HEADER_MIN = 20


@dataclass(frozen=True, slots=True)
class HeardAdvert:
    """One IPv4 datagram of protocol 112, or of 51 with 112 behind it, as it came over the wire."""

    frame: HeardFrame
    """All of it, with its instant."""

    @property
    def at_ns(self) -> int:
        """When it came, monotonic nanoseconds."""
        return self.frame.at_ns

    @property
    def header(self) -> bytes:
        """The IPv4 header with its options."""
        packet = self.frame.data[ETHERNET_HEADER_BYTES:]
        return packet[: (packet[0] & 0x0F) * 4]

    @property
    def payload(self) -> bytes:
        """The VRRP message, what stands before it and Ethernet padding cut off."""
        packet = self.frame.data[ETHERNET_HEADER_BYTES:]
        before = AUTH_HEADER_BYTES if packet[9] == PROTOCOL_AH else 0
        return packet[len(self.header) + before : int.from_bytes(packet[2:4], "big")]

    @property
    def source(self) -> str:
        """Sender's address."""
        return str(IPv4Address(self.header[12:16]))

    @property
    def virtual_router_id(self) -> int:
        """The VRID that it is about."""
        return self.payload[1]

    @property
    def priority(self) -> int:
        """The sender's priority; 0 resigns."""
        return self.payload[2]


class AdvertEar:
    """Hears from the moment it is made; the kernel keeps what was not read yet."""

    def __init__(self, machine: Machine) -> None:
        self._ear = FrameEar(machine, ETHERTYPE_IPV4)

    def heard(self) -> list[HeardAdvert]:
        """Those since the last call, in order."""
        return [HeardAdvert(frame) for frame in self._ear.frames() if _is_vrrp(frame.data)]

    def wait(self, source: str, within_s: float) -> HeardAdvert | None:
        """The next advert of that sender from now on; None where none came in time."""
        self.heard()
        deadline = time.monotonic() + within_s
        while (left := deadline - time.monotonic()) > 0:
            self._ear.wait(left)
            for advert in self.heard():
                if advert.source == source:
                    return advert
        return None

    def close(self) -> None:
        """Hear no more."""
        self._ear.close()


def _is_vrrp(frame: bytes) -> bool:
    packet = frame[ETHERNET_HEADER_BYTES:]
    return len(packet) >= IPV4_HEADER_MIN and packet[9] in (PROTOCOL, PROTOCOL_AH)
