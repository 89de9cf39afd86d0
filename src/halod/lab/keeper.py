"""The process behind `lab up`: it owns a lab until it is told to end (SIGTERM) or is killed.

Knows the tutorial's lab and how to become a background process; `guardian.py` ends the lab should
the keeper be killed. Run as `python -m halod.lab.keeper BASE LAB FILE IDLE HOST=PROGRAM…`.
"""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from halod.lab.background import Background
from halod.lab.demolition import demolish
from halod.lab.diary import write_deed
from halod.lab.directory import LabDirectory, base_directory, new_lab_id
from halod.lab.errors import LabError
from halod.lab.lab import Lab, check_machine
from halod.lab.process import disown
from halod.lab.punctual import Stop
from halod.lab.topology import tutorial_topology
from halod.lab.tutorial_lab import DUAL, NAMES, SINGLE, set_up_nodes, start_web

END_WITHIN_S = 20.0
"""Seconds within which a keeper must have ended its lab; it takes 0.2 s when idle."""

READY = "ready\n"


def start(programs: dict[str, str], dual: bool, idle: bool, lab_id: str | None) -> LabDirectory:
    """Start a keeper in the background and wait until its lab is up; LabError with its words."""
    check_machine()
    directory = LabDirectory(lab_id or new_lab_id(), base_directory())
    words = [f"{host}={program}" for host, program in programs.items()]
    options = [DUAL if dual else SINGLE, "idle" if idle else "started"]
    with subprocess.Popen(
        [sys.executable, "-m", __name__, str(directory.base), directory.lab_id, *options, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    ) as keeper:
        assert keeper.stdout is not None
        said = keeper.stdout.readline()
        if said != READY:
            raise error_of(said + keeper.stdout.read())
        # Leaving the block would wait for the keeper, which is to stay.
        disown(keeper)
    return directory


def error_of(said: str) -> LabError:
    """The error that a keeper has told as JSON, or whatever else it said."""
    try:
        told = json.loads(said)
    except json.JSONDecodeError:
        return LabError(said.strip() or "the lab did not start")
    return LabError(told["error"], told["suggestion"])


def end(directory: LabDirectory) -> None:
    """Tell the keeper to end its lab; clear up what a dead one left."""
    owner = directory.read().owner
    owner.send(signal.SIGTERM)
    if not owner.wait_gone(END_WITHIN_S):
        raise LabError(f"process {owner.pid}, which owns lab {directory.lab_id}, does not end")
    demolish(directory)


def main(argv: list[str]) -> int:
    """Own a lab until SIGTERM."""
    base, lab_id, file, idle, *words = argv
    stop = Stop()
    programs = dict(word.split("=") for word in words)
    try:
        with Lab(tutorial_topology(), lab_id, Path(base)) as lab:
            start_web(lab)
            for balancer in set_up_nodes(lab, programs, file):
                if idle != "idle":
                    write_deed(lab.directory.path, f"start {balancer.machine.name}")
                    balancer.start()
            background = Background(lab, NAMES[file])
            sys.stdout.write(READY)
            sys.stdout.flush()
            while not stop.asked:
                # Programs that `lab break` kills are this process's children.
                for machine in lab.machines.values():
                    machine.reap()
                background.tend()
                time.sleep(0.1)
    except LabError as error:
        print(json.dumps({"error": str(error), "suggestion": error.suggestion}))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
