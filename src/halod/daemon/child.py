"""The heartbeat process as its parent sees it: started, watched, made sure to be dead.

Knows processes. Must not know VRRP.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys

from halod.daemon.channel import Channel
from halod.daemon.model_memory import write_model
from halod.daemon.vitals import Vitals
from halod.model.configuration import Configuration

__all__ = ["KILL_DEADLINE_S", "HeartbeatChild"]

KILL_DEADLINE_S = 0.1
"""A killed process that is not gone by then sits in the kernel: nothing is sent in its name, for
it might still speak; its lease ends it (DESIGN, section 3)."""


class HeartbeatChild:
    """One life of the heartbeat process."""

    def __init__(
        self, configuration: Configuration, generation: int, vitals: Vitals, run_dir: str
    ) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        model = write_model(configuration)
        passed = (theirs.fileno(), model, vitals.descriptor)
        arguments = [str(number) for number in (*passed, generation, os.getpid())]
        # A fresh interpreter, not a fork: it holds nothing of the supervisor's memory.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "halod.daemon.heartbeat", *arguments, run_dir],
            pass_fds=passed,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        os.close(model)
        self.channel = Channel(ours)
        self.pid = self._process.pid
        self.pidfd = os.pidfd_open(self.pid)

    def reload(self, configuration: Configuration, generation: int) -> None:
        """Hands a new model down; the child answers `reloaded`."""
        model = write_model(configuration)
        try:
            self.channel.send_descriptor({"type": "reload", "generation": generation}, model)
        finally:
            os.close(model)

    def terminate(self) -> None:
        """Asks for a clean stop."""
        self._signal(signal.SIGTERM)

    def kill(self) -> bool:
        """Makes sure that it is dead; False where it was not within the deadline."""
        self._signal(signal.SIGKILL)
        return self.wait(KILL_DEADLINE_S)

    def wait(self, seconds: float) -> bool:
        """Whether it ended within that time."""
        poller = select.poll()
        poller.register(self.pidfd, select.POLLIN)
        return bool(poller.poll(int(seconds * 1000)))

    def reap(self) -> int:
        """Exit status of a dead child; minus the signal that killed it."""
        code = self._process.wait()
        self.channel.close()
        os.close(self.pidfd)
        return code

    def _signal(self, number: signal.Signals) -> None:
        try:
            signal.pidfd_send_signal(self.pidfd, number)
        except ProcessLookupError:
            return
