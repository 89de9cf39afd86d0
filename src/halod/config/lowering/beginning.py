"""What an instance begins with: `state`, `priority`, and whether it takes over from a lower master.

Knows keepalived's rules between these keywords. Must not know any other.
"""

from __future__ import annotations

from dataclasses import replace

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lowering.global_defs import Globals
from halod.config.reading import Values
from halod.model.diagnostic import FindingSeverity
from halod.model.units import ZERO, Duration
from halod.model.vrrp import PRIORITY_OWNER, InitialState, VrrpInstance

__all__ = ["priority_of", "with_beginning"]

PRIORITY_DEFAULT = 100


def with_beginning(
    instance: VrrpInstance, values: Values, globals_: Globals, findings: Findings, *, strict: bool
) -> VrrpInstance:
    """The instance with its state, with whether and when it takes over from a lower master, and
    with whether it listens at all."""
    priority = instance.priority
    state = _state(values, priority)
    wished = InitialState.MASTER if priority == PRIORITY_OWNER else InitialState.BACKUP
    if strict and state is not wished:
        # RFC 9568, 6.4.1: the owner begins as MASTER, and nobody else.
        _ignored(values, f"`state {state.value}`", f"strict mode at priority {priority}", findings)
        state = wished
    elif instance.ah_key and state is not wished is InitialState.BACKUP:
        # Whoever begins as MASTER has heard no sequence behind which it could go on.
        _ignored(values, "`state MASTER`", "`auth_type AH`", findings)
        state = wished
    reason = None
    if state is InitialState.MASTER and values.has("state"):
        reason = "`state MASTER`"
    elif priority == PRIORITY_OWNER:
        reason = "priority 255"
    return replace(
        instance,
        initial_state=state,
        ignores_adverts=_ignores(values, priority, globals_, findings),
        preempt=_preempt(values, reason, findings),
        preempt_delay=_preempt_delay(values, reason, findings),
    )


def _ignores(values: Values, priority: int, globals_: Globals, findings: Findings) -> bool:
    if values.has("owner_ignore_adverts") and priority != PRIORITY_OWNER:
        findings.add(
            Code.WITHOUT_EFFECT,
            f"`owner_ignore_adverts` has nothing to do: priority {priority} owns no address",
            values.statement("owner_ignore_adverts").keyword.span,
            helps=("remove it, or write `priority 255` on the node that has the addresses",),
        )
    return values.get_or("owner_ignore_adverts", globals_.owner_ignores_adverts)


def _ignored(values: Values, what: str, beside: str, findings: Findings) -> None:
    if not values.has("state"):
        return  # it stands there and is faulty, which is told already
    owns = "MASTER" if "BACKUP" in what else "BACKUP"
    findings.add(
        Code.WITHOUT_EFFECT,
        f"{what} has no effect beside {beside}: it begins as {owns}",
        values.statement("state").keyword.span,
        severity=FindingSeverity.IGNORED,
        helps=(f"write `state {owns}`: the priority decides, not the state",),
    )


def priority_of(values: Values) -> int:
    """`state MASTER` without any priority owns the addresses; a faulty one counts as 100."""
    priority = values.get("priority", int)
    if priority is not None:
        return priority
    master = values.get("state", InitialState) is InitialState.MASTER
    return PRIORITY_OWNER if master and not values.attempted("priority") else PRIORITY_DEFAULT


def _state(values: Values, priority: int) -> InitialState:
    """Without `state`, the owner of the addresses is MASTER; a faulty one counts as BACKUP."""
    state = values.get("state", InitialState)
    if state is not None:
        return state
    owner = priority == PRIORITY_OWNER and not values.attempted("state")
    return InitialState.MASTER if owner else InitialState.BACKUP


def _preempt(values: Values, reason: str | None, findings: Findings) -> bool:
    """`reason`: why it takes over anyway; None: it may not."""
    if not values.has("nopreempt"):
        return True
    if reason is not None:
        _cleared("nopreempt", reason, values, findings)
        return True
    return False


def _preempt_delay(values: Values, reason: str | None, findings: Findings) -> Duration:
    delay = values.get("preempt_delay", Duration) or ZERO
    if delay == ZERO:
        return ZERO
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
