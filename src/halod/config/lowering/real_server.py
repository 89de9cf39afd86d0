"""`real_server` blocks.

Knows that section and what it takes from its virtual server. Must not know how it is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from halod.config.body import Body
from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.virtual_server import REAL_SERVER
from halod.config.lowering.any_server import ANY_SERVER, asked_of
from halod.config.lowering.check import CheckContext, lower_check
from halod.config.lowering.forwarding import lower_endpoint, lower_forwarding
from halod.config.lowering.inherited import Inherited
from halod.config.reading import Values, read_section
from halod.config.tree import Statement
from halod.model.check import TlsIdentity
from halod.model.command import Command
from halod.model.diagnostic import FindingSeverity
from halod.model.endpoint import Endpoint
from halod.model.track_file import VrrpTrackFile
from halod.model.virtual_server import Forwarding, Method, RealServer

__all__ = ["Around", "ServerContext", "lower_real_server"]


@dataclass(frozen=True, slots=True)
class Around:
    """What a real server takes from around it."""

    forwarding: Forwarding
    weight: int
    inhibit_on_failure: bool
    mail: bool
    inherited: Inherited
    identity: TlsIdentity | None
    files: Mapping[str, VrrpTrackFile] = field(hash=False)


@dataclass(frozen=True, slots=True)
class ServerContext:
    """Its virtual server."""

    family: int | None
    """4 or 6; None: it has none of its own."""
    port: int | None
    """None: it stands for marks, or for several."""
    by_mark: bool
    """It stands for marks alone."""
    around: Around
    known: dict[Body, RealServer]
    """What the lines of real servers say with this around them, where they tell nothing: each has
    an address of its own, and thousands have the same lines."""


def lower_real_server(
    block: Statement, context: ServerContext, findings: Findings
) -> RealServer | None:
    """None: it is left out, which is told."""
    endpoint = lower_endpoint(
        block.arguments, context.port or 0, "the real server", block.keyword.span, findings
    )
    body = block.body
    said = context.known.get(body) if body is not None else None
    told = findings.told
    values = read_section(block.children, REAL_SERVER, findings) if said is None else None
    if endpoint is None:
        return None
    forwarding = said.forwarding if said is not None else context.around.forwarding
    if values is not None:
        forwarding = lower_forwarding(values, ("lvs_method",), findings) or forwarding
    if _is_of_other_family(block, endpoint, forwarding, context, findings):
        return None
    if values is not None:
        said = _said(values, forwarding, context.around, findings)
        if body is not None and findings.told == told:
            context.known[body] = said
    assert said is not None
    endpoint = _with_port(block, endpoint, forwarding, context, findings)
    return RealServer(
        endpoint=endpoint,
        weight=said.weight,
        forwarding=forwarding,
        threshold_upper=said.threshold_upper,
        threshold_lower=said.threshold_lower,
        inhibit_on_failure=said.inhibit_on_failure,
        notify_up=said.notify_up,
        notify_down=said.notify_down,
        mail=said.mail,
        checks=tuple([asked_of(endpoint, check) for check in said.checks]),
        snmp_name=said.snmp_name,
    )


def _is_of_other_family(
    block: Statement,
    endpoint: Endpoint,
    forwarding: Forwarding,
    context: ServerContext,
    findings: Findings,
) -> bool:
    """Whether packets could not be sent on to it, which is told."""
    if (
        forwarding.method is Method.TUN
        or context.family is None
        or endpoint.address.version == context.family
    ):
        return False
    findings.add(
        Code.OTHER_FAMILY,
        f"`{block.arguments[0].shown}` is no IPv{context.family} address: the real server is "
        "left out",
        block.arguments[0].span,
        helps=("only TUN carries one family in the other",),
    )
    return True


def _said(values: Values, forwarding: Forwarding, around: Around, findings: Findings) -> RealServer:
    """What its lines say, whichever server it is."""
    inherited = around.inherited.within(values)
    beside = CheckContext(inherited, around.identity, around.files)
    checks = (lower_check(check, beside, findings) for _, check in values.nested)
    return RealServer(
        endpoint=ANY_SERVER,
        weight=values.get_or("weight", around.weight),
        forwarding=forwarding,
        threshold_upper=values.get("uthreshold", int) or 0,
        threshold_lower=values.get("lthreshold", int) or 0,
        inhibit_on_failure=values.get_or("inhibit_on_failure", around.inhibit_on_failure),
        notify_up=values.get("notify_up", Command),
        notify_down=values.get("notify_down", Command),
        mail=values.get_or("smtp_alert", around.mail),
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
