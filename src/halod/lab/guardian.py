"""The lab's last will: a small process that ends the lab when the lab's own process is gone.

It waits on a pidfd of the owner and on a pipe (standard input) that the owner holds: whichever
ends first. So a lab that is killed by SIGKILL leaves nothing behind. Knows `demolition.py` only.
Run as `python -m halod.lab.guardian BASE LAB OWNER_PID OWNER_START`.
"""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

from halod.lab.demolition import demolish
from halod.lab.directory import LabDirectory
from halod.lab.errors import LabError
from halod.lab.process import ProcessId

CLOSE_WITHIN_S = 20.0
"""Seconds that the guardian may take to end the lab; a busy machine takes 0.5 s a namespace."""


class Guardian:
    """The owner's handle on its guardian."""

    def __init__(self, lab: LabDirectory, owner: ProcessId) -> None:
        numbers = [str(owner.pid), str(owner.start_ticks)]
        # A session of its own: a Ctrl-C on the owner's terminal must not take the guardian along.
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(lab.base), lab.lab_id, *numbers],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        if self.process.stdout.readline() != b"watching\n":
            self.dismiss()
            raise LabError("the lab's guardian did not start")

    def dismiss(self) -> None:
        """Let it go; it ends what is left of the lab first."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self.process.wait(CLOSE_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def main(argv: list[str]) -> int:
    """Wait for the owner's end, then end the lab. Exit status 0 when nothing was left."""
    lab = LabDirectory(argv[1], Path(argv[0]))
    owner = ProcessId(int(argv[2]), int(argv[3]))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    waiting = select.poll()
    waiting.register(sys.stdin.fileno(), select.POLLIN | select.POLLHUP)
    try:
        waiting.register(os.pidfd_open(owner.pid), select.POLLIN)
        owner_lives = owner.alive
    except ProcessLookupError:
        owner_lives = False
    print("watching", flush=True)
    if owner_lives:
        waiting.poll()
    demolish(lab)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
