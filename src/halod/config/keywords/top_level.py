"""Sections of a file.

Knows which begin where. Must not know what stands in them.
"""

from __future__ import annotations

from halod.config.keywords.global_defs import GLOBAL_DEFS
from halod.config.keywords.kinds import Keyword, Nested, Section, Unready
from halod.config.keywords.known import KNOWN
from halod.config.keywords.vrrp_instance import VRRP_INSTANCE

__all__ = ["SECTION_STARTS", "TOP_LEVEL", "sections_with"]

INCLUDES = ("include", "includer", "includem", "includew", "includeb", "includea")
INCLUDE = "without it what the other file says would be missing"

TOP_LEVEL = Section(
    name="",
    known=KNOWN["(top level)"],
    keywords={
        "global_defs": Keyword(kind=Nested(GLOBAL_DEFS), sets="Configuration"),
        "vrrp_instance": Keyword(kind=Nested(VRRP_INSTANCE), sets="Configuration.instances"),
    },
    exceptions={
        "net_namespace": (
            Unready.NOT_YET,
            "without it the addresses would stand in another namespace",
        ),
        **dict.fromkeys(
            ("include", "includer", "includem", "includew", "includeb", "includea"),
            (Unready.NOT_YET, INCLUDE),
        ),
    },
)

SECTION_STARTS = frozenset(
    {
        "bfd_instance",
        "global_defs",
        "static_ipaddress",
        "static_routes",
        "static_rules",
        "virtual_server",
        "virtual_server_group",
        "vrrp_instance",
        "vrrp_script",
        "vrrp_sync_group",
        "vrrp_track_file",
        "vrrp_track_process",
    }
)
"""Names that begin a section and mean nothing inside another: there a brace is missing."""


def sections_with(keyword: str) -> list[str]:
    """Where keepalived knows a keyword: for "belongs into"."""
    return sorted(
        section.rsplit("/", 1)[-1]
        for section, names in KNOWN.items()
        if keyword in names and not section.startswith("(")
    )
