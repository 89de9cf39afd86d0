"""The process behind `lab up`: it owns a lab until it is told to end (SIGTERM) or is killed.

Knows the tutorial's labs and how to become a background process; `guardian.py` ends the lab should
the keeper be killed. Run as `python -m halod.lab.keeper BASE LAB KIND IDLE HOST=PROGRAM…`.
"""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from halod.lab.background import Background
from halod.lab.balancer import Balancer
from halod.lab.demolition import demolish
from halod.lab.diary import write_deed
from halod.lab.directory import LabDirectory, base_directory, new_lab_id
from halod.lab.errors import LabError
from halod.lab.lab import Lab, check_machine
from halod.lab.lvs_lab import LVS_NAMES, Method, lvs_topology, set_up_lvs
from halod.lab.process import disown
from halod.lab.punctual import Stop
from halod.lab.topology import Topology, tutorial_topology
from halod.lab.tutorial_lab import DUAL, NAMES, SINGLE, set_up_nodes, start_web

END_WITHIN_S = 20.0
"""Seconds within which a keeper must have ended its lab; it takes 0.2 s when idle."""

READY = "ready\n"


def start(programs: dict[str, str], play: str, idle: bool, lab_id: str | None) -> LabDirectory:
    """Start a keeper in the background and wait until its lab is up; LabError with its words.

    `play`: single or dual, the tutorial's instances; nat or dr, with virtual servers.
    """
    check_machine()
    directory = LabDirectory(lab_id or new_lab_id(), base_directory())
    words = [f"{host}={program}" for host, program in programs.items()]
    options = [play, "idle" if idle else "started"]
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


_FILES = {"single": SINGLE, "dual": DUAL}


def _topology(kind: str) -> Topology:
    return tutorial_topology() if kind in _FILES else lvs_topology()


def _set_up(lab: Lab, kind: str, programs: dict[str, str]) -> list[Balancer]:
    if kind in _FILES:
        start_web(lab)
        return set_up_nodes(lab, programs, _FILES[kind])
    return set_up_lvs(lab, Method(kind), programs)


def main(argv: list[str]) -> int:
    """Own a lab until SIGTERM."""
    base, lab_id, kind, idle, *words = argv
    stop = Stop()
    programs = dict(word.split("=") for word in words)
    try:
        with Lab(_topology(kind), lab_id, Path(base)) as lab:
            for balancer in _set_up(lab, kind, programs):
                if idle != "idle":
                    write_deed(lab.directory.path, f"start {balancer.machine.name}")
                    balancer.start()
            background = Background(lab, NAMES[_FILES[kind]] if kind in _FILES else LVS_NAMES)
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
