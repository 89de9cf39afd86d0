"""A process by its id, safely: an id together with its start time, signalled through a pidfd.

Knows /proc; must not know programs or hosts. Nothing here ever looks a process up by its name.
"""

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from halod.lab.patience import wait_until


@dataclass(frozen=True)
class ProcessStat:
    """What /proc/PID/stat says, as far as the lab needs it."""

    state: str
    """One letter: R, S, D, T (stopped), Z (zombie) ..."""

    parent: int
    """Process id of the parent."""

    start_ticks: int
    """Start time in clock ticks since boot: with the id it names one process for ever."""


def read_stat(pid: int) -> ProcessStat | None:
    """The state of a process now, or None when there is none of that id."""
    try:
        # A name is any bytes; the fields behind it are ASCII.
        text = os.fsdecode(Path(f"/proc/{pid}/stat").read_bytes())
    except OSError:
        return None
    # The second field is the command in parentheses and may itself hold spaces and parentheses.
    fields = text[text.rindex(")") + 2 :].split()
    return ProcessStat(fields[0], int(fields[1]), int(fields[19]))


@dataclass(frozen=True, order=True)
class ProcessId:
    """One process, never mistaken for a later one that got the same number."""

    pid: int
    """The kernel's number, which it gives again after the process has ended."""

    start_ticks: int
    """Start time, clock ticks since boot."""

    @classmethod
    def of(cls, pid: int) -> "ProcessId | None":
        """The process that has this number now, or None."""
        stat = read_stat(pid)
        return None if stat is None else cls(pid, stat.start_ticks)

    @property
    def state(self) -> str:
        """Its state letter, "" when it is gone."""
        stat = read_stat(self.pid)
        return stat.state if stat is not None and stat.start_ticks == self.start_ticks else ""

    @property
    def alive(self) -> bool:
        """Whether it still runs; a zombie does not."""
        return self.state not in ("", "Z", "X")

    @property
    def command_line(self) -> str:
        """Its arguments separated by spaces, "" when it is gone."""
        try:
            return os.fsdecode(Path(f"/proc/{self.pid}/cmdline").read_bytes().replace(b"\0", b" "))
        except OSError:
            return ""

    def send(self, number: signal.Signals) -> bool:
        """Send a signal; False when the process has gone."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        try:
            # Between reading the id and opening the pidfd another process may have got the number.
            if not self.alive:
                return False
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(descriptor, number)
        finally:
            os.close(descriptor)
        return True

    def children(self) -> list["ProcessId"]:
        """Its living children, oldest first."""
        found = (ProcessId.of(pid) for pid in _child_pids(self.pid))
        return sorted(
            (child for child in found if child is not None and child.alive),
            key=lambda child: (child.start_ticks, child.pid),
        )

    def wait_gone(self, within_s: float) -> bool:
        """Whether it ends within that many seconds."""
        return wait_until(lambda: not self.alive, within_s, every_s=0.005)


def disown(process: "subprocess.Popen[bytes] | subprocess.Popen[str]") -> None:
    """Let a child outlive this process without the interpreter's complaint that it still runs."""
    process.returncode = 0


def _child_pids(parent: int) -> list[int]:
    """By the kernel's own list (proc(5)), else by asking every process of the machine: at a strike
    that would take longer than an advert's interval where thousands run."""
    tasks = Path(f"/proc/{parent}/task")
    try:
        return [
            int(word)
            for task in tasks.iterdir()
            for word in (task / "children").read_text().split()
        ]
    except OSError:
        # A kernel without the list, or the process has just ended.
        stats = ((process.pid, read_stat(process.pid)) for process in all_processes())
        return [pid for pid, stat in stats if stat is not None and stat.parent == parent]


def all_processes() -> list[ProcessId]:
    """Every process of the machine, by id."""
    found = (ProcessId.of(int(entry)) for entry in os.listdir("/proc") if entry.isdigit())
    return [process for process in found if process is not None]
