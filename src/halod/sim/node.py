"""One machine with its daemon: the supervisor, and the heartbeat that it keeps alive.

A model of `halod.daemon.supervisor`. Knows lives and deaths of the process, and the last will.
Must not know VRRP beyond which effect resigns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from halod.model.address import IpAddress
from halod.model.effect import SendAdvert
from halod.model.event import LossBy, TrackerReported
from halod.model.sync_group import VrrpSyncGroup
from halod.model.tracking import TrackerId
from halod.model.units import Duration, Instant
from halod.model.vrrp import LeaseMode, VrrpInstance
from halod.sim.fault import PauseAt
from halod.sim.machine import Machine
from halod.sim.machine_clock import Agenda
from halod.sim.observation import Configured, Life, Watch
from halod.sim.process import Engine, Process
from halod.sim.scenario import NodeOptions
from halod.vrrp.message import resignation
from halod.vrrp.own_link import own_link
from halod.vrrp.sequence_memory import VolatileMemory
from halod.vrrp.signatures import Signatures, WallClock

__all__ = ["EngineMaker", "Node"]

START_TAKES = Duration.milliseconds(50)
"""From the start of the heartbeat to its first event."""
HANG_NOTICED_AFTER = Duration.milliseconds(850)
"""Eight looks without a sign of life, 100 ms apart."""
KILL_DEADLINE = Duration.milliseconds(100)
"""Not dead by then: nothing is sent in its name."""
CRASHES_MAX = 3
CRASH_WINDOW = Duration.seconds(60)
"""The third death within it is the last: the heartbeat stays down."""

EngineMaker = Callable[[tuple[VrrpInstance, ...], tuple[VrrpSyncGroup, ...]], Engine]


class Node:
    """What the faults are done to."""

    def __init__(
        self,
        options: NodeOptions,
        machine: Machine,
        agenda: Agenda,
        random: Random,
        wake_max: Duration,
        send: Callable[[Machine, SendAdvert], str | None],
        watch: Watch,
        make_engine: EngineMaker,
    ) -> None:
        self.machine = machine
        self._agenda = agenda
        self._random = random
        self._wake_max = wake_max
        self._send = send
        self._watch = watch
        self._make_engine = make_engine
        self._instances = options.instances
        """What its file says now."""
        self._groups = self._groups_of_file = options.groups
        self._process: Process | None = None
        self._run = 0
        """Counts the runs of the supervisor: what an earlier one had in mind is void."""
        self._stopping = self._hangs = False
        self._deaths_ns: list[int] = []

    # ---- the daemon ------------------------------------------------------------------------

    def start(self) -> None:
        """A new supervisor: takes down what an earlier one left, then starts the heartbeat."""
        self.crash()
        self._deaths_ns.clear()
        self._release_and_start()

    def crash(self) -> None:
        """Supervisor and heartbeat are killed."""
        self._run += 1
        if self._process is not None:
            self._process.kill()
            self._process = None
        self._nobody_listens()

    def stop(self) -> None:
        """A clean stop; one that stands still cannot."""
        process = self._process
        if process is not None and process.life is Life.RUNNING and not self._stopping:
            self._run += 1
            self._stopping = True
            process.stop()

    def pause(self, where: PauseAt = PauseAt.ANYWHERE) -> None:
        if self._process is not None:
            self._process.pause(where)

    def resume(self) -> None:
        if self._process is not None and not self._hangs:
            self._process.resume()

    def heartbeat_dies(self, *, hangs: bool) -> None:
        """The supervisor notices, makes sure of it, and speaks the last will."""
        process, run = self._process, self._run
        if process is None or process.life is not Life.RUNNING:
            return
        masters = process.masters()
        if hangs:
            self._hangs = True
            process.pause()
            self.machine.ticks.after(HANG_NOTICED_AFTER.ns, lambda: self._bury(masters, run))
        else:
            process.kill()
            self.machine.ticks.after(self._wake_max.ns, lambda: self._bury(masters, run))

    def reload(self, priority: int) -> None:
        """Its file has another priority now, whether a daemon reads it or not."""
        self._instances = tuple(replace(i, priority=priority) for i in self._instances)
        self._reload()

    def tracker_fails(self, tracker: TrackerId) -> None:
        """Whoever runs the check tells the daemon, and each that is started later."""
        self.machine.failing.add(tracker)
        self._tell(tracker)

    def trackers_recover(self) -> None:
        """All of them, as links do."""
        recovered = sorted(self.machine.failing, key=str)
        self.machine.failing.clear()
        for tracker in recovered:
            self._tell(tracker)

    def _tell(self, tracker: TrackerId) -> None:
        if self._process is not None:
            up = tracker not in self.machine.failing
            self._process.hear_kernel(TrackerReported(tracker, up=up))

    def regroup(self, *, grouped: bool) -> None:
        """Its file has no sync group now, or has them again."""
        self._groups = self._groups_of_file if grouped else ()
        self._reload()

    def _reload(self) -> None:
        if self._process is not None and not self._stopping:
            self._process.reload(self._instances, self._groups)

    def delete_addresses(self) -> None:
        """Another program removes them."""
        for address in self.machine.standing():
            self.machine.remove(address, LossBy.SOMEBODY, "ip (pid 4711)")

    def hear(self, interface: str, packet: bytes) -> None:
        """An advert for the socket of the process, if there is one."""
        if self._process is not None:
            self._process.hear_advert(interface, packet)

    def _nobody_listens(self) -> None:
        self.machine.tell = lambda event: None
        self.machine.disturb = lambda interface: None

    # ---- the supervisor --------------------------------------------------------------------

    def _bury(self, masters: tuple[str, ...], run: int) -> None:
        if run != self._run:
            return
        if self._process is not None:
            self._process.kill()
            self._process = None
        self._nobody_listens()
        # Silent first: the kernel may take its time to remove addresses. A lease in nftables ends
        # by itself.
        if LeaseMode.BPF in self.machine.gates:
            self.machine.gates[LeaseMode.BPF].shut_all()
        # A process that waits in the kernel is not dead before that is over.
        if self.machine.pending_ns > KILL_DEADLINE.ns:
            self._speak_will((), run)
        else:
            self.machine.ticks.after(
                self.machine.pending_ns, lambda: self._speak_will(masters, run)
            )

    def _speak_will(self, masters: tuple[str, ...], run: int) -> None:
        if run != self._run:
            return
        for instance in self._instances:
            own = own_link(instance, self.machine.links)
            if instance.name in masters and own is not None and own.addresses:
                self._send(self.machine, self._will_of(instance, own.addresses[0]))
        now_ns = self.machine.boot.now_ns
        window_ns = CRASH_WINDOW.ns
        self._deaths_ns = [at for at in self._deaths_ns if now_ns - at < window_ns] + [now_ns]
        self._release_and_start(restart=len(self._deaths_ns) < CRASHES_MAX)

    def _will_of(self, instance: VrrpInstance, source: IpAddress) -> SendAdvert:
        """As the supervisor signs it."""
        will = resignation(instance, source)
        signatures = Signatures(WallClock(), VolatileMemory)
        return signatures.complete(instance, will, Instant(self.machine.boot.now_ns))

    def _release_and_start(self, *, restart: bool = True) -> None:
        run = self._run

        def released() -> None:
            for address in self.machine.standing():
                self.machine.remove(address)
            self.machine.make_gates_anew()
            if restart and run == self._run:
                self.machine.ticks.after(START_TAKES.ns, lambda: self._start_process(run))

        self.machine.change(released)

    def _start_process(self, run: int) -> None:
        if run != self._run:
            return
        self._process = Process(
            self._make_engine(self._instances, self._groups),
            self.machine,
            self._agenda,
            self._random,
            self._wake_max,
            lambda effect: self._send(self.machine, effect),
            self._watch,
        )
        self._stopping = self._hangs = False
        self._watch(
            Configured(self._agenda.now_ns, self.machine.name, self._instances, self._groups)
        )
        self._process.start(self._instances)
