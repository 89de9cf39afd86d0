"""Ending a lab: its processes, then its namespaces, then its files. Safe to do twice.

Only processes inside the lab's own namespaces are ended, each by its id through a pidfd: nobody but
the lab can have started them there. Must not need anything of a running lab but its folder.
"""

import shutil
import signal
from pathlib import Path

from halod.lab.command import CommandError
from halod.lab.directory import LabDirectory, all_states
from halod.lab.errors import LabError
from halod.lab.namespace import Identity, members_of
from halod.lab.patience import wait_until

KILL_WITHIN_S = 5.0
"""Seconds that killed processes may take to be gone; a SIGKILL takes milliseconds."""


def demolish(lab: LabDirectory) -> None:
    """End a lab of which nothing may remain; one that is gone already is no error."""
    try:
        state = lab.read()
    except LabError:
        return
    namespaces = lab.namespaces(state.topology)
    identities = [identity for each in namespaces if (identity := each.identity()) is not None]
    for identity in identities:
        kill_members(identity)
    for namespace in namespaces:
        try:
            namespace.delete()
        except CommandError:
            # The guardian and the owner may be at it together: only what remains is a failure.
            if namespace.path.exists():
                raise
    # A program may have been about to enter while the first round went on; now none can any more.
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
        demolish(lab)
    return [lab.lab_id for lab in stale]
