"""Keywords of `vrrp_sync_group`.

Knows types and levels. Defaults stand in the model, at the field that a keyword sets.
"""

from __future__ import annotations

from halod.config.keywords.kinds import Entries, Flag, Keyword, Section, Unready
from halod.config.keywords.known import KNOWN
from halod.config.keywords.notify import NOTIFY_GROUP

__all__ = ["VRRP_SYNC_GROUP"]

VRRP_SYNC_GROUP = Section(
    name="vrrp_sync_group",
    known=KNOWN["vrrp_sync_group"],
    keywords={
        "group": Keyword(kind=Entries(), sets="VrrpSyncGroup.members"),
        "track_process": Keyword(kind=Entries(), sets="VrrpInstance.trackers"),
        "track_file": Keyword(kind=Entries(), sets="VrrpInstance.trackers"),
        "track_interface": Keyword(kind=Entries(), sets="VrrpInstance.trackers"),
        "track_script": Keyword(kind=Entries(), sets="VrrpInstance.trackers"),
        **NOTIFY_GROUP,
        "sync_group_tracking_weight": Keyword(kind=Flag(), sets="VrrpInstance.trackers"),
    },
    exceptions={
        "global_tracking": (
            Unready.WITHOUT_EFFECT,
            "what keeps one member in FAULT keeps all of them there",
        ),
    },
)
