"""`net_namespace`, `net_namespace_ipvs` and `instance`: names that become parts of paths.

Knows what such a name may be. Must not know whether there is such a namespace.
"""

from __future__ import annotations

from dataclasses import replace

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.reading import Values
from halod.model.diagnostic import FindingSeverity
from halod.model.virtual_server import LvsSettings

__all__ = ["lower_table_place", "lower_whereabouts"]

NAME_BYTES_MAX = 200
"""A file name has 255 (path_resolution(7)); other words stand beside it."""


def lower_whereabouts(top: Values, findings: Findings) -> tuple[str, str]:
    """Namespace and instance; empty: none. One that cannot be is refused: the addresses would stand
    elsewhere, and two daemons would share their files."""
    return _name("net_namespace", top, findings), _name("instance", top, findings)


def lower_table_place(
    top: Values, lvs: LvsSettings | None, findings: Findings
) -> LvsSettings | None:
    """`lvs`, in the namespace of `net_namespace_ipvs`."""
    name = _name("net_namespace_ipvs", top, findings)
    return replace(lvs or LvsSettings(), net_namespace=name) if name else lvs


def _name(keyword: str, top: Values, findings: Findings) -> str:
    name = top.get(keyword, str) or ""
    if not top.has(keyword):
        return name
    word = top.statement(keyword).arguments[0]
    size = len(name.encode("utf-8", "replace"))
    if name in ("", ".", "..") or "/" in name or any(c.isspace() for c in name):
        fault = "is no name for a file"
    elif size > NAME_BYTES_MAX:
        fault = f"has {size} bytes, and {NAME_BYTES_MAX} fit"
    else:
        return name
    findings.add(
        Code.BAD_TEXT,
        f"`{word.shown}` {fault}, and `{keyword}` is a part of paths",
        word.span,
        severity=FindingSeverity.REFUSE,
        helps=(f"`{keyword}` takes one word without `/`",),
    )
    return ""
