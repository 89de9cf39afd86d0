"""What binds the addresses of each router right now: which lease, and whether its gate still hangs.

Knows what was granted, what the kernel has answered, and what became of the gates. The oracles ask
it which promise applies. Must not know promises.
"""

from __future__ import annotations

from enum import Enum

from halod.model.effect import GrantAddresses, SendAdvert
from halod.model.event import Granted
from halod.model.units import Duration
from halod.model.vrrp import LeaseMode, VrrpInstance
from halod.sim.allowance import backstop_span, lease_span
from halod.sim.observation import (
    AdvertLeft,
    Configured,
    GateChanged,
    Handled,
    Life,
    LifeChanged,
    Observation,
)
from halod.sim.scenario import Scenario

__all__ = ["Bond", "Leases"]


class Bond(Enum):
    """What ends the ownership of a node that says nothing more."""

    BPF = LeaseMode.BPF
    NFT = LeaseMode.NFT
    ADDRESS = LeaseMode.ADDRESS
    NOTHING = LeaseMode.OFF
    BACKSTOP = "backstop"
    """Its gate was taken off, and the lifetime behind it is left."""


class Leases:
    """Told everything in order."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._instances: dict[tuple[str, str], VrrpInstance] = {}
        self._granted: dict[tuple[str, str], list[tuple[int, LeaseMode]]] = {}
        """What may be in force, each with its term: the last that the kernel has answered, then
        those asked for."""
        self._answered: set[tuple[str, str]] = set()
        """Routers for whose first entry there the kernel has answered."""
        self._lives: dict[str, Life] = {}
        self.decided_ns: dict[tuple[str, str], int] = {}
        """(node, instance) to when its last advert was decided, whether it left or not."""
        self.earned_ns: dict[tuple[str, str], int] = {}
        """(node, instance) to when its last advert was decided that left: from there the lease
        counts, and not from when it left. A process may be stopped in between."""
        self._hung: set[tuple[str, LeaseMode, str]] = set()

    def see(self, observation: Observation) -> None:
        match observation:
            case Configured(_, node, instances):
                self._instances.update({(node, each.name): each for each in instances})
            case GateChanged(_, node, gate, interface, hangs):
                change = self._hung.add if hangs else self._hung.discard
                change((node, gate, interface))
            case LifeChanged(_, node, life):
                if life is Life.RUNNING and self._lives.get(node) is not Life.PAUSED:
                    # It begins: what an earlier one held was taken down before.
                    self._granted = {key: v for key, v in self._granted.items() if key[0] != node}
                    self._answered = {key for key in self._answered if key[0] != node}
                self._lives[node] = life
            case AdvertLeft(_, node, name, priority):
                if priority:
                    self.earned_ns[node, name] = self.decided_ns[node, name]
            case Handled():
                self._handled(observation)
            case _:
                pass

    def bonds(self, node: str, name: str) -> set[Bond]:
        """What may bind its addresses; empty: nothing was ever granted."""
        found = set()
        instance = self._instances[node, name]
        links = {instance.interface, *(address.interface for address in instance.held)}
        for _, kind in self._granted.get((node, name), ()):
            gated = kind in (LeaseMode.BPF, LeaseMode.NFT)
            hangs = all((node, kind, link) in self._hung for link in links)
            found.add(Bond(kind) if hangs or not gated else Bond.BACKSTOP)
        return found

    def span(self, node: str, name: str) -> Duration | None:
        """From its last advert to the end of the lease that this earned; None: it never ends."""
        bonds = self.bonds(node, name) or {Bond.NOTHING}
        spans = [self._span_of(bond, self._instances[node, name]) for bond in bonds]
        bounded = [span for span in spans if span is not None]
        return max(bounded) if len(bounded) == len(spans) else None

    def _span_of(self, bond: Bond, instance: VrrpInstance) -> Duration | None:
        match bond:
            case Bond.BACKSTOP:
                return backstop_span(self._scenario)
            case Bond.BPF | Bond.NFT | Bond.ADDRESS | Bond.NOTHING:
                return lease_span(self._scenario, instance, bond.value)

    def _handled(self, handled: Handled) -> None:
        event = handled.event
        if isinstance(event, Granted):
            self._heed_answer((handled.node, event.instance), event.term)
        for effect in handled.ready.effects:
            if isinstance(effect, SendAdvert):
                self.decided_ns[handled.node, effect.instance] = handled.at_ns
            elif isinstance(effect, GrantAddresses):
                key = (handled.node, effect.instance)
                kind = _kind(effect, self._instances[key])
                self._granted.setdefault(key, []).append((effect.term, kind))

    def _heed_answer(self, key: tuple[str, str], term: int) -> None:
        """One grant is answered after another."""
        asked = self._granted.get(key, [])
        left = [one for one in asked if one[0] >= term]
        if len(left) == len(asked) and key in self._answered and len(left) > 1:
            del left[0]
        self._granted[key] = left
        self._answered.add(key)


def _kind(grant: GrantAddresses, instance: VrrpInstance) -> LeaseMode:
    """Which promise a grant must keep: for ever is right only where nothing can end it."""
    if grant.gate is not None:
        return grant.gate
    may_last = instance.lease is LeaseMode.OFF or instance.advert_interval < Duration.seconds(1)
    return LeaseMode.OFF if may_last else LeaseMode.ADDRESS
