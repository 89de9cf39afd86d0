"""The heartbeat's parent: starts it with what it needs, and speaks its last words when it dies.

Knows pulse, gate, quarantine and last will. Must not take part in VRRP otherwise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar

from halod.daemon.child import Child, python_module
from halod.daemon.configurations import Configurations
from halod.daemon.exit_status import broke
from halod.daemon.gate_setup import make_gate
from halod.daemon.hearing import Reloaded, Said
from halod.daemon.keeper import Keeper
from halod.daemon.last_will import estate_of, execute_last_will, release_leftovers
from halod.daemon.model_memory import HandedDown
from halod.daemon.options import Options
from halod.daemon.pid_file import remove_pid_file, write_pid_file
from halod.daemon.quarantine import Quarantine
from halod.daemon.stall_watch import StallWatch
from halod.daemon.status import Status
from halod.daemon.tracker_message import tracker_message
from halod.daemon.vitals import Vitals
from halod.daemon.voice import Voice
from halod.kernel.clock import boot_now
from halod.kernel.gate_memory import GateMemory
from halod.kernel.sd_notify import notify
from halod.kernel.state_file import StateFile
from halod.model.event import TrackerReported
from halod.model.fact import Severity
from halod.model.state import State

__all__ = ["HeartbeatKeeper"]

PROGRAM = python_module("halod.daemon.heartbeat")
VIEW_DEADLINE_S = 0.2
"""How long an operator's question waits for a fresh view before the last one must do."""


class HeartbeatKeeper(Keeper):
    """Everything around the process that does VRRP."""

    NAME: ClassVar[str] = "heartbeat"

    def __init__(
        self,
        options: Options,
        configurations: Configurations,
        status: Status,
        voice: Voice,
        hear: Callable[[Said], None],
    ) -> None:
        super().__init__(voice, status.heartbeat, hear)
        self._status = status
        self._run_dir = options.run_dir
        self._does_vrrp = not options.servers_alone
        self._pid_file = Path(options.vrrp_pid_file)
        self._configurations = configurations
        self._vitals = Vitals.create()
        self._gate: GateMemory | None = None
        self._quarantine = Quarantine(Path(options.run_dir))
        self._hang = StallWatch(voice.tell)
        self._fresh_view = asyncio.Event()
        self._view_asked = False
        """Once is enough for a child that does not answer."""

    def release_leftovers(self) -> None:
        """What a killed predecessor left: a router that starts is BACKUP and holds nothing."""
        _, reason = StateFile(Path(self._run_dir)).read()
        self._voice.trouble("state file", reason or "")
        released, failed = release_leftovers(self._configurations.running, self._run_dir)
        if released:
            self._voice.tell(Severity.WARNING, f"removed what an earlier halod left: {released}")
        if failed:
            self._voice.trouble("addresses", f"left by an earlier halod, not removed: {failed}")

    @property
    def wanted(self) -> bool:
        """`-C`: this machine's VRRP is somebody else's."""
        return self._does_vrrp

    def begin(self) -> None:
        """With the configuration that was read at the start."""
        if self.wanted:
            self.start()

    def states(self) -> dict[str, State]:
        """Of each instance by its name; none where they are being taken up."""
        running = self._configurations.running
        if self.child is None:
            return dict.fromkeys((each.name for each in running.instances), State.INITIALIZE)
        if (
            self._configurations.pending
            or self._vitals.generation != self._configurations.generation
        ):
            return {}
        names = [each.name for each in running.instances]
        return dict(zip(names, self._vitals.states(len(names)), strict=True))

    def reload(self) -> None:
        """The configuration that is pending. One that cannot be reached dies or hangs: its
        successor starts with it."""
        configurations = self._configurations
        if self.child is not None:
            self.child.reload(
                HandedDown(configurations.newest.without_virtual_servers()),
                configurations.generation,
            )
            return
        self._hear(Reloaded(configurations.generation))
        if self.wanted:
            self.start_afresh()

    def tell_trackers(self, reports: Iterable[TrackerReported]) -> None:
        """What trackers say; a heartbeat that comes later is told when it is ready."""
        if self.child is not None:
            for report in reports:
                self.child.channel.send(tracker_message(report))

    # ---- a view ----------------------------------------------------------------------------

    async def refresh_view(self) -> None:
        """Asks for a fresh view; the last one must do if the child is busy."""
        if self.child is None:
            return
        self._fresh_view.clear()
        if not self._view_asked:
            self._view_asked = True
            self.child.channel.send({"type": "view"})
        try:
            async with asyncio.timeout(VIEW_DEADLINE_S):
                await self._fresh_view.wait()
        except TimeoutError:
            return

    def viewed(self, view: dict[str, Any]) -> None:
        """One came."""
        self._status.view, self._status.viewed = view, boot_now()
        self._view_asked = False
        self._fresh_view.set()

    # ---- what is its own -------------------------------------------------------------------

    def _make(self) -> Child:
        self._vitals.clear()
        self._hang.restart()
        self._view_asked = False
        if self._gate is not None:
            self._gate.close()
        self._gate, reason = make_gate()
        self._voice.trouble("lease", reason)
        gate = self._gate.descriptors if self._gate else ()
        child = Child(
            PROGRAM,
            HandedDown(
                self._configurations.running.without_virtual_servers(), self._quarantine.packets
            ),
            self._configurations.generation,
            (self._run_dir,),
            (self._vitals.descriptor, *gate),
        )
        failed = write_pid_file(self._pid_file, child.pid)
        self._voice.trouble("pid file of the heartbeat", failed or "")
        return child

    def _hangs(self) -> bool:
        assert self.child is not None
        return self._hang.look(self.child.pid, self._vitals.pulse)

    def _inherit(self, *, dead: bool) -> str:
        if self._gate is not None:
            # Silent first: the kernel may take its time to remove addresses.
            self._gate.shut_all()
        known = self._configurations
        estate = estate_of(self._vitals, known.running, known.pending, known.generation)
        if not dead:
            estate = estate.without_masters()
        return execute_last_will(estate, self._run_dir)

    def _ended(self, child: Child) -> None:
        super()._ended(child)
        self._status.view = {}
        remove_pid_file(self._pid_file, child.pid)

    def _died(self, code: int | None, how: str, *, hung: bool) -> None:
        packet = self._vitals.packet_in_hand()
        if packet is not None and (hung or (code is not None and broke(code))):
            told = self._quarantine.set_aside(packet, "hung" if hung else how)
            self._voice.trouble("quarantine", told)

    def _replaced(self) -> None:
        if self._configurations.pending is not None:
            # The next one starts with it: that is the reload.
            self._hear(Reloaded(self._configurations.generation))

    def _stay_down(self, why: str) -> None:
        if self._process.down != why:
            notify(f"STATUS=heartbeat is down: {why}")
        super()._stay_down(why)
