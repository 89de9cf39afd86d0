"""Time as two types, in nanoseconds.

Knows arithmetic on time. Must not know any clock: an `Instant` always comes in as an argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

__all__ = ["ZERO", "Duration", "Instant"]

NS_PER_SECOND = 1_000_000_000
NS_PER_MILLISECOND = 1_000_000
NS_PER_MICROSECOND = 1_000
NS_PER_CENTISECOND = 10_000_000


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A span of time. May be negative where two instants are subtracted."""

    ns: int
    """Nanoseconds."""

    @classmethod
    def seconds(cls, seconds: int) -> Duration:
        """From whole seconds."""
        return cls(seconds * NS_PER_SECOND)

    @classmethod
    def milliseconds(cls, milliseconds: int) -> Duration:
        """From whole milliseconds."""
        return cls(milliseconds * NS_PER_MILLISECOND)

    @classmethod
    def microseconds(cls, microseconds: int) -> Duration:
        """From whole microseconds."""
        return cls(microseconds * NS_PER_MICROSECOND)

    @classmethod
    def centiseconds(cls, centiseconds: int) -> Duration:
        """From the unit of VRRPv3's Max Adver Int (RFC 9568, 5.2.7)."""
        return cls(centiseconds * NS_PER_CENTISECOND)

    @property
    def whole_seconds(self) -> int:
        """Seconds, rounded down."""
        return self.ns // NS_PER_SECOND

    def as_seconds(self) -> float:
        """Seconds as a float, for people and for JSON; never for arithmetic."""
        return self.ns / NS_PER_SECOND

    def __add__(self, other: Duration) -> Duration:
        return Duration(self.ns + other.ns)

    def __sub__(self, other: Duration) -> Duration:
        return Duration(self.ns - other.ns)

    def __mul__(self, factor: int) -> Duration:
        return Duration(self.ns * factor)

    def __floordiv__(self, divisor: int) -> Duration:
        return Duration(self.ns // divisor)

    def __str__(self) -> str:
        return f"{self.ns / NS_PER_SECOND:.3f} s"


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """A point on the clock that also runs while the machine sleeps (CLOCK_BOOTTIME)."""

    ns: int
    """Nanoseconds since an arbitrary origin; only differences mean something."""

    def __add__(self, span: Duration) -> Instant:
        return Instant(self.ns + span.ns)

    @overload
    def __sub__(self, other: Instant) -> Duration: ...
    @overload
    def __sub__(self, other: Duration) -> Instant: ...
    def __sub__(self, other: Instant | Duration) -> Duration | Instant:
        if isinstance(other, Instant):
            return Duration(self.ns - other.ns)
        return Instant(self.ns - other.ns)


ZERO = Duration(0)
