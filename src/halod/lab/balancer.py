"""The VRRP node of one balancer: started, stopped, killed, frozen, by process id.

Knows one machine and one kind of node program; works from files, so that `lab break` in another
process can do all of it. Must not know the network.
"""

import json
import signal
from pathlib import Path

from halod.lab.errors import LabError
from halod.lab.machine import Machine
from halod.lab.node_program import NodeProgram, node_program
from halod.lab.patience import wait_until
from halod.lab.process import ProcessId

NODE = "node"
"""The name under which a machine remembers its node program; its log is node.log."""

STOP_WITHIN_S = 15.0
"""Seconds that a node may take for a clean stop. keepalived takes 1.0 s; where a child of it has
lost the signal, for it was just being started, 5 s: its `child_wait_time`."""

START_WITHIN_S = 60.0
"""Seconds within which the heartbeat process must exist after a start."""


class Balancer:
    """A balancer's node: a program and the configuration it is to run."""

    def __init__(self, machine: Machine, program: NodeProgram, config: str) -> None:
        self.machine = machine
        self.program = program
        self.configure(config)
        machine.run_directory.mkdir(mode=0o700, exist_ok=True)
        (machine.directory / "balancer.json").write_text(json.dumps({"program": program.name}))

    @classmethod
    def attach(cls, machine: Machine) -> "Balancer":
        """The node that another process has set up on this machine; LabError when there is none."""
        try:
            record = json.loads((machine.directory / "balancer.json").read_text())
        except FileNotFoundError:
            raise LabError(
                f"{machine.name} has no VRRP node", "name one of the load balancers"
            ) from None
        balancer = cls.__new__(cls)
        balancer.machine = machine
        balancer.program = node_program(record["program"])
        return balancer

    @property
    def config_path(self) -> Path:
        """The configuration file that it runs with."""
        return self.machine.directory / "keepalived.conf"

    def configure(self, config: str) -> None:
        """Write its configuration, byte for byte as given; it is read at start or reload."""
        self.config_path.write_text(config)

    @property
    def parent(self) -> ProcessId | None:
        """Its first process, while it lives."""
        return self.machine.program(NODE)

    @property
    def heartbeat(self) -> ProcessId | None:
        """Its process that speaks VRRP, while it lives."""
        parent = self.parent
        children = parent.children() if parent is not None else []
        found = (child for child in children if self.program.is_heartbeat(child))
        return next(found, None)

    @property
    def processes(self) -> list[ProcessId]:
        """All its processes, the first one first: children of children included."""
        parent = self.parent
        found = [] if parent is None else [parent]
        for process in found:
            found.extend(process.children())
        return found

    def start(self) -> None:
        """Start it; LabError when it ends at once or has no heartbeat process in time."""
        if self.parent is not None:
            raise LabError(f"the node on {self.machine.name} runs already")
        forget_dead_pid_files(self.machine.run_directory)
        command = self.program.command(self.config_path, self.machine.run_directory)
        self.machine.start(NODE, command)
        wait_until(lambda: self.heartbeat is not None or self.parent is None, START_WITHIN_S)
        if self.heartbeat is None:
            raise LabError(
                f"{self.program.name} on {self.machine.name} did not start; "
                f"it said:\n{self.log_tail()}"
            )

    def stop(self) -> None:
        """Stop its service cleanly (SIGTERM to the first process) and wait until it has ended."""
        parent = self._running()
        parent.send(signal.SIGTERM)
        if not parent.wait_gone(STOP_WITHIN_S):
            raise LabError(
                f"{self.program.name} on {self.machine.name} did not stop "
                f"within {STOP_WITHIN_S:g} s of SIGTERM",
                "a frozen one must be thawed first",
            )
        self.machine.reap()

    def reload(self) -> None:
        """Ask it to read its configuration again (SIGHUP)."""
        self._running().send(signal.SIGHUP)

    def kill_heartbeat(self) -> None:
        """SIGKILL the process that speaks VRRP; its parent may start another."""
        self._heartbeat().send(signal.SIGKILL)

    def kill_parent(self) -> None:
        """SIGKILL the first process alone."""
        self._running().send(signal.SIGKILL)

    def freeze_heartbeat(self) -> None:
        """SIGSTOP the process that speaks VRRP."""
        self._heartbeat().send(signal.SIGSTOP)

    def kill_all(self) -> None:
        """SIGKILL every process of the node, as one: none sees another die.

        Stopped first: a child is told of its parent's death (PDEATHSIG), and would resign.
        """
        self._send_all(signal.SIGSTOP)
        victims = self._send_all(signal.SIGKILL)
        late = [victim.pid for victim in victims if not victim.wait_gone(STOP_WITHIN_S)]
        if late:
            raise LabError(f"processes on {self.machine.name} do not die: {late}")
        self.machine.reap()

    def freeze_all(self) -> None:
        """SIGSTOP every process of the node, the parent first so that it cannot react."""
        self._send_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT every process of the node."""
        self._send_all(signal.SIGCONT)

    def log_tail(self, lines: int = 12) -> str:
        """The last lines that it logged."""
        return self.machine.log_tail(NODE, lines)

    def _send_all(self, number: signal.Signals) -> list[ProcessId]:
        self._running()
        processes = self.processes
        for process in processes:
            process.send(number)
        return processes

    def _running(self) -> ProcessId:
        parent = self.parent
        if parent is None:
            raise LabError(
                f"the node on {self.machine.name} does not run",
                f"start it: `lab break start {self.machine.name}`",
            )
        return parent

    def _heartbeat(self) -> ProcessId:
        self._running()
        heartbeat = self.heartbeat
        if heartbeat is None:
            raise LabError(f"the node on {self.machine.name} has no heartbeat process now")
        return heartbeat


def forget_dead_pid_files(run_directory: Path) -> None:
    """Delete process id files of processes that have ended.

    Daemons do so themselves, but take a zombie for a living process; and where the machine's init
    is slow to take exit statuses (containers), killed processes stay zombies for seconds.
    """
    for path in run_directory.glob("*.pid"):
        text = path.read_text().strip()
        process = ProcessId.of(int(text)) if text.isdigit() else None
        if process is None or not process.alive:
            path.unlink()
