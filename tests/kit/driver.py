"""Engines on one perfect wire in virtual time: no loss, no delay, and a kernel that obeys.

Knows what a driver owes an engine: perform effects in order, report back, call at the deadline.
Must not know what an engine should decide. Loss, delay and clocks that drift belong to the
simulator; here each step is exact, so a test can count nanoseconds.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TypeVar

from halod.engine.ready import Ready
from halod.engine.vrrp_engine import VrrpEngine
from halod.model.address import IpAddress, Link, VirtualAddress
from halod.model.effect import (
    AnnounceAddresses,
    Effect,
    GrantAddresses,
    InstallRouting,
    Mention,
    Notify,
    OpenGate,
    RemoveRouting,
    RenewAddresses,
    RevokeAddresses,
    SendAdvert,
    ShutGate,
)
from halod.model.event import (
    AdvertReceived,
    Event,
    Granted,
    LinkGone,
    LinkObserved,
    Reconfigured,
    Started,
    StopRequested,
    TimerFired,
)
from halod.model.fact import Fact
from halod.model.state import State
from halod.model.sync_group import VrrpSyncGroup
from halod.model.units import Duration, Instant
from halod.model.view import InstanceView
from halod.model.vrrp import VrrpInstance
from tests.kit.build import link

_Kind = TypeVar("_Kind", bound=Effect)

STEPS_MAX = 10_000
"""Events in one instant: more is a storm that never ends."""


@dataclass
class Node:
    """One host: an engine, its links, and what the kernel holds for it."""

    name: str
    address: IpAddress | None
    """Its own; None: the link has none."""
    engine: VrrpEngine
    held: dict[VirtualAddress, int] = field(default_factory=dict)
    """Virtual addresses that stand, with the term that put each up."""
    foreign: set[VirtualAddress] = field(default_factory=set)
    """Addresses that the operator has put there."""
    gates: dict[str, Instant] = field(default_factory=dict)
    """Instances whose gate is open, and until when."""
    log: list[tuple[Instant, Effect]] = field(default_factory=list)
    facts: list[tuple[Instant, Fact]] = field(default_factory=list)
    frozen: bool = False
    """Hears nothing and does nothing, as after SIGSTOP; what comes is lost."""

    def state(self, instance: str = "VI_1") -> State:
        return dict(self.engine.states())[instance]

    def effects(self, kind: type[_Kind]) -> list[_Kind]:
        """What it did of one kind, oldest first."""
        return [effect for _, effect in self.log if isinstance(effect, kind)]

    def adverts(self) -> list[tuple[Instant, int]]:
        """When each advert was sent, and its priority."""
        return [(when, e.priority) for when, e in self.log if isinstance(e, SendAdvert)]

    def announced(self) -> list[tuple[Instant, int]]:
        """When addresses were announced, and how many frames each."""
        return [(when, e.repeat) for when, e in self.log if isinstance(e, AnnounceAddresses)]

    def sentences(self) -> list[str]:
        return [fact.sentence() for _, fact in self.facts]

    def forget(self) -> None:
        """Empties the logs: what comes from now on is what a test looks at."""
        self.log.clear()
        self.facts.clear()


class Driver:
    """The hosts, their wire and their time."""

    def __init__(self) -> None:
        self.now = Instant(0)
        self.nodes: dict[str, Node] = {}
        self.cuts: set[tuple[str, str]] = set()
        """(from, to) pairs that hear nothing of each other."""
        self.dark: set[str] = set()
        """Interfaces on which nobody hears anybody, though all have a carrier."""
        self._queue: deque[tuple[Node, Event]] = deque()

    def add(
        self,
        name: str,
        address: IpAddress | None,
        *instances: VrrpInstance,
        groups: tuple[VrrpSyncGroup, ...] = (),
    ) -> Node:
        """A host with a link for each interface that its instances name, and started."""
        node = Node(name, address, VrrpEngine(instances, groups))
        self.nodes[name] = node
        for interface in sorted({instance.interface for instance in instances}):
            self.tell(node, LinkObserved(link(address, interface)))
        self.tell(node, Started())
        return node

    # ---- what can happen -------------------------------------------------------------------

    def tell(self, node: Node, event: Event) -> None:
        """Something happens to one host now, with all that follows at once."""
        self._queue.append((node, event))
        self._settle()

    def stop(self, node: Node) -> None:
        self.tell(node, StopRequested())

    def reload(
        self, node: Node, *instances: VrrpInstance, groups: tuple[VrrpSyncGroup, ...] = ()
    ) -> None:
        self.tell(node, Reconfigured(instances, groups))

    def see_link(self, node: Node, changed: Link | None, interface: str = "ens33") -> None:
        """The kernel tells of an interface; None: it is gone."""
        self.tell(node, LinkGone(interface) if changed is None else LinkObserved(changed))

    def carrier(self, node: Node, interface: str = "ens33", *, running: bool) -> None:
        self.see_link(node, replace(link(node.address, interface), running=running))

    def cut(self, *names: str) -> None:
        """Nobody among these hears another."""
        self.cuts |= {(a, b) for a in names for b in names}

    def heal(self) -> None:
        self.cuts.clear()

    def run(self, span: Duration) -> None:
        """Time passes; each engine is called exactly at its deadline."""
        end = self.now + span
        while True:
            due = [(d, n) for n in self.nodes.values() if (d := self._deadline(n)) is not None]
            first = min((d for d, _ in due), default=None)
            if first is None or first > end:
                break
            self.now = max(first, self.now)
            for deadline, node in due:
                if deadline == first:
                    self.tell(node, TimerFired())
        self.now = end

    def view(self, node: Node, instance: str = "VI_1") -> InstanceView:
        views = node.engine.view(self.now).instances
        return next(view for view in views if view.name == instance)

    # ---- the wire and the kernels ----------------------------------------------------------

    def _deadline(self, node: Node) -> Instant | None:
        return None if node.frozen else node.engine.deadline()

    def _settle(self) -> None:
        for _ in range(STEPS_MAX):
            if not self._queue:
                return
            node, event = self._queue.popleft()
            if not node.frozen:
                self._perform(node, node.engine.handle(event, self.now))
        raise AssertionError(f"a storm at {self.now}: {self._queue[0]}")

    def _perform(self, node: Node, ready: Ready) -> None:
        node.facts += [(self.now, fact) for fact in ready.facts]
        for effect in ready.in_order():
            node.log.append((self.now, effect))
            match effect:
                case SendAdvert():
                    self._deliver(node, effect)
                case GrantAddresses(name, term, addresses):
                    foreign = tuple(a for a in addresses if a in node.foreign)
                    node.held |= {a: term for a in addresses if a not in foreign}
                    if effect.gate is None:
                        # Behind no gate: what one says does not matter any more.
                        node.gates.pop(name, None)
                    self._queue.append((node, Granted(name, term, foreign)))
                case RevokeAddresses(addresses=addresses):
                    for address in addresses:
                        node.held.pop(address, None)
                case OpenGate(instance=name, until=until):
                    node.gates[name] = until
                case ShutGate(name):
                    node.gates.pop(name, None)
                case RenewAddresses() | AnnounceAddresses() | Notify() | Mention():
                    pass
                case InstallRouting() | RemoveRouting():
                    pass

    def _deliver(self, sender: Node, effect: SendAdvert) -> None:
        for destination, payload in effect.packets():
            heard = AdvertReceived(
                effect.interface, effect.source, destination, effect.ttl, payload
            )
            for node in self.nodes.values():
                meant = destination.is_multicast or destination == node.address
                cut = (sender.name, node.name) in self.cuts or effect.interface in self.dark
                if meant and node is not sender and not cut:
                    self._queue.append((node, heard))
