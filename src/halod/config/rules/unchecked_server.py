"""Real servers that nothing checks: they count as up, whatever becomes of them."""

from __future__ import annotations

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.checks import CHECKERS
from halod.config.tree import Statement
from halod.model.virtual_server import VirtualServer

__all__ = ["unchecked_server"]


def unchecked_server(block: Statement, server: VirtualServer, findings: Findings) -> None:
    """Once a virtual server, at the first of them. A check that was left out is told elsewhere."""
    unchecked = sum(not real.checks for real in server.real_servers)
    if not unchecked:
        return
    bare = next((b for b in block.children if b.name == "real_server" and _has_none(b)), None)
    if bare is None:
        return
    which = _which(unchecked, len(server.real_servers))
    notes = []
    if server.sorry_server is not None and unchecked == len(server.real_servers):
        notes.append("the sorry server will never be used: the quorum cannot be lost")
    findings.add(
        Code.NOT_CHECKED,
        f"{which}: always counted as up",
        bare.keyword.span,
        notes=notes,
        helps=("add a check, `TCP_CHECK { }` at the least",),
    )


def _which(unchecked: int, all_of_them: int) -> str:
    if all_of_them == 1:
        return "the real server has no check"
    if unchecked == all_of_them:
        return "no real server of this virtual server has a check"
    verb = "has" if unchecked == 1 else "have"
    return f"{unchecked} of {all_of_them} real servers {verb} no check"


def _has_none(real_server: Statement) -> bool:
    return not any(child.name in CHECKERS for child in real_server.children)
