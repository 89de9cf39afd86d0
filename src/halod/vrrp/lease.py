"""The term of a mastership: how long the kernel lets us keep the addresses, and what ends it.

Knows DESIGN section 4: lifetimes, lapses, foreign deletions. Must not know netlink nor states.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from halod.model.address import IpAddress, VirtualAddress
from halod.model.election import address_lease
from halod.model.units import ZERO, Duration, Instant
from halod.model.vrrp import LeaseMode, VrrpInstance

__all__ = ["PUT_BACK_MAX", "PUT_BACK_WINDOW", "Term", "lease_of", "two_owners_bound"]

PUT_BACK_MAX = 3
"""Foreign deletions that are mended within the window; one more is a fight that nobody wins."""
PUT_BACK_WINDOW = Duration.seconds(10)
"""A network manager that disagrees comes back at once; an operator's slip does not."""
KERNEL_LATENESS = Duration.seconds(1)
"""The kernel ends a lifetime up to this late where several were renewed at different times."""


def lease_of(instance: VrrpInstance) -> Duration | None:
    """Lifetime given to the kernel, in whole seconds; None: for ever."""
    if instance.lease is LeaseMode.OFF:
        return None
    lease = address_lease(instance.advert_interval, instance.down_timer_adverts)
    return None if lease == ZERO else lease


def two_owners_bound(instance: VrrpInstance, peer_skew: Duration) -> Duration | None:
    """Longest time with two owners after this daemon dies; None: unbounded.

    max(0, lease + lateness - (down_timer_adverts * advert_int + the peer's skew)).
    """
    lease = lease_of(instance)
    if lease is None:
        return None
    silence = instance.advert_interval * instance.down_timer_adverts + peer_skew
    return max(ZERO, lease + KERNEL_LATENESS - silence)


@dataclass(slots=True)
class Term:
    """One mastership, from the grant to its end."""

    number: int
    """Counts up with each mastership of the instance; what carries an older number is void."""
    lease: Duration | None
    """None: for ever."""
    patience: Duration
    """Silence of our own after which the mastership counts as over, lease or not."""
    advert_sent: Instant
    """When the last advert was decided, before it was sent."""
    foreign: frozenset[VirtualAddress] = frozenset()
    """The operator's addresses among ours: never leased, changed or removed."""
    put_back: list[Instant] = field(default_factory=list)
    """Foreign deletions mended within the window."""

    @classmethod
    def begin(cls, number: int, instance: VrrpInstance, now: Instant) -> Term:
        lease = lease_of(instance)
        silence = instance.advert_interval * instance.down_timer_adverts
        return cls(number, lease, silence if lease is None else lease, now)

    def overslept(self, now: Instant) -> bool:
        """Whether the lease must have ended by itself."""
        return now - self.advert_sent > self.patience

    def ours(self, addresses: tuple[VirtualAddress, ...]) -> tuple[VirtualAddress, ...]:
        """Those that may be leased, announced and removed."""
        return tuple(address for address in addresses if address not in self.foreign)

    def holds(self, address: IpAddress, addresses: tuple[VirtualAddress, ...]) -> bool:
        """Whether this address is one that we put up."""
        return any(ours.address == address for ours in self.ours(addresses))

    def may_put_back(self, now: Instant) -> bool:
        """Counts a foreign deletion; False where there were too many."""
        self.put_back = [at for at in self.put_back if now - at < PUT_BACK_WINDOW]
        self.put_back.append(now)
        return len(self.put_back) <= PUT_BACK_MAX
