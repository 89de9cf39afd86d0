"""Each lease goes the best way that its machine gives, and what is the operator's is left alone.

Knows which gates an engine was told of and which addresses are not its own. It does not ask the
code that chooses.
"""

from __future__ import annotations

from halod.model.address import VirtualAddress
from halod.model.effect import GrantAddresses, OpenGate, RevokeAddresses
from halod.model.event import GateObserved, Granted
from halod.model.state import State
from halod.model.vrrp import LeaseMode, VrrpInstance
from halod.sim.observation import Configured, Handled, Life, LifeChanged, Observation
from halod.sim.oracles.verdict import Oracle

__all__ = ["WayOracle"]

_BEST_FIRST = {
    LeaseMode.AUTO: (LeaseMode.BPF, LeaseMode.NFT),
    LeaseMode.BPF: (LeaseMode.BPF, LeaseMode.NFT),
    LeaseMode.NFT: (LeaseMode.NFT,),
    LeaseMode.ADDRESS: (),
    LeaseMode.OFF: (),
}


class WayOracle(Oracle):
    name = "way of the lease"
    promise = "the best gate that hangs on each interface; the operator's addresses are left alone"

    def __init__(self) -> None:
        super().__init__()
        self._instances: dict[tuple[str, str], VrrpInstance] = {}
        self._hanging: dict[str, set[tuple[LeaseMode, str]]] = {}
        self._granted: dict[tuple[str, str], LeaseMode | None] = {}
        """Gate of the last grant of each router that is MASTER."""
        self._foreign: dict[tuple[str, str, int], set[VirtualAddress]] = {}

    def see(self, observation: Observation) -> None:
        match observation:
            case Configured(_, node, instances):
                self._instances.update({(node, each.name): each for each in instances})
            case LifeChanged(_, node, Life.DEAD):
                self._hanging.pop(node, None)
                self._granted = {key: v for key, v in self._granted.items() if key[0] != node}
                self._foreign = {key: v for key, v in self._foreign.items() if key[0] != node}
            case Handled():
                self._note(observation)
                for effect in observation.ready.effects:
                    if isinstance(effect, GrantAddresses | RevokeAddresses | OpenGate):
                        self._judge(observation, effect)
                self._judge_states(observation)
            case _:
                pass

    def finish(self, at_ns: int) -> None:
        """Nothing is left open."""

    def _note(self, handled: Handled) -> None:
        match handled.event:
            case GateObserved(interface, gate, hangs):
                hanging = self._hanging.setdefault(handled.node, set())
                (hanging.add if hangs else hanging.discard)((gate, interface))
            case Granted(name, term, foreign) if foreign:
                self._foreign.setdefault((handled.node, name, term), set()).update(foreign)
            case _:
                pass

    def _judge(
        self,
        handled: Handled,
        effect: GrantAddresses | RevokeAddresses | OpenGate,
    ) -> None:
        node, key = handled.node, (handled.node, effect.instance)
        if isinstance(effect, GrantAddresses):
            self._granted[key] = effect.gate
        if isinstance(effect, GrantAddresses | RevokeAddresses):
            foreign = self._foreign.get((*key, effect.term), set())
            touched = [str(address) for address in effect.addresses if address in foreign]
            if touched:
                told = f"{type(effect).__name__} of {', '.join(touched)}"
                self.accuse(handled.at_ns, f"{node}: {told}, which is the operator's")
        elif effect.gate is not self._best(key):
            self.accuse(handled.at_ns, f"{node} opens a gate that does not hang: {effect}")

    def _judge_states(self, handled: Handled) -> None:
        for name, state in handled.states.items():
            key = (handled.node, name)
            if state is not State.MASTER:
                self._granted.pop(key, None)
                continue
            best = self._best(key)
            if key in self._granted and self._granted[key] is not best:
                self._granted[key] = best
                wanted = "no gate" if best is None else best.value
                self.accuse(handled.at_ns, f"{handled.node}: {name} is granted, not by {wanted}")

    def _best(self, key: tuple[str, str]) -> LeaseMode | None:
        node, _ = key
        instance = self._instances[key]
        links = {instance.interface, *(address.interface for address in instance.held)}
        hanging = self._hanging.get(node, set())
        return next(
            (
                gate
                for gate in _BEST_FIRST[instance.lease]
                if all((gate, link) in hanging for link in links)
            ),
            None,
        )
