"""The keywords of notifications to what is told, to whom, and by which program.

Knows which value stands in for one that is missing. Must not know mail.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.reading import Values
from halod.model.command import Command
from halod.model.diagnostic import FindingSeverity
from halod.model.notify_policy import Fifo, NotifyPolicy, NotifySettings
from halod.model.units import Duration

__all__ = ["NotifyGlobals", "lower_notify", "lower_notify_globals"]


@dataclass(frozen=True, slots=True)
class NotifyGlobals:
    """What `global_defs` says of notifications."""

    settings: NotifySettings = field(default_factory=NotifySettings)
    policy: NotifyPolicy = field(default_factory=NotifyPolicy)
    """Of an instance that says nothing itself."""


def lower_notify_globals(values: Values, findings: Findings) -> NotifyGlobals:
    """keepalived sends no mail until it is asked: by the instance, or here."""
    default = NotifySettings()
    settings = NotifySettings(
        fifo=_fifo("notify_fifo", values, findings),
        vrrp_fifo=_fifo("vrrp_notify_fifo", values, findings),
        lvs_fifo=_fifo("lvs_notify_fifo", values, findings),
        states_on_reload=values.has("fifo_write_vrrp_states_on_reload"),
        time_limit=values.get("notify_timeout", Duration) or default.time_limit,
    )
    policy = NotifyPolicy(
        priority_changes=values.get_or("vrrp_notify_priority_changes", False),
        mail=values.get_or("smtp_alert_vrrp", values.get_or("smtp_alert", False)),
    )
    return NotifyGlobals(settings, policy)


def lower_notify(values: Values, globals_: NotifyGlobals) -> NotifyPolicy:
    """Of an instance, or of a sync group."""
    deleted = values.get("notify_deleted", object)
    policy = NotifyPolicy(
        every=values.get("notify", Command),
        master=values.get("notify_master", Command),
        backup=values.get("notify_backup", Command),
        fault=values.get("notify_fault", Command),
        stop=values.get("notify_stop", Command),
        deleted=deleted if isinstance(deleted, Command) else None,
        says_deleted=deleted is not None,
        master_rx_lower_pri=values.get("notify_master_rx_lower_pri", Command),
        priority_changes=values.get_or("notify_priority_changes", globals_.policy.priority_changes),
        mail=values.get_or("smtp_alert", globals_.policy.mail),
    )
    # One object for the many that say nothing.
    return globals_.policy if policy == globals_.policy else policy


def _fifo(name: str, values: Values, findings: Findings) -> Fifo | None:
    pipe, script = values.get(name, Command), values.get(f"{name}_script", Command)
    if pipe is not None:
        return Fifo(path=pipe.program, user=pipe.user, group=pipe.group, script=script)
    if script is not None:
        findings.add(
            Code.WITHOUT_EFFECT,
            f"`{name}_script` has nothing to read: there is no `{name}`",
            values.statement(f"{name}_script").keyword.span,
            severity=FindingSeverity.IGNORED,
            helps=(f"add `{name}`: the path of a named pipe", "or remove the line"),
        )
    return None
