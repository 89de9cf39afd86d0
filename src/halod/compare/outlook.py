"""Who holds what, and what happens when each node dies: played in virtual time.

Knows the simulator and what is seen of a run. Must not reckon what the engine decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from halod.compare.cluster import Node
from halod.model.address import IpAddress
from halod.model.tracking import TrackerId, TrackerKind
from halod.model.units import ZERO, Duration
from halod.sim.allowance import settle_span
from halod.sim.cluster_of_files import nodes_of
from halod.sim.fault import Crash, LinkDown, TrackerFails
from halod.sim.observation import AddressCame, AddressWent, AdvertLeft, FaultBegan, Observation
from halod.sim.play import play
from halod.sim.scenario import KernelOptions, NetworkOptions, Scenario

__all__ = ["Failure", "Fate", "Outlook", "outlook_of"]

SEED = 1
"""No delay is drawn: any seed plays the same."""
CHECKS_MAX = 8
"""Of one node: each is a run."""
WATCHED_BEFORE = Duration.milliseconds(1)
_SILENT = (TrackerKind.FILE, TrackerKind.VMAC)
"""What does not simply fail."""
WAY = Duration.microseconds(50)
"""One switch, the same for every packet."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of an address when the node dies that holds it."""

    address: IpAddress
    takers: tuple[tuple[str, Duration], ...]
    """Node, and time from the last advert of the dead one: the longest that it takes."""
    others: tuple[str, ...]
    """Nodes that held it already."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What becomes of the addresses of a node when one of its checks fails."""

    node: str
    check: TrackerId
    moves: tuple[tuple[IpAddress, tuple[str, ...]], ...]
    """Each address that it held, and who holds it then: itself where nothing moves."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the play showed."""

    holders: dict[IpAddress, tuple[str, ...]]
    """While nothing fails; several: each holds it."""
    deaths: dict[str, tuple[Fate, ...]]
    """Node that dies, and what becomes of each address that it held."""
    failures: tuple[Failure, ...] = ()
    """Of checks of nodes that hold an address."""


def outlook_of(nodes: Sequence[Node]) -> Outlook:
    """One run a node."""
    options = nodes_of({node.name: node.configuration for node in nodes})
    calm = Scenario(
        seed=SEED,
        nodes=options,
        network=NetworkOptions(delay_min=WAY, delay_max=WAY),
        kernel=KernelOptions(wait_min=WAY, wait_max=WAY, lateness_max=ZERO),
        wake_max=ZERO,
    )
    settled = settle_span(calm)
    holders: dict[IpAddress, tuple[str, ...]] = {}
    deaths = {}
    for node in nodes:
        watch = _Watch(node, settled.ns)
        crash = Crash(node.name, settled)
        scenario = replace(calm, faults=(crash,), calm_at=settled, ends_at=settled + settled)
        play(scenario, watchers=[watch.see], oracles=())
        holders = watch.before
        deaths[node.name] = tuple(watch.fates())
    failures = [
        _failure(node, check, replace(calm, calm_at=settled, ends_at=settled + settled))
        for node in nodes
        for check in _checks(node)[:CHECKS_MAX]
        if deaths[node.name]
    ]
    return Outlook(holders, deaths, tuple(failures))


def _checks(node: Node) -> list[TrackerId]:
    """Without files: what is wrong in one is a number."""
    tracked = [t.tracker for each in node.configuration.instances for t in each.trackers]
    return [t for t in dict.fromkeys(tracked) if t.kind not in _SILENT]


def _failure(node: Node, check: TrackerId, scenario: Scenario) -> Failure:
    at = scenario.calm_at
    fault = (
        LinkDown(node.name, at, at, check.name)
        if check.kind is TrackerKind.INTERFACE
        else TrackerFails(node.name, at, check)
    )
    watch = _Watch(node, at.ns)
    # It ends before a link that is down would come up again.
    short = replace(scenario, faults=(fault,), ends_at=at + at - WATCHED_BEFORE)
    play(short, watchers=[watch.see], oracles=())
    moves = [
        (address, watch.now(address))
        for address, holders in watch.before.items()
        if node.name in holders
    ]
    return Failure(node.name, check, tuple(moves))


class _Watch:
    """Sees who holds what before and after one node dies."""

    def __init__(self, dead: Node, dies_at_ns: int) -> None:
        self._dead = dead
        self._dies_at_ns = dies_at_ns
        self._since: dict[IpAddress, dict[str, int]] = {}
        self._before: dict[IpAddress, tuple[str, ...]] | None = None
        self._last_advert_ns: dict[str, int] = {}
        """Instance of the dead node -> when its last advert left."""

    @property
    def before(self) -> dict[IpAddress, tuple[str, ...]]:
        """Who held what when it died."""
        return self._held() if self._before is None else self._before

    def see(self, observation: Observation) -> None:
        match observation:
            case FaultBegan():
                self._before = self._held()
            case AddressCame(at_ns, node, address):
                self._since.setdefault(address, {})[node] = at_ns
            case AddressWent(_, node, address):
                self._since[address].pop(node, None)
            case AdvertLeft(at_ns, node, instance):
                if node == self._dead.name:
                    self._last_advert_ns[instance] = at_ns
            case _:
                pass

    def now(self, address: IpAddress) -> tuple[str, ...]:
        """Who holds it at the end."""
        return tuple(self._since.get(address, ()))

    def fates(self) -> list[Fate]:
        return [
            self._fate(address, nodes)
            for address, nodes in self.before.items()
            if self._dead.name in nodes
        ]

    def _fate(self, address: IpAddress, before: tuple[str, ...]) -> Fate:
        silent_since_ns = max(
            self._last_advert_ns.get(instance.name, self._dies_at_ns)
            for instance in self._dead.configuration.instances
            if any(each.address == address for each in instance.held)
        )
        now = {n: at for n, at in self._since[address].items() if n != self._dead.name}
        return Fate(
            address,
            tuple((n, Duration(at - silent_since_ns)) for n, at in now.items() if n not in before),
            tuple(n for n in now if n in before),
        )

    def _held(self) -> dict[IpAddress, tuple[str, ...]]:
        return {address: tuple(nodes) for address, nodes in self._since.items()}
