"""The blocks of a real server that check it, to checks.

Knows which check takes which keywords, and what each falls back to. Must not know what is up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.checks import CHECKERS, SMTP_HOST
from halod.config.lowering.any_server import ANY_SERVER
from halod.config.lowering.check_http import lower_pages
from halod.config.lowering.check_udp import lower_udp
from halod.config.lowering.inherited import CheckDefaults, Inherited
from halod.config.lowering.script import SHELL, SHELL_SIGN
from halod.config.reading import Values, read_section
from halod.config.suggest import closest
from halod.config.tree import Statement
from halod.model.check import (
    Check,
    DnsCheck,
    FileCheck,
    HttpCheck,
    MiscCheck,
    PingCheck,
    SmtpCheck,
    TcpCheck,
    TlsIdentity,
)
from halod.model.command import Command
from halod.model.diagnostic import FindingSeverity
from halod.model.track_file import VrrpTrackFile
from halod.model.tracking import Weight
from halod.model.units import Duration

__all__ = ["CheckContext", "lower_check"]

HTTP = CheckDefaults(before_retry=Duration.seconds(3))
DNS = CheckDefaults(retry=3, before_retry=None)
MISC = CheckDefaults(retry=0)
OTHERS = CheckDefaults()


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What a check may refer to."""

    inherited: Inherited
    identity: TlsIdentity | None
    files: Mapping[str, VrrpTrackFile]
    """`track_file` blocks by name."""


def lower_check(block: Statement, context: CheckContext, findings: Findings) -> Check | None:
    """Of `ANY_SERVER`. None: it cannot be done, which is told."""
    for word in block.arguments:
        findings.add(
            Code.EXTRA_WORD, f"`{word.shown}` has no effect: `{block.name}` has no name", word.span
        )
    values = read_section(block.children, CHECKERS[block.name], findings)
    return _LOWERINGS[block.name](block, values, context, findings)


def _tcp(_: Statement, values: Values, context: CheckContext, __: Findings) -> Check:
    return TcpCheck(
        timing=context.inherited.timing(values, OTHERS),
        connection=context.inherited.connection(values, ANY_SERVER),
    )


def _ping(_: Statement, values: Values, context: CheckContext, __: Findings) -> Check:
    return PingCheck(
        timing=context.inherited.timing(values, OTHERS),
        connection=context.inherited.connection(values, ANY_SERVER),
    )


def _http(
    block: Statement, values: Values, context: CheckContext, findings: Findings
) -> Check | None:
    pages = lower_pages(values, context.inherited.within(values).virtualhost, findings)
    if not pages:
        findings.add(
            Code.INCOMPLETE,
            f"`{block.name}` has no `url`: it is left out",
            block.keyword.span,
            severity=FindingSeverity.IGNORED,
            helps=("add `url { path / }`",),
        )
        return None
    tls = block.name == "SSL_GET"
    return HttpCheck(
        timing=context.inherited.timing(values, HTTP),
        connection=context.inherited.connection(values, ANY_SERVER),
        pages=pages,
        tls=tls,
        identity=context.identity if tls else None,
        version=values.get("http_protocol", str) or "1.0",
        sends_server_name=values.has("enable_sni") or values.has("sni_name"),
        server_name=values.get("sni_name", str) or "",
        fast_recovery=values.get_or("fast_recovery", default=False),
    )


def _udp(_: Statement, values: Values, context: CheckContext, findings: Findings) -> Check:
    return lower_udp(
        values,
        context.inherited.timing(values, OTHERS),
        context.inherited.connection(values, ANY_SERVER),
        findings,
    )


def _smtp(_: Statement, values: Values, context: CheckContext, findings: Findings) -> Check:
    connection = context.inherited.connection(values, ANY_SERVER)
    around = replace(context.inherited, connect_timeout=connection.timeout)
    hosts = tuple(
        around.connection(
            read_section(host.children, SMTP_HOST, findings),
            connection.to,
        )
        for _, host in values.nested
    )
    hello = values.get("helo_name", str)
    check = SmtpCheck(
        timing=context.inherited.timing(values, OTHERS), connection=connection, hosts=hosts
    )
    return replace(check, hello=hello) if hello else check


def _dns(_: Statement, values: Values, context: CheckContext, __: Findings) -> Check:
    return DnsCheck(
        timing=context.inherited.timing(values, DNS),
        connection=context.inherited.connection(values, ANY_SERVER),
        name=values.get("name", str) or ".",
        record=(values.get("type", str) or "SOA").upper(),
    )


def _misc(
    block: Statement, values: Values, context: CheckContext, findings: Findings
) -> Check | None:
    command = values.get("misc_path", Command)
    if command is None:
        if not values.attempted("misc_path"):
            findings.add(
                Code.INCOMPLETE,
                "`MISC_CHECK` has no `misc_path`: it is left out",
                block.keyword.span,
                severity=FindingSeverity.IGNORED,
                helps=("add `misc_path`: the command line, in quotes",),
            )
        return None
    text = values.statement("misc_path").arguments[0].text
    if text.startswith(SHELL_SIGN):
        command = replace(command, argv=(*SHELL, text))
    user, _, group = (values.get("user", str) or "").partition(" ")
    timing = context.inherited.timing(values, MISC)
    limit = values.get("misc_timeout", Duration)
    return MiscCheck(
        timing=timing,
        command=replace(command, user=user, group=group),
        limit=limit if limit is not None and limit.ns else timing.delay_loop,
        dynamic=values.has("misc_dynamic"),
    )


def _file(
    block: Statement, values: Values, context: CheckContext, findings: Findings
) -> Check | None:
    name = values.get("track_file", str)
    if name is None or name not in context.files:
        span = block.keyword.span if name is None else values.statement("track_file").keyword.span
        meant = closest(name, context.files) if name else None
        findings.add(
            Code.NO_SUCH_TRACKER,
            "`FILE_CHECK` names no `track_file` of this file: it is left out",
            span,
            severity=FindingSeverity.IGNORED,
            helps=(f"`{meant}` is one",) if meant else ("add `track_file NAME { file PATH }`",),
        )
        return None
    file = context.files[name]
    weight = values.get("weight", Weight)
    return FileCheck(
        timing=context.inherited.timing(values, OTHERS),
        source=file,
        weight=weight.value if weight else file.weight,
        reverse=weight.reverse if weight else file.reverse,
    )


_Lowering = Callable[[Statement, Values, CheckContext, Findings], Check | None]
_LOWERINGS: Mapping[str, _Lowering] = {
    "TCP_CHECK": _tcp,
    "PING_CHECK": _ping,
    "HTTP_GET": _http,
    "SSL_GET": _http,
    "UDP_CHECK": _udp,
    "SMTP_CHECK": _smtp,
    "DNS_CHECK": _dns,
    "MISC_CHECK": _misc,
    "FILE_CHECK": _file,
}
