"""Keywords of `global_defs`.

Knows types, ranges, levels. Defaults stand in the model, at the field that a keyword sets.
"""

from __future__ import annotations

from halod.config.keywords.kinds import (
    Choice,
    Entries,
    Keyword,
    Seconds,
    Section,
    Text,
    Unready,
)
from halod.config.keywords.known import KNOWN
from halod.config.keywords.vrrp_instance import GARP, LONG_TIME, VIP_LEASE
from halod.model.units import ZERO

__all__ = ["GLOBAL_DEFS"]

GLOBAL_DEFS = Section(
    name="global_defs",
    known=KNOWN["global_defs"],
    keywords={
        "router_id": Keyword(
            kind=Text(), sets="Configuration.router_id", default="the name of this machine counts"
        ),
        "notification_email": Keyword(kind=Entries(), sets="MailSettings.to"),
        "notification_email_from": Keyword(kind=Text(), sets="MailSettings.sender"),
        "smtp_server": Keyword(kind=Text(), sets="MailSettings.server"),
        "smtp_connect_timeout": Keyword(
            kind=Seconds(ZERO, LONG_TIME),
            sets="MailSettings.connect_timeout",
            default="30 s counts",
        ),
        "vrrp_version": Keyword(
            kind=Choice({"2": 2, "3": 3}), sets="VrrpInstance.version", default="2 counts"
        ),
        **{f"vrrp_{name}": keyword for name, keyword in GARP.items()},
        "vip_lease": VIP_LEASE,
    },
    exceptions={
        "vrrp_mcast_group4": (Unready.NOT_YET, "adverts would go to a group where no peer listens"),
        "vrrp_skip_check_adv_addr": (
            Unready.WITHOUT_EFFECT,
            "a list of other addresses is told, and the advert counts",
        ),
        "reload_check_config": (
            Unready.WITHOUT_EFFECT,
            "a reload always checks first; a refused file keeps what runs",
        ),
    },
)
