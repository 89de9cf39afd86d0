"""The notifications that a configuration asks for.

Knows which program is run when. Must not know how it is run.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.command import Command
from halod.model.occasion import Occasion
from halod.model.units import Duration

__all__ = ["Fifo", "NotifyPolicy", "NotifySettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyPolicy:
    """The notifications that an instance or a sync group asks for."""

    every: Command | None = None
    """`notify`: run at each change of state, at the stop and when a reload removes the instance,
    with four more arguments: INSTANCE or GROUP, its name, the state and the priority, as keepalived
    adds them. Default: none."""
    master: Command | None = None
    """`notify_master`: run when it becomes MASTER. Default: none."""
    backup: Command | None = None
    """`notify_backup`: run when it becomes BACKUP, also at the start. Default: none."""
    fault: Command | None = None
    """`notify_fault`: run when it becomes FAULT. Default: none."""
    stop: Command | None = None
    """`notify_stop`: run when the daemon stops. Default: none."""
    deleted: Command | None = None
    """`notify_deleted`: run when a reload removes the instance; without a program the keyword only
    has `notify` and the FIFOs say DELETED instead of FAULT. Default: none."""
    says_deleted: bool = False
    """Whether `notify` and the FIFOs tell DELETED of a removed instance; else they tell FAULT, as
    keepalived does. Default: no; yes where `notify_deleted` stands."""
    master_rx_lower_pri: Command | None = None
    """`notify_master_rx_lower_pri`: run when a master hears a weaker one. Default: none."""
    priority_changes: bool = False
    """`notify_priority_changes`: a change of the effective priority is written into the FIFOs too.
    Default: that of `global_defs`, and there off."""
    mail: bool = False
    """`smtp_alert`: a mail at each change of state. Default: `smtp_alert_vrrp` of `global_defs`,
    then its `smtp_alert`, and then off."""

    def commands(self) -> tuple[Command, ...]:
        """Every program that it names."""
        own = (self.every, self.master, self.backup, self.fault, self.stop, self.deleted)
        return tuple(each for each in (*own, self.master_rx_lower_pri) if each is not None)

    def asks_for_anything(self) -> bool:
        """Whether somebody is told but for the FIFOs."""
        return self.mail or bool(self.commands())

    def on(self, occasion: Occasion) -> Command | None:
        """The program of an occasion, besides `notify`."""
        return {
            Occasion.MASTER: self.master,
            Occasion.BACKUP: self.backup,
            Occasion.FAULT: self.fault,
            Occasion.STOP: self.stop,
            Occasion.DELETED: self.deleted,
            Occasion.MASTER_RX_LOWER_PRI: self.master_rx_lower_pri,
        }.get(occasion)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fifo:
    """A named pipe that a program of the operator's reads."""

    path: str
    """`notify_fifo`: a named pipe into which one line an occasion is written, of all kinds; then
    the user and the group that own it. Made with mode 0600 if it is not there, and removed at the
    stop. Default: none."""
    user: str = ""
    """Its owner; empty: as with scripts."""
    group: str = ""
    script: Command | None = None
    """`notify_fifo_script`: a program that halod starts with the path of the pipe as its last
    argument, starts again when it ends, and ends at a reload and at the stop. Default: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifySettings:
    """What `global_defs` says of notifications."""

    fifo: Fifo | None = None
    """Lines of all kinds."""
    vrrp_fifo: Fifo | None = None
    """`vrrp_notify_fifo`: likewise, for the lines of VRRP alone. Default: none."""
    lvs_fifo: Fifo | None = None
    """`lvs_notify_fifo`: likewise, for the lines of virtual and real servers alone. Default:
    none."""
    states_on_reload: bool = False
    """`fifo_write_vrrp_states_on_reload`: after a reload the state of every sync group and of every
    instance is written into the pipes, changed or not. Default: only what changes."""
    time_limit: Duration = Duration.seconds(60)
    """`@halod notify_timeout`: how long a notify script may run before its process group is ended,
    1 to 3600 s. Default 60 s."""

    @property
    def fifos(self) -> tuple[Fifo, ...]:
        """Those there are."""
        every = (self.fifo, self.vrrp_fifo, self.lvs_fifo)
        return tuple(each for each in every if each is not None)
