"""Two owners inside one connected component never longer than the published bound.

Two nodes count as connected while each hears the other. Knows which promise applies to a pair:

- one of them was dead or stood still, and the other took over because it heard nothing: the
  published bound;
- it took over for another reason (it preempts, it owns the addresses, it heard priority 0), or at
  nearly the same time: the dead one's lease alone ends it;
- one of them is mute, for a firewall drops its adverts: it sees that its lease is over;
- both live: one hears the other's advert and lets go, or is answered and then lets go;
- they could not hear each other, an advert was lost, a kernel was slow or a whole machine stood
  still: from the end of that on, the longer of the two above and an interval until the next advert.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.address import IpAddress
from halod.model.cause import Cause, MasterSilent, NobodyHeard
from halod.model.fact import StateChanged
from halod.model.state import State
from halod.model.vrrp import LeaseMode, VrrpInstance
from halod.sim.allowance import conflict_span, handover_span, silence_bound
from halod.sim.fault import AdvertsRefused, PauseMachine
from halod.sim.observation import (
    AddressCame,
    AddressWent,
    AdvertLeft,
    AdvertMissed,
    Configured,
    FaultBegan,
    FaultEnded,
    GateChanged,
    Handled,
    Life,
    LifeChanged,
    Observation,
)
from halod.sim.oracles.leases import Leases
from halod.sim.oracles.trouble import Trouble
from halod.sim.oracles.verdict import Oracle
from halod.sim.scenario import Scenario

__all__ = ["OwnersOracle"]


@dataclass(slots=True)
class _Episode:
    """Two nodes with one address."""

    address: IpAddress
    holder: str
    newcomer: str
    began_ns: int
    accused: bool = False


@dataclass(slots=True)
class _Mastership:
    began_ns: int
    cause: Cause


class OwnersOracle(Oracle):
    name = "two owners"
    promise = "two connected owners never longer than the published bound"

    def __init__(self, scenario: Scenario, *, pausing_excuses: bool = True) -> None:
        super().__init__()
        self._scenario = scenario
        self._trouble = Trouble(
            (node.name for node in scenario.nodes), pausing_excuses=pausing_excuses
        )
        self._leases = Leases(scenario)
        self._addresses = {
            node.name: {link.address for link in node.links} for node in scenario.nodes
        }
        self._instances: dict[tuple[str, IpAddress], VrrpInstance] = {}
        self._owners: dict[IpAddress, list[str]] = {}
        self._open: list[_Episode] = []
        self._masterships: dict[tuple[str, str], _Mastership] = {}
        self._mute_ns: dict[str, int] = {}
        """When a firewall last began to drop the adverts of a node."""
        self._lives: dict[str, Life] = {}
        self._resumed_ns: dict[str, int] = {}

    def see(self, observation: Observation) -> None:
        self._leases.see(observation)
        match observation:
            case Configured(_, node, instances):
                for each in instances:
                    self._instances.update({(node, a.address): each for a in each.held})
            case Handled():
                self._note_masters(observation)
            case AddressCame(at_ns, node, address):
                owners = self._owners.setdefault(address, [])
                self._open += [_Episode(address, other, node, at_ns) for other in owners]
                owners.append(node)
            case AddressWent(at_ns, node, address):
                self._owners[address].remove(node)
                ended = [
                    e for e in self._open if e.address == address and node in (e.holder, e.newcomer)
                ]
                self._judge(ended, at_ns)
                self._open = [e for e in self._open if e not in ended]
            case LifeChanged(at_ns, node, life):
                self._judge(self._open, at_ns)
                if life is Life.RUNNING and self._lives.get(node) is Life.PAUSED:
                    self._resumed_ns[node] = at_ns
                self._lives[node] = life
            case AdvertMissed(at_ns) | FaultBegan(at_ns) | FaultEnded(at_ns):
                # What was wrong before is not excused by what comes now.
                self._judge(self._open, at_ns)
                self._trouble.see(observation)
                if isinstance(observation, FaultBegan) and isinstance(
                    observation.fault, AdvertsRefused
                ):
                    self._mute_ns[observation.fault.node] = at_ns
                if isinstance(observation, FaultEnded):
                    self._answers_again(observation)
            case AdvertLeft() | GateChanged():
                pass

    def finish(self, at_ns: int) -> None:
        self._judge(self._open, at_ns)

    def _answers_again(self, ended: FaultEnded) -> None:
        """A machine that stood still owned nothing: it did not answer."""
        if isinstance(ended.fault, PauseMachine):
            for episode in self._open:
                if ended.fault.node in (episode.holder, episode.newcomer):
                    episode.began_ns = ended.at_ns

    # ---- judging ---------------------------------------------------------------------------

    def _judge(self, episodes: list[_Episode], at_ns: int) -> None:
        for episode in episodes:
            holder, newcomer = episode.holder, episode.newcomer
            if episode.accused or self._trouble.lasts(holder, newcomer):
                continue
            until_ns = self._allowed_until_ns(episode)
            if until_ns is not None and at_ns > until_ns:
                episode.accused = True
                self.accuse(
                    at_ns,
                    f"{holder} and {newcomer} both own {episode.address} since "
                    f"{episode.began_ns / 1e9:.4f} s, allowed until {until_ns / 1e9:.4f} s",
                )

    def _allowed_until_ns(self, episode: _Episode) -> int | None:
        """None: for ever, where no lease binds the dead."""
        scenario, began_ns = self._scenario, episode.began_ns
        pair = (episode.holder, episode.newcomer)
        instances = [self._instances[node, episode.address] for node in pair]
        handover_ns = handover_span(scenario).ns
        marks = [began_ns]
        trouble_ns = self._trouble.ended_ns(*pair)
        if trouble_ns is not None:
            hears_ns = max(instance.advert_interval.ns for instance in instances) + handover_ns
            spans = [
                self._leases.span(node, i.name) for node, i in zip(pair, instances, strict=True)
            ]
            marks.append(trouble_ns + max([hears_ns, *(span.ns for span in spans if span)]))
        still = [node for node in pair if self._stood_still_since(node, began_ns)]
        if not still:
            marks.append(began_ns + conflict_span(scenario).ns)
        for node, instance in zip(pair, instances, strict=True):
            if node in self._mute_ns:
                adverts = max(2, instance.down_timer_adverts) + 1
                lets_go_ns = (instance.advert_interval * adverts).ns + handover_ns
                marks.append(self._mute_ns[node] + lets_go_ns)
        for node in still:
            if self._lives.get(node) is Life.RUNNING:
                marks.append(self._resumed_ns[node] + handover_ns)
            ends_ns = self._lease_ends_ns(node, episode)
            if ends_ns is None:
                return None
            marks.append(ends_ns)
        return max(marks)

    def _lease_ends_ns(self, node: str, episode: _Episode) -> int | None:
        """When the lease of one that stood still is over at the latest; None: never."""
        instance = self._instances[node, episode.address]
        bonds = self._leases.bonds(node, instance.name)
        kinds = [bond.value for bond in bonds if isinstance(bond.value, LeaseMode)]
        if (
            node == episode.holder
            and len(kinds) == len(bonds)
            and self._took_over_by_silence(episode, handover_span(self._scenario).ns)
        ):
            newcomer = self._instances[episode.newcomer, episode.address]
            bounds = [silence_bound(self._scenario, instance, newcomer, kind) for kind in kinds]
            ns = [bound.ns for bound in bounds if bound is not None]
            return episode.began_ns + max(ns) if len(ns) == len(bounds) else None
        span = self._leases.span(node, instance.name)
        if span is None:
            return None
        return self._leases.earned_ns.get((node, instance.name), 0) + span.ns

    def _stood_still_since(self, node: str, since_ns: int) -> bool:
        running = self._lives.get(node) is Life.RUNNING
        return not running or self._resumed_ns.get(node, -1) >= since_ns

    def _took_over_by_silence(self, episode: _Episode, handover_ns: int) -> bool:
        """The newcomer's timer ran from an advert of the holder, and its silence alone counted."""
        newer = self._mastership(episode.newcomer, episode.address)
        older = self._mastership(episode.holder, episode.address)
        if newer is None or older is None or newer.began_ns - older.began_ns <= handover_ns:
            return False
        match newer.cause:
            case MasterSilent(master):
                return master in self._addresses[episode.holder]
            case NobodyHeard():
                # It waited by its own interval, which means nothing to a slower master.
                pair = (episode.holder, episode.newcomer)
                holder, newcomer = (self._instances[node, episode.address] for node in pair)
                return newcomer.advert_interval >= holder.advert_interval
            case _:
                return False

    def _mastership(self, node: str, address: IpAddress) -> _Mastership | None:
        return self._masterships.get((node, self._instances[node, address].name))

    def _note_masters(self, handled: Handled) -> None:
        for fact in handled.ready.facts:
            if isinstance(fact, StateChanged) and fact.new is State.MASTER:
                self._masterships[handled.node, fact.instance] = _Mastership(
                    handled.at_ns, fact.cause
                )
