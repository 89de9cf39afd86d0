"""A thread that announces addresses, while the worker waits for the kernel to put up more of them.

Knows bursts, their repetitions, and which of them are void. Must not decide what is announced. A
thousand addresses are five thousand frames, and the kernel takes as long for those as for the
addresses themselves: one after the other clients would wait twice.

Each burst is sent once before any is sent again: the first frame moves a client, the others are for
where that one was lost. Where the operator limits how fast a link is told (`vrrp_garp_interval`),
addresses wait for their turn, one by one (`vrrp/turns.py`); elsewhere that costs one look.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

from halod.kernel.clock import boot_now
from halod.kernel.packet_socket import Burst, PacketSocket
from halod.kernel.process_setup import prepare_worker
from halod.model.address import IpAddress, Link
from halod.model.effect import AnnounceAddresses
from halod.model.pacing import NO_PACING, Pacing
from halod.vrrp.turns import Turns

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

    def takes_up(self, replaced: _Job | None) -> None:
        """It takes the place of one whose rounds are not over, and says no fewer: a refresh of one
        round may fall into a burst of five."""
        if replaced is None or replaced.silenced != self.silenced:
            return
        if replaced.addresses == self.addresses:
            self.rounds = max(self.rounds, replaced.rounds)


@dataclass(frozen=True, slots=True)
class _Ticket:
    """What a paced announcement needs when its turn comes."""

    instance: str
    silenced: int
    link: Link


class Announcer:
    """One packet socket and its thread."""

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        """`tell`: of a link (first) where it fails; with an empty reason, where it works again."""
        self._tell = tell
        self._packets = PacketSocket()
        self._orders: queue.SimpleQueue[_Job | Pacing | None] = queue.SimpleQueue()
        self._pacing = NO_PACING
        self._turns: Turns[_Ticket] | None = None
        """For the thread alone; None: no link is paced, and nobody asks whose turn it is."""
        self._prepared: dict[str, tuple[bytes, tuple[IpAddress, ...], Burst]] = {}
        """By link: the MAC and the addresses of a burst that was laid out before it is wanted."""
        self._silenced: Counter[str] = Counter()
        self._speaking = threading.Lock()
        """Held while frames go out, and to silence."""
        self._thread = threading.Thread(target=self._run, name="announcements", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def adopt(self, pacing: Pacing) -> None:
        """For orders from now on, and for what waits; before `start`, or on a reload."""
        if pacing != self._pacing:
            self._pacing = pacing
            self._orders.put(pacing)

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
                job.burst = self._prepared_for(job)
                self._orders.put(job)

    def prepare(self, link: Link, addresses: tuple[IpAddress, ...]) -> None:
        """Lays out what a link with a virtual MAC will announce: a thousand frames take 10 ms. For
        the thread that orders."""
        known = self._prepared.get(link.name)
        if known is None or known[:2] != (link.hardware_address, addresses):
            burst = Burst(link, addresses)
            self._prepared[link.name] = link.hardware_address, addresses, burst

    def keep_prepared(self, links: Container[str]) -> None:
        """Other links have gone."""
        self._prepared = {n: known for n, known in self._prepared.items() if n in links}

    def _prepared_for(self, job: _Job) -> Burst | None:
        known = self._prepared.get(job.link.name)
        if known is None or known[:2] != (job.link.hardware_address, job.addresses):
            return None
        return known[2] if known[2].is_fresh() else None

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
                try:
                    order = self._orders.get(timeout=self._patience())
                except queue.Empty:
                    break  # somebody's turn has come
                if order is None:
                    is_ending = True
                elif isinstance(order, Pacing):
                    self._turns = self._turns or Turns[_Ticket]()
                    self._turns.adopt(order)
                elif self._turns is None or self._queues(order, self._turns):
                    order.takes_up(fresh.pop(order.key, None) or again.pop(order.key, None))
                    fresh[order.key] = order
            if self._turns is not None:
                self._take(self._turns)
            jobs = fresh or again
            if jobs:
                job = jobs.pop(next(iter(jobs)))
                if self._says(job):
                    again[job.key] = job

    # ---- links that are not told too much at once --------------------------------------------

    def _patience(self) -> float | None:
        """How long to wait for an order, in seconds; None: for ever."""
        due = self._turns.deadline() if self._turns is not None else None
        return None if due is None else max(0.0, (due - boot_now()).as_seconds())

    def _queues(self, job: _Job, turns: Turns[_Ticket]) -> bool:
        """Has what is paced wait for its turn; whether anything is left to be said at once."""
        name = job.link.name
        paced = [a for a in job.addresses if turns.is_paced(name, a.version)]
        if paced:
            ticket = _Ticket(job.instance, job.silenced, job.link)
            turns.order(name, paced, job.rounds, ticket, boot_now())
            job.addresses = tuple(a for a in job.addresses if not turns.is_paced(name, a.version))
        return bool(job.addresses)

    def _take(self, turns: Turns[_Ticket]) -> None:
        """All whose turn it is, a call's worth at most."""
        for _ in range(FRAMES_AT_ONCE):
            turn = turns.next(boot_now())
            if turn is None:
                return
            ticket = turn.ticket
            with self._speaking:
                if self._silenced[ticket.instance] != ticket.silenced:
                    continue
                reason = self._packets.send(Burst(ticket.link, (turn.address,)))
                turns.sent(turn, boot_now())
            self._tell(ticket.link.name, reason or "")

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
