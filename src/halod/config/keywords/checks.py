"""Keywords of the checks of a real server.

Knows types, ranges, levels. Defaults stand in the model, at the field that a keyword sets.
"""

from __future__ import annotations

from collections.abc import Mapping

from halod.config.keywords.kinds import (
    Address,
    Choice,
    Flag,
    Integer,
    InterfaceName,
    Keyword,
    Nested,
    Program,
    Repeated,
    Seconds,
    Section,
    Text,
    Toggle,
    Unready,
)
from halod.config.keywords.kinds import Weight as WeightKind
from halod.config.keywords.known import KNOWN
from halod.model.units import ZERO, Duration

__all__ = [
    "BEFORE_RETRY",
    "CHECKERS",
    "COUNT_MAX",
    "DELAY",
    "PORT",
    "SMTP_HOST",
    "TIMEOUT",
    "URL",
    "WARMUP",
]

COUNT_MAX = 999_999_999
"""keepalived takes any 31-bit number: nine digits are more than anybody waits for."""
LENGTH_MAX = 65535
_LONG = Duration.seconds(COUNT_MAX)
_OF_SERVER = "that of the real server counts"

PORT = Integer(1, 65535)
DELAY = Seconds(Duration.microseconds(1), _LONG, fractions=True)
TIMEOUT = Seconds(Duration.microseconds(1), Duration.seconds(4294), fractions=True)
WARMUP = BEFORE_RETRY = Seconds(ZERO, _LONG, fractions=True)

_TIMING = {
    "alpha": Keyword(kind=Toggle(), sets="CheckTiming.alpha", default=_OF_SERVER),
    "delay_before_retry": Keyword(
        kind=BEFORE_RETRY, sets="CheckTiming.delay_before_retry", default=_OF_SERVER
    ),
    "delay_loop": Keyword(kind=DELAY, sets="CheckTiming.delay_loop", default=_OF_SERVER),
    "log_all_failures": Keyword(
        kind=Toggle(), sets="CheckTiming.log_all_failures", default="that of global_defs counts"
    ),
    "retry": Keyword(kind=Integer(0, COUNT_MAX), sets="CheckTiming.retry", default=_OF_SERVER),
    "warmup": Keyword(kind=WARMUP, sets="CheckTiming.warmup", default=_OF_SERVER),
}
_OWN = "the real server's own counts"
_KERNEL = "the kernel chooses"
_CONNECTION = {
    "bind_if": Keyword(kind=InterfaceName(), sets="Connection.interface", default=_KERNEL),
    "bind_port": Keyword(kind=PORT, sets="Connection.source_port", default=_KERNEL),
    "bindto": Keyword(kind=Address(), sets="Connection.source", default=_KERNEL),
    "connect_ip": Keyword(kind=Address(), sets="Connection.to", default=_OWN),
    "connect_port": Keyword(kind=PORT, sets="Connection.to", default=_OWN),
    "connect_timeout": Keyword(kind=TIMEOUT, sets="Connection.timeout", default=_OF_SERVER),
    "fwmark": Keyword(kind=Integer(0, COUNT_MAX), sets="Connection.mark", default="none is set"),
}
_COMMON = {**_TIMING, **_CONNECTION}
_SHARED = KNOWN["(checker or shared)"]
_EVERY_CHECKER = KNOWN["(every checker)"]
_HTTP = frozenset(name for name in _SHARED if not name.endswith("_CHECK")) | _EVERY_CHECKER
"""What `HTTP_GET` and `SSL_GET` take."""


def _section(
    name: str, keywords: Mapping[str, Keyword], shared: frozenset[str] = _EVERY_CHECKER
) -> Section:
    own = KNOWN.get(f"(checker or shared)/{name}", frozenset())
    return Section(name=name, keywords=keywords, known=own | shared | keywords.keys())


_ANY = "any page is right"
URL = Section(
    name="url",
    known=KNOWN["(checker or shared)/url"],
    keywords={
        "path": Keyword(kind=Text(), sets="HttpPage.path", default="/ counts"),
        "digest": Keyword(kind=Text(), sets="HttpPage.digest", default=_ANY),
        "status_code": Keyword(
            kind=Repeated("codes from 100 to 999, and ranges of them"),
            sets="HttpPage.status_codes",
            default="200 to 299 count",
        ),
        "virtualhost": Keyword(
            kind=Text(), sets="HttpPage.virtualhost", default="that of the check counts"
        ),
        "regex": Keyword(kind=Text(), sets="HttpPage.regex", default=_ANY),
        "regex_no_match": Keyword(kind=Flag(), sets="HttpPage.regex_no_match"),
        "regex_options": Keyword(
            kind=Repeated("names of options of PCRE2"), sets="HttpPage.regex_options"
        ),
        "regex_min_offset": Keyword(
            kind=Integer(0, COUNT_MAX), sets="HttpPage.regex_min_offset", default="0 counts"
        ),
        "regex_max_offset": Keyword(
            kind=Integer(0, COUNT_MAX), sets="HttpPage.regex_max_offset", default="anywhere"
        ),
        "tls_compliant": Keyword(
            kind=Toggle(), sets="HttpPage.tls_compliant", default="that of the check counts"
        ),
    },
    exceptions={
        "regex_stack": (Unready.WITHOUT_EFFECT, "a match needs no stack that is set aside"),
    },
)

_HTTP_GET = {
    **_COMMON,
    "nb_get_retry": Keyword(
        kind=Integer(0, COUNT_MAX), sets="CheckTiming.retry", default=_OF_SERVER
    ),
    "virtualhost": Keyword(
        kind=Text(), sets="HttpPage.virtualhost", default="that of the real server counts"
    ),
    "http_protocol": Keyword(
        kind=Choice({"1.0": "1.0", "1.0C": "1.0C", "1.0c": "1.0C", "1.1": "1.1", "2": "2"}),
        sets="HttpCheck.version",
        default="1.0 counts",
    ),
    "enable_sni": Keyword(kind=Flag(), sets="HttpCheck.sends_server_name"),
    "sni_name": Keyword(
        kind=Text(), sets="HttpCheck.server_name", default="the virtual host counts"
    ),
    "fast_recovery": Keyword(kind=Toggle(), sets="HttpCheck.fast_recovery", default="off counts"),
    "tls_compliant": Keyword(kind=Toggle(), sets="HttpPage.tls_compliant", default="off counts"),
    "url": Keyword(kind=Nested(URL), sets="HttpCheck.pages"),
}
SMTP_HOST = Section(
    name="host",
    keywords=_CONNECTION,
    known=_EVERY_CHECKER,
    exceptions=dict.fromkeys(_TIMING, (Unready.WITHOUT_EFFECT, "the check's own time counts")),
)

CHECKERS: Mapping[str, Section] = {
    "TCP_CHECK": _section("TCP_CHECK", _COMMON),
    "HTTP_GET": _section("HTTP_GET", _HTTP_GET, _HTTP),
    "SSL_GET": _section("SSL_GET", _HTTP_GET, _HTTP),
    "UDP_CHECK": _section(
        "UDP_CHECK",
        {
            **_COMMON,
            "payload": Keyword(
                kind=Text(), sets="UdpCheck.payload", default="random bytes are sent"
            ),
            "require_reply": Keyword(
                kind=Repeated("digits of how the answer begins, or nothing"),
                sets="UdpCheck.require_reply",
            ),
            "min_reply_length": Keyword(
                kind=Integer(0, LENGTH_MAX), sets="UdpCheck.reply_length_min", default="0 counts"
            ),
            "max_reply_length": Keyword(
                kind=Integer(0, LENGTH_MAX), sets="UdpCheck.reply_length_max", default="255 counts"
            ),
        },
    ),
    "SMTP_CHECK": _section(
        "SMTP_CHECK",
        {
            **_COMMON,
            "helo_name": Keyword(kind=Text(), sets="SmtpCheck.hello", default="the default counts"),
            "host": Keyword(kind=Nested(SMTP_HOST), sets="SmtpCheck.hosts"),
        },
    ),
    "DNS_CHECK": _section(
        "DNS_CHECK",
        {
            **_COMMON,
            "name": Keyword(kind=Text(), sets="DnsCheck.name", default="the root is asked for"),
            "type": Keyword(kind=Text(), sets="DnsCheck.record", default="SOA counts"),
        },
    ),
    "MISC_CHECK": _section(
        "MISC_CHECK",
        {
            **_TIMING,
            "misc_path": Keyword(
                kind=Program(takes_user=False),
                sets="MiscCheck.command",
                default="the check is left out",
            ),
            "misc_timeout": Keyword(
                kind=Seconds(ZERO, Duration.seconds(4294), fractions=True),
                sets="MiscCheck.limit",
                default="delay_loop counts",
            ),
            "misc_dynamic": Keyword(kind=Flag(), sets="MiscCheck.dynamic"),
            "user": Keyword(
                kind=Text(words=2), sets="MiscCheck.command", default="script_user counts"
            ),
        },
        frozenset(_TIMING),
    ),
    "PING_CHECK": _section("PING_CHECK", _COMMON),
    "FILE_CHECK": _section(
        "FILE_CHECK",
        {
            "track_file": Keyword(
                kind=Text(), sets="FileCheck.source", default="the check is left out"
            ),
            "weight": Keyword(
                kind=WeightKind(), sets="FileCheck.weight", default="that of the file counts"
            ),
        },
        frozenset(),
    ),
}
"""By the name of the block."""
