"""Hears the VRRP adverts of a link for a while, whatever a firewall here makes of them.

Knows packet(7), socket filters and multicast membership. Must not know what an advert says.
"""

from __future__ import annotations

import ctypes
import select
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass

from halod.model.event import AdvertReceived
from halod.wire import ipv4, vrrp
from halod.wire.envelope import PROTOCOL_AH

__all__ = ["AdvertListener", "HeardPacket"]

RECEIVE_BUFFER = 1024 * 1024
"""Bytes: the adverts of 255 routers for seconds."""
PACKET_MAX = 2048
"""Largest advert: 20 + 8 + 255 * 4 + 8 bytes."""
_ETHERTYPE_ALL, _ETHERTYPE_IPV4 = 3, 0x0800
_OUTGOING = 4
_SO_ATTACH_FILTER = 26
_PROTOCOL_OFFSET = 9
_PROTOCOLS = bytes([vrrp.PROTOCOL]), bytes([PROTOCOL_AH])

_FILTER = (
    # The kernel keeps these protocols alone: a busy link would drown it (bpf(4), classic).
    (0x28, 0, 0, 0xFFFFF000),  # ldh: the ethertype
    (0x15, 0, 4, _ETHERTYPE_IPV4),
    (0x30, 0, 0, _PROTOCOL_OFFSET),  # ldb: the protocol of the IPv4 header
    (0x15, 1, 0, vrrp.PROTOCOL),
    (0x15, 0, 1, PROTOCOL_AH),
    (0x06, 0, 0, 0xFFFF),  # take it
    (0x06, 0, 0, 0),  # drop it
)


@dataclass(frozen=True, slots=True)
class HeardPacket:
    """One packet of protocol 112, or of 51, which may carry it."""

    event: AdvertReceived
    ours: bool
    """Sent by this machine."""


class AdvertListener:
    """Hears from the moment it is made. OSError: there is no such link, or no right to hear it."""

    def __init__(self, interface: str) -> None:
        self._interface = interface
        index = socket.if_nametoindex(interface)
        # Protocol 0 until it is bound: nothing of other links slips in.
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, 0)
        self._member = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        try:
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            _attach_filter(self._socket)
            self._socket.bind((interface, _ETHERTYPE_ALL))
            # A switch that snoops IGMP sends the group's packets to its members alone.
            group = struct.pack("4s4si", vrrp.GROUP_V4.packed, bytes(4), index)
            self._member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        except OSError:
            self.close()
            raise

    def hear(self, span_s: float) -> Iterator[HeardPacket]:
        """What comes within that time, as it comes."""
        deadline = time.monotonic() + span_s
        poller = select.poll()
        poller.register(self._socket, select.POLLIN)
        while (left_s := deadline - time.monotonic()) > 0:
            if not poller.poll(left_s * 1000):
                continue
            data, address = self._socket.recvfrom(PACKET_MAX)
            event = _parse(self._interface, data)
            if event is not None:
                yield HeardPacket(event, ours=address[2] == _OUTGOING)

    def close(self) -> None:
        self._socket.close()
        self._member.close()


def _attach_filter(sock: socket.socket) -> None:
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in _FILTER)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HP", len(_FILTER), ctypes.addressof(buffer))
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)


def _parse(interface: str, packet: bytes) -> AdvertReceived | None:
    """Cuts the IP header off; nobody has checked it yet."""
    if packet[_PROTOCOL_OFFSET : _PROTOCOL_OFFSET + 1] not in _PROTOCOLS:
        return None
    return ipv4.decode(interface, packet)
