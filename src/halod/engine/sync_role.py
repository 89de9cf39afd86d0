"""The sync daemon: which of its ends should run.

Knows the states of VRRP instances. Must not know what it sends.
"""

from __future__ import annotations

from halod.model.balance_effect import BalanceEffect, StartSyncDaemon, StopSyncDaemon, SyncRole
from halod.model.state import State
from halod.model.virtual_server import SyncDaemon

__all__ = ["SyncRoles"]

_BOTH = (SyncRole.MASTER, SyncRole.BACKUP)


class SyncRoles:
    """As keepalived has it: an instance's master sends, all others listen; without an instance it
    does both. What may be left of an earlier life is stopped first."""

    def __init__(self) -> None:
        self._daemon: SyncDaemon | None = None
        self._states: dict[str, State] = {}
        self._running: tuple[SyncRole, ...] | None = None
        """None: nobody knows."""

    def configure(self, daemon: SyncDaemon | None) -> list[BalanceEffect]:
        """The first configuration, or another."""
        if daemon == self._daemon:
            return []
        had, self._daemon = self._daemon, daemon
        if daemon is None or (had is not None and had != daemon):
            stops: list[BalanceEffect] = [StopSyncDaemon(role) for role in _BOTH]
            self._running = ()
            return [*stops, *self._follow()]
        return self._follow()

    def report(self, instance: str, state: State) -> list[BalanceEffect]:
        """A VRRP instance is in this state."""
        self._states[instance] = state
        return self._follow()

    def stop(self) -> list[BalanceEffect]:
        """The daemon stops."""
        if self._daemon is None:
            return []
        self._daemon, self._running = None, None
        return [StopSyncDaemon(role) for role in _BOTH]

    @property
    def role(self) -> str | None:
        """master, backup or both; None: there is none."""
        if not self._running:
            return None
        return "both" if len(self._running) == len(_BOTH) else self._running[0].name.lower()

    def _wanted(self) -> tuple[SyncRole, ...] | None:
        """None: the state of the instance is not known yet."""
        if self._daemon is None:
            return ()
        if not self._daemon.instance:
            return _BOTH
        state = self._states.get(self._daemon.instance)
        if state is None:
            return None
        return (SyncRole.MASTER if state is State.MASTER else SyncRole.BACKUP,)

    def _follow(self) -> list[BalanceEffect]:
        wanted, running = self._wanted(), self._running
        if wanted is None or self._daemon is None or wanted == running:
            return []
        stops = _BOTH if running is None else tuple(r for r in running if r not in wanted)
        starts = wanted if running is None else tuple(r for r in wanted if r not in running)
        self._running = wanted
        daemon = self._daemon
        return [
            *(StopSyncDaemon(role) for role in stops),
            *(StartSyncDaemon(role, daemon) for role in starts),
        ]
