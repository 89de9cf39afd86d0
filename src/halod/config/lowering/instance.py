"""A `vrrp_instance` block to an instance.

Knows keepalived's rules between the keywords of one instance. Must not know other instances.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.vrrp_instance import VRRP_INSTANCE
from halod.config.lowering.address import lower_addresses
from halod.config.lowering.authentication import lower_authentication
from halod.config.lowering.garp import lower_garp
from halod.config.lowering.global_defs import Globals, refuse_version_3
from halod.config.reading import Values, read_section
from halod.config.tree import Statement
from halod.model.diagnostic import Span
from halod.model.units import ZERO, Duration
from halod.model.vrrp import PRIORITY_OWNER, InitialState, LeaseMode, VrrpInstance

__all__ = ["Lowered", "lower_instance"]

ADDRESSES_MAX = 255
"""Count IPv4 Addr is one byte (RFC 9568, 5.2.5)."""
PRIORITY_DEFAULT = 100
NO_INTERFACE = "-"
"""Stands in while a file is refused anyway, so that the rest of it is still read."""


@dataclass(frozen=True, slots=True)
class Lowered:
    """An instance with the places that later rules point at."""

    instance: VrrpInstance
    name: Span
    virtual_router_id: Span
    addresses: tuple[Span, ...]


def lower_instance(block: Statement, globals_: Globals, findings: Findings) -> Lowered | None:
    """The instance; None where it cannot be told apart from others: what is missing is told."""
    if not block.arguments:
        findings.add(
            Code.MISSING_VALUE,
            "a `vrrp_instance` needs a name",
            block.keyword.span,
            helps=("write `vrrp_instance VI_1 {`",),
        )
        return None
    name = block.arguments[0]
    for extra in block.arguments[1:2]:
        findings.add(
            Code.EXTRA_WORD, f"`{extra.text}` has no effect: an instance has one name", extra.span
        )
    values = read_section(block.children, VRRP_INSTANCE, findings)
    refuse_version_3(values, "version", findings)
    interface = values.get("interface", str)
    vrid = values.get("virtual_router_id", int)
    for keyword, why in (
        ("interface", "the link on which its peers are"),
        ("virtual_router_id", "the number that its peers have, 1 to 255"),
    ):
        if not values.attempted(keyword):
            findings.add(
                Code.INCOMPLETE,
                f"`{name.text}` has no `{keyword}`",
                name.span,
                helps=(f"add `{keyword}`: {why}",),
            )
    instance = VrrpInstance(
        name=name.text,
        interface=interface or NO_INTERFACE,
        virtual_router_id=vrid or 0,
        priority=_priority(values),
        addresses=lower_addresses(
            values.get("virtual_ipaddress", list) or [], interface or NO_INTERFACE, findings
        ),
        advert_interval=_interval(values, findings),
        password=lower_authentication(values, findings),
        initial_state=values.get("state", InitialState) or InitialState.BACKUP,
        preempt=_preempt(values, findings),
        preempt_delay=_preempt_delay(values, findings),
        down_timer_adverts=values.get("down_timer_adverts", int) or 3,
        garp=lower_garp(values, "", globals_.garp),
        lease=values.get("vip_lease", LeaseMode) or globals_.lease,
    )
    _count_addresses(instance, values, name.span, findings)
    if interface is None or vrid is None:
        return None
    lines = values.get("virtual_ipaddress", list) or []
    return Lowered(
        instance,
        name.span,
        values.statement("virtual_router_id").arguments[0].span,
        tuple(line.keyword.span for line in lines),
    )


def _priority(values: Values) -> int:
    """`state MASTER` without any priority owns the addresses; a faulty one counts as 100."""
    priority = values.get("priority", int)
    if priority is not None:
        return priority
    master = values.get("state", InitialState) is InitialState.MASTER
    return PRIORITY_OWNER if master and not values.attempted("priority") else PRIORITY_DEFAULT


def _interval(values: Values, findings: Findings) -> Duration:
    """VRRPv2 rounds to whole seconds, and to 1 s at least."""
    second = Duration.seconds(1)
    interval = values.get("advert_int", Duration)
    if interval is None:
        return second
    rounded = max(second, Duration.seconds((interval + second // 2).whole_seconds))
    if rounded != interval:
        word = values.statement("advert_int").arguments[0]
        findings.add(
            Code.INTERVAL_ROUNDED,
            f"version 2 counts whole seconds: `advert_int {word.text}` becomes "
            f"{rounded.whole_seconds}",
            word.span,
            helps=("write whole seconds; version 3 has centiseconds",),
        )
    return rounded


def _takes_over_anyway(values: Values) -> str | None:
    if values.get("state", InitialState) is InitialState.MASTER:
        return "`state MASTER`"
    if _priority(values) == PRIORITY_OWNER:
        return "priority 255"
    return None


def _preempt(values: Values, findings: Findings) -> bool:
    if not values.has("nopreempt"):
        return True
    reason = _takes_over_anyway(values)
    if reason is not None:
        _cleared("nopreempt", reason, values, findings)
        return True
    return False


def _preempt_delay(values: Values, findings: Findings) -> Duration:
    delay = values.get("preempt_delay", Duration) or ZERO
    if delay == ZERO:
        return ZERO
    reason = _takes_over_anyway(values)
    if reason is None and values.has("nopreempt"):
        reason = "`nopreempt`"
    if reason is None:
        return delay
    _cleared("preempt_delay", reason, values, findings)
    return ZERO


def _cleared(keyword: str, reason: str, values: Values, findings: Findings) -> None:
    helps = (f"remove `{keyword}`",)
    if reason == "`state MASTER`":
        helps = ("write `state BACKUP` on every node: the priority decides, not the state",)
    findings.add(
        Code.PREEMPT_CLEARED,
        f"`{keyword}` has no effect beside {reason}",
        values.statement(keyword).keyword.span,
        helps=helps,
    )


def _count_addresses(
    instance: VrrpInstance, values: Values, span: Span, findings: Findings
) -> None:
    count = len(instance.addresses)
    if count > ADDRESSES_MAX:
        findings.add(
            Code.TOO_MANY_ADDRESSES,
            f"`{instance.name}` has {count} addresses, and an advert takes {ADDRESSES_MAX}",
            values.statement("virtual_ipaddress").keyword.span,
            helps=("spread them over several instances",),
        )
    if count == 0 and not values.attempted("virtual_ipaddress"):
        findings.add(
            Code.NO_ADDRESS,
            f"`{instance.name}` has no address: its master would hold nothing",
            span,
            helps=("add `virtual_ipaddress { ... }`",),
        )
