"""The scripts of a configuration on this machine: what cannot be run is left out, and told.

Knows what leaving out a script means for those who track it. Must not look at files itself.
"""

from __future__ import annotations

from dataclasses import replace

from halod.kernel.script_files import Unfit, fit_command
from halod.model.configuration import Configuration
from halod.model.printable import printable
from halod.model.script import VrrpScript
from halod.model.tracking import TrackerId

__all__ = ["fit_scripts"]


def fit_scripts(configuration: Configuration) -> tuple[Configuration, list[str]]:
    """The configuration as it can run here, and a line for each thing that is not as written."""
    scripts: list[VrrpScript] = []
    left_out: set[TrackerId] = set()
    told = []
    for script in configuration.scripts:
        command, warning = fit_command(script.command, configuration.programs)
        if warning:
            told.append(f"vrrp_script {script.name}: {warning}")
        if isinstance(command, Unfit):
            left_out.add(script.tracker)
            told.append(
                f"vrrp_script {script.name} is left out, and whoever tracks it runs without: "
                f"{command.reason}. Mend it, and reload"
            )
        else:
            scripts.append(replace(script, command=command))
    instances = tuple(
        replace(
            instance,
            trackers=tuple(t for t in instance.trackers if t.tracker not in left_out),
        )
        for instance in configuration.instances
    )
    lines = [printable(line) for line in told]
    return replace(configuration, scripts=tuple(scripts), instances=instances), lines
