"""Keywords of `virtual_server`, `real_server` and `SSL`.

Knows types, ranges, levels. Defaults stand in the model, at the field that a keyword sets.
"""

from __future__ import annotations

from halod.config.keywords.checks import (
    BEFORE_RETRY,
    CHECKERS,
    COUNT_MAX,
    DELAY,
    TIMEOUT,
    WARMUP,
)
from halod.config.keywords.kinds import (
    Choice,
    Flag,
    Integer,
    Keyword,
    Nested,
    Program,
    Repeated,
    Secret,
    Section,
    Text,
    Toggle,
    Words,
)
from halod.config.keywords.known import KNOWN
from halod.model.endpoint import Protocol

__all__ = ["REAL_SERVER", "SCHEDULERS", "SERVER_GROUP", "SSL", "VIRTUAL_SERVER"]

WEIGHT_MAX = 65535
TIMEOUT_MAX = 31 * 24 * 3600
"""A persistence of 31 days, the kernel's LVS_MAX_TIMEOUT."""
SCHEDULERS = (
    *("rr", "wrr", "lc", "wlc", "lblc", "sh", "mh", "dh"),
    *("fo", "ovf", "lblcr", "sed", "nq", "twos"),
)
_OF_SERVER = "that of the virtual server counts"
_NOTHING_RUNS = "nothing is run"
_METHOD = Words(7, "NAT, DR or TUN; behind TUN its type, port and checksums")

REAL_SERVER = Section(
    name="real_server",
    known=KNOWN["virtual_server/real_server"] | CHECKERS.keys() | {"BFD_CHECK"},
    keywords={
        "weight": Keyword(
            kind=Integer(0, WEIGHT_MAX), sets="RealServer.weight", default=_OF_SERVER
        ),
        "lvs_method": Keyword(kind=_METHOD, sets="RealServer.forwarding", default=_OF_SERVER),
        "uthreshold": Keyword(
            kind=Integer(0, COUNT_MAX), sets="RealServer.threshold_upper", default="there is none"
        ),
        "lthreshold": Keyword(
            kind=Integer(0, COUNT_MAX), sets="RealServer.threshold_lower", default="there is none"
        ),
        "inhibit_on_failure": Keyword(
            kind=Toggle(), sets="RealServer.inhibit_on_failure", default=_OF_SERVER
        ),
        "notify_up": Keyword(kind=Program(), sets="RealServer.notify_up", default=_NOTHING_RUNS),
        "notify_down": Keyword(
            kind=Program(), sets="RealServer.notify_down", default=_NOTHING_RUNS
        ),
        "alpha": Keyword(kind=Toggle(), sets="CheckTiming.alpha", default=_OF_SERVER),
        "retry": Keyword(kind=Integer(1, COUNT_MAX), sets="CheckTiming.retry", default=_OF_SERVER),
        "delay_before_retry": Keyword(
            kind=BEFORE_RETRY, sets="CheckTiming.delay_before_retry", default=_OF_SERVER
        ),
        "warmup": Keyword(kind=WARMUP, sets="CheckTiming.warmup", default=_OF_SERVER),
        "connect_timeout": Keyword(kind=TIMEOUT, sets="Connection.timeout", default=_OF_SERVER),
        "delay_loop": Keyword(kind=DELAY, sets="CheckTiming.delay_loop", default=_OF_SERVER),
        "smtp_alert": Keyword(kind=Toggle(), sets="RealServer.mail", default=_OF_SERVER),
        "virtualhost": Keyword(kind=Text(), sets="HttpPage.virtualhost", default=_OF_SERVER),
        "snmp_name": Keyword(kind=Text(), sets="RealServer.snmp_name"),
        **{
            name: Keyword(kind=Nested(section), sets="RealServer.checks")
            for name, section in CHECKERS.items()
        },
    },
)

_OTHER_WORDS = {
    "roundrobin": "rr",
    "round-robin": "rr",
    "round_robin": "rr",
    "weighted_round_robin": "wrr",
    "leastconn": "lc",
    "least_conn": "lc",
    "least-connection": "lc",
    "source": "sh",
    "ip_hash": "sh",
    "maglev": "mh",
}
"""Of HAProxy, nginx and the kernel's documentation."""
_SCHEDULER = Keyword(
    kind=Choice({name: name for name in SCHEDULERS}, meant=_OTHER_WORDS),
    sets="VirtualServer.scheduler",
    default="wlc counts",
)
_FORWARDING = Keyword(kind=_METHOD, sets="RealServer.forwarding", default="NAT counts")
_FLAG = Keyword(kind=Flag(), sets="VirtualServer.scheduler_flags")

VIRTUAL_SERVER = Section(
    name="virtual_server",
    known=KNOWN["virtual_server"],
    keywords={
        "ip_family": Keyword(
            kind=Choice({"inet": 4, "inet6": 6}),
            sets="ServiceKey.family",
            default="that of the real servers counts",
        ),
        "delay_loop": Keyword(kind=DELAY, sets="CheckTiming.delay_loop", default="60 s counts"),
        "retry": Keyword(
            kind=Integer(1, COUNT_MAX), sets="CheckTiming.retry", default="that of the check counts"
        ),
        "delay_before_retry": Keyword(
            kind=BEFORE_RETRY,
            sets="CheckTiming.delay_before_retry",
            default="that of the check counts",
        ),
        "warmup": Keyword(kind=WARMUP, sets="CheckTiming.warmup", default="delay_loop counts"),
        "connect_timeout": Keyword(kind=TIMEOUT, sets="Connection.timeout", default="5 s counts"),
        "lvs_sched": _SCHEDULER,
        "lb_algo": _SCHEDULER,
        **dict.fromkeys(
            ("flag-1", "flag-2", "flag-3", "sh-port", "sh-fallback", "mh-port", "mh-fallback"),
            _FLAG,
        ),
        "hashed": Keyword(kind=Flag(), sets="VirtualServer.hashed"),
        "ops": Keyword(kind=Flag(), sets="VirtualServer.one_packet"),
        "lvs_method": _FORWARDING,
        "lb_kind": _FORWARDING,
        "persistence_engine": Keyword(kind=Text(), sets="VirtualServer.persistence_engine"),
        "persistence_timeout": Keyword(
            kind=Words(1, f"seconds, 1 to {TIMEOUT_MAX}, or nothing"),
            sets="VirtualServer.persistence",
            default="there is no persistence",
        ),
        "persistence_granularity": Keyword(
            kind=Text(), sets="VirtualServer.persistence_mask", default="every bit counts"
        ),
        "protocol": Keyword(
            kind=Choice(
                {
                    word: protocol
                    for protocol in Protocol
                    for word in (protocol.name, protocol.name.lower())
                }
            ),
            sets="VirtualServer.protocol",
            default="UDP counts",
        ),
        "ha_suspend": Keyword(kind=Flag(), sets="VirtualServer.ha_suspend"),
        "smtp_alert": Keyword(
            kind=Toggle(), sets="VirtualServer.mail", default="that of global_defs counts"
        ),
        "virtualhost": Keyword(kind=Text(), sets="VirtualServer.virtualhost"),
        "snmp_name": Keyword(kind=Text(), sets="VirtualServer.snmp_name"),
        "alpha": Keyword(kind=Flag(), sets="VirtualServer.alpha"),
        "omega": Keyword(kind=Flag(), sets="VirtualServer.omega"),
        "inhibit_on_failure": Keyword(kind=Flag(), sets="RealServer.inhibit_on_failure"),
        "quorum_up": Keyword(kind=Program(), sets="VirtualServer.quorum_up", default=_NOTHING_RUNS),
        "quorum_down": Keyword(
            kind=Program(), sets="VirtualServer.quorum_down", default=_NOTHING_RUNS
        ),
        "quorum": Keyword(
            kind=Integer(1, COUNT_MAX), sets="VirtualServer.quorum", default="1 counts"
        ),
        "hysteresis": Keyword(
            kind=Integer(0, COUNT_MAX), sets="VirtualServer.hysteresis", default="0 counts"
        ),
        "weight": Keyword(
            kind=Integer(1, WEIGHT_MAX), sets="VirtualServer.weight", default="1 counts"
        ),
        "sorry_server": Keyword(
            kind=Repeated("an address and a port"), sets="VirtualServer.sorry_server"
        ),
        "sorry_server_inhibit": Keyword(kind=Flag(), sets="SorryServer.inhibit"),
        "sorry_server_lvs_method": Keyword(
            kind=_METHOD, sets="SorryServer.forwarding", default=_OF_SERVER
        ),
        "real_server": Keyword(kind=Nested(REAL_SERVER), sets="VirtualServer.real_servers"),
    },
)

SERVER_GROUP = Section(
    name="virtual_server_group",
    known=frozenset({"fwmark"}),
    keywords={
        "fwmark": Keyword(
            kind=Repeated("a firewall mark, then `inet` or `inet6`"), sets="ServiceKey.mark"
        )
    },
)
"""Its other lines are no keywords: addresses and ranges of them."""

SSL = Section(
    name="SSL",
    known=KNOWN["SSL"],
    secret=True,
    keywords={
        "ca": Keyword(kind=Text(), sets="TlsIdentity.ca"),
        "certificate": Keyword(kind=Text(), sets="TlsIdentity.certificate"),
        "key": Keyword(kind=Text(), sets="TlsIdentity.key"),
        "password": Keyword(kind=Secret(), sets="TlsIdentity.password"),
    },
)
