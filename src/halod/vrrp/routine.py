"""The advert of a master that goes on: it says what the last one said, and prolongs the same lease.

Knows what stays the same from one to the next. Must not know when one is due, nor what ends it:
whoever touches a router makes its routine anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from halod.model.effect import OpenGate, SendAdvert
from halod.model.units import Duration, Instant
from halod.model.vrrp import LeaseMode

__all__ = ["Round", "Routine"]


@dataclass(frozen=True, slots=True)
class Routine:
    """Of one router, the same object for as long as nothing happens to it."""

    advert: SendAdvert
    term: int
    gate: LeaseMode | None
    """What each advert opens for `span` more; None: nothing."""
    interval: Duration
    """Between two adverts."""
    span: Duration | None
    """From the decision to send an advert to the end of the lease that it earns; None: for ever."""
    silence: Duration
    """How long the router may be silent before its mastership counts as over."""
    until: Instant | None
    """From then on the next advert renews a lifetime too: that is no routine. None: never."""


@dataclass(frozen=True, slots=True)
class Round:
    """Routine adverts that are decided at one moment and earn the same."""

    routines: tuple[Routine, ...]
    until: Instant | None
    """The end of the lease that each has earned once it is sent; None: it has none."""

    def opened(self) -> Iterator[OpenGate]:
        """What they earn, as effects."""
        if self.until is None:
            return
        for each in self.routines:
            if each.gate is not None:
                yield OpenGate(each.advert.instance, each.term, each.gate, self.until)
