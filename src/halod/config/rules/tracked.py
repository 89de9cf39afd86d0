"""Which scripts are run: those that somebody tracks; and a note about the others."""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lowering.instance import Lowered
from halod.config.lowering.script import LoweredScript, Scripts
from halod.model.printable import shortened

__all__ = ["tracked_scripts"]


def tracked_scripts(
    scripts: Scripts, found: Sequence[Lowered], findings: Findings, *, whole: bool
) -> tuple[LoweredScript, ...]:
    """In the order of the file. `whole`: no instance was left out, which might have tracked one."""
    tracked = {t.tracker for lowered in found for t in lowered.instance.trackers}
    # A member of a sync group has lines that count for nothing: told elsewhere.
    named = {t.tracked.tracker for lowered in found for t in lowered.trackers}
    used = []
    for lowered in scripts.values():
        if lowered is None:
            continue
        if lowered.script.tracker in tracked:
            used.append(lowered)
        elif whole and lowered.script.tracker not in named:
            findings.add(
                Code.NOT_TRACKED,
                f"no instance tracks `{shortened(lowered.script.name)}`: it is not run",
                lowered.name,
                helps=("name it in the `track_script` of an instance, or remove it",),
            )
    return tuple(used)
