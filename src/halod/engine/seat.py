"""A router and what is remembered about it outside its machine.

Knows what an advert passes before the router hears it, and what is told of one that does not. Must
not know other routers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from halod.model.advert import Advert
from halod.model.drop import DropReason
from halod.model.event import AdvertReceived
from halod.model.fact import ClocksApart
from halod.model.state import State
from halod.model.units import Instant
from halod.vrrp.admission import Refusal, admit
from halod.vrrp.drops import DropLedger
from halod.vrrp.machine import VirtualRouter
from halod.vrrp.mismatch import ListComparison
from halod.vrrp.outbox import Outbox

__all__ = ["Seat"]


_OWNER_IGNORES = "who owns the addresses hears nobody, as `owner_ignore_adverts` says"


@dataclass(slots=True)
class Seat:
    """One instance in the engine."""

    router: VirtualRouter
    drops: DropLedger
    lists: ListComparison = field(default_factory=ListComparison)

    def admit(self, event: AdvertReceived, now: Instant, out: Outbox) -> Advert | None:
        """An advert of its VRID, if it counts; else it is counted and told, and has changed nothing
        of the router."""
        config, own = self.router.config, self.router.own_address
        if own is None or self.router.state in (State.INITIALIZE, State.FAULT):
            self.drops.counts[DropReason.NOT_RUNNING] += 1
            return None
        if config.ignores_adverts and config.is_owner:
            fact = self.drops.count(event, DropReason.OWNER_IGNORES, _OWNER_IGNORES, now)
            if fact is not None:
                out.facts.append(fact)
            return None
        verify = partial(self._verify, event, now, out) if config.is_signed else None
        advert = admit(config, own, event, verify)
        if isinstance(advert, Refusal):
            fact = self.drops.count(event, advert.reason, advert.detail, now)
            if fact is not None:
                out.facts.append(fact)
            return None
        return advert

    def hear(self, advert: Advert, event: AdvertReceived, now: Instant, out: Outbox) -> None:
        """One that was admitted; `event`: as which it came."""
        mismatch = self.lists.compare(self.router.config, advert, event.source)
        if mismatch is not None:
            out.facts.append(mismatch)
        self.router.advert_heard(advert, event.source, now, out)

    def may_repeat(self) -> bool:
        """Whether the advert that was heard last may come again without being looked at: not one
        with a signature, which is another one each time."""
        return not self.router.config.is_signed and self.router.may_repeat()

    def _verify(
        self, event: AdvertReceived, now: Instant, out: Outbox, message: bytes, rest: bytes
    ) -> Refusal | None:
        policy, signatures = self.router.config.auth_hmac, self.router.signatures
        if policy is None:
            why = signatures.headers.verify(self.router.config, event, now)
            return None if why is None else Refusal(*why)
        verdict = signatures.verify(policy, message, rest, event.source, now)
        if verdict.refused is not None:
            return Refusal(verdict.refused, verdict.detail)
        if signatures.skew_is_news(event.source, verdict) and verdict.skew is not None:
            skew, window = verdict.skew, policy.window
            out.facts.append(ClocksApart(self.router.name, event.source, skew, window))
        return None
