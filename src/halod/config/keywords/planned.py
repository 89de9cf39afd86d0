"""Sections that do nothing yet: which names may stand in them, and which blocks.

Knows names, so that a slip is told today. Must not know values: nothing acts on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from halod.config.keywords.kinds import Section
from halod.config.keywords.known import KNOWN

__all__ = ["OF_TOP_LEVEL"]

_SHARED = KNOWN["(checker or shared)"]
_EVERY_CHECKER = KNOWN["(every checker)"]
_HTTP = frozenset(name for name in _SHARED if not name.endswith("_CHECK")) | _EVERY_CHECKER
"""What `HTTP_GET` and `SSL_GET` take."""


def _section(
    name: str, known: Iterable[str] = (), nested: Mapping[str, Section] | None = None
) -> Section:
    """Without `known` it is the table of that name."""
    nested = nested or {}
    names = frozenset(known) or KNOWN[name]
    return Section(
        name=name.rpartition("/")[2],
        keywords={},
        known=names | nested.keys(),
        nested=nested,
    )


def _checker(
    name: str, shared: Iterable[str] = _EVERY_CHECKER, nested: Mapping[str, Section] | None = None
) -> Section:
    own = KNOWN.get(f"(checker or shared)/{name}", frozenset())
    return _section(name, own | frozenset(shared), nested)


_URL = {"url": _section("(checker or shared)/url")}
_HOST = {"host": _section("host", _EVERY_CHECKER)}
_WITHOUT_CONNECTION = _EVERY_CHECKER - {
    "bind_if",
    "bind_port",
    "bindto",
    "connect_ip",
    "connect_port",
    "connect_timeout",
    "fwmark",
}
_CHECKERS = {
    "BFD_CHECK": _checker("BFD_CHECK", ()),
    "DNS_CHECK": _checker("DNS_CHECK"),
    "FILE_CHECK": _checker("FILE_CHECK", ()),
    "HTTP_GET": _section("HTTP_GET", _HTTP, _URL),
    "MISC_CHECK": _checker("MISC_CHECK", _WITHOUT_CONNECTION),
    "PING_CHECK": _checker("PING_CHECK"),
    "SMTP_CHECK": _checker("SMTP_CHECK", nested=_HOST),
    "SSL_GET": _section("SSL_GET", _HTTP, _URL),
    "TCP_CHECK": _checker("TCP_CHECK"),
    "UDP_CHECK": _checker("UDP_CHECK"),
}
_REAL_SERVER = {"real_server": _section("virtual_server/real_server", nested=_CHECKERS)}

OF_TOP_LEVEL: Mapping[str, Section] = {
    "SSL": _section("SSL"),
    "bfd_instance": _section("bfd_instance"),
    "track_group": _section("track_group"),
    "virtual_server": _section("virtual_server", nested=_REAL_SERVER),
}
"""Of the others, `static_routes` for one, the lines are no keywords."""
