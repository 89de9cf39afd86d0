"""One sentence about one router: why is this node not MASTER, or why is it?

Knows the wording of the answer. Must not know where it is shown.
"""

from __future__ import annotations

from halod.model.advert import PRIORITY_RESIGN
from halod.model.cause import AddressesContested, AddressesRefused
from halod.model.state import State
from halod.model.tracking import failing
from halod.model.units import Instant
from halod.vrrp.machine import VirtualRouter
from halod.vrrp.timer_kind import TimerKind

__all__ = ["alarm", "explain"]


def explain(router: VirtualRouter, now: Instant) -> str:
    """The answer, with what will happen next where that is known."""
    lead = f"{router.name} is {router.state.value} on {router.config.interface}"
    match router.state:
        case State.MASTER:
            return f"{lead}: {_master(router)}{_weighed(router)}"
        case State.BACKUP:
            return f"{lead}: {_backup(router, now)}{_weighed(router)}"
        case State.FAULT:
            fault = router.link_fault()
            failed = failing(router.config.trackers, router.reports)
            if fault is None and failed is not None:
                what = failed.sentence(router.reports[failed.tracker])
                return f"{lead}, so it cannot be MASTER: {what}"
            beside = router.membership and router.membership.fault_beside(router.name)
            if fault is None and beside and TimerKind.RETRY not in router.timers:
                return f"{lead}, so it cannot be MASTER: {beside.sentence()}"
            if fault is None:
                retry = router.timers.get(TimerKind.RETRY)
                again = f"; it tries again in {retry - now}" if retry else ""
                return f"{lead}, so it cannot be MASTER: {router.cause.sentence()}{again}"
            return (
                f"{lead}, so it cannot be MASTER: {fault.sentence()}. "
                "It will listen again as soon as that is mended"
            )
        case State.INITIALIZE:
            return f"{lead}: {router.cause.sentence()}"


def alarm(router: VirtualRouter, now: Instant) -> str | None:
    """What a person must mend; None: nothing."""
    if router.state is State.FAULT or (
        router.state is State.MASTER and TimerKind.CONFLICT_OVER in router.timers
    ):
        return explain(router, now)
    fight = _fight(router, now)
    return fight and f"{router.name} gave up being MASTER, because {fight}"


def _fight(router: VirtualRouter, now: Instant) -> str | None:
    """Why this node leaves others alone although it is stronger; None: it does not."""
    until = router.rivals.fought_until
    fought = isinstance(router.cause, AddressesContested | AddressesRefused)
    return router.cause.sentence() if fought and until is not None and until > now else None


def _weighed(router: VirtualRouter) -> str:
    """What trackers have made of the priority; empty: nothing."""
    base, said = router.config.priority, []
    for tracked in router.config.trackers:
        report = router.reports.get(tracked.tracker)
        if report is not None and tracked.weight and (tracked.adds(report) or not report.up):
            said.append(tracked.sentence(report))
    if router.config.is_owner or not said:
        return ""
    moved = f"{base} -> {router.priority}" if router.priority != base else f"stays {base}"
    return f". Priority {moved}: {', '.join(said)}"


def _master(router: VirtualRouter) -> str:
    rival = router.rivals.weaker
    if rival is not None and TimerKind.CONFLICT_OVER in router.timers:
        return (
            f"but {rival.source} is MASTER too, with priority {rival.priority} "
            f"(ours {router.priority}): it does not hear us, or does not understand us"
        )
    return router.cause.sentence()


def _backup(router: VirtualRouter, now: Instant) -> str:
    rivals, config, priority = router.rivals, router.config, router.priority
    if router.ready is not None and router.membership is not None:
        group, unready = router.membership.group, " and ".join(router.membership.unready)
        return (
            f"{router.why_ready(now).sentence()}, so it is ready to take over; but all of sync "
            f"group {group} do it together, and {unready} cannot yet"
        )
    due = router.timers[TimerKind.MASTER_DOWN]
    wait = f"this node takes over in {due - now} unless it hears a stronger master"
    master = rivals.weaker or rivals.master
    if master is None:
        return f"{router.cause.sentence()}; nobody was heard since, and {wait}"
    if master.priority == PRIORITY_RESIGN:
        return f"{master.source} resigned; {wait}"
    silence = now - master.at
    if master.priority >= priority:
        rank = f"the higher priority {master.priority} (ours {priority})"
        if master.priority == priority:
            rank = f"the same priority {master.priority}"
        lead = f"{master.source} is MASTER with {rank}"
        if silence > master.interval + master.interval // 2:
            return f"{lead}, but silent for {silence}; {wait}"
        return f"{lead}, last heard {silence} ago"
    lower = f"{master.source} is MASTER with the lower priority {master.priority} (ours {priority})"
    if not config.preempt and not config.is_owner:
        return f"{lower}, and `nopreempt` leaves it alone while it lives"
    spared_until = rivals.spared_until()
    if spared_until is not None and spared_until > now:
        fight = _fight(router, now)
        reason = f", because {fight}" if fight else ""
        return f"{lower}, and is left alone for another {spared_until - now}{reason}"
    return f"{lower}; {wait}"
