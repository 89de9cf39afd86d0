"""Effects come in the order that `engine.ready` promises, and each earns what follows it.

Knows the order on its own account: it does not ask the code that sorts.
"""

from __future__ import annotations

from itertools import pairwise

from halod.model.effect import (
    AnnounceAddresses,
    Effect,
    GrantAddresses,
    Mention,
    Notify,
    OpenGate,
    RenewAddresses,
    RevokeAddresses,
    SendAdvert,
    ShutGate,
)
from halod.model.state import State
from halod.model.sync_group import VrrpSyncGroup
from halod.sim.observation import Configured, Handled, Life, LifeChanged, Observation
from halod.sim.oracles.verdict import Oracle

__all__ = ["OrderOracle"]

_ORDER: tuple[type[Effect], ...] = (
    SendAdvert,
    ShutGate,
    RevokeAddresses,
    OpenGate,
    GrantAddresses,
    RenewAddresses,
    Notify,
)
_LIKE: dict[type[Effect], type[Effect]] = {Mention: Notify, AnnounceAddresses: GrantAddresses}
"""Told to the same programs, in the order in which it became true; announced as soon as it stands,
whatever other instances still wait for."""


class OrderOracle(Oracle):
    name = "order of effects"
    promise = (
        "adverts, shutting, revocations, opening, grants and announcements, renewals, notifications"
    )

    def __init__(self) -> None:
        super().__init__()
        self._states: dict[str, dict[str, State]] = {}
        self._groups: dict[str, tuple[VrrpSyncGroup, ...]] = {}

    def see(self, observation: Observation) -> None:
        match observation:
            case Configured(_, node, _, groups):
                self._groups[node] = groups
            case LifeChanged(_, node, Life.RUNNING):
                self._states.setdefault(node, {})
            case LifeChanged(_, node, Life.DEAD):
                self._states[node] = {}
            case Handled():
                if observation.ready.effects:
                    self._judge(observation)
                self._states[observation.node] = observation.states
            case _:
                pass

    def finish(self, at_ns: int) -> None:
        """Nothing is left open."""

    def _judge(self, handled: Handled) -> None:
        effects = list(handled.ready.in_order())
        ranks = [_ORDER.index(_LIKE.get(type(effect), type(effect))) for effect in effects]
        if any(before > after for before, after in pairwise(ranks)):
            told = ", ".join(type(effect).__name__ for effect in effects)
            self.accuse(handled.at_ns, f"{handled.node}: {told}")
        announced: set[str] = set()
        for effect in effects:
            if isinstance(effect, AnnounceAddresses):
                announced.add(effect.instance)
            elif isinstance(effect, GrantAddresses) and effect.instance in announced:
                self.accuse(handled.at_ns, f"{handled.node} announces, and then grants: {effect}")
        sent = {e.instance for e in effects if isinstance(e, SendAdvert) and e.priority}
        for group in self._groups.get(handled.node, ()):
            # One term: what one of them says may be the last that the others' renewal needs.
            if sent.intersection(group.members):
                sent.update(group.members)
        for effect in effects:
            if isinstance(effect, RenewAddresses) and effect.instance not in sent:
                self.accuse(handled.at_ns, f"{handled.node} renews without an advert: {effect}")
        before = self._states.get(handled.node, {})
        for name, state in handled.states.items():
            was = before.get(name, State.INITIALIZE)
            if state is State.MASTER and was is not State.MASTER:
                self._must_have(handled, name, (SendAdvert, GrantAddresses, AnnounceAddresses))
            if was is State.MASTER and state is not State.MASTER:
                self._must_have(handled, name, (RevokeAddresses,))

    def _must_have(self, handled: Handled, instance: str, kinds: tuple[type[Effect], ...]) -> None:
        found = {type(e) for e in handled.ready.effects if e.instance == instance}
        missing = [kind.__name__ for kind in kinds if kind not in found]
        if missing:
            self.accuse(
                handled.at_ns,
                f"{handled.node}: {instance} becomes {handled.states[instance].value} without "
                f"{', '.join(missing)}",
            )
