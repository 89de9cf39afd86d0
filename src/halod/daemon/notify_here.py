"""The notify scripts of a configuration on this machine: what cannot be run is left out, and told.

Knows which programs tell of an instance. Must not look at files itself.
"""

from __future__ import annotations

from dataclasses import replace

from halod.kernel.script_files import Unfit, fit_command
from halod.model.command import Command
from halod.model.configuration import Configuration
from halod.model.notify_policy import Fifo, NotifyPolicy
from halod.model.printable import printable

__all__ = ["fit_notify"]

_SCRIPTS = {
    "every": "notify",
    "master": "notify_master",
    "backup": "notify_backup",
    "fault": "notify_fault",
    "stop": "notify_stop",
    "deleted": "notify_deleted",
    "master_rx_lower_pri": "notify_master_rx_lower_pri",
}
"""Field of the policy to the keyword that sets it."""


def fit_notify(configuration: Configuration) -> tuple[Configuration, list[str]]:
    """The configuration as it can run here, and a line for each thing that is not as written."""
    fitting = _Fitting(configuration)
    instances = tuple(
        replace(instance, notify=fitting.policy(instance.notify, instance.name))
        for instance in configuration.instances
    )
    groups = tuple(
        replace(group, notify=fitting.policy(group.notify, group.name))
        for group in configuration.groups
    )
    settings = replace(
        configuration.notify,
        fifo=fitting.fifo(configuration.notify.fifo, "notify_fifo_script"),
        vrrp_fifo=fitting.fifo(configuration.notify.vrrp_fifo, "vrrp_notify_fifo_script"),
    )
    return (
        replace(configuration, instances=instances, groups=groups, notify=settings),
        fitting.told,
    )


class _Fitting:
    def __init__(self, configuration: Configuration) -> None:
        self._programs = configuration.programs
        self._known: dict[NotifyPolicy, NotifyPolicy] = {}
        """Many instances say the same."""
        self.told: list[str] = []

    def policy(self, policy: NotifyPolicy, name: str) -> NotifyPolicy:
        if policy not in self._known:
            found = {
                field: self._command(getattr(policy, field), f"{keyword} of {name}")
                for field, keyword in _SCRIPTS.items()
            }
            self._known[policy] = NotifyPolicy(
                priority_changes=policy.priority_changes,
                mail=policy.mail,
                says_deleted=policy.says_deleted,
                **found,
            )
        return self._known[policy]

    def fifo(self, fifo: Fifo | None, keyword: str) -> Fifo | None:
        programs = self._programs
        if fifo is None:
            return None
        if not fifo.user:
            fifo = replace(fifo, user=programs.user, group=programs.group)
        return replace(fifo, script=self._command(fifo.script, keyword))

    def _command(self, command: Command | None, what: str) -> Command | None:
        if command is None:
            return None
        fitted, warning = fit_command(command, self._programs)
        if warning:
            self.told.append(printable(f"{what}: {warning}"))
        if isinstance(fitted, Unfit):
            self.told.append(printable(f"{what} is left out: {fitted.reason}. Mend it, and reload"))
            return None
        return fitted
