"""What keepalived holds of its virtual servers, from the dump that SIGUSR1 makes; and halod's own.

Knows the lines of keepalived 2.2.7's `keepalived_check.data` that say what counts, and how a model
of halod reads in the same words. Must not know how either is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from halod.model.check import (
    Check,
    Connection,
    DnsCheck,
    FileCheck,
    HttpCheck,
    MiscCheck,
    PingCheck,
    SmtpCheck,
    TcpCheck,
    UdpCheck,
)
from halod.model.configuration import Configuration
from halod.model.endpoint import Endpoint
from halod.model.units import Duration
from halod.model.virtual_server import Forwarding, Method, RealServer, Tunnel, VirtualServer

__all__ = ["DUMP_SCRIPT", "of_halod", "of_keepalived"]

DUMP_SCRIPT = """
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ip link add eth0 type dummy && ip link set eth0 up
cd "$1" || exit 1
until_true() {
    for i in $(seq 2000); do "$@" && return; sleep 0.05; done
    echo "never: $*"; exit 2
}
is_whole() { ! ls -l /proc/$(cat /run/c)/fd | grep -q keepalived_check.data; }
for file in *.conf; do
    keepalived -C -n -l -f "$PWD/$file" -p /run/k -c /run/c >$file.log 2>&1 &
    until_true test -s /run/c
    until_true grep -q 'Startup complete' $file.log
    kill -USR1 $(cat /run/c)
    until_true test -s /tmp/keepalived_check.data
    until_true is_whole
    cp /tmp/keepalived_check.data "$file.data"
    kill -KILL $(cat /run/c) $!; wait
    rm -f /tmp/keepalived*.data /run/k /run/c
    ipvsadm -C
done
"""
"""Plays keepalived with each file of a folder, in a kernel that has IPVS."""

_SERVER = (
    *("VS VIP", "VS FWMARK", "VS GROUP", "lvs_sched", "sh-", "mh-", "flag-", "One packet"),
    *("persistence", "protocol", "alpha is", "omega is", "quorum =", "Using smtp", "sorry server"),
    *("RIP", "forwarding method", "connection limit", "Inhibit on failure"),
)
_CHECK = (
    *("Alpha =", "Delay loop", "Warmup", "Retries =", "Delay before retry", "Dest =", "Bind"),
    *("Mark", "Timeout =", "Keepalive method", "Checked url", "digest", "Enable SNI"),
    *("Fast recovery", "helo", "timeout =", "dynamic", "Type", "Name", "Require", "Min reply"),
    *("Max reply", "Reply data len", "Payload len"),
)
_CODES = re.compile(r"\d{3}(-\d{3})?\Z")


def of_keepalived(dump: str) -> list[str]:
    """Its lines that say what counts, servers first."""
    _, _, behind = dump.partition("------< Virtual server >------")
    servers, _, checks = behind.partition("------< Health checkers >------")
    return [*_servers(servers), *_checks(checks)]


def _servers(text: str) -> Iterator[str]:
    of_whom = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith(("VS ", "RIP", "sorry server")):
            of_whom = line[:2]
        if not line.startswith(_SERVER) or line.endswith("= disabled"):
            continue
        if of_whom == "VS" and line.startswith(("Inhibit", "forwarding", "default forwarding")):
            continue  # what real servers fall back to
        yield line.split(" EFF")[0]


def _checks(text: str) -> Iterator[str]:
    port = ""
    for line in map(str.strip, text.splitlines()):
        if " -> " in line:
            port = line.rpartition(":")[2]
            yield line
        elif line.startswith("Dest =") and line.endswith("]:0"):
            # keepalived 2.2.7 asks port 0 of a real server that has that of its virtual server:
            # it copies the address before it knows. halod asks the port that serves.
            yield line[:-1] + port
        elif line.startswith(_CHECK) or _CODES.match(line):
            yield line


def of_halod(configuration: Configuration) -> list[str]:
    """The same of halod's model, in the same words."""
    lines: list[str] = []
    for server in configuration.virtual_servers:
        lines += _server(server)
        for real in server.real_servers:
            lines += _real(real)
    for server in configuration.virtual_servers:
        for real in server.real_servers:
            for check in real.checks:
                lines += _check(server, real, check)
    return lines


def _server(server: VirtualServer) -> Iterator[str]:
    key = server.services[0]
    if server.name.startswith("group "):
        yield f"VS GROUP = [{server.name.removeprefix('group ')}]:0"
    elif key.mark:
        yield f"VS FWMARK = {key.mark}"
    elif key.endpoint is not None:
        yield f"VS VIP = {key.endpoint.address}, VPORT = {key.endpoint.port}"
    yield f"lvs_sched = {server.scheduler}"
    named = server.scheduler in ("sh", "mh")
    flags = [(8, "fallback", "flag-1"), (16, "port", "flag-2"), (32, "", "flag-3")]
    if named:
        flags[:2] = reversed(flags[:2])  # in its own order
    for bit, name, own in flags:
        if server.scheduler_flags & bit:
            yield f"{server.scheduler}-{name} = enabled" if named else f"{own} = enabled"
    if server.one_packet:
        yield "One packet scheduling = enabled"
    if server.persistence.ns:
        yield f"persistence timeout = {server.persistence.ns // 10**9}"
        whole = 32 if key.family == 4 else 128
        if server.persistence_mask != whole:
            yield f"persistence granularity = {_mask(server.persistence_mask, key.family)}"
    yield f"protocol = {server.protocol.name if server.protocol else 'none'}"
    yield f"alpha is {_on(server.alpha)}"
    yield f"omega is {_on(server.omega)}"
    yield f"quorum = {server.quorum}, hysteresis = {server.hysteresis}"
    yield f"Using smtp notification = {_yes(server.mail)}"
    sorry = server.sorry_server
    if sorry is not None:
        protocol = server.protocol.word if server.protocol else "none"
        yield f"sorry server = [{sorry.endpoint.address}]:{protocol}:{sorry.endpoint.port}"
        yield f"forwarding method = {_method(sorry.forwarding)}"
        yield f"Inhibit on failure is {_on(sorry.inhibit)}"


def _mask(bits: int, family: int) -> str:
    if family == 6:
        return str(bits)
    number = (0xFFFFFFFF << (32 - bits)) & 0xFFFFFFFF
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def _method(forwarding: Forwarding) -> str:
    if forwarding.method is not Method.TUN:
        return str(forwarding.method.value)
    if forwarding.tunnel is Tunnel.IPIP:
        return "TUN, type = IPIP"
    port = f", port = {forwarding.tunnel_port}" if forwarding.tunnel_port else ""
    sums = {0: ", no checksum", 1: ", checksum", 2: ", remote checksum"}[forwarding.tunnel_flags]
    return f"TUN, type = {forwarding.tunnel.name}{port}{sums}"


def _real(real: RealServer) -> Iterator[str]:
    where = real.endpoint
    yield f"RIP = {where.address}, RPORT = {where.port}, WEIGHT = {real.weight}"
    yield f"forwarding method = {_method(real.forwarding)}"
    yield f"connection limit range = {real.threshold_lower} -> {real.threshold_upper}"
    yield f"Inhibit on failure is {_on(real.inhibit_on_failure)}"
    yield f"Using smtp notification = {_yes(real.mail)}"


def _check(server: VirtualServer, real: RealServer, check: Check) -> Iterator[str]:
    protocol = server.protocol.word if server.protocol else "none"
    where = server.services[0]
    from_whom = f"FWM {where.mark}" if where.mark else str(where)
    if server.name.startswith("group "):
        from_whom = f"[{server.name.removeprefix('group ')}]:0"
    timing = check.timing
    yield f"{from_whom} -> [{real.endpoint.address}]:{protocol}:{real.endpoint.port}"
    yield f"Alpha = {_yes(timing.alpha)}"
    yield f"Delay loop = {_us(timing.delay_loop)}"
    yield f"Warmup = {_us(timing.warmup)}"
    yield f"Retries = {timing.retry}"
    if timing.retry:
        yield f"Delay before retry = {_us(timing.delay_before_retry)}"
    if not isinstance(check, MiscCheck | FileCheck):
        yield from _connection(check.connection)
    yield from _own(check)


def _connection(connection: Connection) -> Iterator[str]:
    yield f"Dest = {_where(connection.to)}"
    if connection.source is not None:
        yield f"Bind to = [{connection.source}]:{connection.source_port}"
    if connection.interface:
        yield f"Bind i/f = {connection.interface}"
    if connection.mark:
        yield f"Mark = {connection.mark}"
    yield f"Timeout = {connection.timeout.ns / 10**9:.6f}"


def _own(check: Check) -> Iterator[str]:
    match check:
        case HttpCheck():
            kind = "SSL_GET" if check.tls else "HTTP_GET"
            yield f"Keepalive method = {kind}, http protocol {check.version}"
            yield f"Enable SNI {'set' if check.sends_server_name else 'unset'}"
            yield f"Fast recovery {'set' if check.fast_recovery else 'unset'}"
            for page in check.pages:
                yield f"Checked url = {page.path}"
                if page.digest:
                    yield f"digest = {page.digest}"
                for first, last in page.status_codes or ((200, 299),):
                    yield f"{first}" if first == last else f"{first}-{last}"
        case TcpCheck() | PingCheck():
            kind = "TCP_CHECK" if isinstance(check, TcpCheck) else "PING_CHECK"
            yield f"Keepalive method = {kind}"
        case SmtpCheck():
            yield "Keepalive method = SMTP_CHECK"
            yield f"helo = {check.hello}"
        case DnsCheck():
            yield "Keepalive method = DNS_CHECK"
            yield f"Type = {check.record}"
            yield f"Name = {check.name.removesuffix('.')}".strip()
        case UdpCheck():
            yield "Keepalive method = UDP_CHECK"
            if check.payload is not None:
                yield f"Payload len = {len(check.payload)}"
            yield f"Require reply = {_yes(check.require_reply)}"
            if check.require_reply:
                yield f"Min reply length = {check.reply_length_min}"
                yield f"Max reply length = {check.reply_length_max}"
                yield f"Reply data len = {len(check.reply or b'')}"
        case MiscCheck():
            yield "Keepalive method = MISC_CHECK"
            limit = check.limit.ns // 10**9
            yield f"timeout = {0 if check.limit == check.timing.delay_loop else limit}"
            yield f"dynamic = {'YES' if check.dynamic else 'NO'}"
        case FileCheck():
            yield "Keepalive method = FILE_CHECK"


def _where(endpoint: Endpoint) -> str:
    return f"[{endpoint.address}]:{endpoint.port}"


def _us(duration: Duration) -> str:
    return f"{duration.ns // 1000} us"


def _on(value: bool) -> str:
    return "ON" if value else "OFF"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
