"""What `strict_mode` and `vrrp_strict` take away, and whether the addresses accept traffic.

Knows keepalived's rules for strict mode, as 2.2.7 has them: what is not of the RFC is told, and set
back. Must not know authentication nor `state`, which are lowered elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.reading import Values
from halod.config.tree import Statement
from halod.model.diagnostic import FindingSeverity, Label
from halod.model.units import ZERO
from halod.model.vrrp import VrrpInstance, VrrpVersion

__all__ = ["with_strictness"]

DOWN_TIMER_ADVERTS = 3
"""RFC 9568, 6.1: Master_Down_Interval."""
_ANSWERS = "a lower master hears the next advert in its turn, and no more"


def with_strictness(
    instance: VrrpInstance,
    values: Values,
    children: Sequence[Statement],
    findings: Findings,
    *,
    strict: bool,
) -> VrrpInstance:
    """`children`: those of the block that `values` are of, in their order."""
    instance = _with_acceptance(instance, children, findings, strict=strict)
    return _held_strictly(instance, values, findings) if strict else instance


def _with_acceptance(
    instance: VrrpInstance, children: Sequence[Statement], findings: Findings, *, strict: bool
) -> VrrpInstance:
    """Accept_Mode: of `accept` and `no_accept` the last counts; without them strict mode has none
    for who does not own the addresses (RFC 9568, 6.1), and other modes do."""
    said = [child for child in children if child.name in ("accept", "no_accept")]
    if not said:
        return replace(instance, accepts=not strict or instance.is_owner)
    last, others = said[-1], [each for each in said if each.name != said[-1].name]
    for other in others:
        findings.add(
            Code.KEYWORD_TWICE,
            f"`{last.name}` takes `{other.name}` back: the last one counts",
            last.keyword.span,
            secondary=(Label(other.keyword.span, "without effect"),),
            helps=("remove one of them",),
        )
    accepts = last.name == "accept"
    if accepts and strict and instance.version is VrrpVersion.V2 and not instance.is_owner:
        findings.add(
            Code.WITHOUT_EFFECT,
            "`accept` has no effect in strict mode: version 2 of VRRP does not know it",
            last.keyword.span,
            severity=FindingSeverity.IGNORED,
            helps=("write `version 3` on all nodes, or remove strict mode",),
        )
        accepts = False
    return replace(instance, accepts=accepts)


def _held_strictly(instance: VrrpInstance, values: Values, findings: Findings) -> VrrpInstance:
    """An instance in strict mode."""
    garp = instance.garp
    if values.get_or("garp_lower_prio_repeat", 0):
        _taken_back("garp_lower_prio_repeat", _ANSWERS, values, findings)
    if values.get_or("garp_lower_prio_delay", ZERO) != ZERO:
        _taken_back("garp_lower_prio_delay", _ANSWERS, values, findings)
    if not values.get_or("lower_prio_no_advert", default=True):
        _taken_back("lower_prio_no_advert", _ANSWERS, values, findings)
    if instance.preempt_delay != ZERO:
        _taken_back("preempt_delay", "who is higher takes over at once", values, findings)
    if instance.down_timer_adverts != DOWN_TIMER_ADVERTS and values.has("down_timer_adverts"):
        _taken_back("down_timer_adverts", "3 adverts may be missed", values, findings)
    return replace(
        instance,
        strict=True,
        garp=replace(garp, lower_prio_repeat=0, lower_prio_delay=ZERO),
        answers_weaker=False,
        preempt_delay=ZERO,
        down_timer_adverts=DOWN_TIMER_ADVERTS,
    )


def _taken_back(keyword: str, instead: str, values: Values, findings: Findings) -> None:
    findings.add(
        Code.WITHOUT_EFFECT,
        f"`{keyword}` has no effect in strict mode: {instead}",
        values.statement(keyword).keyword.span,
        severity=FindingSeverity.IGNORED,
        helps=(f"remove `{keyword}`, or strict mode",),
    )
