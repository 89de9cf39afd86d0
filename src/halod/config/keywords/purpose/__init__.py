"""What every keyword of keepalived is for, in a sentence, by section of `KNOWN`."""

from __future__ import annotations

from collections.abc import Mapping

from halod.config.keywords.purpose.global_defs import GLOBAL_DEFS
from halod.config.keywords.purpose.servers import CHECKERS, REAL_SERVER, SSL, VIRTUAL_SERVER
from halod.config.keywords.purpose.tracked import (
    BFD_INSTANCE,
    GARP_GROUP,
    TRACK_FILE,
    TRACK_GROUP,
    TRACK_PROCESS,
    VRRP_SCRIPT,
)
from halod.config.keywords.purpose.vrrp import (
    AUTH_HMAC,
    AUTHENTICATION,
    SYNC_GROUP,
    TOP_LEVEL,
    VRRP_INSTANCE,
)

__all__ = ["PURPOSE", "SHARED", "purpose"]

SHARED = ("(checker or shared)", "(every checker)")
"""Names that several sections have."""

PURPOSE: Mapping[str, Mapping[str, str]] = {
    **CHECKERS,
    "(top level)": TOP_LEVEL,
    "SSL": SSL,
    "bfd_instance": BFD_INSTANCE,
    "garp_group": GARP_GROUP,
    "global_defs": GLOBAL_DEFS,
    "track_file": TRACK_FILE,
    "track_group": TRACK_GROUP,
    "virtual_server": VIRTUAL_SERVER,
    "virtual_server/real_server": REAL_SERVER,
    "vrrp_instance": VRRP_INSTANCE,
    "vrrp_instance/auth_hmac": AUTH_HMAC,
    "vrrp_instance/authentication": AUTHENTICATION,
    "vrrp_script": VRRP_SCRIPT,
    "vrrp_sync_group": SYNC_GROUP,
    "vrrp_track_file": TRACK_FILE,
    "vrrp_track_process": TRACK_PROCESS,
}


def purpose(path: str, name: str) -> str:
    """Of a keyword in a section; empty: it is no keyword of keepalived's there."""
    for section in (path, *SHARED):
        if name in PURPOSE.get(section, {}):
            return PURPOSE[section][name]
    return ""
