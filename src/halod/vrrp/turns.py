"""Whose turn it is to be announced, where a link may not be told too much at once.

Knows which links share a limit, what waits, and when the next may go. Must not know frames or
sockets: whoever sends asks for the next, and says so when it is sent.

keepalived's rules, seen on the wire of 2.2.7: what may go goes at once; while an address waits,
more announcements of it are one; so of a burst of five each address is told once, and the first of
them twice. Other than there, who has waited longest goes first, so nobody is told twice before all
were told once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from halod.model.address import IpAddress
from halod.model.pacing import NO_PACING, Pacing
from halod.model.units import ZERO, Duration, Instant

__all__ = ["Turn", "Turns"]

T = TypeVar("T")
_EVER = Instant(0)


@dataclass(frozen=True, slots=True)
class Turn(Generic[T]):
    """One announcement of one address."""

    interface: str
    address: IpAddress
    ticket: T
    """Whatever the orderer needs to send it, or to find that nobody wants it any more."""
    again: bool = False
    """Whether it is to be told once more, after the others."""


@dataclass(slots=True)
class _Lane(Generic[T]):
    """Links that take turns, for one version of IP."""

    free_at: Instant = _EVER
    waiting: dict[tuple[str, IpAddress], Turn[T]] = field(default_factory=dict)
    """Who came first goes first; an address waits once."""


class Turns(Generic[T]):
    """What waits on every link that is paced."""

    def __init__(self, pacing: Pacing = NO_PACING) -> None:
        self._pacing = pacing
        self._shared = _shared(pacing)
        self._lanes: dict[tuple[str | int, int], _Lane[T]] = {}

    def adopt(self, pacing: Pacing) -> None:
        """A reload: what waits waits on, by the new rules."""
        lanes, self._lanes = self._lanes, {}
        self._pacing, self._shared = pacing, _shared(pacing)
        for before in lanes.values():
            for turn in before.waiting.values():
                lane = self._lane(turn.interface, turn.address.version)
                lane.waiting[turn.interface, turn.address] = turn
                lane.free_at = max(lane.free_at, before.free_at)

    def is_paced(self, interface: str, ip_version: int) -> bool:
        """Whether announcements there wait for their turn."""
        return self._interval(interface, ip_version) > ZERO

    def order(
        self, interface: str, addresses: Iterable[IpAddress], repeat: int, ticket: T, now: Instant
    ) -> None:
        """Announces each; those that wait already go on waiting, with the new ticket."""
        for address in addresses:
            lane = self._lane(interface, address.version)
            key = interface, address
            goes_at_once = not lane.waiting and lane.free_at <= now
            lane.waiting[key] = Turn(interface, address, ticket, goes_at_once and repeat > 1)

    def next(self, now: Instant) -> Turn[T] | None:
        """Takes out one that may go now; None: nobody may, see `deadline`."""
        for lane in self._lanes.values():
            if lane.waiting and lane.free_at <= now:
                return lane.waiting.pop(next(iter(lane.waiting)))
        return None

    def sent(self, turn: Turn[T], now: Instant) -> None:
        """It went out: the others of its link wait. A turn that nobody wanted any more costs
        nothing, and is not told here."""
        lane = self._lane(turn.interface, turn.address.version)
        lane.free_at = now + self._interval(turn.interface, turn.address.version)
        if turn.again:
            once_more = Turn(turn.interface, turn.address, turn.ticket)
            lane.waiting.setdefault((turn.interface, turn.address), once_more)

    def deadline(self) -> Instant | None:
        """When the next may go; None: nobody waits."""
        return min((lane.free_at for lane in self._lanes.values() if lane.waiting), default=None)

    def __len__(self) -> int:
        """How many wait."""
        return sum(len(lane.waiting) for lane in self._lanes.values())

    def _interval(self, interface: str, ip_version: int) -> Duration:
        group = self._shared.get(interface)
        pace = self._pacing.each if group is None else self._pacing.groups[group].pace
        return pace.of(ip_version)

    def _lane(self, interface: str, ip_version: int) -> _Lane[T]:
        key = self._shared.get(interface, interface), ip_version
        return self._lanes.setdefault(key, _Lane())


def _shared(pacing: Pacing) -> dict[str, int]:
    """Links of groups, and the number of their group."""
    return {
        interface: number
        for number, group in enumerate(pacing.groups)
        for interface in group.interfaces
    }
