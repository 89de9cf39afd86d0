"""Which instance the sync daemon follows, and by which id its messages are told apart.

Knows `lvs_sync_daemon` of `global_defs` and its old way to be said in an instance. Must not know
other settings of either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from halod.config.codes import Code
from halod.config.findings import Findings, did_you_mean
from halod.config.lowering.instance import Lowered
from halod.config.suggest import closest
from halod.model.diagnostic import FindingSeverity, Span
from halod.model.virtual_server import LvsSettings, SyncDaemon

__all__ = ["settle_sync_daemon"]


def settle_sync_daemon(
    settings: LvsSettings | None, place: Span | None, found: Sequence[Lowered], findings: Findings
) -> LvsSettings | None:
    """The settings with a sync daemon that names an instance of the file, and has an id.

    `place`: of `lvs_sync_daemon`, to which an instance that does not exist is held.
    """
    base = settings or LvsSettings()
    daemon = base.sync_daemon
    if daemon is None:
        daemon = _of_an_instance(found)
    elif daemon.instance:
        daemon = _with_id(daemon, place, found, findings)
    settled = replace(base, sync_daemon=daemon)
    return None if settled == LvsSettings() else settled


def _of_an_instance(found: Sequence[Lowered]) -> SyncDaemon | None:
    """`lvs_sync_daemon_interface`: the first counts. keepalived gives it the id 0."""
    for each in found:
        if each.sync_interface:
            return SyncDaemon(interface=each.sync_interface, instance=each.instance.name, sync_id=0)
    return None


def _with_id(
    daemon: SyncDaemon, place: Span | None, found: Sequence[Lowered], findings: Findings
) -> SyncDaemon | None:
    vrids = {each.instance.name: each.instance.virtual_router_id for each in found}
    if daemon.instance in vrids:
        own = vrids[daemon.instance] if daemon.sync_id is None else daemon.sync_id
        return replace(daemon, sync_id=own)
    assert place is not None
    findings.add(
        Code.NO_SUCH_INSTANCE,
        f"there is no `vrrp_instance {daemon.instance}`: there is no sync daemon",
        place,
        severity=FindingSeverity.IGNORED,
        fix=did_you_mean(place, closest(daemon.instance, tuple(vrids))),
    )
    return None
