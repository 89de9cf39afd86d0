"""The heartbeat process of a node: the real engine behind the loop of the daemon.

A model of `halod.daemon.heartbeat`. Knows the order of one turn: adverts first, then the kernel's
news, then the worker's reports, then the timer. Must not decide anything about VRRP.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Protocol, TypeVar, assert_never

from halod.engine.ready import Ready
from halod.model.effect import (
    AnnounceAddresses,
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
    AdvertSendFailed,
    Event,
    LinkObserved,
    Reconfigured,
    Started,
    StopRequested,
    TimerFired,
    TrackerReported,
)
from halod.model.state import State
from halod.model.sync_group import VrrpSyncGroup
from halod.model.tracking import TrackerKind
from halod.model.units import Duration, Instant
from halod.model.vrrp import LeaseMode, VrrpInstance
from halod.sim.fault import PauseAt
from halod.sim.machine import Machine
from halod.sim.machine_clock import Agenda
from halod.sim.nft_lease import NftLease
from halod.sim.observation import Configured, Handled, Life, LifeChanged, Watch
from halod.sim.worker import HangGate, Worker
from halod.vrrp.lease import gates_of
from halod.wire import ip

__all__ = ["Engine", "Process", "Send"]

DRAIN_MAX = 64
"""Adverts in one turn, as in the daemon."""

STOP_DEADLINE = Duration.seconds(1)
"""How long the addresses may take to go at a clean stop, as in the daemon."""

_Item = TypeVar("_Item")

Send = Callable[[SendAdvert], str | None]
"""Puts an advert on the network; the reason where that failed."""


class Engine(Protocol):
    """The four doors of `VrrpEngine`: tests put a broken one in its place."""

    def handle(self, event: Event, now: Instant) -> Ready: ...
    def repeat(self, interface: str, packet: bytes, now: Instant) -> bool: ...
    def deadline(self) -> Instant | None: ...
    def states(self) -> Iterator[tuple[str, State]]: ...


class Process:
    """One life of the process."""

    def __init__(
        self,
        engine: Engine,
        machine: Machine,
        agenda: Agenda,
        random: Random,
        wake_max: Duration,
        send: Send,
        watch: Watch,
    ) -> None:
        self._engine = engine
        self._machine = machine
        self._agenda = agenda
        self._random = random
        self._wake_max = wake_max
        self._send = send
        self._watch = watch
        self._worker = Worker(machine, self._report)
        self._nft = NftLease(machine, self._report) if LeaseMode.NFT in machine.gates else None
        self._threads = (self._worker, *((self._nft,) if self._nft is not None else ()))
        self._adverts: deque[tuple[str, bytes]] = deque()
        self._news: deque[Event] = deque()
        self._reports: deque[Event] = deque()
        self._reloads: deque[Reconfigured] = deque()
        self._disturbed: set[str] = set()
        """Interfaces on whose gates somebody had a hand."""
        self._gated: dict[LeaseMode, set[str]] = {}
        self._stops_at_advert = False
        self._undone: Ready | None = None
        """Stopped in the middle of a turn: what was decided and not done."""
        self._held_up: deque[Event] = deque()
        """The rest of that turn."""
        self._awakened = False
        self._armed_ns: int | None = None
        self.life = Life.RUNNING

    # ---- life and death --------------------------------------------------------------------

    def start(self, instances: tuple[VrrpInstance, ...]) -> None:
        """The links as they are, then the instances."""
        self._tell_life(Life.RUNNING)
        self._machine.tell = self.hear_kernel
        self._machine.disturb = self.hear_disturbance
        self._need_gates(instances)
        self._handle_all(LinkObserved(link) for link in self._machine.links.values())
        self._handle(Started())
        self._tell_trackers(instances)
        self._arm()

    def kill(self) -> None:
        """SIGKILL: not one instruction more."""
        if self.life is not Life.DEAD:
            for thread in self._threads:
                thread.kill()
            self._tell_life(Life.DEAD)

    def pause(self, where: PauseAt = PauseAt.ANYWHERE) -> None:
        """SIGSTOP, every thread included."""
        if where is PauseAt.ADVERT:
            self._stops_at_advert = True
        elif where is PauseAt.ADDRESS:
            self._worker.stop_here = self.pause
        elif where is PauseAt.RULES:
            if self._nft is not None:
                self._nft.stop_here = self.pause
        elif self.life is Life.RUNNING:
            for thread in self._threads:
                thread.pause()
            self._tell_life(Life.PAUSED)

    def resume(self) -> None:
        """SIGCONT: the turn goes on, and the next finds everything that came meanwhile."""
        self._stops_at_advert = False
        for thread in self._threads:
            thread.stop_here = None
        if self.life is not Life.PAUSED:
            return
        self._tell_life(Life.RUNNING)
        undone, self._undone = self._undone, None
        if undone is not None:
            self._do(undone)
        self._handle_all(_drain(self._held_up))
        self._awaken()
        for thread in self._threads:
            thread.resume()

    def stop(self) -> None:
        """A clean stop: resigns, takes the addresses down, ends."""
        self._handle(StopRequested())
        self._worker.end_when_idle(self.kill)
        self._machine.ticks.after(STOP_DEADLINE.ns, self.kill)

    def masters(self) -> tuple[str, ...]:
        """What the shared memory says: instances that are MASTER."""
        return tuple(name for name, state in self._engine.states() if state is State.MASTER)

    def _tell_life(self, life: Life) -> None:
        self.life = life
        self._watch(LifeChanged(self._agenda.now_ns, self._machine.name, life))

    # ---- what comes in ---------------------------------------------------------------------

    def hear_advert(self, interface: str, packet: bytes) -> None:
        self._adverts.append((interface, packet))
        self._awaken()

    def reload(
        self, instances: tuple[VrrpInstance, ...], groups: tuple[VrrpSyncGroup, ...]
    ) -> None:
        """A message of the supervisor."""
        self._reloads.append(Reconfigured(instances, groups))
        self._awaken()

    def hear_kernel(self, event: Event) -> None:
        self._news.append(event)
        self._awaken()

    def hear_disturbance(self, interface: str) -> None:
        self._disturbed.add(interface)
        self._awaken()

    def _report(self, event: Event) -> None:
        self._reports.append(event)
        self._awaken()

    def _awaken(self) -> None:
        if self._awakened or self.life is not Life.RUNNING:
            return
        self._awakened = True
        delay_ns = int(self._wake_max.ns * self._random.random() ** 2)
        self._machine.ticks.after(delay_ns, self._turn)

    # ---- one turn --------------------------------------------------------------------------

    def _turn(self) -> None:
        self._awakened = False
        if self.life is not Life.RUNNING:
            return
        self._receive()
        self._handle_all(_drain(self._news))
        for interface in sorted(self._disturbed):
            self._hang_gates(interface)
        self._disturbed.clear()
        self._handle_all(_drain(self._reports))
        deadline = self._engine.deadline()
        if deadline is not None and deadline.ns <= self._machine.boot.now_ns:
            self._handle(TimerFired())
        for reload in _drain(self._reloads):
            self._configure(reload)
        if self._adverts:
            self._awaken()
        self._arm()

    def _receive(self) -> None:
        """One look at the clock for all of them, as in the daemon."""
        turned = Instant(self._machine.boot.now_ns)
        for _ in range(min(DRAIN_MAX, len(self._adverts))):
            interface, packet = self._adverts.popleft()
            if self.life is Life.RUNNING and self._engine.repeat(interface, packet, turned):
                continue
            event = ip.decode(interface, packet)
            assert event is not None, "the network carries whole datagrams"
            self._handle(event)

    def _need_gates(self, instances: tuple[VrrpInstance, ...]) -> None:
        """The best gate of this machine for each instance, on each of its interfaces."""
        gates = self._machine.gates
        if self._nft is not None:
            self._nft.adopt({each.name: each.advert_interval // 2 for each in instances})
        self._gated = {gate: set() for gate in gates}
        for instance in instances:
            best = next((gate for gate in gates_of(instance) if gate in gates), None)
            if best is not None:
                self._gated[best] |= instance.interfaces
        for interface in self._machine.links:
            self._hang_gates(interface)

    def _hang_gates(self, interface: str) -> None:
        for gate, interfaces in self._gated.items():
            if interface in interfaces:
                self._worker.submit(HangGate(gate, interface))

    def _configure(self, reload: Reconfigured) -> None:
        """The links once more, then the instances, as in the daemon."""
        self._need_gates(reload.instances)
        self._handle_all(LinkObserved(link) for link in self._machine.links.values())
        self._handle(reload)
        self._tell_trackers(reload.instances)

    def _tell_trackers(self, instances: tuple[VrrpInstance, ...]) -> None:
        """How programs, files and processes are; links say for themselves."""
        tracked = {t.tracker: None for instance in instances for t in instance.trackers}
        self._handle_all(
            TrackerReported(tracker, up=tracker not in self._machine.failing)
            for tracker in tracked
            if tracker.kind is not TrackerKind.INTERFACE
        )

    def _handle_all(self, events: Iterable[Event]) -> None:
        for event in events:
            self._handle(event)

    def _handle(self, event: Event) -> None:
        if self.life is Life.PAUSED:
            self._held_up.append(event)
            return
        if isinstance(event, Reconfigured):
            name = self._machine.name
            self._watch(Configured(self._agenda.now_ns, name, event.instances, event.groups))
        now = Instant(self._machine.boot.now_ns)
        ready = self._engine.handle(event, now)
        self._watch(
            Handled(
                self._agenda.now_ns,
                self._machine.name,
                event,
                now,
                ready,
                self._engine.deadline(),
                dict(self._engine.states()),
            )
        )
        if self._stops_at_advert and any(isinstance(e, SendAdvert) for e in ready.effects):
            self._stops_at_advert, self._undone = False, ready
            self.pause()
        else:
            self._do(ready)

    def _do(self, ready: Ready) -> None:
        for consequence in self._perform(ready):
            self._handle(consequence)

    def _perform(self, ready: Ready) -> list[Event]:
        failed: dict[str, Event] = {}
        for effect in ready.in_order():
            match effect:
                case SendAdvert():
                    reason = self._send(effect)
                    if reason is not None:
                        failed[effect.instance] = AdvertSendFailed(effect.instance, reason)
                case RevokeAddresses():
                    self._worker.submit(effect)
                case GrantAddresses() | RenewAddresses() | AnnounceAddresses():
                    # What an advert earns, it earns only where the kernel took it.
                    if effect.instance not in failed:
                        self._worker.submit(effect)
                case OpenGate():
                    if effect.instance not in failed:
                        self._open(effect)
                case ShutGate():
                    self._shut(effect.instance)
                case Notify() | Mention() | InstallRouting() | RemoveRouting():
                    # Routes stand where the addresses do: there is nothing more to learn here.
                    continue
                case _:
                    assert_never(effect)
        return list(failed.values())

    def _open(self, effect: OpenGate) -> None:
        if effect.gate is LeaseMode.NFT:
            assert self._nft is not None, "it hangs, so it is there"
            self._nft.open(effect.instance, effect.term, effect.until)
        else:
            self._machine.gates[effect.gate].open(effect.instance, effect.until.ns)

    def _shut(self, instance: str) -> None:
        if LeaseMode.BPF in self._machine.gates:
            self._machine.gates[LeaseMode.BPF].shut(instance)
        if self._nft is not None:
            self._nft.shut(instance)

    def _arm(self) -> None:
        """A timerfd; an earlier one that was planned finds nothing due and is harmless."""
        deadline = self._engine.deadline()
        if deadline is None:
            return
        if self._armed_ns is None or deadline.ns < self._armed_ns:
            due_ns = self._armed_ns = deadline.ns
            self._machine.boot.at(due_ns, lambda: self._timer_came(due_ns))

    def _timer_came(self, due_ns: int) -> None:
        if self._armed_ns == due_ns:
            self._armed_ns = None
        if self.life is not Life.RUNNING:
            return
        deadline = self._engine.deadline()
        if deadline is not None and deadline.ns > self._machine.boot.now_ns:
            self._arm()
        else:
            self._awaken()


def _drain(events: deque[_Item]) -> Iterator[_Item]:
    """What was there when it began: what comes meanwhile waits for the next turn."""
    for _ in range(len(events)):
        yield events.popleft()
