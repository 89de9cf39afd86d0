"""A router and what is remembered about it outside its machine.

Knows what an advert passes before the router hears it, and what is told of one that does not. Must
not know other routers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from halod.model.address import IpAddress
from halod.model.drop import DropReason
from halod.model.event import AdvertReceived
from halod.model.fact import ClocksApart
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

    def hear(self, own: IpAddress, event: AdvertReceived, now: Instant, out: Outbox) -> bool:
        """An advert of its VRID: whether it was admitted; else it is counted and told."""
        config = self.router.config
        if config.ignores_adverts and config.is_owner:
            fact = self.drops.count(event, DropReason.OWNER_IGNORES, _OWNER_IGNORES, now)
            if fact is not None:
                out.facts.append(fact)
            return False
        verify = partial(self._verify, event, now, out) if config.is_signed else None
        advert = admit(config, own, event, verify)
        if isinstance(advert, Refusal):
            fact = self.drops.count(event, advert.reason, advert.detail, now)
            if fact is not None:
                out.facts.append(fact)
            return False
        mismatch = self.lists.compare(config, advert, event.source)
        if mismatch is not None:
            out.facts.append(mismatch)
        self.router.advert_heard(advert, event.source, now, out)
        return True

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
