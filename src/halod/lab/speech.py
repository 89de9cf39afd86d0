"""Whether a host still speaks for the addresses that stand on it: asked by ARP at its switch port.

Knows one port of the switch; what is sent there reaches that host alone and passes no rule of the
lab. Must not know why an address is silent.
"""

import ctypes
import socket
import struct
import time
from collections.abc import Iterable
from ipaddress import IPv4Address

from halod.wire import arp

ASK_EVERY_S = 0.005
"""Seconds between two rounds of questions."""

ASK_AT_ONCE_MAX = 8
"""Questions in one round: fifty addresses are asked in turn, each every 35 ms."""

PATIENCE_NS = 20_000_000
"""A question that is not answered within it found silence; a kernel answers in 0.1 ms, a kernel on
a busy machine in a few. The silence is dated back to the question."""

FILTER_INSTRUCTION = 8
ONLY_ARP = b"".join(
    struct.pack("@HBBI", *instruction)
    for instruction in (
        (0x28, 0, 0, 12),  # load the EtherType
        (0x15, 0, 1, arp.ETHERTYPE_ARP),  # or else go to the last line
        (0x06, 0, 0, 128),  # take 128 bytes
        (0x06, 0, 0, 0),  # take nothing
    )
)
"""A classic BPF program (socket(7), SO_ATTACH_FILTER)."""
SO_ATTACH_FILTER, ETH_P_ALL = 26, 3

PACKET_OUTGOING = 4
"""packet(7): a frame that goes to the host, not one that comes from it."""


class Speech:
    """Questions to one host, and which addresses did not answer."""

    def __init__(self, port: str) -> None:
        # Every protocol, then filtered: a socket for one protocol comes after the bridge, which
        # keeps the frames.
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
        program = ctypes.create_string_buffer(ONLY_ARP, len(ONLY_ARP))
        count = len(ONLY_ARP) // FILTER_INSTRUCTION
        pointer = struct.pack("@HP", count, ctypes.addressof(program))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, pointer)
        self._socket.bind((port, ETH_P_ALL))
        self._hardware_address: bytes = self._socket.getsockname()[4]
        self._asked: dict[str, int] = {}
        self._next = 0
        self.silent: set[str] = set()
        """Addresses that stand there and do not answer."""

    def fileno(self) -> int:
        return self._socket.fileno()

    def forget(self, address: str) -> None:
        """It does not stand there any more."""
        self._asked.pop(address, None)
        self.silent.discard(address)

    def ask(self, addresses: Iterable[str]) -> int | None:
        """One round; when an address was found silent, the instant at which it was asked (ns)."""
        now_ns = time.monotonic_ns()
        found = [a for a, asked_ns in self._asked.items() if now_ns - asked_ns > PATIENCE_NS]
        since_ns = min((self._asked.pop(address) for address in found), default=None)
        new = set(found) - self.silent
        self.silent |= new
        standing = sorted(address for address in addresses if ":" not in address)
        turn = [*standing[self._next :], *standing[: self._next]][:ASK_AT_ONCE_MAX]
        self._next = (self._next + len(turn)) % max(1, len(standing))
        for address in turn:
            frame = arp.probe(self._hardware_address, IPv4Address(address))
            try:
                self._socket.send(frame)
            except OSError:
                # The port is down: then the host owns nothing, which the watch knows already.
                return None
            self._asked.setdefault(address, time.monotonic_ns())
        return since_ns if new else None

    def hear(self) -> int:
        """Takes the answers; the instant at which they were here (ns)."""
        while True:
            try:
                frame, (_, _, kind, _, _) = self._socket.recvfrom(128)
            except BlockingIOError:
                return time.monotonic_ns()
            except OSError:
                # ENETDOWN: the port went down; it is told once.
                continue
            found = arp.decode(frame)
            if kind != PACKET_OUTGOING and found is not None:
                self.forget(str(found.sender))
