"""A thread that changes addresses, so that the advert path never waits for the kernel's rtnl lock.

Knows the queue, what makes an order void, and the order of the orders. Must not decide when an
address is due: it is told. Orders come by `submit`, reports go back by `take`.
"""

from __future__ import annotations

import os
import queue
import threading
from collections import deque
from collections.abc import Collection, Container, Mapping
from pathlib import Path
from typing import assert_never

from halod.kernel.addresses import Addresses
from halod.kernel.announcer import Announcer
from halod.kernel.clock import boot_now
from halod.kernel.gate_ports import GateKeeping
from halod.kernel.process_setup import prepare_worker
from halod.kernel.route_keeper import RouteKeeper
from halod.kernel.routing_table import RoutingTable
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.kernel.state_file import StateFile
from halod.kernel.static_keeper import StaticKeeper
from halod.kernel.worker_orders import HangGate, Holding, HoldStatics, Order, WorkerStats, is_over
from halod.model.address import IpAddress, Link, VirtualAddress
from halod.model.configuration import Statics
from halod.model.effect import (
    AnnounceAddresses,
    GrantAddresses,
    InstallRouting,
    RemoveRouting,
    RenewAddresses,
    RevokeAddresses,
)
from halod.model.event import Event, GateObserved, Granted, GrantFailed
from halod.model.lateness import Lateness
from halod.model.units import NS_PER_SECOND, ZERO, Duration, Instant
from halod.model.vrrp import LeaseMode

__all__ = ["AddressWorker", "WorkerStats"]

RETRY_GATES_EVERY = Duration.seconds(10)
"""A gate that was refused is asked for again: a firewall's rules may have been in the way."""
QUEUE_MAX = 16384
"""Orders: each instance renews once an interval, and a renewal that waits half of one is void.
Revocations find room beyond it: each follows a grant that was queued, so they are bounded too."""


class AddressWorker:
    """One thread with one rtnetlink socket, and beside it the one that announces."""

    def __init__(self, run_dir: str) -> None:
        self.requests = RtnetlinkSocket()  # for the worker's thread alone
        self.keepers: dict[LeaseMode, GateKeeping] = {}
        """The gates of this machine; to be filled before `start`."""
        self._gated: Mapping[LeaseMode, Container[str]] = {}
        self._hang_asked: dict[tuple[LeaseMode, str], int] = {}
        self._missing: set[tuple[LeaseMode, str]] = set()
        """Gates that were refused, by interface."""
        self._retry_at = boot_now()
        self._addresses = Addresses(self.requests)
        self._announcer = Announcer(
            lambda link, reason: self._trouble(f"announcements on {link}", reason)
        )
        self._state = StateFile(Path(run_dir))
        self._routes = RouteKeeper(self.requests)
        self._table = RoutingTable(self.requests, self._addresses.indexes)
        self._static_keeper = StaticKeeper(self._addresses, self._table)
        self._statics = Statics()
        self._orders: queue.SimpleQueue[tuple[Order, Instant] | None] = queue.SimpleQueue()
        self._reports: deque[Event] = deque()
        self._troubles: dict[str, str] = {}
        self._trouble_news: deque[tuple[str, str]] = deque()
        self._state_is_old = False
        """Whether the state file tells less, or more, than what is held."""
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._links: dict[str, Link] = {}
        self._holdings: dict[str, Holding] = {}
        self._thread = threading.Thread(target=self._run, name="addresses", daemon=True)
        self._figures = WorkerStats()
        self.renewals = Lateness()
        """From an order to the kernel's answer; the thread counts."""
        self._watched: set[IpAddress] = set()
        self.port_ids = frozenset({self.requests.port})
        """Netlink ports of this worker: what they remove is our own doing."""

    # ---- the loop's side -------------------------------------------------------------------

    def fileno(self) -> int:
        return self._wake

    def start(self) -> None:
        self._thread.start()
        self._announcer.start()

    def link_changed(self, link: Link) -> None:
        """An interface and its index, for orders from now on."""
        before = self._links.get(link.name)
        self._links[link.name] = link
        self._addresses.indexes[link.name] = link.index
        for gate in self._gates_on(link.name):
            if self._hang_asked.get((gate, link.name)) != link.index:
                self._hang_asked[gate, link.name] = link.index
                self.submit(HangGate(gate, link))

        if self._statics and link.running and (before is None or not before.running):
            self.submit(HoldStatics(self._statics))

    def hold_statics(self, statics: Statics) -> None:
        """What is to stand from now on whoever is MASTER; links were reported before."""
        if statics or self._statics:
            self._statics = statics
            self.submit(HoldStatics(statics))

    def link_gone(self, interface: str) -> None:
        self._links.pop(interface, None)
        self._addresses.indexes.pop(interface, None)
        for gate in self.keepers:
            self._hang_asked.pop((gate, interface), None)

    def gate_interfaces(self, interfaces: Mapping[LeaseMode, Container[str]]) -> None:
        """Which interfaces need which gate: they get it as soon as they are told (again)."""
        self._gated = interfaces
        self._hang_asked.clear()

    def check_gate(self, interface: str) -> None:
        """Queues a look at the gates of an interface; the answers are `GateObserved`."""
        link = self._links.get(interface)
        if link is not None:
            for gate in self._gates_on(interface):
                self.submit(HangGate(gate, link))

    def _gates_on(self, interface: str) -> list[LeaseMode]:
        return [gate for gate in self.keepers if interface in self._gated.get(gate, ())]

    def watch_routes(self, addresses: set[IpAddress]) -> None:
        """Virtual addresses whose routes are put back with them; before `start`, or on a reload."""
        self._watched = addresses

    def submit(self, order: Order) -> None:
        """Queues an order; never waits."""
        if self._orders.qsize() < QUEUE_MAX or isinstance(order, RevokeAddresses | RemoveRouting):
            self._orders.put((order, boot_now()))
            return
        self._figures.overflows += 1
        if isinstance(order, GrantAddresses):
            why = "too many orders wait for the kernel"
            self.report(GrantFailed(order.instance, order.term, why))

    def take(self) -> list[Event]:
        """Reports since the last call."""
        try:
            os.eventfd_read(self._wake)
        except BlockingIOError:
            return []
        return [self._reports.popleft() for _ in range(len(self._reports))]

    def take_troubles(self) -> list[tuple[str, str]]:
        """What failed and is no instance's: (subject, reason, empty where it works again)."""
        return [self._trouble_news.popleft() for _ in range(len(self._trouble_news))]

    def stats(self) -> WorkerStats:
        return self._figures

    def stop(self, seconds: float) -> bool:
        """Ends after the orders that are queued; whether it did in time."""
        deadline = boot_now() + Duration(round(seconds * NS_PER_SECOND))
        self._orders.put(None)
        self._thread.join(seconds)
        return not self._thread.is_alive() and self._announcer.stop(
            max(deadline - boot_now(), ZERO).as_seconds()
        )

    def close(self) -> None:
        """Gives every descriptor back, after the stop."""
        self.requests.close()
        self._announcer.close()
        self._routes.close()
        os.close(self._wake)

    # ---- the thread's side -----------------------------------------------------------------

    def _run(self) -> None:
        prepare_worker()
        self._routes.watch(self._watched)
        while (item := self._next()) is not None:
            self._perform_or_report(*item)
            if self._orders.empty():
                # Not for each order of a burst: clients wait for the addresses that come after it.
                self._write_state()
        self._write_state()
        self._close_gates()

    def _perform_or_report(self, order: Order, queued: Instant) -> None:
        try:
            self._perform(order, queued)
        except OSError as error:
            # The socket itself failed: whoever asked must not believe that it holds.
            self._trouble("netlink", f"{type(order).__name__}: {error}")
            if isinstance(order, HangGate):
                name, reason = order.link.name, str(error)
                self.report(GateObserved(name, order.gate, hangs=False, reason=reason))
            elif not isinstance(order, HoldStatics | RemoveRouting):
                self.report(GrantFailed(order.instance, order.term, str(error)))
        else:
            self._trouble("netlink", "")

    def _close_gates(self) -> None:
        standing = [a for held in self._holdings.values() for a in held.places]
        for gate, keeper in self.keepers.items():
            try:
                keeper.close(standing)
            except OSError as error:
                self._trouble(f"{gate.value} gate", str(error))

    def _next(self) -> tuple[Order, Instant] | None:
        """The next order; None: the end. Meanwhile gates that are missing are tried again."""
        while True:
            if self._missing and boot_now() >= self._retry_at:
                self._retry_at = boot_now() + RETRY_GATES_EVERY
                self._retry_gates()
            try:
                wait_s = RETRY_GATES_EVERY.as_seconds() if self._missing else None
                return self._orders.get(timeout=wait_s)
            except queue.Empty:
                continue

    def _retry_gates(self) -> None:
        for gate, interface in sorted(self._missing, key=str):
            link = self._links.get(interface)
            if link is None:
                self._missing.discard((gate, interface))
                continue
            try:
                observed = self.keepers[gate].hang(link)
            except OSError as error:
                self._trouble(f"{gate.value} gate on {interface}", str(error))
                continue
            if observed.hangs:
                self.report(observed)

    def report(self, event: Event) -> None:
        """Something for `take`; for any thread."""
        if isinstance(event, GateObserved):
            if not self._missing:
                self._retry_at = boot_now() + RETRY_GATES_EVERY
            change = self._missing.discard if event.hangs else self._missing.add
            change((event.gate, event.interface))
        self._reports.append(event)
        os.eventfd_write(self._wake, 1)

    def _trouble(self, subject: str, reason: str) -> None:
        """Told when it changes, not each time."""
        if self._troubles.get(subject, "") != reason:
            self._troubles[subject] = reason
            self._trouble_news.append((subject, reason))
            os.eventfd_write(self._wake, 1)

    def _perform(self, order: Order, queued: Instant) -> None:
        match order:
            case GrantAddresses():
                self._grant(order)
            case RenewAddresses():
                self._renew(order, queued)
            case RevokeAddresses():
                self._revoke(order)
            case InstallRouting():
                self._install(order)
            case RemoveRouting():
                self._trouble(
                    f"routes of {order.instance}", "; ".join(self._table.remove(order.routing))
                )
            case HoldStatics(statics):
                refused = self._static_keeper.hold(statics)
                self._trouble("static addresses and routes", "; ".join(refused))
                self._state_is_old = True
            case AnnounceAddresses():
                self._announce(order)
            case HangGate(gate, link):
                self.report(self.keepers[gate].hang(link))
            case _:
                assert_never(order)

    def _grant(self, order: GrantAddresses) -> None:
        if is_over(order, boot_now()):
            self._refuse(order)
            return
        holding = self._holdings.get(order.instance)
        if holding is None or holding.term != order.term:
            holding = Holding(order.term)
        self._routes.follow()
        ours = [a for a in order.addresses if a not in holding.foreign]
        for gate, keeper in self.keepers.items():
            if gate is order.gate:
                keeper.guard(order.instance, ours)
            else:
                keeper.dismiss(ours)
        result = self._addresses.grant(order.addresses, order.lease, holding.places)
        self._dismiss(result.foreign)
        places = holding.places | result.places
        for address in result.foreign:
            # Somebody may have put it up anew after we had: theirs from now on.
            places.pop(address, None)
        self._holdings[order.instance] = holding = Holding(
            order.term, places, holding.foreign | set(result.foreign)
        )
        self._state_is_old = True
        if is_over(order, boot_now()):
            # The kernel held us up: the next master may stand already.
            self._take_down(order.instance, holding, result.places)
            self._refuse(order)
            return
        self._routes.restore({a.address for a in result.added})
        if result.failed:
            reasons = "; ".join(reason for _, reason in result.failed)
            self.report(GrantFailed(order.instance, order.term, reasons))
        else:
            self.report(Granted(order.instance, order.term, result.foreign))

    def _refuse(self, order: GrantAddresses) -> None:
        late = "too late: the lease was over before the address could be put up"
        self.report(GrantFailed(order.instance, order.term, late))

    def _renew(self, order: RenewAddresses, queued: Instant) -> None:
        self._routes.follow()
        self._routes.watch(self._watched)
        holding = self._holdings.get(order.instance)
        now = boot_now()
        budget = order.void_after - queued
        if holding is None or holding.term != order.term or now >= order.void_after:
            self._figures.renewals_void += 1
            self.renewals.add((now - queued).ns, budget.ns)
            return
        renewed = self._addresses.renew(holding.places, order.lease)
        self._figures.renewals += 1
        lateness: Duration = boot_now() - queued
        self.renewals.add(lateness.ns, budget.ns)
        if lateness >= order.lease:
            # It had lapsed in the meantime, and this has put it up again.
            self._take_down(order.instance, holding, holding.places)
            why = "a renewal took longer than the lease"
            self.report(GrantFailed(order.instance, order.term, why))
        elif len(renewed) < len(holding.places):
            # One failed renewal stops all: half a lease is none.
            self.report(GrantFailed(order.instance, order.term, "a renewal failed"))

    def _revoke(self, order: RevokeAddresses) -> None:
        holding = self._holdings.get(order.instance) or Holding(order.term)
        self._routes.follow()
        wanted = [a for a in order.addresses if a not in holding.foreign]
        held = {a: holding.places[a] for a in wanted if a in holding.places}
        unknown = [a for a in wanted if a not in held]
        if unknown:
            # Of a grant that was refused, or never answered: what has no tag of ours is not ours.
            held |= self._addresses.ours(self._addresses.place(unknown))
        self._take_down(order.instance, holding, held)

    def _take_down(
        self, instance: str, holding: Holding, places: Mapping[VirtualAddress, int]
    ) -> None:
        # Of all its addresses: those that stay are announced again by the term's second burst.
        self._announcer.silence(instance)
        failed = self._addresses.revoke(places)
        self._trouble("removal", "; ".join(f"{a}: {reason}" for a, reason in failed))
        standing = {address for address, _ in failed}
        self._dismiss([a for a in places if a not in standing])
        left = {a: index for a, index in holding.places.items() if a not in places}
        if left:
            self._holdings[instance] = Holding(holding.term, left, holding.foreign)
        else:
            self._holdings.pop(instance, None)
        self._state_is_old = True

    def _dismiss(self, addresses: Collection[VirtualAddress]) -> None:
        for keeper in self.keepers.values():
            keeper.dismiss(addresses)

    def _install(self, order: InstallRouting) -> None:
        holding = self._holdings.get(order.instance)
        if holding is not None and holding.term == order.term:
            self._trouble(
                f"routes of {order.instance}", "; ".join(self._table.install(order.routing))
            )

    def _announce(self, order: AnnounceAddresses) -> None:
        holding = self._holdings.get(order.instance)
        if holding is not None and holding.term == order.term:
            self._announcer.announce(order, self._links)

    def _write_state(self) -> None:
        if not self._state_is_old:
            return
        self._state_is_old = False
        held = [a for holding in self._holdings.values() for a in holding.places]
        held += self._static_keeper.places
        self._trouble("state file", self._state.write(held) or "")
