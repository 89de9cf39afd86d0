"""`virtual_server` blocks.

Knows that section, and keepalived's defaults in it. Must not know checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from halod.config.body import Body
from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.virtual_server import VIRTUAL_SERVER
from halod.config.lowering.forwarding import lower_endpoint, lower_forwarding
from halod.config.lowering.inherited import Inherited
from halod.config.lowering.real_server import Around, ServerContext, lower_real_server
from halod.config.lowering.scheduling import (
    lower_flags,
    lower_one_packet,
    lower_persistence,
    lower_quorum,
)
from halod.config.lowering.server_group import MARK_MAX, ServerGroup
from halod.config.memory import Memory
from halod.config.reading import Values, read_section
from halod.config.tree import Statement
from halod.model.check import TlsIdentity
from halod.model.command import Command
from halod.model.diagnostic import FindingSeverity, Label
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.track_file import VrrpTrackFile
from halod.model.virtual_server import Forwarding, Method, RealServer, SorryServer, VirtualServer

__all__ = ["PlacedServer", "ServerGlobals", "lower_virtual_servers"]


@dataclass(frozen=True, slots=True)
class ServerGlobals:
    """What holds for every virtual server of a file."""

    groups: Mapping[str, ServerGroup]
    identity: TlsIdentity | None
    files: Mapping[str, VrrpTrackFile]
    log_all_failures: bool = False
    mail_real: bool = True
    """keepalived's default for real servers, where no keyword says anything."""
    mail_virtual: bool = False
    real_servers: dict[Around, dict[Body, RealServer]] = field(
        default_factory=dict, compare=False, repr=False
    )
    """`ServerContext.known`, by what it holds for."""


@dataclass(frozen=True, slots=True)
class PlacedServer:
    """One with its block."""

    server: VirtualServer
    block: Statement
    is_known: bool
    """It was remembered: there is nothing to tell of it."""
    is_quiet: bool
    """Nothing was told of it so far."""

    @property
    def place(self) -> str:
        """FILE:LINE."""
        span = self.block.keyword.span
        return f"{span.file}:{span.line}"


@dataclass(frozen=True, slots=True)
class _Head:
    """What stands behind `virtual_server`."""

    name: str
    endpoints: tuple[Endpoint, ...] = ()
    marks: tuple[tuple[int, int | None], ...] = ()
    """(mark, family)."""
    is_group: bool = False

    @property
    def family(self) -> int | None:
        families = {e.address.version for e in self.endpoints}
        return families.pop() if len(families) == 1 else None


def lower_virtual_servers(
    blocks: Sequence[Statement], globals_: ServerGlobals, memory: Memory, findings: Findings
) -> list[PlacedServer]:
    """In the order of the file; of two that are one the first counts."""
    found: dict[str, PlacedServer] = {}
    for block in blocks:
        if findings.full:
            break
        told = findings.told
        known = memory.server(block)
        server = known or _lower(block, globals_, findings)
        if server is None:
            continue
        title = server.title
        first = found.get(title)
        if first is not None:
            findings.add(
                Code.SAME_NAME,
                f"there is a virtual server {title} already: this one has no effect",
                block.keyword.span,
                secondary=(Label(first.block.keyword.span, "first defined here"),),
            )
            continue
        found[title] = PlacedServer(server, block, known is not None, findings.told == told)
    return list(found.values())


def _lower(block: Statement, globals_: ServerGlobals, findings: Findings) -> VirtualServer | None:
    head = _head(block, globals_, findings)
    values = read_section(block.children, VIRTUAL_SERVER, findings)
    if head is None:
        return None
    protocol = _protocol(values, head, block, findings)
    forwarding = lower_forwarding(values, ("lvs_method", "lb_kind"), findings)
    if forwarding is None:
        forwarding = Forwarding()
        _tell_default(values, ("lvs_method", "lb_kind"), "NAT", block, findings)
    context = _context(values, head, forwarding, globals_)
    servers = _real_servers(values, context, findings)
    if not servers:
        findings.add(
            Code.INCOMPLETE,
            f"the virtual server {head.name} has no real server: it is left out",
            block.keyword.span,
            severity=FindingSeverity.IGNORED,
            helps=("add `real_server ADDRESS PORT { ... }`",),
        )
        return None
    family = head.family or values.get("ip_family", int) or _family_of(servers)
    scheduler = values.get("lvs_sched", str) or values.get("lb_algo", str)
    if scheduler is None:
        _tell_default(values, ("lvs_sched", "lb_algo"), "wlc", block, findings)
    every_port = any(not endpoint.port for endpoint in head.endpoints)
    persistence, mask = lower_persistence(values, family, block, findings, every_port=every_port)
    quorum, hysteresis = lower_quorum(values, servers, findings)
    return VirtualServer(
        name=head.name,
        protocol=protocol,
        services=_services(head, protocol, family),
        scheduler=scheduler or "wlc",
        scheduler_flags=lower_flags(values, scheduler or "wlc", findings),
        one_packet=lower_one_packet(values, protocol, findings),
        hashed=values.has("hashed"),
        persistence=persistence,
        persistence_mask=mask,
        persistence_engine=(values.get("persistence_engine", str) or "")[:15],
        weight=context.around.weight,
        real_servers=servers,
        sorry_server=_sorry_server(values, context, findings),
        quorum=quorum,
        hysteresis=hysteresis,
        quorum_up=values.get("quorum_up", Command),
        quorum_down=values.get("quorum_down", Command),
        alpha=values.has("alpha"),
        omega=values.has("omega"),
        ha_suspend=_ha_suspend(values, head, findings),
        mail=values.get_or("smtp_alert", globals_.mail_virtual),
        virtualhost=values.get("virtualhost", str) or "",
        snmp_name=values.get("snmp_name", str) or "",
    )


def _head(block: Statement, globals_: ServerGlobals, findings: Findings) -> _Head | None:
    words = block.arguments
    first = words[0].text if words else ""
    if first == "fwmark" and len(words) > 1:
        text = words[1].text
        if text.isascii() and text.isdigit() and len(text) <= 10 and 0 < int(text) <= MARK_MAX:
            return _Head(f"fwmark {int(text)}", marks=((int(text), None),))
        findings.add(
            Code.OUT_OF_RANGE,
            f"`{words[1].shown}` is no mark: the virtual server is left out",
            words[1].span,
            severity=FindingSeverity.IGNORED,
            helps=(f"a mark is a number from 1 to {MARK_MAX}",),
        )
        return None
    if first == "group" and len(words) > 1:
        group = globals_.groups.get(words[1].text)
        if group is None:
            findings.add(
                Code.NO_SUCH_INSTANCE,
                f"there is no `virtual_server_group {words[1].shown}`: the virtual server is left "
                "out",
                words[1].span,
                severity=FindingSeverity.IGNORED,
            )
            return None
        marks = tuple((mark.mark, mark.family) for mark in group.marks)
        if not marks and not group.endpoints:
            return None  # told at the group
        return _Head(f"group {words[1].text}", group.endpoints, marks, is_group=True)
    endpoint = lower_endpoint(words, 0, "the virtual server", block.keyword.span, findings)
    if endpoint is None:
        return None
    return _Head(f"{endpoint.address} {endpoint.port}", (endpoint,))


def _protocol(values: Values, head: _Head, block: Statement, findings: Findings) -> Protocol | None:
    protocol = values.get("protocol", Protocol)
    if not head.endpoints:
        if protocol is not None:
            findings.add(
                Code.WITHOUT_EFFECT,
                "`protocol` has no effect: a firewall mark has none",
                values.statement("protocol").keyword.span,
                severity=FindingSeverity.IGNORED,
            )
        return None
    if protocol is None:
        _tell_default(values, ("protocol",), "UDP", block, findings)
        return Protocol.UDP
    return protocol


def _tell_default(
    values: Values, names: Sequence[str], default: str, block: Statement, findings: Findings
) -> None:
    """keepalived tells these too, and then does the same."""
    if any(values.attempted(name) for name in names):
        return
    findings.add(
        Code.INCOMPLETE,
        f"the virtual server has no `{names[0]}`: {default} counts",
        block.keyword.span,
        severity=FindingSeverity.IGNORED,
        helps=(f"write `{names[0]} {default}`",),
    )


def _context(
    values: Values, head: _Head, forwarding: Forwarding, globals_: ServerGlobals
) -> ServerContext:
    around = Around(
        forwarding=forwarding,
        weight=values.get("weight", int) or 1,
        inhibit_on_failure=values.has("inhibit_on_failure"),
        mail=globals_.mail_real,
        inherited=Inherited(log_all_failures=globals_.log_all_failures).within(values),
        identity=globals_.identity,
        files=globals_.files,
    )
    return ServerContext(
        family=head.family or values.get("ip_family", int),
        port=head.endpoints[0].port if head.endpoints and not head.is_group else None,
        by_mark=not head.endpoints,
        around=around,
        known=globals_.real_servers.setdefault(around, {}),
    )


def _real_servers(
    values: Values, context: ServerContext, findings: Findings
) -> tuple[RealServer, ...]:
    found: dict[Endpoint, RealServer] = {}
    for _, block in values.nested:
        server = lower_real_server(block, context, findings)
        if server is None:
            continue
        if server.endpoint in found:
            findings.add(
                Code.SAME_ADDRESS,
                f"{server.endpoint} stands twice: this real server has no effect",
                block.keyword.span,
                severity=FindingSeverity.IGNORED,
            )
            continue
        found[server.endpoint] = server
    return tuple(found.values())


def _family_of(servers: Sequence[RealServer]) -> int:
    """Of marks: that of the real servers, and of a mixture IPv4, as in keepalived."""
    plain = [s for s in servers if s.forwarding.method is not Method.TUN] or servers
    families = {server.endpoint.address.version for server in plain}
    return families.pop() if len(families) == 1 else 4


def _services(head: _Head, protocol: Protocol | None, family: int) -> tuple[ServiceKey, ...]:
    by_mark = (ServiceKey(own or family, None, None, mark) for mark, own in head.marks)
    by_address = (ServiceKey(e.address.version, protocol, e) for e in head.endpoints)
    return (*by_address, *by_mark)


def _ha_suspend(values: Values, head: _Head, findings: Findings) -> bool:
    if values.has("ha_suspend") and head.marks:
        findings.add(
            Code.WITHOUT_EFFECT,
            "`ha_suspend` has no effect: a firewall mark is no address that could be held",
            values.statement("ha_suspend").keyword.span,
            severity=FindingSeverity.IGNORED,
        )
        return False
    return values.has("ha_suspend")


def _sorry_server(values: Values, context: ServerContext, findings: Findings) -> SorryServer | None:
    lines: Sequence[Statement] = values.get("sorry_server", list) or []
    if not lines:
        return None
    endpoint = lower_endpoint(
        lines[-1].arguments,
        context.port or 0,
        "the sorry server",
        lines[-1].keyword.span,
        findings,
    )
    if endpoint is None:
        return None
    forwarding = lower_forwarding(values, ("sorry_server_lvs_method",), findings)
    forwarding = forwarding or context.around.forwarding
    if forwarding.method is not Method.NAT and context.port is not None:
        endpoint = Endpoint(endpoint.address, context.port)
    if forwarding.method is not Method.NAT and context.by_mark:
        endpoint = Endpoint(endpoint.address, 0)
    return SorryServer(
        endpoint=endpoint, forwarding=forwarding, inhibit=values.has("sorry_server_inhibit")
    )
