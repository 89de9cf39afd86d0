"""A thread that changes addresses, so that the advert path never waits for the kernel's rtnl lock.

Knows the queue, what makes an order void, and the order of the orders. Must not decide when an
address is due: it is told. Orders come by `submit`, reports go back by `take`.
"""

from __future__ import annotations

import os
import queue
import threading
from collections import deque
from collections.abc import Container, Mapping
from typing import assert_never

from halod.kernel.clock import boot_now
from halod.kernel.gate_ports import GateKeeping
from halod.kernel.holdings import Holdings
from halod.kernel.process_setup import prepare_worker
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.kernel.worker_orders import (
    CheckVmac,
    HangGate,
    HoldStatics,
    HoldVmacs,
    Order,
    PromoteSecondaries,
    WorkerStats,
)
from halod.model.address import IpAddress, Link
from halod.model.configuration import Configuration, Statics
from halod.model.effect import (
    AnnounceAddresses,
    GrantAddresses,
    InstallRouting,
    RemoveRouting,
    RenewAddresses,
    RevokeAddresses,
)
from halod.model.event import AddressLost, Event, GateObserved, GrantFailed
from halod.model.units import NS_PER_SECOND, ZERO, Duration, Instant
from halod.model.vmac import VmacPlan
from halod.model.vrrp import LeaseMode, promoted_links

__all__ = ["QUEUE_MAX", "WRITE_STATE_AFTER", "AddressWorker", "WorkerStats"]

RETRY_GATES_EVERY = Duration.seconds(10)
"""A gate that was refused is asked for again: a firewall's rules may have been in the way."""
WRITE_STATE_AFTER = Duration.milliseconds(250)
"""After the first change that the state file does not tell: two thousand addresses take 12 ms of
the interpreter, and clients wait for their announcements first. Whoever comes after a halod that
was killed meanwhile knows its addresses by their tag, and by its configuration."""
_OF_NO_TERM = HoldStatics | HoldVmacs | CheckVmac | RemoveRouting | PromoteSecondaries
"""Orders whose failure ends no mastership."""
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
        self._write_at: Instant | None = None
        """When the state file is due; None: it tells what stands."""
        self.holdings = Holdings(self.requests, run_dir, self.keepers, self.report, self.trouble)
        self._announcer = self.holdings.announcer
        self._indexes = self.holdings.addresses.indexes
        self._statics = Statics()
        self._promoted: tuple[str, ...] = ()
        self._plans: tuple[VmacPlan, ...] = ()
        self._orders: queue.SimpleQueue[tuple[Order, Instant] | None] = queue.SimpleQueue()
        self._reports: deque[Event] = deque()
        self._troubles: dict[str, str] = {}
        self._trouble_news: deque[tuple[str, str]] = deque()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._links: dict[str, Link] = {}
        self._thread = threading.Thread(target=self._run, name="addresses", daemon=True)
        self.renewals = self.holdings.renewals
        """From an order to the kernel's answer; the thread counts."""
        self.port_ids = frozenset({self.requests.port})
        """Netlink ports of this worker: what they remove is our own doing."""

    # ---- the loop's side -------------------------------------------------------------------

    def fileno(self) -> int:
        return self._wake

    def start(self) -> None:
        self._thread.start()
        self._announcer.start()

    def adopt(self, configuration: Configuration) -> None:
        """How fast each link is told, and where tables have their names; before `start`, or on a
        reload."""
        self._announcer.adopt(configuration.pacing)
        daemon = configuration.daemon
        self.holdings.name_tables(daemon.iproute_usr_dir, daemon.iproute_etc_dir)
        links = promoted_links(configuration.instances)
        if links != self._promoted:
            self._promoted = links
            self.submit(PromoteSecondaries(links))

    def link_changed(self, link: Link) -> None:
        """An interface and its index, for orders from now on."""
        before = self._links.get(link.name)
        self._links[link.name] = link
        self._indexes[link.name] = link.index
        for gate in self._gates_on(link.name):
            if self._hang_asked.get((gate, link.name)) != link.index:
                self._hang_asked[gate, link.name] = link.index
                self.submit(HangGate(gate, link))

        self._watch_vmacs(link, before)
        if link.name in self._promoted and (before is None or before.index != link.index):
            self.submit(PromoteSecondaries(self._promoted))
        if self._statics and link.running and (before is None or not before.running):
            self.submit(HoldStatics(self._statics))

    def hold(self, statics: Statics, plans: tuple[VmacPlan, ...]) -> None:
        """What is to stand, and the links with a virtual MAC; interfaces were reported before."""
        self.hold_statics(statics)
        self.hold_vmacs(plans)

    def hold_statics(self, statics: Statics) -> None:
        """What is to stand from now on whoever is MASTER; links were reported before."""
        if statics or self._statics:
            self._statics = statics
            self.submit(HoldStatics(statics))

    def _watch_vmacs(self, link: Link, before: Link | None) -> None:
        if any(plan.vmac.link == link.name for plan in self._plans):
            self.submit(CheckVmac(link.name))
        is_new = before is None or before.index != link.index
        # What could not be done on a link that was down may be now.
        came_up = link.running and (before is None or not before.running)
        if (is_new or came_up) and any(plan.base == link.name for plan in self._plans):
            self.submit(HoldVmacs(self._plans))

    def address_lost(self, event: AddressLost) -> None:
        """One went that we had not removed."""
        if any(plan.vmac.link == event.interface for plan in self._plans):
            self.submit(CheckVmac(event.interface, event.address))

    def hold_vmacs(self, plans: tuple[VmacPlan, ...]) -> None:
        """The links with a virtual MAC that are to be there; interfaces were reported before."""
        if plans or self._plans:
            self._plans = plans
            self.submit(HoldVmacs(plans))

    def link_gone(self, interface: str) -> None:
        self._links.pop(interface, None)
        self._indexes.pop(interface, None)
        if any(plan.vmac.link == interface for plan in self._plans):
            self.submit(HoldVmacs(self._plans))
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
        self.holdings.watched = addresses

    def submit(self, order: Order) -> None:
        """Queues an order; never waits."""
        if self._orders.qsize() < QUEUE_MAX or isinstance(order, RevokeAddresses | RemoveRouting):
            self._orders.put((order, boot_now()))
            return
        self.holdings.figures.overflows += 1
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
        return self.holdings.figures

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
        self.holdings.routes.close()
        os.close(self._wake)

    # ---- the thread's side -----------------------------------------------------------------

    def _run(self) -> None:
        prepare_worker()
        self.holdings.routes.watch(self.holdings.watched)
        while (item := self._next()) is not None:
            self._perform_or_report(*item)
            if self.holdings.state_is_old and self._write_at is None:
                self._write_at = boot_now() + WRITE_STATE_AFTER
        self.holdings.write_state()
        self.holdings.promote(())
        self._close_gates()

    def _perform_or_report(self, order: Order, queued: Instant) -> None:
        try:
            self._perform(order, queued)
        except OSError as error:
            # The socket itself failed: whoever asked must not believe that it holds.
            self.trouble("netlink", f"{type(order).__name__}: {error}")
            if isinstance(order, HangGate):
                name, reason = order.link.name, str(error)
                self.report(GateObserved(name, order.gate, hangs=False, reason=reason))
            elif not isinstance(order, _OF_NO_TERM):
                self.report(GrantFailed(order.instance, order.term, str(error)))
        else:
            self.trouble("netlink", "")

    def _close_gates(self) -> None:
        standing = self.holdings.standing
        for gate, keeper in self.keepers.items():
            try:
                keeper.close(standing)
            except OSError as error:
                self.trouble(f"{gate.value} gate", str(error))

    def _next(self) -> tuple[Order, Instant] | None:
        """The next order; None: the end. Meanwhile the state file is written, and gates that are
        missing are tried again."""
        while True:
            now = boot_now()
            if self._write_at is not None and now >= self._write_at:
                self._write_at = None
                self.holdings.write_state()
            lacks = bool(self._missing) or self.holdings.lacks_vmac
            if lacks and now >= self._retry_at:
                self._retry_at = now + RETRY_GATES_EVERY
                self._retry_gates()
                self._retry_vmacs()
            wait_s = RETRY_GATES_EVERY.as_seconds() if lacks else None
            if self._write_at is not None:
                wait_s = max(self._write_at - boot_now(), ZERO).as_seconds()
            try:
                return self._orders.get(timeout=wait_s)
            except queue.Empty:
                continue

    def _retry_vmacs(self) -> None:
        if self.holdings.lacks_vmac:
            try:
                self.holdings.retry_vmacs()
            except OSError as error:
                self.trouble("virtual MAC", str(error))

    def _retry_gates(self) -> None:
        for gate, interface in sorted(self._missing, key=str):
            link = self._links.get(interface)
            if link is None:
                self._missing.discard((gate, interface))
                continue
            try:
                observed = self.keepers[gate].hang(link)
            except OSError as error:
                self.trouble(f"{gate.value} gate on {interface}", str(error))
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

    def trouble(self, subject: str, reason: str) -> None:
        """Told when it changes, not each time; for any thread."""
        if self._troubles.get(subject, "") != reason:
            self._troubles[subject] = reason
            self._trouble_news.append((subject, reason))
            os.eventfd_write(self._wake, 1)

    def _perform(self, order: Order, queued: Instant) -> None:
        match order:
            case GrantAddresses():
                self.holdings.grant(order)
            case RenewAddresses():
                self.holdings.renew(order, queued)
            case RevokeAddresses():
                self.holdings.revoke(order)
            case InstallRouting():
                self.holdings.install(order)
            case RemoveRouting():
                self.holdings.remove(order)
            case HoldStatics(statics):
                self.holdings.hold(statics)
            case HoldVmacs(plans):
                self.holdings.hold_vmacs(plans)
            case CheckVmac(name, gone):
                self.holdings.check_vmac(name, gone)
            case PromoteSecondaries(links):
                self.holdings.promote(links)
            case AnnounceAddresses():
                self.holdings.announce(order, self._links)
            case HangGate(gate, link):
                self.report(self.keepers[gate].hang(link))
            case _:
                assert_never(order)
