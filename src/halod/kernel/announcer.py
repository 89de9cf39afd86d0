"""A thread that announces addresses, while the worker waits for the kernel to put up more of them.

Knows bursts, their repetitions, and which of them are void. Must not decide what is announced. A
thousand addresses are five thousand frames, and the kernel takes as long for those as for the
addresses themselves: one after the other clients would wait twice.

Each burst is sent once before any is sent again: the first frame moves a client, the others are for
where that one was lost.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from halod.kernel.packet_socket import Burst, PacketSocket
from halod.kernel.process_setup import prepare_worker
from halod.model.address import IpAddress, Link
from halod.model.effect import AnnounceAddresses

__all__ = ["Announcer"]

FRAMES_AT_ONCE = 64
"""About 0.3 ms: so long may the end of a term wait for them."""

ETHERNET_ADDRESS_BYTES = 6
"""Other links have no ARP to announce by."""


@dataclass(slots=True)
class _Job:
    """What is left of one announcement on one link."""

    instance: str
    silenced: int
    """How often the instance had been silenced when it was ordered."""
    link: Link
    addresses: tuple[IpAddress, ...]
    rounds: int
    burst: Burst | None = None
    """Made when it is its turn: the worker has more urgent things to do."""

    @property
    def key(self) -> tuple[str, str]:
        return self.instance, self.link.name


class Announcer:
    """One packet socket and its thread."""

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        """`tell`: of a link (first) where it fails; with an empty reason, where it works again."""
        self._tell = tell
        self._packets = PacketSocket()
        self._orders: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._silenced: Counter[str] = Counter()
        self._speaking = threading.Lock()
        """Held while frames go out, and to silence."""
        self._thread = threading.Thread(target=self._run, name="announcements", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def announce(self, order: AnnounceAddresses, links: Mapping[str, Link]) -> None:
        """Queues it, each address on its own link; never waits."""
        by_link: dict[str, list[IpAddress]] = {}
        for address in order.addresses:
            by_link.setdefault(address.interface, []).append(address.address)
        silenced = self._silenced[order.instance]
        for interface, addresses in by_link.items():
            link = links.get(interface)
            if link is not None and len(link.hardware_address) == ETHERNET_ADDRESS_BYTES:
                job = _Job(order.instance, silenced, link, tuple(addresses), order.repeat)
                self._orders.put(job)

    def silence(self, instance: str) -> None:
        """When it returns no frame of this instance is on its way any more, nor will be one of
        those ordered so far. For the thread that orders."""
        with self._speaking:
            self._silenced[instance] += 1

    def stop(self, seconds: float) -> bool:
        """Ends after what is queued; whether it did in time."""
        self._orders.put(None)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def close(self) -> None:
        """Gives the descriptor back, after the stop."""
        self._packets.close()

    # ---- the thread ------------------------------------------------------------------------

    def _run(self) -> None:
        prepare_worker()
        # At most one job an instance and link: what is asked for anew takes its place.
        fresh: dict[tuple[str, str], _Job] = {}
        again: dict[tuple[str, str], _Job] = {}
        is_ending = False
        while fresh or again or not is_ending:
            while not is_ending and (not (fresh or again) or not self._orders.empty()):
                order = self._orders.get()
                if order is None:
                    is_ending = True
                else:
                    again.pop(order.key, None)
                    fresh[order.key] = order
            jobs = fresh or again
            if jobs:
                job = jobs.pop(next(iter(jobs)))
                if self._says(job):
                    again[job.key] = job

    def _says(self, job: _Job) -> bool:
        """One round of it; whether another is due."""
        burst = job.burst = job.burst or Burst(job.link, job.addresses)
        for start in range(0, burst.count, FRAMES_AT_ONCE):
            with self._speaking:
                if self._silenced[job.instance] != job.silenced:
                    return False
                end = min(start + FRAMES_AT_ONCE, burst.count)
                reason = self._packets.send(burst, start, end)
            if reason is not None:
                self._tell(job.link.name, reason)
                return False
        self._tell(job.link.name, "")
        job.rounds -= 1
        return job.rounds > 0
