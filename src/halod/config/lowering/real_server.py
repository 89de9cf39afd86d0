"""`real_server` blocks.

Knows that section and what it takes from its virtual server. Must not know how it is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.virtual_server import REAL_SERVER
from halod.config.lowering.check import CheckContext, lower_check
from halod.config.lowering.forwarding import lower_endpoint, lower_forwarding
from halod.config.lowering.inherited import Inherited
from halod.config.reading import read_section
from halod.config.tree import Statement
from halod.model.check import TlsIdentity
from halod.model.command import Command
from halod.model.diagnostic import FindingSeverity
from halod.model.endpoint import Endpoint
from halod.model.track_file import VrrpTrackFile
from halod.model.virtual_server import Forwarding, Method, RealServer

__all__ = ["ServerContext", "lower_real_server"]


@dataclass(frozen=True, slots=True)
class ServerContext:
    """What a real server takes from around it."""

    family: int | None
    """4 or 6, of the virtual server; None: it has none of its own."""
    port: int | None
    """Of the virtual server; None: it stands for marks, or for several."""
    by_mark: bool
    """It stands for marks alone."""
    forwarding: Forwarding
    weight: int
    inhibit_on_failure: bool
    mail: bool
    inherited: Inherited
    identity: TlsIdentity | None
    files: Mapping[str, VrrpTrackFile]


def lower_real_server(
    block: Statement, context: ServerContext, findings: Findings
) -> RealServer | None:
    """None: it is left out, which is told."""
    endpoint = lower_endpoint(
        block.arguments, context.port or 0, "the real server", block.keyword.span, findings
    )
    values = read_section(block.children, REAL_SERVER, findings)
    if endpoint is None:
        return None
    forwarding = lower_forwarding(values, ("lvs_method",), findings) or context.forwarding
    if (
        forwarding.method is not Method.TUN
        and context.family is not None
        and endpoint.address.version != context.family
    ):
        findings.add(
            Code.OTHER_FAMILY,
            f"`{block.arguments[0].shown}` is no IPv{context.family} address: the real server is "
            "left out",
            block.arguments[0].span,
            helps=("only TUN carries one family in the other",),
        )
        return None
    endpoint = _with_port(block, endpoint, forwarding, context, findings)
    checks_to = endpoint
    inherited = context.inherited.within(values)
    around = CheckContext(inherited, checks_to, context.identity, context.files)
    checks = (lower_check(check, around, findings) for _, check in values.nested)
    return RealServer(
        endpoint=endpoint,
        weight=values.get_or("weight", context.weight),
        forwarding=forwarding,
        threshold_upper=values.get("uthreshold", int) or 0,
        threshold_lower=values.get("lthreshold", int) or 0,
        inhibit_on_failure=values.get_or("inhibit_on_failure", context.inhibit_on_failure),
        notify_up=values.get("notify_up", Command),
        notify_down=values.get("notify_down", Command),
        mail=values.get_or("smtp_alert", context.mail),
        checks=tuple(check for check in checks if check is not None),
        snmp_name=values.get("snmp_name", str) or "",
    )


def _with_port(
    block: Statement,
    endpoint: Endpoint,
    forwarding: Forwarding,
    context: ServerContext,
    findings: Findings,
) -> Endpoint:
    """Packets that are sent on as they are keep their port: DR and TUN have that of the virtual
    server, and with marks none."""
    if forwarding.method is Method.NAT:
        return endpoint
    wanted = 0 if context.by_mark else context.port
    if wanted is None or endpoint.port == wanted or len(block.arguments) < 2:
        return endpoint
    now = "its port has no effect" if wanted == 0 else f"port {wanted} counts"
    findings.add(
        Code.WITHOUT_EFFECT,
        f"with {forwarding.method.value} a packet keeps its port, and the virtual server has "
        f"another: {now}",
        block.arguments[1].span,
        severity=FindingSeverity.IGNORED,
        helps=("leave the port out, or use NAT",),
    )
    return Endpoint(endpoint.address, wanted)
