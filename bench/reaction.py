"""From a real server's death to the kernel's table without it, beyond the interval of its check.

Knows the refusal on the wire that tells the checker (a TCP reset that answers a SYN), stamped by
the kernel, and the commit of nftables that follows, taken when it is read: an upper bound. Must not
judge. Server and director are network namespaces, the daemon is whole.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.kit.director import Director, Web, make_director

from halod.lab.errors import LabError
from halod.lab.patience import wait_until

__all__ = ["OTHERS", "Reaction", "measure_reactions"]

OTHERS = 1000
"""Virtual servers beside it, each with one real server that lives and is checked once in 5 s."""
WITHIN_S = 20.0
CHECK = "TCP_CHECK {\n connect_timeout 1\n retry 0\n}"
"""The first refusal is the verdict."""
_SO_TIMESTAMPNS, _SOL_NETLINK, _NETLINK_ADD_MEMBERSHIP = 35, 270, 1
_NETLINK_NETFILTER, _GROUP_NFTABLES = 12, 7
_ETH_P_IP = 0x0800
_TIMESPEC = struct.Struct("qq")
_RST, _ACK = 0x04, 0x10


@dataclass(frozen=True, slots=True)
class Reaction:
    """One death."""

    ms: float
    """From the refusal of the check's connection to the change of the table."""


@dataclass
class _Ears:
    """Of the director's namespace, until the block ends."""

    victim: str
    refused_ns: list[int] = field(default_factory=list)
    """When resets came that answer a SYN, monotonic."""
    changed_ns: list[int] = field(default_factory=list)
    """When nftables told of a change, monotonic."""

    def listen(self, over: threading.Event, ready: threading.Event) -> None:
        """In a thread inside the namespace."""
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        wire.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        wire.bind(("br0", _ETH_P_IP))
        table = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
        table.bind((0, 0))
        table.setsockopt(_SOL_NETLINK, _NETLINK_ADD_MEMBERSHIP, _GROUP_NFTABLES)
        with wire, table:
            ready.set()
            while not over.is_set():
                heard, _, _ = select.select([table, wire], [], [], 0.1)
                if table in heard:
                    table.recv(1 << 16)
                    self.changed_ns.append(time.monotonic_ns())
                if wire in heard:
                    self._hear(wire)

    def _hear(self, wire: socket.socket) -> None:
        packet, stamps, _, _ = wire.recvmsg(256, socket.CMSG_SPACE(_TIMESPEC.size))
        tcp = packet[(packet[0] & 15) * 4 :]
        if packet[9] != socket.IPPROTO_TCP or len(tcp) < 14:
            return
        from_victim = socket.inet_ntoa(packet[12:16]) == self.victim
        answers_syn = tcp[13] & (_RST | _ACK) == _RST | _ACK and tcp[4:8] == bytes(4)
        if from_victim and answers_syn:
            seconds, nanoseconds = _TIMESPEC.unpack(stamps[0][2])
            offset_ns = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.monotonic_ns()
            self.refused_ns.append(seconds * 10**9 + nanoseconds - offset_ns)


def measure_reactions(others: int, deaths: int) -> list[Reaction]:
    """So many deaths and recoveries of one server, beside so many other virtual servers."""
    with make_director() as director:
        director.write(check=CHECK, server="delay_loop 0.3")
        with director.config_file.open("a") as file:
            file.writelines(map(_other, range(others), director.webs[1:] * others))
        director.start("-D")
        director.wait_up()
        if not wait_until(lambda: _all_up(director), WITHIN_S + 5):
            raise LabError("not every server is up", "repeat it on a machine with less to do")
        return [_death(director, director.webs[0]) for _ in range(deaths)]


def _other(number: int, web: Web) -> str:
    return (
        f"virtual_server 198.18.{number // 250}.{number % 250 + 1} 80 {{\n delay_loop 5\n"
        f" lb_kind NAT\n protocol TCP\n real_server {web.address} 80 {{\n {CHECK}\n }}\n}}\n"
    )


def _all_up(director: Director) -> bool:
    shown = director.status()["virtual_servers"]
    return all(real["state"] == "UP" for each in shown for real in each["real_servers"])


def _death(director: Director, victim: Web) -> Reaction:
    with _hearing(director, victim) as ears:
        victim.kill()
        if not wait_until(lambda: bool(ears.refused_ns and ears.changed_ns), WITHIN_S):
            raise LabError("the table did not change", "look at the daemon's log")
    victim.start()
    director.wait_server(victim, state="UP", weight_effective=1)
    return Reaction((ears.changed_ns[0] - ears.refused_ns[0]) / 1e6)


@contextmanager
def _hearing(director: Director, victim: Web) -> Iterator[_Ears]:
    ears, over, ready = _Ears(victim.address), threading.Event(), threading.Event()
    thread = threading.Thread(
        target=lambda: director.namespace.call(lambda: ears.listen(over, ready))
    )
    thread.start()
    try:
        ready.wait()
        yield ears
    finally:
        over.set()
        thread.join()
