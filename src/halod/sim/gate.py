"""A gate of the lease in one kernel: which addresses hang on it, and until when they are heard.

Knows slots, deadlines on one clock of the machine, and interfaces. It lives on when the daemon is
killed. Must not know which addresses stand, nor who opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from halod.model.address import IpAddress
from halod.sim.machine_clock import LocalAgenda

__all__ = ["Gate", "GateMaker"]

SHUT_NS = 0


class Gate:
    """Slots go by the name of their instance."""

    def __init__(self, clock: LocalAgenda, changed: Callable[[], None]) -> None:
        """`changed`: what passes may be another now."""
        self._clock = clock
        self._changed = changed
        self._ends_ns: dict[str, int] = {}
        """A slot that was never opened is not here."""
        self._guarded: dict[IpAddress, str] = {}
        self._looks_ns: dict[str, int] = {}
        """Slot to when the next look at its deadline is planned: one look follows another, so that
        a renewal plans nothing."""
        self.hung: set[str] = set()
        """Interfaces that have it."""
        self.passes_unopened = True
        """Whether what hangs on a slot that was never opened passes."""

    def passes(self, address: IpAddress, interface: str) -> bool:
        """Whether packets of the address pass there now."""
        slot = self._guarded.get(address)
        if slot is None or interface not in self.hung:
            return True
        end_ns = self._ends_ns.get(slot)
        if end_ns is None:
            return self.passes_unopened
        return self._clock.now_ns < end_ns

    def is_open(self, slot: str) -> bool:
        """Whether its lease is live."""
        return self._clock.now_ns < self._ends_ns.get(slot, SHUT_NS)

    def open(self, slot: str, until_ns: int) -> None:
        """What hangs on it may be heard until then, and not a nanosecond longer."""
        self._ends_ns[slot] = until_ns
        self._changed()
        planned_ns = self._looks_ns.get(slot)
        if planned_ns is None or until_ns < planned_ns:
            self._look_at(slot, until_ns)

    def shut(self, slot: str) -> None:
        """Silent from now on."""
        if slot in self._ends_ns:
            self._ends_ns[slot] = SHUT_NS
            self._changed()

    def shut_all(self) -> None:
        """The same for every slot that was ever opened."""
        self._ends_ns = dict.fromkeys(self._ends_ns, SHUT_NS)
        self._changed()

    def guard(self, addresses: Iterable[IpAddress], slot: str) -> None:
        """These hang on that slot."""
        self._guarded.update(dict.fromkeys(addresses, slot))
        self._changed()

    def dismiss(self, addresses: Iterable[IpAddress]) -> None:
        """These pass, whatever the time."""
        for address in addresses:
            self._guarded.pop(address, None)
        self._changed()

    def make_anew(self) -> None:
        """Off every interface, and empty: a supervisor makes another for each heartbeat."""
        self._ends_ns.clear()
        self._guarded.clear()
        self.hung.clear()
        self._changed()

    def _look_at(self, slot: str, when_ns: int) -> None:
        self._looks_ns[slot] = when_ns
        self._clock.at(when_ns, lambda: self._look(slot, when_ns))

    def _look(self, slot: str, planned_ns: int) -> None:
        if self._looks_ns.get(slot) != planned_ns:
            return
        end_ns = self._ends_ns.get(slot, SHUT_NS)
        if self._clock.now_ns < end_ns:
            self._look_at(slot, end_ns)
            return
        del self._looks_ns[slot]
        self._changed()


GateMaker = Callable[[LocalAgenda, Callable[[], None]], Gate]
