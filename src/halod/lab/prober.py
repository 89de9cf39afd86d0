"""Asking through VIPs, every 5 ms, who is there: one UDP question, one answer with a host's name.

Runs in the client's namespace as a process of its own, and writes one JSON line a question to
standard output. Knows nothing of who should answer.
Run as `python -m halod.lab.prober [--every-ms=N] VIP…`.
"""

import json
import select
import socket
import struct
import sys
import time
from collections import deque

from halod.lab.punctual import Stop, be_punctual, pace
from halod.lab.responder import DATAGRAM_MAX, PROBE_PORT

PROBE_EVERY_NS = 5_000_000
"""Between two questions to one VIP."""

PATIENCE_NS = 100_000_000
"""An answer later than this counts as none. Frames queued while ARP resolves come seconds late;
answers on a busy machine come within 30 ms."""

WRITE_EVERY_NS = 100_000_000
"""Lines are written this often, so that writing does not delay questions."""

SEQUENCE = struct.Struct("!Q")
"""What a question carries: its number."""


class Prober:
    """Questions under way, and lines for those that are decided."""

    def __init__(self, vips: list[str], every_ns: int = PROBE_EVERY_NS) -> None:
        self.vips = vips
        self.every_ns = every_ns
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.number = 0
        self.waiting: dict[int, tuple[str, int]] = {}
        self.order: deque[int] = deque()
        self.lines: list[str] = []

    def ask_all(self) -> None:
        """Send one question to each VIP."""
        for vip in self.vips:
            self.number += 1
            self.waiting[self.number] = (vip, time.monotonic_ns())
            self.order.append(self.number)
            try:
                self.sock.sendto(SEQUENCE.pack(self.number), (vip, PROBE_PORT))
            except OSError:
                # No route or no neighbour: the question stays unanswered, which is the finding.
                continue

    def hear_all(self) -> None:
        """Take every answer that has come."""
        while True:
            try:
                payload, (sender, _port) = self.sock.recvfrom(DATAGRAM_MAX)
            except BlockingIOError:
                return
            except OSError:
                continue
            (number,) = SEQUENCE.unpack_from(payload)
            asked = self.waiting.pop(number, None)
            if asked is not None and asked[0] == sender:
                self.write(asked, payload[SEQUENCE.size :].decode(), time.monotonic_ns())

    def give_up(self, now_ns: int) -> None:
        """Decide questions that have waited long enough."""
        while self.order:
            asked = self.waiting.get(self.order[0])
            if asked is not None and now_ns - asked[1] <= PATIENCE_NS:
                return
            number = self.order.popleft()
            if asked is not None:
                del self.waiting[number]
                self.write(asked, None, now_ns)

    def write(self, asked: tuple[str, int], host: str | None, now_ns: int) -> None:
        """Keep the line of a decided question."""
        vip, sent_ns = asked
        record = {"vip": vip, "sent_ns": sent_ns, "host": host, "wait_ns": now_ns - sent_ns}
        self.lines.append(json.dumps(record))

    def flush(self) -> None:
        """Write the lines out."""
        if self.lines:
            sys.stdout.write("\n".join(self.lines) + "\n")
            sys.stdout.flush()
            self.lines.clear()

    def run(self, stop: Stop) -> None:
        """Ask until told to stop, then wait for the last answers."""
        ask_ns = write_ns = time.monotonic_ns()
        end_ns = 0
        while not end_ns or self.waiting:
            now_ns = time.monotonic_ns()
            if stop.asked and not end_ns:
                end_ns = now_ns
            if now_ns >= ask_ns and not end_ns:
                self.ask_all()
                # A pause of this process must not be followed by a volley that hides it.
                ask_ns = max(ask_ns + self.every_ns, now_ns)
            if now_ns >= write_ns:
                self.flush()
                write_ns = now_ns + WRITE_EVERY_NS
            wait_s = PROBE_EVERY_NS / 1e9 if end_ns else max(0, ask_ns - now_ns) / 1e9
            if select.select([self.sock], [], [], wait_s)[0]:
                self.hear_all()
            self.give_up(time.monotonic_ns())
        self.flush()


def main(arguments: list[str]) -> int:
    """Probe until SIGTERM."""
    stop = Stop()
    every_s, vips = pace(arguments, PROBE_EVERY_NS / 1e9)
    prober = Prober(vips, round(every_s * 1e9))
    be_punctual()
    prober.run(stop)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
