"""A real server that is its own virtual server: its packets go round in the director."""

from __future__ import annotations

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.tree import Statement
from halod.model.diagnostic import Label
from halod.model.virtual_server import Method, RealServer, VirtualServer

__all__ = ["server_is_itself"]


def server_is_itself(block: Statement, server: VirtualServer, findings: Findings) -> None:
    """Another port of the same address is no loop with NAT: the director may serve it itself."""
    suspects = [real for real in server.real_servers if _is_one_of_its_services(real, server)]
    if not suspects:
        return
    addresses = {str(real.endpoint.address) for real in suspects}
    for child in block.children:
        if child.name == "real_server" and child.arguments and child.arguments[0].text in addresses:
            findings.add(
                Code.SERVER_IS_ITSELF,
                f"the real server {child.arguments[0].shown} is the virtual server itself",
                child.arguments[0].span,
                secondary=(Label(block.keyword.span, "its virtual server"),),
                helps=("name the address that the server itself has, not the virtual one",),
            )


def _is_one_of_its_services(real: RealServer, server: VirtualServer) -> bool:
    for service in server.services:
        where = service.endpoint
        if where is None or where.address != real.endpoint.address:
            continue
        if real.forwarding.method is not Method.NAT or where.port == real.endpoint.port:
            return True
    return False
