"""A whole cluster in virtual time: puts nodes and network together and does the faults.

Knows the scenario and its order. Must not judge: it tells what happens to those who watch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import assert_never

from halod.engine.vrrp_engine import VrrpEngine
from halod.model.effect import SendAdvert
from halod.model.units import Duration
from halod.sim.fault import (
    AdvertsRefused,
    Crash,
    Cut,
    DeleteAddresses,
    Fault,
    GateRefused,
    GateTaken,
    HeartbeatDies,
    KernelRefuses,
    LinkDown,
    OneWay,
    Pause,
    PauseMachine,
    Regroup,
    Reload,
    Restart,
    SlowKernel,
    Stop,
    TrackerFails,
    end_of,
)
from halod.sim.gate import Gate, GateMaker
from halod.sim.machine import Machine
from halod.sim.machine_clock import Agenda
from halod.sim.network import Network, Station
from halod.sim.node import EngineMaker, Node
from halod.sim.observation import AdvertLeft, FaultBegan, FaultEnded, Observation, Watch
from halod.sim.scenario import Scenario

__all__ = ["World"]

_NodeFault = (
    Crash
    | HeartbeatDies
    | Stop
    | Restart
    | Pause
    | LinkDown
    | SlowKernel
    | KernelRefuses
    | AdvertsRefused
    | GateTaken
    | GateRefused
    | DeleteAddresses
    | Regroup
    | Reload
    | TrackerFails
)


class World:
    """One run. The scenario decides everything: equal scenarios give equal observations."""

    def __init__(
        self,
        scenario: Scenario,
        watchers: Iterable[Watch],
        make_engine: EngineMaker = VrrpEngine,
        make_gate: GateMaker = Gate,
    ) -> None:
        self._scenario = scenario
        self._watchers = tuple(watchers)
        self._agenda = Agenda()
        self._network = Network(scenario.network, self._agenda, self._random("network"), self._tell)
        self._nodes: dict[str, Node] = {}
        self._overlapping: Counter[tuple[type[Fault], str]] = Counter()
        """Faults of one kind at one node: the last to end mends it."""
        for options in scenario.nodes:
            machine = Machine(
                options,
                scenario.kernel,
                self._agenda,
                self._random(f"kernel of {options.name}"),
                self._tell,
                make_gate,
            )
            node = Node(
                options,
                machine,
                self._agenda,
                self._random(f"process of {options.name}"),
                scenario.wake_max,
                self._send,
                self._tell,
                make_engine,
            )
            self._nodes[options.name] = node
            for link in options.links:
                self._network.attach(link.segment, Station(machine, link.interface, node.hear))

    def run(self) -> None:
        """From the start to `ends_at`."""
        scenario = self._scenario
        for name, node in self._nodes.items():
            self._agenda.at(scenario.node(name).starts_at.ns, node.start)
        for fault in scenario.faults:
            self._plan(fault)
        self._agenda.at(scenario.calm_at.ns, self._network.calm)
        self._agenda.run(scenario.ends_at.ns)

    def _random(self, purpose: str) -> Random:
        """A stream of its own for each purpose: a change in one moves no other."""
        return Random(f"{self._scenario.seed}: {purpose}")  # noqa: S311 (must be repeatable)

    def _tell(self, observation: Observation) -> None:
        for watch in self._watchers:
            watch(observation)

    def _send(self, machine: Machine, effect: SendAdvert) -> str | None:
        reason = self._network.send(machine, effect)
        if reason is None:
            self._tell(
                AdvertLeft(self._agenda.now_ns, machine.name, effect.instance, effect.priority)
            )
        return reason

    # ---- faults ----------------------------------------------------------------------------

    def _plan(self, fault: Fault) -> None:
        self._agenda.at(fault.at.ns, lambda: self._begin(fault))
        if end_of(fault) > fault.at:
            self._agenda.at(end_of(fault).ns, lambda: self._end(fault))

    def _begin(self, fault: Fault) -> None:
        self._tell(FaultBegan(self._agenda.now_ns, fault))
        match fault:
            case Cut(first, second):
                self._network.cut(first, second)
                self._network.cut(second, first)
            case OneWay(source, target):
                self._network.cut(source, target)
            case PauseMachine(node):
                self._overlapping[PauseMachine, node] += 1
                self._nodes[node].machine.freeze(clock_runs_on=fault.clock_runs_on)
            case _:
                node_ = self._nodes[fault.node]
                self._overlapping[type(fault), fault.node] += 1
                # What is done to a machine that stands still is done when it goes on.
                node_.machine.ticks.after(0, lambda: self._begin_at(node_, fault))

    def _begin_at(self, node: Node, fault: _NodeFault) -> None:
        match fault:
            case Crash():
                node.crash()
            case HeartbeatDies():
                node.heartbeat_dies(hangs=fault.hangs)
            case Stop():
                node.stop()
            case Restart():
                node.start()
            case Pause():
                node.pause(fault.where)
            case LinkDown():
                node.machine.set_links(node.machine.named(fault.interface), running=False)
            case SlowKernel():
                node.machine.waits_max.append(fault.wait_max)
            case KernelRefuses():
                node.machine.refuses = True
            case AdvertsRefused():
                node.machine.mute = True
            case GateTaken():
                for interface in node.machine.named(fault.interface):
                    node.machine.take_gates(interface)
            case GateRefused():
                for interface in node.machine.named(fault.interface):
                    node.machine.gateless[interface] += 1
                    node.machine.take_gates(interface)
            case DeleteAddresses():
                node.delete_addresses()
            case Reload():
                node.reload(fault.priority)
            case Regroup():
                node.regroup(grouped=False)
            case TrackerFails():
                node.tracker_fails(fault.tracker)
            case _:
                assert_never(fault)

    def _end(self, fault: Fault) -> None:
        self._tell(FaultEnded(self._agenda.now_ns, fault))
        match fault:
            case Cut(first, second):
                self._network.mend(first, second)
                self._network.mend(second, first)
                return
            case OneWay(source, target):
                self._network.mend(source, target)
                return
            case SlowKernel(name):
                machine = self._nodes[name].machine
                machine.ticks.after(0, lambda: machine.waits_max.remove(fault.wait_max))
                return
            case GateRefused(name):
                machine = self._nodes[name].machine
                machine.ticks.after(
                    0, lambda: machine.gateless.subtract(machine.named(fault.interface))
                )
                return
            case _:
                pass
        self._overlapping[type(fault), fault.node] -= 1
        if self._overlapping[type(fault), fault.node]:
            return
        node = self._nodes[fault.node]
        if isinstance(fault, PauseMachine):
            node.machine.thaw()
        else:
            node.machine.ticks.after(0, lambda: self._end_at(node, fault))

    def _end_at(self, node: Node, fault: _NodeFault) -> None:
        match fault:
            case Pause():
                node.resume()
            case LinkDown():
                node.machine.set_links(node.machine.named(None), running=True)
            case KernelRefuses():
                node.machine.refuses = False
            case AdvertsRefused():
                node.machine.mute = False
            case Regroup():
                node.regroup(grouped=True)
            case TrackerFails(lasts=Duration()):
                node.trackers_recover()
            case _:
                return
