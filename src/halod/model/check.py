"""The checks of a real server: what is asked of it, how often, and what the answer must be.

Knows what was asked for. Must not know how anything is asked, nor what follows from the answer.
Defaults are those of keepalived (shared semantics: checker <- real_server <- virtual_server, which
the lowering has applied already: what stands here is what counts).
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.address import IpAddress
from halod.model.command import Command
from halod.model.endpoint import Endpoint
from halod.model.track_file import VrrpTrackFile
from halod.model.units import Duration

__all__ = [
    "Check",
    "CheckTiming",
    "Connection",
    "DnsCheck",
    "FileCheck",
    "HttpCheck",
    "HttpPage",
    "MiscCheck",
    "PingCheck",
    "SmtpCheck",
    "TcpCheck",
    "TlsIdentity",
    "UdpCheck",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckTiming:
    """When a check is done, and when its result counts."""

    delay_loop: Duration = Duration.seconds(60)
    """`delay_loop`: from the end of one check to the start of the next, 1 us to 1e9 s.
    Default 60 s."""
    retry: int = 1
    """`retry`, `nb_get_retry`: how many more times a failed check is done before it counts.
    Default 1; DNS_CHECK 3, MISC_CHECK 0."""
    delay_before_retry: Duration = Duration.seconds(1)
    """`delay_before_retry`: from a failed check to the next. Default 1 s; HTTP_GET and SSL_GET 3 s,
    DNS_CHECK and MISC_CHECK that of `delay_loop`."""
    warmup: Duration = Duration.seconds(60)
    """`warmup`: the first check is done at a random moment within this. Default: `delay_loop`."""
    alpha: bool = False
    """`alpha`: the server counts as down until this check succeeds. Default: as up."""
    log_all_failures: bool = False
    """`log_all_failures`: each failed check is told, not only the one that counts. Default: that
    of `checker_log_all_failures`, and there off."""
    rise: int = 1
    """`@halod rise`: how many successes in a row it takes to come up again, 1 to 1000. Default 1,
    as keepalived. (How many failures it takes to go down is `retry` and one more.)"""
    flap_limit: int = 0
    """`@halod flap_limit`: a check that went down more often than this within `flap_window` stays
    down for `flap_hold`, 1 to 100. Default 0: it never does. Off, because what makes all servers
    flap at once (a link, a database behind them) would keep all of them down."""
    flap_window: Duration = Duration.seconds(300)
    """`@halod flap_window`. Default 300 s."""
    flap_hold: Duration = Duration.seconds(300)
    """`@halod flap_hold`: counted from the last time that it went down. Default 300 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How a check connects."""

    to: Endpoint
    """`connect_ip`, `connect_port`. Default: the real server's own."""
    source: IpAddress | None = None
    """`bindto`: the address it comes from. Default: the kernel's choice."""
    source_port: int = 0
    """`bind_port`, 1 to 65535. Default 0: the kernel's choice."""
    interface: str = ""
    """`bind_if`: the link it goes out on. Default: the kernel's choice."""
    mark: int = 0
    """`fwmark`: firewall mark of its packets (SO_MARK). Default 0: none."""
    timeout: Duration = Duration.seconds(5)
    """`connect_timeout`: how long the connection (with its TLS handshake), and then the whole
    answer, may take. Default 5 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsIdentity:
    """`SSL`: how checks by SSL_GET present themselves, and whom they trust."""

    certificate: str = ""
    """`certificate`: file with our certificate, PEM. Default: none."""
    key: str = ""
    """`key`: file with its key, PEM. Default: none."""
    ca: str = ""
    """`ca`: file with certificates that vouch for a server's; with it a server's certificate is
    verified, which keepalived reads the file for and does not do. Default: it is not."""
    password: str = ""
    """`password`: of the key. Never shown."""

    def __repr__(self) -> str:
        return f"TlsIdentity({self.certificate!r}, {self.key!r}, {self.ca!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpCheck:
    """`TCP_CHECK`: a connection is taken."""

    timing: CheckTiming
    connection: Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpPage:
    """`url`: a page that is asked for, and what its answer must be."""

    path: str = "/"
    """`path`. Default `/`."""
    status_codes: tuple[tuple[int, int], ...] = ()
    """`status_code`: ranges, each with its first and last code, 100 to 999. Default: none named,
    which is 200 to 299, be `digest` or `regex` asked for or not."""
    digest: str = ""
    """`digest`: MD5 of the page as it stands on the wire, 32 hexadecimal digits in lower case, as
    `haloctl genhash` prints it. Default: any page."""
    regex: str = ""
    """`regex`: regular expression that must match the page. Default: none."""
    regex_no_match: bool = False
    """`regex_no_match`: a match is the failure."""
    regex_options: frozenset[str] = frozenset()
    """`regex_options`: names of PCRE2 options in lower case."""
    regex_min_offset: int = 0
    """`regex_min_offset`: where a match may begin at the earliest, bytes."""
    regex_max_offset: int = 0
    """`regex_max_offset`: where it may begin at the latest, bytes. 0: anywhere."""
    virtualhost: str = ""
    """`virtualhost`: the `Host:` of this page. Default: that of the check, the real server and the
    virtual server, in this order; and then the address and port connected to."""
    tls_compliant: bool = False
    """`tls_compliant`: the check ends TLS with its closing alert. Default: it just closes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCheck:
    """`HTTP_GET` and `SSL_GET`: pages are answered as wanted."""

    timing: CheckTiming
    connection: Connection
    pages: tuple[HttpPage, ...]
    """`url`: one or more, asked for one after the other, each on a connection of its own and each
    as an attempt of its own: `delay_loop` passes between them, as in keepalived."""
    tls: bool = False
    """Whether this is SSL_GET."""
    identity: TlsIdentity | None = None
    """`SSL` of the file, for SSL_GET."""
    version: str = "1.0"
    """`http_protocol`: `1.0`, `1.0C` (1.0 with `Connection: close`), `1.1`, or with
    `@halod http_protocol 2` HTTP/2. Default `1.0`."""
    sends_server_name: bool = False
    """`enable_sni`: the virtual host is named at the TLS handshake."""
    server_name: str = ""
    """`sni_name`: the name at the handshake. Default: the virtual host."""
    fast_recovery: bool = False
    """`fast_recovery`: at the start, and once the page that failed is well again, all pages are
    asked for without a wait between them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UdpCheck:
    """`UDP_CHECK`: a datagram is not refused, or is answered."""

    timing: CheckTiming
    connection: Connection
    payload: bytes | None = None
    """`payload`: what is sent. Default: 32 bytes that say that this is a check."""
    require_reply: bool = False
    """`require_reply`: silence is a failure."""
    reply: bytes | None = None
    """How the answer must begin; None: any answer is right."""
    reply_mask: bytes | None = None
    """Bits of `reply` that count; None: all."""
    reply_length_min: int = 0
    """`min_reply_length`, bytes. Default 0."""
    reply_length_max: int = 255
    """`max_reply_length`, bytes. Default 255."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpCheck:
    """`SMTP_CHECK`: a mail server greets, takes HELO and QUIT (RFC 5321)."""

    timing: CheckTiming
    connection: Connection
    hosts: tuple[Connection, ...] = ()
    """`host`: other places to ask, all of which must be well. Default: the connection's."""
    hello: str = "smtpchecker.keepalived.org"
    """`helo_name`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsCheck:
    """`DNS_CHECK`: a name server answers (RFC 1035)."""

    timing: CheckTiming
    connection: Connection
    name: str = "."
    """`name`: what is asked for. Default: the root."""
    record: str = "SOA"
    """`type`: A, NS, CNAME, SOA, MX, TXT, AAAA, RRSIG, DNSKEY and so on. Default SOA."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MiscCheck:
    """`MISC_CHECK`: a program exits with status 0."""

    timing: CheckTiming
    command: Command
    """`misc_path`, and `user`."""
    limit: Duration = Duration.seconds(60)
    """`misc_timeout`: then it is ended, and has failed. Default: `delay_loop`."""
    dynamic: bool = False
    """`misc_dynamic`: status 2 to 255 means success, and weight status-2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PingCheck:
    """`PING_CHECK`: an ICMP echo is answered."""

    timing: CheckTiming
    connection: Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCheck:
    """`FILE_CHECK`: the number in a file, times `weight`, is added to the server's weight.

    At -2^31 and below it is down. With weight 0 any number but 0 means down (with `reverse`: 0
    does)."""

    timing: CheckTiming
    source: VrrpTrackFile
    """`track_file`: the file."""
    weight: int = 1
    """`weight`: the number is multiplied by this. Default: that of the block, and there 1."""
    reverse: bool = False
    """`weight N reverse`."""

    @property
    def file(self) -> str:
        """Name of the block."""
        return self.source.name


Check = TcpCheck | HttpCheck | UdpCheck | SmtpCheck | DnsCheck | MiscCheck | PingCheck | FileCheck
