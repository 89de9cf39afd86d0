"""A thread that changes addresses, so that the advert path never waits for the kernel's rtnl lock.

Knows the queue, what makes an order void, and the order of the orders. Must not decide when an
address is due: it is told. Orders come by `submit`, reports go back by `take`.
"""

from __future__ import annotations

import os
import queue
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from halod.kernel.addresses import Addresses
from halod.kernel.clock import boot_now
from halod.kernel.packet_socket import PacketSocket
from halod.kernel.route_keeper import RouteKeeper
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.kernel.state_file import StateFile
from halod.model.address import IpAddress, Link, VirtualAddress
from halod.model.effect import (
    AnnounceAddresses,
    GrantAddresses,
    RenewAddresses,
    RevokeAddresses,
)
from halod.model.event import Event, Granted, GrantFailed
from halod.model.units import ZERO, Duration, Instant

__all__ = ["AddressWorker", "WorkerStats"]

Order = GrantAddresses | RenewAddresses | RevokeAddresses | AnnounceAddresses

QUEUE_MAX = 16384
"""Orders: each instance renews once an interval, and a renewal that waits half of one is void."""


@dataclass(slots=True)
class WorkerStats:
    """Figures for status; times in seconds."""

    renewals: int = 0
    renewals_void: int = 0
    """Came too late to count: the next advert renews."""
    renewal_lateness_max_s: float = 0.0
    """Longest from an advert to its renewal."""
    overflows: int = 0
    """Orders that found the queue full."""
    trouble: str = ""
    """The last thing that failed without an instance to report it to."""


@dataclass(slots=True)
class _Holding:
    """What an instance holds in its present term."""

    term: int
    addresses: tuple[VirtualAddress, ...]
    foreign: frozenset[VirtualAddress]


class AddressWorker:
    """One thread, one rtnetlink socket, one packet socket."""

    def __init__(self, run_dir: str) -> None:
        self._requests = RtnetlinkSocket()
        self._addresses = Addresses(self._requests)
        self._packets = PacketSocket()
        self._state = StateFile(Path(run_dir))
        self._routes = RouteKeeper(self._requests)
        self._orders: queue.Queue[tuple[Order, Instant] | None] = queue.Queue(QUEUE_MAX)
        self._reports: deque[Event] = deque()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._links: dict[str, Link] = {}
        self._holdings: dict[str, _Holding] = {}
        self._thread = threading.Thread(target=self._run, name="addresses", daemon=True)
        self._figures = WorkerStats()
        self._watched: set[IpAddress] = set()
        self.port_ids = frozenset({self._requests.port})
        """Netlink ports of this worker: what they remove is our own doing."""

    # ---- the loop's side -------------------------------------------------------------------

    def fileno(self) -> int:
        return self._wake

    def start(self) -> None:
        self._thread.start()

    def link_changed(self, link: Link) -> None:
        """An interface and its index, for orders from now on."""
        self._links[link.name] = link
        self._addresses.indexes[link.name] = link.index

    def link_gone(self, interface: str) -> None:
        self._links.pop(interface, None)
        self._addresses.indexes.pop(interface, None)

    def watch_routes(self, addresses: set[IpAddress]) -> None:
        """Virtual addresses whose routes are put back with them; before `start`, or on a reload."""
        self._watched = addresses

    def submit(self, order: Order) -> None:
        """Queues an order; never waits."""
        try:
            self._orders.put_nowait((order, boot_now()))
        except queue.Full:
            self._figures.overflows += 1

    def take(self) -> list[Event]:
        """Reports since the last call."""
        try:
            os.eventfd_read(self._wake)
        except BlockingIOError:
            return []
        return [self._reports.popleft() for _ in range(len(self._reports))]

    def stats(self) -> WorkerStats:
        return self._figures

    def stop(self, seconds: float) -> bool:
        """Ends after the orders that are queued; whether it did in time."""
        self._orders.put(None)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    # ---- the thread's side -----------------------------------------------------------------

    def _run(self) -> None:
        self._routes.watch(self._watched)
        while (item := self._orders.get()) is not None:
            order, queued = item
            try:
                self._perform(order, queued)
            except OSError as error:
                # The socket itself failed: whoever asked must not believe that it holds.
                self._figures.trouble = f"{type(order).__name__}: {error}"
                self._report(GrantFailed(order.instance, order.term, str(error)))

    def _report(self, event: Event) -> None:
        self._reports.append(event)
        os.eventfd_write(self._wake, 1)

    def _perform(self, order: Order, queued: Instant) -> None:
        match order:
            case GrantAddresses():
                self._grant(order)
            case RenewAddresses():
                self._renew(order, queued)
            case RevokeAddresses():
                self._revoke(order)
            case AnnounceAddresses():
                self._announce(order)
            case _:
                assert_never(order)

    def _grant(self, order: GrantAddresses) -> None:
        if order.valid_until is not None and boot_now() >= order.valid_until:
            late = "too late: the lease was over before the address could be put up"
            self._report(GrantFailed(order.instance, order.term, late))
            return
        holding = self._holdings.get(order.instance)
        if holding is None or holding.term != order.term:
            holding = _Holding(order.term, (), frozenset())
        self._routes.follow()
        result = self._addresses.grant(order.addresses, order.lease)
        added = tuple(a for a in result.added if a not in holding.addresses)
        self._holdings[order.instance] = _Holding(
            order.term, holding.addresses + added, holding.foreign | set(result.foreign)
        )
        self._routes.restore({a.address for a in result.added})
        self._write_state()
        if result.failed:
            reasons = "; ".join(reason for _, reason in result.failed)
            self._report(GrantFailed(order.instance, order.term, reasons))
        else:
            self._report(Granted(order.instance, order.term, result.foreign))

    def _renew(self, order: RenewAddresses, queued: Instant) -> None:
        self._routes.follow()
        self._routes.watch(self._watched)
        holding = self._holdings.get(order.instance)
        now = boot_now()
        if holding is None or holding.term != order.term or now >= order.void_after:
            self._figures.renewals_void += 1
            return
        renewed = self._addresses.renew(holding.addresses, order.lease)
        self._figures.renewals += 1
        lateness: Duration = boot_now() - queued
        self._figures.renewal_lateness_max_s = max(
            self._figures.renewal_lateness_max_s, max(lateness, ZERO).as_seconds()
        )
        if len(renewed) < len(holding.addresses):
            # One failed renewal stops all: half a lease is none.
            self._report(GrantFailed(order.instance, order.term, "a renewal failed"))

    def _revoke(self, order: RevokeAddresses) -> None:
        holding = self._holdings.get(order.instance)
        foreign = holding.foreign if holding else frozenset()
        ours = [a for a in order.addresses if a not in foreign]
        self._routes.follow()
        failed = self._addresses.revoke(ours)
        if failed:
            self._figures.trouble = "; ".join(f"{a}: {reason}" for a, reason in failed)
        if holding is not None:
            left = tuple(a for a in holding.addresses if a not in ours)
            self._holdings[order.instance] = _Holding(holding.term, left, foreign)
            if not left:
                del self._holdings[order.instance]
        self._write_state()

    def _announce(self, order: AnnounceAddresses) -> None:
        holding = self._holdings.get(order.instance)
        if holding is None or holding.term != order.term:
            return
        by_link: dict[str, list[VirtualAddress]] = {}
        for address in order.addresses:
            by_link.setdefault(address.interface, []).append(address)
        for interface, addresses in by_link.items():
            link = self._links.get(interface)
            if link is not None and len(link.hardware_address) == 6:
                plain = [address.address for address in addresses]
                self._figures.trouble = (
                    self._packets.announce(link, plain, order.repeat) or self._figures.trouble
                )

    def _write_state(self) -> None:
        held = [a for holding in self._holdings.values() for a in holding.addresses]
        self._figures.trouble = self._state.write(held) or self._figures.trouble
