"""What the heartbeat shows of itself, as one message.

Knows where each figure comes from. Must not know who asks.
"""

from __future__ import annotations

from dataclasses import asdict

from halod.daemon.channel import Message
from halod.daemon.gates import Gates
from halod.daemon.punctuality import Punctuality
from halod.kernel.address_worker import AddressWorker
from halod.kernel.monitor import Monitor
from halod.kernel.vrrp_socket import VrrpSockets
from halod.model.drop import DropReason
from halod.model.view import EngineView

__all__ = ["view_message"]


def view_message(
    engine: EngineView,
    punctuality: Punctuality,
    worker: AddressWorker,
    gates: Gates,
    sockets: VrrpSockets,
    monitor: Monitor,
    *,
    quarantine_drops: int,
    messages_dropped: int,
) -> Message:
    """For the supervisor."""
    return {
        "type": "view",
        **asdict(engine),
        "lateness": punctuality.view(),
        "worker": asdict(worker.stats()),
        "messages_dropped": messages_dropped,
        "quarantine_drops": {DropReason.QUARANTINED.value: quarantine_drops},
        "gates": gates.stats(),
        "sockets": sockets.stats(),
        "netlink_overruns": monitor.overruns,
    }
