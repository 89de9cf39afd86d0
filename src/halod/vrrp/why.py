"""One sentence about one router: why is this node not MASTER, or why is it?

Knows the wording of the answer. Must not know where it is shown.
"""

from __future__ import annotations

from halod.model.state import State
from halod.model.units import Instant
from halod.vrrp.machine import TimerKind, VirtualRouter

__all__ = ["explain"]


def explain(router: VirtualRouter, now: Instant) -> str:
    """The answer, with what will happen next where that is known."""
    lead = f"{router.name} is {router.state.value} on {router.config.interface}"
    match router.state:
        case State.MASTER:
            return f"{lead}: {_master(router)}"
        case State.BACKUP:
            return f"{lead}: {_backup(router, now)}"
        case State.FAULT:
            fault = router.link_fault() or "was just repaired"
            return (
                f"{lead}, so it cannot be MASTER: interface {router.config.interface} {fault}. "
                "It will listen again as soon as that is mended"
            )
        case State.INITIALIZE:
            return f"{lead}: {router.cause.sentence()}"


def _master(router: VirtualRouter) -> str:
    rival = router.rivals.weaker
    if rival is not None and TimerKind.CONFLICT_OVER in router.timers:
        return (
            f"but {rival.source} is MASTER too, with priority {rival.priority} "
            f"(ours {router.config.priority}): it does not hear us, or does not understand us"
        )
    return router.cause.sentence()


def _backup(router: VirtualRouter, now: Instant) -> str:
    rivals, config = router.rivals, router.config
    due = router.timers.get(TimerKind.MASTER_DOWN)
    wait = f"takes over in {due - now} unless it hears a stronger master" if due else "waits"
    if rivals.weaker is not None:
        return (
            f"{rivals.weaker.source} is MASTER with the lower priority {rivals.weaker.priority} "
            f"(ours {config.priority}); this node {wait}"
        )
    master = rivals.master
    if master is None or (router.since is not None and master.at < router.since):
        return f"{router.cause.sentence()}; nobody was heard since, and it {wait}"
    if master.priority < config.priority and not config.preempt:
        return (
            f"{master.source} is MASTER with the lower priority {master.priority} "
            f"(ours {config.priority}), and `nopreempt` leaves it alone while it lives"
        )
    if master.priority < config.priority and rivals.hold_until is not None:
        return (
            f"{master.source} is MASTER with the lower priority {master.priority} "
            f"(ours {config.priority}), and is left alone for another {rivals.hold_until - now}"
        )
    if master.priority == config.priority:
        return f"{master.source} is MASTER with the same priority {master.priority}"
    return (
        f"{master.source} is MASTER with the higher priority {master.priority} "
        f"(ours {config.priority}), last heard {now - master.at} ago"
    )
