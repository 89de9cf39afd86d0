"""How a virtual server is scheduled: flags, persistence, quorum.

Knows the kernel's bits and keepalived's defaults. Must not know who is behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.virtual_server import TIMEOUT_MAX
from halod.config.reading import Values
from halod.config.tree import Statement
from halod.model.diagnostic import FindingSeverity
from halod.model.endpoint import Protocol
from halod.model.units import ZERO, Duration
from halod.model.virtual_server import RealServer

__all__ = ["lower_flags", "lower_one_packet", "lower_persistence", "lower_quorum"]

PERSISTENCE_DEFAULT = Duration.seconds(360)
"""The kernel's IP_VS_PERSISTENT_TIMEOUT."""
_FLAGS = {"flag-1": 0x0008, "flag-2": 0x0010, "flag-3": 0x0020}
"""ip_vs.h, IP_VS_SVC_F_SCHED1 to 3."""
_NAMED_FLAGS = {
    "sh-fallback": ("sh", 0x0008),
    "sh-port": ("sh", 0x0010),
    "mh-fallback": ("mh", 0x0008),
    "mh-port": ("mh", 0x0010),
}


def lower_flags(values: Values, scheduler: str, findings: Findings) -> int:
    flags = 0
    for name, bit in _FLAGS.items():
        flags |= bit if values.has(name) else 0
    for name, (own, bit) in _NAMED_FLAGS.items():
        if not values.has(name):
            continue
        if own != scheduler:
            findings.add(
                Code.WITHOUT_EFFECT,
                f"`{name}` has no effect: the scheduler is {scheduler}",
                values.statement(name).keyword.span,
                severity=FindingSeverity.IGNORED,
                helps=(f"it is for `lvs_sched {own}`",),
            )
            continue
        flags |= bit
    return flags


def lower_one_packet(values: Values, protocol: Protocol | None, findings: Findings) -> bool:
    if not values.has("ops"):
        return False
    if protocol in (None, Protocol.UDP):
        return True
    findings.add(
        Code.WITHOUT_EFFECT,
        "`ops` has no effect: only UDP is scheduled packet by packet",
        values.statement("ops").keyword.span,
        severity=FindingSeverity.IGNORED,
    )
    return False


def lower_persistence(
    values: Values, family: int, block: Statement, findings: Findings, *, every_port: bool
) -> tuple[Duration, int]:
    seconds = ZERO
    bits = 32 if family == 4 else 128
    mask = bits
    if values.has("persistence_timeout"):
        text = values.get("persistence_timeout", str) or ""
        seconds = PERSISTENCE_DEFAULT
        if text:
            is_number = text.isascii() and text.isdigit() and len(text) <= 9
            if is_number and 1 <= int(text) <= TIMEOUT_MAX:
                seconds = Duration.seconds(int(text))
            else:
                seconds = ZERO
                findings.add(
                    Code.OUT_OF_RANGE,
                    "`persistence_timeout` is no number of seconds from 1 to "
                    f"{TIMEOUT_MAX}: the line has no effect",
                    values.statement("persistence_timeout").arguments[0].span,
                )
    if values.has("persistence_granularity"):
        own = _granularity(values, family, findings)
        if own is not None:
            mask, seconds = own, seconds if seconds.ns else PERSISTENCE_DEFAULT
    if not seconds.ns and every_port:
        findings.add(
            Code.INCOMPLETE,
            "a virtual server for every port has to be persistent: 360 s count",
            block.keyword.span,
            severity=FindingSeverity.IGNORED,
            helps=("write a port behind its address, or `persistence_timeout 360`",),
        )
        seconds = PERSISTENCE_DEFAULT
    return seconds, mask if seconds.ns else 0


def _granularity(values: Values, family: int, findings: Findings) -> int | None:
    word = values.statement("persistence_granularity").arguments[0]
    if family == 6:
        text = word.text
        if text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= 128:
            return int(text)
        form = "a number of bits from 1 to 128"
    else:
        form = "a mask, as 255.255.255.0"
        try:
            number = int(IPv4Address(word.text))
        except ValueError:
            number = -1
        inverted = number ^ 0xFFFFFFFF
        if number > 0 and inverted & (inverted + 1) == 0:
            return number.bit_count()
    findings.add(
        Code.BAD_ADDRESS,
        f"`persistence_granularity` is {form}: the line has no effect",
        word.span,
        severity=FindingSeverity.IGNORED,
    )
    return None


def lower_quorum(
    values: Values, servers: Sequence[RealServer], findings: Findings
) -> tuple[int, int]:
    quorum, hysteresis = values.get_or("quorum", 1), values.get_or("hysteresis", 0)
    weight = sum(server.weight for server in servers)
    if quorum > weight:
        if values.has("quorum"):
            findings.add(
                Code.OUT_OF_RANGE,
                f"quorum {quorum} is above the weight of all real servers, {weight}: {weight} "
                "counts",
                values.statement("quorum").arguments[0].span,
                severity=FindingSeverity.IGNORED,
            )
        quorum = weight
    if hysteresis and hysteresis >= quorum:
        findings.add(
            Code.OUT_OF_RANGE,
            f"hysteresis {hysteresis} is not below the quorum, {quorum}: {max(0, quorum - 1)} "
            "counts",
            values.statement("hysteresis").arguments[0].span,
            severity=FindingSeverity.IGNORED,
        )
        hysteresis = max(0, quorum - 1)
    return quorum, hysteresis
