"""The address worker of a node: the same queue and the same void orders as in the daemon.

A model of `halod.kernel.address_worker` in virtual time. Knows what makes an order void, and that
the kernel finishes a change which it has begun, whatever becomes of the process. Must not decide.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from halod.model.address import VirtualAddress
from halod.model.effect import (
    AnnounceAddresses,
    GrantAddresses,
    RenewAddresses,
    RevokeAddresses,
)
from halod.model.event import Event, GateObserved, Granted, GrantFailed
from halod.model.units import Duration, Instant
from halod.model.vrrp import LeaseMode
from halod.sim.machine import Machine

__all__ = ["HangGate", "Order", "Worker"]

RETRY_GATES_EVERY = Duration.seconds(10)
"""A gate that was refused is asked for again, as in the daemon."""


@dataclass(frozen=True, slots=True)
class HangGate:
    """Put a gate of the lease on an interface, or look that it is still there."""

    gate: LeaseMode
    interface: str
    again: bool = False
    """It was refused before: told only if it hangs now."""


Order = GrantAddresses | RenewAddresses | RevokeAddresses | AnnounceAddresses | HangGate


@dataclass(slots=True)
class _Holding:
    term: int
    addresses: tuple[VirtualAddress, ...] = ()
    foreign: tuple[VirtualAddress, ...] = ()


class Worker:
    """One thread: one order at a time."""

    def __init__(self, machine: Machine, report: Callable[[Event], None]) -> None:
        self._machine = machine
        self._report = report
        self._orders: deque[tuple[Order, Instant]] = deque()
        self._holdings: dict[str, _Holding] = {}
        self._hung: set[tuple[LeaseMode, str]] = set()
        self._missing: set[tuple[LeaseMode, str]] = set()
        """Gates that were refused, by interface."""
        self._busy = False
        self._dead = False
        self._stopped: list[Callable[[], None]] | None = None
        """While the process stands still: what the thread has yet to do."""
        self.stop_here: Callable[[], None] | None = None
        """Stops the process between the thread's next look at the clock and the kernel."""
        self._when_idle: Callable[[], None] | None = None

    # ---- the process -----------------------------------------------------------------------

    def submit(self, order: Order) -> None:
        """Queues an order; never waits."""
        self._orders.append((order, self._now()))
        self._next()

    def end_when_idle(self, end: Callable[[], None]) -> None:
        """Calls `end` after the orders that are queued: a clean stop."""
        self._when_idle = end
        self._next()

    def kill(self) -> None:
        """The thread ends; what the kernel has begun it finishes."""
        self._dead = True
        self._orders.clear()

    def pause(self) -> None:
        self._stopped = []

    def resume(self) -> None:
        waiting, self._stopped = self._stopped or [], None
        for act in waiting:
            act()
        self._next()

    # ---- the thread ------------------------------------------------------------------------

    def _next(self) -> None:
        while not self._busy and not self._dead and self._stopped is None:
            if not self._orders:
                if self._when_idle is not None:
                    self._when_idle()
                return
            self._begin(*self._orders.popleft())

    def _begin(self, order: Order, queued: Instant) -> None:
        match order:
            case GrantAddresses():
                self._begin_grant(order)
            case RenewAddresses():
                self._begin_renewal(order, queued)
            case RevokeAddresses():
                self._ask_kernel(lambda: self._revoke(order), self._next)
            case HangGate():
                self._begin_hanging(order)
            case AnnounceAddresses():
                # A packet socket: no lock, and nobody in a simulation has an ARP cache.
                return
            case _:
                assert_never(order)

    def _ask_kernel(self, change: Callable[[], None], then: Callable[[], None]) -> None:
        """The kernel finishes `change` even for the dead; `then` is for the living."""
        self._busy = True

        def answered() -> None:
            self._busy = False
            then()

        def changed() -> None:
            change()
            if self._stopped is not None:
                self._stopped.append(answered)
            elif not self._dead:
                answered()

        def ask() -> None:
            self._machine.change(changed)

        if self.stop_here is not None:
            stop, self.stop_here = self.stop_here, None
            stop()
        if self._stopped is not None:
            self._stopped.append(ask)
        else:
            ask()

    # ---- orders ----------------------------------------------------------------------------

    def _begin_grant(self, order: GrantAddresses) -> None:
        if self._is_over(order):
            self._refuse(order)
            return
        holding = self._holdings.get(order.instance)
        foreign = holding.foreign if holding is not None and holding.term == order.term else ()
        plain = [a.address for a in order.addresses if a not in foreign]
        for kind, gate in self._machine.gates.items():
            if kind is order.gate:
                gate.guard(plain, order.instance)
            else:
                gate.dismiss(plain)
        foreign_now: list[VirtualAddress] = []
        refused: list[VirtualAddress] = []

        def granted() -> None:
            name, term = order.instance, order.term
            if self._is_over(order):
                # The kernel held us up: the next master may stand already.
                ours = tuple(a for a in order.addresses if a not in foreign_now)
                undo = RevokeAddresses(name, term, ours)
                self._ask_kernel(lambda: self._revoke(undo), lambda: self._refuse(order))
                return
            if refused:
                self._report(GrantFailed(name, term, "Cannot allocate memory"))
            else:
                self._report(Granted(name, term, tuple(foreign_now)))
            self._next()

        self._ask_kernel(lambda: self._put(order, foreign_now, refused), granted)

    def _put(
        self,
        order: GrantAddresses,
        foreign: list[VirtualAddress],
        refused: list[VirtualAddress],
    ) -> None:
        """One netlink batch; what stands there already and is the operator's stays as it is."""
        machine, holding = self._machine, self._holdings.get(order.instance)
        if holding is None or holding.term != order.term:
            holding = _Holding(order.term)
        foreign += [a for a in order.addresses if machine.is_foreign(a)]
        for gate in machine.gates.values():
            gate.dismiss([a.address for a in foreign])
        ours = [a for a in order.addresses if a not in foreign]
        refused += [a for a in ours if not machine.put(a, order.lease)]
        added = tuple(a for a in ours if a not in (*holding.addresses, *refused))
        self._holdings[order.instance] = _Holding(
            order.term,
            holding.addresses + added,
            holding.foreign + tuple(a for a in foreign if a not in holding.foreign),
        )

    def _is_over(self, order: GrantAddresses) -> bool:
        return order.valid_until is not None and self._now() >= order.valid_until

    def _refuse(self, order: GrantAddresses) -> None:
        late = "too late: the lease was over before the address could be put up"
        self._report(GrantFailed(order.instance, order.term, late))
        self._next()

    def _begin_renewal(self, order: RenewAddresses, queued: Instant) -> None:
        holding = self._holdings.get(order.instance)
        if holding is None or holding.term != order.term or self._now() >= order.void_after:
            return

        refused: list[VirtualAddress] = []

        def renew() -> None:
            refused.extend(a for a in holding.addresses if not self._machine.put(a, order.lease))

        def renewed() -> None:
            if self._now() - queued >= order.lease:
                # It had lapsed in the meantime, and this has put it up again.
                undo = RevokeAddresses(order.instance, order.term, holding.addresses)
                self._ask_kernel(lambda: self._revoke(undo), undone)
                return
            if refused:
                self._report(GrantFailed(order.instance, order.term, "a renewal failed"))
            self._next()

        def undone() -> None:
            why = "a renewal took longer than the lease"
            self._report(GrantFailed(order.instance, order.term, why))
            self._next()

        self._ask_kernel(renew, renewed)

    def _revoke(self, order: RevokeAddresses) -> None:
        holding = self._holdings.get(order.instance) or _Holding(order.term)
        for address in order.addresses:
            if not self._machine.is_foreign(address):
                self._machine.remove(address)
        for gate in self._machine.gates.values():
            gate.dismiss([address.address for address in order.addresses])
        left = tuple(a for a in holding.addresses if a not in order.addresses)
        self._holdings[order.instance] = replace(holding, addresses=left)
        if not left:
            del self._holdings[order.instance]

    # ---- gates -----------------------------------------------------------------------------

    def _begin_hanging(self, order: HangGate) -> None:
        gate, interface = order.gate, order.interface
        observed: list[GateObserved] = []

        def hang() -> None:
            stood = interface in self._machine.gates[gate].hung
            if self._machine.hang(gate, interface):
                put_back = (gate, interface) in self._hung and not stood
                observed.append(GateObserved(interface, gate, hangs=True, put_back=put_back))
            else:
                reason = "Operation not supported"
                observed.append(GateObserved(interface, gate, hangs=False, reason=reason))

        def hung() -> None:
            for event in observed:
                self._observe(event, again=order.again)
            self._next()

        self._ask_kernel(hang, hung)

    def _observe(self, event: GateObserved, *, again: bool) -> None:
        key = (event.gate, event.interface)
        if event.hangs:
            self._hung.add(key)
            self._missing.discard(key)
        else:
            self._hung.discard(key)
            if not self._missing:
                self._machine.ticks.after(RETRY_GATES_EVERY.ns, self._retry_gates)
            self._missing.add(key)
        if event.hangs or not again:
            self._report(event)

    def _retry_gates(self) -> None:
        if self._dead or not self._missing:
            return
        for gate, interface in sorted(self._missing, key=str):
            self.submit(HangGate(gate, interface, again=True))
        self._machine.ticks.after(RETRY_GATES_EVERY.ns, self._retry_gates)

    def _now(self) -> Instant:
        return Instant(self._machine.boot.now_ns)
