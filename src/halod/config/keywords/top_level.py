"""Sections of a file.

Knows which begin where. Must not know what stands in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from halod.config.keywords.auth_hmac import AUTH_HMAC
from halod.config.keywords.garp_group import GARP_GROUP
from halod.config.keywords.global_defs import GLOBAL_DEFS
from halod.config.keywords.kinds import Entries, Keyword, Nested, Section, Text, Unready
from halod.config.keywords.known import KNOWN
from halod.config.keywords.observed import TRACK_FILE, VRRP_TRACK_FILE, VRRP_TRACK_PROCESS
from halod.config.keywords.planned import OF_TOP_LEVEL
from halod.config.keywords.virtual_server import SERVER_GROUP, SSL, VIRTUAL_SERVER
from halod.config.keywords.vrrp_instance import AUTHENTICATION, VRRP_INSTANCE
from halod.config.keywords.vrrp_script import VRRP_SCRIPT
from halod.config.keywords.vrrp_sync_group import VRRP_SYNC_GROUP

__all__ = [
    "BLOCK_ENDS",
    "SECTION_NAMES",
    "SECTION_STARTS",
    "TABLES",
    "TOP_LEVEL",
    "WITHOUT_BLOCK",
    "sections_with",
]

LINKS = "the kernel tells at once when a link goes down, on every interface"
INCLUDES = ("include", "includer", "includem", "includew", "includeb", "includea")
INCLUDE = "what the other file says stands in its place; it may stand anywhere"

TOP_LEVEL = Section(
    name="",
    known=KNOWN["(top level)"],
    nested=OF_TOP_LEVEL,
    keywords={
        "net_namespace": Keyword(
            kind=Text(), sets="Configuration.net_namespace", needed=True, first_counts=True
        ),
        "net_namespace_ipvs": Keyword(
            kind=Text(),
            sets="LvsSettings.net_namespace",
            default="the tables stand in halod's own",
            first_counts=True,
        ),
        "instance": Keyword(
            kind=Text(), sets="Configuration.instance", needed=True, first_counts=True
        ),
        "global_defs": Keyword(kind=Nested(GLOBAL_DEFS), sets="Configuration"),
        "static_ipaddress": Keyword(kind=Entries(), sets="Statics.addresses"),
        "static_routes": Keyword(kind=Entries(), sets="Statics.routing"),
        "static_rules": Keyword(kind=Entries(), sets="Statics.routing"),
        "vrrp_instance": Keyword(kind=Nested(VRRP_INSTANCE), sets="Configuration.instances"),
        "garp_group": Keyword(kind=Nested(GARP_GROUP), sets="Pacing.groups"),
        "interface_up_down_delays": Keyword(kind=Entries(), sets="Configuration.link_delays"),
        "track_file": Keyword(kind=Nested(TRACK_FILE), sets="Configuration.files"),
        "vrrp_track_file": Keyword(kind=Nested(VRRP_TRACK_FILE), sets="Configuration.files"),
        "vrrp_track_process": Keyword(
            kind=Nested(VRRP_TRACK_PROCESS), sets="Configuration.processes"
        ),
        "vrrp_sync_group": Keyword(kind=Nested(VRRP_SYNC_GROUP), sets="Configuration.groups"),
        "virtual_server_group": Keyword(kind=Nested(SERVER_GROUP), sets="VirtualServer.services"),
        "virtual_server": Keyword(
            kind=Nested(VIRTUAL_SERVER), sets="Configuration.virtual_servers"
        ),
        "SSL": Keyword(kind=Nested(SSL), sets="HttpCheck.identity"),
        "vrrp_script": Keyword(kind=Nested(VRRP_SCRIPT), sets="Configuration.scripts"),
    },
    exceptions={
        "linkbeat_use_polling": (Unready.WITHOUT_EFFECT, LINKS),
        "linkbeat_interfaces": (Unready.WITHOUT_EFFECT, LINKS),
        "use_pid_dir": (
            Unready.WITHOUT_EFFECT,
            "runtime files always stand in a folder of their own: `--run-dir`",
        ),
        "child_wait_time": (
            Unready.WITHOUT_EFFECT,
            "who takes too long at the stop is ended, and the supervisor removes what it held",
        ),
        "namespace_with_ipsets": (Unready.WITHOUT_EFFECT, "halod uses no ipset"),
        **dict.fromkeys(
            INCLUDES,
            (Unready.READ_BEFORE, INCLUDE),
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

NESTED = (
    *(TOP_LEVEL, GLOBAL_DEFS, VRRP_INSTANCE, AUTHENTICATION, AUTH_HMAC),
    *(VRRP_SCRIPT, VRRP_SYNC_GROUP),
)
WITHOUT_BLOCK = frozenset(
    name
    for section in NESTED
    for name, keyword in section.keywords.items()
    if not isinstance(keyword.kind, Entries | Nested)
)
"""Keywords with a value alone, wherever they stand."""


def _tables(section: Section, path: str) -> Iterator[tuple[str, Section]]:
    yield path or "(top level)", section
    for name, keyword in section.keywords.items():
        if isinstance(keyword.kind, Nested):
            yield from _tables(keyword.kind.section, _path_in_known(path, name))


def _path_in_known(around: str, name: str) -> str:
    """`url` is the same in HTTP_GET and SSL_GET, and a checker stands in a real server alone."""
    if around == "virtual_server/real_server" or name == "url":
        return f"(checker or shared)/{name}"
    return f"{around}/{name}".lstrip("/")


TABLES: Mapping[str, Section] = dict(_tables(TOP_LEVEL, ""))
"""Sections some of whose keywords work, by their names in `KNOWN`: what the reference shows."""

SECTION_NAMES = {
    name: frozenset(section.names())
    for name, section in (
        *TOP_LEVEL.nested.items(),
        *((n, k.kind.section) for n, k in TOP_LEVEL.keywords.items() if isinstance(k.kind, Nested)),
    )
}
"""Sections with keywords of their own, and which."""

_OF_INSTANCE = frozenset(VRRP_INSTANCE.names()) - frozenset(AUTHENTICATION.names())
_OF_ROUTES = frozenset({"priority", "interface", "version"})
"""Words that a route or a rule may begin with, and keywords of an instance."""
BLOCK_ENDS = {
    "auth_hmac": _OF_INSTANCE,
    "authentication": _OF_INSTANCE,
    "group": frozenset(VRRP_SYNC_GROUP.names()),
    "notification_email": frozenset(GLOBAL_DEFS.names()),
    "track_interface": _OF_INSTANCE,
    "track_script": _OF_INSTANCE,
    "virtual_ipaddress": _OF_INSTANCE,
    "virtual_ipaddress_excluded": _OF_INSTANCE,
    "virtual_routes": _OF_INSTANCE - _OF_ROUTES,
    "virtual_rules": _OF_INSTANCE - _OF_ROUTES,
}
"""Names that mean nothing inside such a block, and something around it: likewise."""


def sections_with(keyword: str) -> list[str]:
    """Where keepalived knows a keyword: for "belongs into"."""
    return sorted(
        section.rsplit("/", 1)[-1]
        for section, names in KNOWN.items()
        if keyword in names and not section.startswith("(")
    )
