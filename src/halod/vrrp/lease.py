"""The term of a mastership: how long the kernel lets us keep the addresses, and what ends it.

Knows DESIGN section 4: lifetimes, lapses, foreign deletions, and the effects that carry them. Must
not know netlink nor states.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from halod.model.address import IpAddress, VirtualAddress
from halod.model.effect import (
    AnnounceAddresses,
    GrantAddresses,
    OpenGate,
    RenewAddresses,
    RevokeAddresses,
    SendAdvert,
    ShutGate,
)
from halod.model.election import address_lease
from halod.model.event import AddressLost
from halod.model.units import ZERO, Duration, Instant
from halod.model.vrrp import LeaseMode, VrrpInstance
from halod.vrrp.outbox import Outbox
from halod.vrrp.routine import Routine

__all__ = ["BACKSTOP_EVERY", "PUT_BACK_MAX", "PUT_BACK_WINDOW", "Lease", "Term", "gates_of"]
__all__ += ["lease_of", "two_owners_bound"]

PUT_BACK_MAX = 3
"""Foreign deletions that are mended within the window; one more is a fight that nobody wins."""
PUT_BACK_WINDOW = Duration.seconds(10)
"""A network manager that disagrees comes back at once; an operator's slip does not."""
ADDRESS_LATENESS = Duration.seconds(1)
"""The kernel ends a lifetime up to this late where several were renewed at different times."""
BPF_LATENESS = Duration.microseconds(100)
"""The program looks at its deadline with each packet; measured: 0.05 ms on a busy machine."""
NFT_LATENESS = Duration.milliseconds(60)
"""A write may take 50 ms from reading the clock, or its token is gone and it fails: a daemon frozen
there prolongs its lease by that. 10 ms more is the longest tick of the kernel's clock. When nothing
is frozen it is early by up to a tick, and late by 0.04 ms."""
SECOND = Duration.seconds(1)
"""What the kernel counts lifetimes in."""
BACKSTOP = Duration.seconds(10)
"""Lifetime of an address behind a gate: it is silent long before, and then it goes, too."""
BACKSTOP_EVERY = Duration.seconds(3)
"""Between two renewals of that lifetime: three may fail, and they cost next to nothing."""

GATE_LATENESS = {LeaseMode.BPF: BPF_LATENESS, LeaseMode.NFT: NFT_LATENESS}
_GATES_ALLOWED: dict[LeaseMode, tuple[LeaseMode, ...]] = {
    LeaseMode.AUTO: (LeaseMode.BPF, LeaseMode.NFT),
    LeaseMode.BPF: (LeaseMode.BPF, LeaseMode.NFT),
    LeaseMode.NFT: (LeaseMode.NFT,),
    LeaseMode.ADDRESS: (),
    LeaseMode.OFF: (),
}


@dataclass(frozen=True, slots=True)
class Lease:
    """What an instance's addresses are held by."""

    mode: LeaseMode
    """The way that is in force: BPF, NFT, ADDRESS or OFF."""
    span: Duration | None
    """From the decision to send an advert; None: for ever."""
    lifetime: Duration | None
    """Given to the kernel with each address, in whole seconds; None: for ever."""
    lateness: Duration
    """How long after its end an address may still be heard."""

    silence: Duration
    """How long we may be silent before the mastership counts as over, lease or not."""

    @property
    def is_gated(self) -> bool:
        """Whether the kernel silences the addresses at the deadline, and they may stand longer."""
        return self.mode in GATE_LATENESS

    @property
    def gate(self) -> LeaseMode | None:
        """The gate that does it."""
        return self.mode if self.is_gated else None


def gates_of(instance: VrrpInstance) -> tuple[LeaseMode, ...]:
    """The gates that may hold its lease: what the operator wishes, and then the next best."""
    return _GATES_ALLOWED[instance.lease]


def lease_of(instance: VrrpInstance, hanging: Collection[LeaseMode]) -> Lease:
    """The best lease that the operator allows and the kernel gives.

    `hanging`: gates that hang on each interface of the instance. Behind a gate a lease lasts as
    long as the quickest peer waits without its skew; the address lease counts whole seconds.
    """
    interval, downs = instance.advert_interval, instance.down_timer_adverts
    # Two intervals at least: one advert that is a little late ends no mastership.
    silence = interval * max(2, downs)
    span = max(interval * downs, interval + interval // 2)
    for gate in gates_of(instance):
        if gate in hanging:
            return Lease(gate, span, BACKSTOP, GATE_LATENESS[gate], silence)
    lifetime = address_lease(instance.advert_interval, instance.down_timer_adverts)
    if instance.lease is LeaseMode.OFF or lifetime == ZERO:
        return Lease(LeaseMode.OFF, None, None, ZERO, silence)
    lateness = ADDRESS_LATENESS + _counts_for(interval)
    return Lease(LeaseMode.ADDRESS, lifetime, lifetime, lateness, lifetime)


def _counts_for(interval: Duration) -> Duration:
    """From an advert to the moment when the renewal of addresses that it earned is void."""
    return interval // 2


def two_owners_bound(instance: VrrpInstance, lease: Lease, peer_skew: Duration) -> Duration | None:
    """Longest time with two owners after this daemon dies; None: unbounded.

    max(0, lease + lateness - (down_timer_adverts * advert_int + the peer's skew)), where lateness
    is that of the kernel and that of the last renewal. It holds where the peer takes over because
    it hears nothing, and heard the last advert. One that preempts in that moment does not wait:
    then the lease alone ends the dead one's ownership.
    """
    if lease.span is None:
        return None
    silence = instance.advert_interval * instance.down_timer_adverts + peer_skew
    return max(ZERO, lease.span + lease.lateness - silence)


@dataclass(slots=True)
class Term:
    """One mastership, from the grant to its end."""

    instance: str
    """Name of the instance."""
    number: int
    """Counts up with each mastership of the instance; what carries an older number is void."""
    decided: Instant
    """When the last advert was decided."""
    earned: Instant
    """The same of the last that the kernel took: the lease counts from there."""
    earned_before: Instant | None = None
    """The same of the one before: what counts when the kernel refuses the last one."""
    adverts_refused: int = 0
    """Adverts in a row that the kernel did not take."""
    gate: LeaseMode | None = None
    """The gate behind which the addresses were put last."""
    lifetime_renewed: Instant | None = None
    """When the addresses' lifetime was renewed last."""
    lifetime_given: Duration | None = None
    """What they got then: that of a lease without a gate is over before BACKSTOP_EVERY is."""
    until: Instant | None = None
    """Until when the last grant or renewal lasts; None: for ever."""
    foreign: frozenset[VirtualAddress] = frozenset()
    """The operator's addresses among ours: never leased, changed or removed."""
    granted: bool = False
    """Whether the kernel holds the addresses: what it took away before belonged to another term."""
    put_back: dict[IpAddress, list[Instant]] = field(default_factory=dict)
    """Foreign deletions within the window, each address for itself: one flush takes them all."""

    def sends(self, now: Instant) -> None:
        """An advert is decided: reckoned from before it is sent, for so does the peer's timer.

        A second one in the same batch says nothing new, and where the kernel refuses adverts of a
        batch that is told once.
        """
        if now == self.decided:
            return
        if self.earned == self.decided:
            self.adverts_refused = 0
        self.earned_before, self.earned, self.decided = self.earned, now, now

    def refused(self, lease: Lease, interval: Duration) -> bool:
        """The kernel did not take the last advert. Whether the lease ends before the next one."""
        self.adverts_refused += 1
        if self.earned_before is None:
            return True
        self.earned = self.earned_before
        return self.decided - self.earned + interval > lease.silence

    @property
    def sure(self) -> Instant | None:
        """When the last advert was decided that counts for others too: after one that the kernel
        refused the next must show that it is taken. None: none has."""
        return self.earned_before if self.adverts_refused else self.earned

    def overslept(self, lease: Lease, now: Instant) -> bool:
        """Whether this process did nothing for so long that the lease must have ended by itself."""
        return now - self.decided > lease.silence

    # ---- adverts that say the same again ---------------------------------------------------

    def routine(self, advert: SendAdvert, lease: Lease, config: VrrpInstance) -> Routine | None:
        """What `advert` does each time; None: each needs to be looked at.

        Not after one that the kernel refused, and not where each renews a lifetime.
        """
        ends = lease.span is not None and lease.lifetime is not None
        if self.adverts_refused or (ends and self.gate is None):
            return None
        renewed = self.lifetime_renewed
        if ends and (renewed is None or self.lifetime_given != lease.lifetime):
            return None
        return Routine(
            advert,
            self.number,
            self.gate if ends else None,
            config.advert_interval,
            lease.span if ends else None,
            lease.silence,
            renewed + BACKSTOP_EVERY if ends and renewed is not None else None,
        )

    def goes_on(self, routine: Routine, now: Instant, until: Instant | None) -> bool:
        """What `sends` and `renew` do for an advert of a routine; whether it was one.

        This is done thousands of times a second: bare numbers, compared in place.
        """
        now_ns = now.ns
        if now_ns - self.decided.ns > routine.silence.ns:
            return False
        if routine.until is not None and now_ns >= routine.until.ns:
            return False
        self.earned_before = self.earned
        self.earned = self.decided = now
        if until is not None:
            self.until = until
        return True

    # ---- what the kernel is asked for ------------------------------------------------------

    def grant(
        self, addresses: tuple[VirtualAddress, ...], lease: Lease, now: Instant, out: Outbox
    ) -> None:
        """Addresses up, for as long as the advert of `now` earns.

        Without a gated lease the gate is opened for good: an earlier one may have left it shut.
        """
        self.until = until = None if lease.span is None else now + lease.span
        self.gate = lease.gate
        if until is not None and self.gate is not None:
            out.effects.append(OpenGate(self.instance, self.number, self.gate, until))
        self.lifetime_renewed, self.lifetime_given = now, lease.lifetime
        out.effects.append(
            GrantAddresses(self.instance, self.number, addresses, lease.lifetime, until, self.gate)
        )

    def renew(self, lease: Lease, interval: Duration, now: Instant, out: Outbox) -> None:
        """The lease of the advert of `now`; `interval` is that between adverts."""
        if lease.span is not None and lease.lifetime is not None:
            self._renew(now + lease.span, lease.lifetime, interval, now, out)

    def renew_until(
        self, end: Instant, lease: Lease, interval: Duration, now: Instant, out: Outbox
    ) -> None:
        """That of several routers' adverts, which may have earned nothing since the last one."""
        if lease.span is None or lease.lifetime is None:
            return
        if self.until is not None and end <= self.until:
            return
        lifetime, last = lease.lifetime, self.lifetime_renewed
        if self.gate is None:
            # A router whose neighbour advertises ten times a second is not renewed as often.
            lifetime = min(lifetime, max(SECOND, Duration.seconds((end - now).whole_seconds)))
            as_before = self.lifetime_given == lifetime
            if as_before and last is not None and now - last < lifetime // 2:
                return
        self._renew(end, lifetime, interval, now, out)

    def _renew(
        self, end: Instant, lifetime: Duration, interval: Duration, now: Instant, out: Outbox
    ) -> None:
        self.until = end
        patience = _counts_for(interval)
        if self.gate is not None:
            out.effects.append(OpenGate(self.instance, self.number, self.gate, end))
            last = self.lifetime_renewed
            as_before = self.lifetime_given == lifetime
            if as_before and last is not None and now - last < BACKSTOP_EVERY:
                return
            patience = BACKSTOP_EVERY
        self.lifetime_renewed, self.lifetime_given = now, lifetime
        out.effects.append(RenewAddresses(self.instance, self.number, lifetime, now + patience))

    def revoke(self, addresses: tuple[VirtualAddress, ...], out: Outbox) -> None:
        """The end of the term: silent at once, and then the addresses go."""
        if self.gate is not None:
            out.effects.append(ShutGate(self.instance))
        out.effects.append(self.revocation(addresses))

    def revocation(self, addresses: tuple[VirtualAddress, ...]) -> RevokeAddresses:
        """Of ours among these, while the term goes on with the others."""
        return RevokeAddresses(self.instance, self.number, self.ours(addresses))

    def announcement(self, addresses: tuple[VirtualAddress, ...], repeat: int) -> AnnounceAddresses:
        """Of the operator's too: they are here, and this node is MASTER."""
        return AnnounceAddresses(self.instance, self.number, addresses, repeat)

    # ---- what stands -----------------------------------------------------------------------

    def ours(self, addresses: tuple[VirtualAddress, ...]) -> tuple[VirtualAddress, ...]:
        """Those that may be leased and removed."""
        return tuple(address for address in addresses if address not in self.foreign)

    def lost(
        self, event: AddressLost, addresses: tuple[VirtualAddress, ...]
    ) -> tuple[VirtualAddress, ...]:
        """Those of ours that went; empty where the loss is none of our business."""
        return tuple(
            ours
            for ours in self.ours(addresses)
            if (ours.address, ours.interface) == (event.address, event.interface)
        )

    def deleted(self, address: IpAddress, now: Instant) -> int:
        """Counts a foreign deletion; how many of this address there were within the window."""
        recent = [at for at in self.put_back.get(address, ()) if now - at < PUT_BACK_WINDOW]
        self.put_back[address] = [*recent, now]
        return len(recent) + 1
