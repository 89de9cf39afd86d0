"""`global_defs` to what holds for every instance, and to mail settings.

Knows that section. Must not know the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.global_defs import GLOBAL_DEFS
from halod.config.lowering.garp import lower_garp
from halod.config.reading import Values, read_section
from halod.config.tree import Statement
from halod.model.configuration import MailSettings
from halod.model.units import Duration
from halod.model.vrrp import GarpPolicy, LeaseMode

__all__ = ["Globals", "lower_globals", "refuse_version_3"]


@dataclass(frozen=True, slots=True)
class Globals:
    """What `global_defs` says, with keepalived's defaults."""

    router_id: str = ""
    mail: MailSettings = field(default_factory=MailSettings)
    garp: GarpPolicy = field(default_factory=GarpPolicy)
    lease: LeaseMode = LeaseMode.ADDRESS


def lower_globals(blocks: Sequence[Statement], findings: Findings) -> Globals:
    """All `global_defs` of a file as one, as keepalived reads them."""
    children = [child for block in blocks for child in block.children]
    values = read_section(children, GLOBAL_DEFS, findings)
    refuse_version_3(values, "vrrp_version", findings)
    return Globals(
        router_id=values.get("router_id", str) or "",
        mail=_mail(values, findings),
        garp=lower_garp(values, "vrrp_", GarpPolicy()),
        lease=values.get("vip_lease", LeaseMode) or LeaseMode.ADDRESS,
    )


def refuse_version_3(values: Values, keyword: str, findings: Findings) -> None:
    """VRRPv3 comes with step 2: to speak v2 instead would split the pair."""
    if values.get(keyword, int) != 3:
        return
    findings.add(
        Code.NOT_YET,
        "VRRP version 3 is not supported yet: peers would not understand each other",
        values.statement(keyword).arguments[0].span,
        helps=("use version 2 on all nodes, or keep keepalived until halod can do it",),
    )


def _mail(values: Values, findings: Findings) -> MailSettings:
    recipients = []
    for entry in values.get("notification_email", list) or []:
        recipients.append(entry.name)
        if entry.arguments:
            findings.add(
                Code.EXTRA_WORD,
                f"`{entry.arguments[0].text}` has no effect: one address a line",
                entry.arguments[0].span,
            )
    default = MailSettings()
    return MailSettings(
        to=tuple(recipients),
        sender=values.get("notification_email_from", str) or "",
        server=values.get("smtp_server", str) or "",
        connect_timeout=values.get("smtp_connect_timeout", Duration) or default.connect_timeout,
    )
