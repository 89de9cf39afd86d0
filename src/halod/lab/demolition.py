"""Ending a lab: its processes, then its namespaces, then its files. Safe to do twice.

Only processes inside the lab's own namespaces are ended, each by its id through a pidfd: nobody but
the lab can have started them there. Must not need anything of a running lab but its folder.
"""

import json
import os
import shutil
import signal
from contextlib import ExitStack
from pathlib import Path

from halod.lab.command import CommandError
from halod.lab.directory import LabDirectory, all_states
from halod.lab.errors import LabError
from halod.lab.namespace import Identity, identity_around, members_of
from halod.lab.patience import wait_until
from halod.lab.process import ProcessId
from halod.lab.unprivileged import is_ordinary_user

KILL_WITHIN_S = 5.0
"""Seconds that killed processes may take to be gone; a SIGKILL takes milliseconds."""


def demolish(lab: LabDirectory) -> None:
    """End a lab of which nothing may remain; one that is gone already is no error."""
    try:
        state = lab.read()
    except LabError:
        return
    namespaces = lab.namespaces(state.topology)
    with ExitStack() as stack:
        held = [stack.enter_context(namespace.held()) for namespace in namespaces]
        identities = [identity for identity in held if identity is not None]
        for identity in identities:
            kill_members(identity)
        for namespace in namespaces:
            try:
                namespace.delete()
            except CommandError:
                # The guardian and the owner may be at it together: only what remains is a failure.
                if namespace.path.exists():
                    raise
        # A program may have been about to enter during the first round; now none can any more.
        for identity in identities:
            kill_members(identity)
    shutil.rmtree(lab.path, ignore_errors=True)


def kill_members(namespace: Identity) -> None:
    """Kill whatever runs inside, and what it starts meanwhile, until nothing does."""

    def none_left() -> bool:
        members = [member for member in members_of(namespace) if member.alive]
        for member in members:
            member.send(signal.SIGKILL)
        return not members

    if not wait_until(none_left, KILL_WITHIN_S, every_s=0.005):
        left = ", ".join(str(member.pid) for member in members_of(namespace))
        raise LabError(f"processes of the lab do not end: {left}")


def sweep(base: Path) -> list[str]:
    """End every lab whose owner is dead; their ids."""
    stale = [lab for lab, state in all_states(base) if not state.owner.alive]
    for lab in stale:
        if is_ordinary_user():
            kill_recorded(lab)
        demolish(lab)
    return [lab.lab_id for lab in stale]


def kill_recorded(lab: LabDirectory) -> None:
    """Kill what runs around the programs that a lab has recorded, by the namespaces they are in.

    For an ordinary user: the names of those namespaces went with the mounts of the lab's owner.
    """
    own = os.stat("/proc/self/ns/net")
    outside = (own.st_dev, own.st_ino)
    for path in lab.path.glob("*/*.process"):
        record = json.loads(path.read_text())
        program = ProcessId(record["pid"], record["start_ticks"])
        around = identity_around(program) if program.alive else None
        # A program that had not entered yet is among everything else that this user runs.
        if around is not None and around != outside:
            kill_members(around)
        elif program.alive:
            program.send(signal.SIGKILL)
