"""One machine without its programs: two clocks, links, and a kernel that holds addresses.

Knows lifetimes, which addresses are heard, and who is told of a change. Must not know VRRP, nor why
an address comes or goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from random import Random

from halod.model.address import IpAddress, Link, VirtualAddress
from halod.model.event import AddressLost, Event, LinkObserved, LossBy
from halod.model.tracking import TrackerId
from halod.model.units import Duration
from halod.model.vrrp import LeaseMode
from halod.sim.gate import Gate, GateMaker
from halod.sim.lifetime import address_lifetime_ends_ns
from halod.sim.machine_clock import Agenda, LocalAgenda, MachineClock
from halod.sim.observation import AddressCame, AddressWent, GateChanged, Watch
from halod.sim.scenario import KernelOptions, NodeOptions

__all__ = ["Machine"]

RULES_LOOKED_AT_EVERY = Duration.seconds(1)
"""A daemon notices that rules were flushed when it looks at them, as it does so often."""


@dataclass(slots=True)
class _Entry:
    """An address on a link."""

    address: VirtualAddress
    ends_ns: int | None
    foreign: bool = False
    """The operator's: it stood there before, and nothing of the daemon may touch it."""
    heard: bool = False


class Machine:
    """What lives on when the daemon is killed."""

    def __init__(
        self,
        options: NodeOptions,
        kernel: KernelOptions,
        agenda: Agenda,
        random: Random,
        watch: Watch,
        make_gate: GateMaker = Gate,
    ) -> None:
        self.name = options.name
        self._kernel = kernel
        self._agenda = agenda
        self._random = random
        self._watch = watch
        offset_ns, drift = options.clock_offset.ns, options.clock_drift_ppm
        self.boot = LocalAgenda(agenda, MachineClock(offset_ns, drift))
        """CLOCK_BOOTTIME: what the daemon goes by."""
        self.ticks = LocalAgenda(agenda, MachineClock(offset_ns, drift))
        """What kernel timers go by: never runs while the machine stands still."""
        self.frozen = False
        self.waits_max = [kernel.wait_max]
        """Longest waits for the rtnl lock; the longest counts, for several may hold it in turn."""
        self.refuses = False
        """Whether the kernel takes no address now."""
        self.mute = False
        """Whether a firewall of the machine drops the adverts that it sends."""
        self.failing: set[TrackerId] = set()
        """Checks that find something wrong here now."""
        self.gateless = Counter(dict.fromkeys(options.gateless, 1))
        """Interfaces on which the kernel hangs no gate now, with how many reasons each."""
        self.links = {
            link.interface: Link(link.interface, index, True, bytes(6), (*link.more, link.address))
            for index, link in enumerate(options.links, 2)
        }
        self._changed_ns = 0
        """When the last change that was begun will be done."""
        self._rules_changed_ns = 0
        self._table: dict[tuple[str, IpAddress], _Entry] = {}
        self.tell: Callable[[Event], None] = lambda event: None
        """Who hears the kernel's news; nobody while no daemon runs."""
        self.disturb: Callable[[str], None] = lambda interface: None
        """Who hears that something was changed about the gates of an interface."""
        clocks = {LeaseMode.BPF: self.boot, LeaseMode.NFT: self.ticks}
        self.gates = {
            kind: make_gate(clock, self._compare)
            for kind, clock in clocks.items()
            if kind in options.gates
        }
        if LeaseMode.NFT in self.gates:
            # There a lease is an element of a set, and before the first one there is none.
            self.gates[LeaseMode.NFT].passes_unopened = False
        for address in options.foreign:
            key = (address.interface, address.address)
            self._table[key] = _Entry(address, None, foreign=True)

    # ---- the whole machine -----------------------------------------------------------------

    def freeze(self, *, clock_runs_on: bool) -> None:
        """Nothing happens here, kernel timers included."""
        self.frozen = True
        self.boot.freeze(clock_runs_on=clock_runs_on)
        self.ticks.freeze(clock_runs_on=False)

    def thaw(self) -> None:
        self.frozen = False
        self.ticks.thaw()
        self.boot.thaw()
        # A clock that ran on has passed deadlines, and no packet passes before they are looked at.
        self._compare()

    def set_links(self, names: Iterable[str], *, running: bool) -> None:
        """Carrier comes or goes on these links. IPv4 addresses stay when it goes."""
        for name in names:
            link = self.links[name]
            if link.running is not running:
                changed = Link(name, link.index, running, link.hardware_address, link.addresses)
                self.links[name] = changed
                self.tell(LinkObserved(changed))

    # ---- addresses -------------------------------------------------------------------------

    def change(self, act: Callable[[], None]) -> None:
        """Does it under the rtnl lock: after a wait, mostly a short one, and one after another."""
        shortest, longest = self._kernel.wait_min.ns, max(self.waits_max).ns
        wait_ns = shortest + int((longest - shortest) * self._random.random() ** 4)
        self._changed_ns = max(self.ticks.now_ns + wait_ns, self._changed_ns)
        self.ticks.at(self._changed_ns, act)

    def change_rules(self, act: Callable[[], None]) -> None:
        """Does it under the mutex of nftables, which is another one."""
        longest = self._kernel.rules_wait_max.ns
        wait_ns = int(longest * self._random.random() ** 4)
        self._rules_changed_ns = max(self.ticks.now_ns + wait_ns, self._rules_changed_ns)
        self.ticks.at(self._rules_changed_ns, act)

    @property
    def pending_ns(self) -> int:
        """How long until every change that was begun is done."""
        return max(0, self._changed_ns - self.ticks.now_ns)

    def standing(self) -> list[VirtualAddress]:
        """Virtual addresses, in the order in which they came; not the operator's."""
        return [entry.address for entry in self._table.values() if not entry.foreign]

    def is_foreign(self, address: VirtualAddress) -> bool:
        """Whether it stands here without the tag of the daemon."""
        entry = self._table.get((address.interface, address.address))
        return entry is not None and entry.foreign

    def put(self, address: VirtualAddress, lease: Duration | None) -> bool:
        """RTM_NEWADDR with REPLACE: makes it, or gives it a new lifetime. False: refused."""
        if self.refuses:
            return False
        key = (address.interface, address.address)
        ends_ns = address_lifetime_ends_ns(
            lease, self.ticks.now_ns, self._kernel.lateness_max, self._random
        )
        entry = self._table.get(key)
        if entry is None:
            entry = self._table[key] = _Entry(address, ends_ns)
            self._compare()
        entry.ends_ns = ends_ns
        if ends_ns is not None:
            # The kernel's own hand takes the lock too.
            self.ticks.at(ends_ns, lambda: self.change(lambda: self._lapse(entry, ends_ns)))
        return True

    def remove(self, address: VirtualAddress, by: LossBy | None = None, culprit: str = "") -> None:
        """RTM_DELADDR; None: by the daemon itself, which is not told of its own doing."""
        entry = self._table.pop((address.interface, address.address), None)
        if entry is None:
            return
        if entry.heard:
            self._watch(AddressWent(self._agenda.now_ns, self.name, address.address))
        if by is not None:
            self.tell(AddressLost(address.address, address.interface, by, culprit))

    def _lapse(self, entry: _Entry, ends_ns: int) -> None:
        """Renewed while the lock was waited for, it stays."""
        key = (entry.address.interface, entry.address.address)
        if self._table.get(key) is entry and entry.ends_ns == ends_ns:
            self.remove(entry.address, LossBy.KERNEL)

    def _compare(self) -> None:
        """Tells which addresses are heard now and were not, or the other way round.

        While the machine stands still it answers nobody, and its deadlines wait.
        """
        if self.frozen:
            return
        for (interface, address), entry in self._table.items():
            if entry.foreign:
                continue
            heard = all(gate.passes(address, interface) for gate in self.gates.values())
            if heard is not entry.heard:
                entry.heard = heard
                seen = AddressCame if heard else AddressWent
                self._watch(seen(self._agenda.now_ns, self.name, address))

    # ---- gates -----------------------------------------------------------------------------

    def named(self, interface: str | None) -> list[str]:
        """That interface; None: all of them."""
        return list(self.links) if interface is None else [interface]

    def hang(self, kind: LeaseMode, interface: str) -> bool:
        """Puts a gate on an interface, or looks that it is there. False: refused."""
        gate = self.gates[kind]
        if interface not in gate.hung:
            if self.gateless[interface]:
                return False
            gate.hung.add(interface)
            self._compare()
            self._watch(GateChanged(self._agenda.now_ns, self.name, kind, interface, True))
        return True

    def take_gates(self, interface: str) -> None:
        """Another program takes the gates off an interface; the rules of nftables serve all."""
        for kind, gate in self.gates.items():
            taken = self.named(interface if kind is LeaseMode.BPF else None)
            for each in taken:
                if each in gate.hung:
                    gate.hung.discard(each)
                    self._watch(GateChanged(self._agenda.now_ns, self.name, kind, each, False))
            noticed_ns = 0 if kind is LeaseMode.BPF else RULES_LOOKED_AT_EVERY.ns
            self.ticks.after(noticed_ns, partial(self._disturbed, taken))
        self._compare()

    def _disturbed(self, interfaces: list[str]) -> None:
        for interface in interfaces:
            self.disturb(interface)

    def make_gates_anew(self) -> None:
        """A new daemon has gates of its own; those of the one before go with its addresses."""
        for kind, gate in self.gates.items():
            for interface in sorted(gate.hung):
                self._watch(GateChanged(self._agenda.now_ns, self.name, kind, interface, False))
            gate.make_anew()
