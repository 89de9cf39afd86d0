"""Performs what the engine wants, and brings back what became of it.

Knows which adapter does which effect. Must not decide: what fails goes back in as an event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import assert_never

from halod.daemon.punctuality import Punctuality
from halod.engine.ready import Ready
from halod.kernel.address_worker import AddressWorker
from halod.kernel.clock import boot_ns
from halod.kernel.gate_ports import LeaseGate
from halod.kernel.vrrp_socket import VrrpSockets
from halod.model.effect import (
    AnnounceAddresses,
    Effect,
    GrantAddresses,
    InstallRouting,
    Mention,
    Notify,
    OpenGate,
    RemoveRouting,
    RenewAddresses,
    RevokeAddresses,
    SendAdvert,
    ShutGate,
)
from halod.model.event import AdvertSendFailed, Event
from halod.model.fact import Fact
from halod.model.notice import Notice, notice_of
from halod.model.units import Instant
from halod.model.vrrp import LeaseMode
from halod.vrrp.routine import Round

__all__ = ["Driver"]


class Driver:
    """The heartbeat's hands."""

    def __init__(
        self,
        sockets: VrrpSockets,
        worker: AddressWorker,
        gates: Mapping[LeaseMode, LeaseGate],
        publish: Callable[[], None],
        tell: Callable[[Fact], None],
        notice: Callable[[Notice], None],
        punctuality: Punctuality,
    ) -> None:
        self._sockets = sockets
        self._worker = worker
        self._gates = gates
        self._publish = publish
        self._tell = tell
        self._notice = notice
        self._punctuality = punctuality

    def perform(self, ready: Ready, decided: Instant, due: Instant | None) -> list[Event]:
        """Effects first, in their order, then the log; returns what failed.

        `decided`: the engine's now; `due`: when it was to be asked, where a timer was the reason.
        """
        failed: dict[str, Event] = {}
        is_renewed = False
        for each in ready.rounds:
            self._send_round(each, due, failed)
        for effect in ready.before:
            self._perform(effect, due, failed)
        for each in ready.rounds:
            is_renewed |= self._open_round(each, failed)
        for effect in ready.after:
            is_renewed |= self._perform(effect, due, failed)
        if is_renewed:
            # The last of a batch speaks for all of it: none was later.
            punctuality = self._punctuality
            punctuality.renewal.add(boot_ns() - decided.ns, punctuality.advert_budget_ns)
        for fact in ready.facts:
            self._tell(fact)
        return list(failed.values())

    def _send_round(self, wanted: Round, due: Instant | None, failed: dict[str, Event]) -> None:
        send, late = self._sockets.send, self._punctuality.advert
        budget_ns = self._punctuality.advert_budget_ns
        for routine in wanted.routines:
            advert = routine.advert
            reason = send(advert)
            if reason is not None:
                failed[advert.instance] = AdvertSendFailed(advert.instance, reason)
            elif due is not None:
                late.add(boot_ns() - due.ns, budget_ns)

    def _open_round(self, earned: Round, failed: Mapping[str, Event]) -> bool:
        """Whether that has renewed leases."""
        until = earned.until
        if until is None:
            return False
        is_renewed = False
        for routine in earned.routines:
            instance = routine.advert.instance
            if routine.gate is not None and instance not in failed:
                gate = self._gates[routine.gate]
                gate.open(instance, routine.term, until)
                is_renewed |= gate.renews_at_once
        return is_renewed

    def _perform(self, effect: Effect, due: Instant | None, failed: dict[str, Event]) -> bool:
        """Whether that has renewed a lease."""
        match effect:
            case SendAdvert():
                reason = self._sockets.send(effect)
                if reason is not None:
                    failed[effect.instance] = AdvertSendFailed(effect.instance, reason)
                elif due is not None:
                    punctuality = self._punctuality
                    punctuality.advert.add(boot_ns() - due.ns, punctuality.advert_budget_ns)
            case RevokeAddresses() | RemoveRouting():
                self._worker.submit(effect)
            case GrantAddresses() | InstallRouting() | RenewAddresses() | AnnounceAddresses():
                # What an advert earns, it earns only where the kernel took it.
                if effect.instance not in failed:
                    self._worker.submit(effect)
            case OpenGate():
                if effect.instance not in failed:
                    gate = self._gates[effect.gate]
                    gate.open(effect.instance, effect.term, effect.until)
                    return gate.renews_at_once
            case ShutGate():
                for gate in self._gates.values():
                    gate.shut(effect.instance)
            case Notify() | Mention():
                # A change of state brings one, and the supervisor must know of it: if we die now,
                # it speaks for us.
                if isinstance(effect, Notify):
                    self._publish()
                notice = notice_of(effect)
                if notice is not None:
                    self._notice(notice)
            case _:
                assert_never(effect)
        return False
