"""The adverts that are followed, by how they look on the wire: most that come are one of these.

Knows how to tell a datagram that says the same again. Must not know what an advert means, nor when
one may be remembered: whoever touches a router forgets its echo.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.event import AdvertReceived
from halod.model.units import Duration, Instant
from halod.vrrp.machine import VirtualRouter
from halod.vrrp.timer_kind import TimerKind
from halod.wire import ipv4, ipv6

__all__ = ["Echo", "Echoes"]


_PLAIN_V6 = bytes([ipv6.PLAIN])
# Names of this module: they are looked up for each advert that comes.
_PLAIN_V4, _TTL, _SAYING_V4, _LENGTH_V4 = ipv4.PLAIN, ipv4.TTL, ipv4.SAYING, ipv4.TOTAL_LENGTH


@dataclass(slots=True)
class Echo:
    """The advert that a router accepted last, and what another one like it does."""

    router: VirtualRouter
    ttl: int
    length: bytes
    master_down: Duration
    """From such an advert to Master_Down_Timer."""


class Echoes:
    """At most one a router."""

    def __init__(self) -> None:
        self._by_saying: dict[tuple[str, bytes], Echo] = {}
        self._keys: dict[str, tuple[str, bytes]] = {}
        """Instance to its key above."""
        self._now = Instant(0)
        self._due: dict[int, Instant] = {}
        """What was reckoned of `_now`: by nanoseconds that are added to it."""

    def remember(self, event: AdvertReceived, router: VirtualRouter, now: Instant) -> None:
        """From now on `find` knows this advert of `now` for the router's."""
        master_down = router.timers[TimerKind.MASTER_DOWN] - now
        is_v6 = event.source.version == 6
        key = event.interface, ipv6.saying(event) if is_v6 else ipv4.saying(event)
        length = ipv6.payload_length(event) if is_v6 else ipv4.total_length(event)
        self._keys[router.name] = key
        self._by_saying[key] = Echo(router, event.ttl, length, master_down)

    def forget(self, instance: str) -> None:
        """Something happened to this one: its next advert is looked at."""
        key = self._keys.pop(instance, None)
        if key is not None:
            del self._by_saying[key]

    def find(self, interface: str, packet: bytes) -> Echo | None:
        """The echo that this datagram is. Its identification, type of service and header checksum
        do not matter."""
        echo = self._by_saying.get((interface, packet[_SAYING_V4]))
        if echo is None:
            return self._find_v6(interface, packet)
        if packet[0] != _PLAIN_V4 or packet[_TTL] != echo.ttl or packet[_LENGTH_V4] != echo.length:
            return None
        return echo

    def due(self, echo: Echo, now: Instant) -> Instant:
        """When Master_Down_Timer is due after an echo of `now`: many of one moment wait as long."""
        if now is not self._now:
            self._now = now
            self._due.clear()
        span = echo.master_down
        due = self._due.get(span.ns)
        if due is None:
            due = self._due[span.ns] = now + span
        return due

    def _find_v6(self, interface: str, packet: bytes) -> Echo | None:
        if packet[:1] != _PLAIN_V6:
            return None
        echo = self._by_saying.get((interface, packet[ipv6.SAYING]))
        if (
            echo is None
            or packet[ipv6.HOP_LIMIT] != echo.ttl
            or packet[ipv6.PAYLOAD_LENGTH] != echo.length
        ):
            return None
        return echo
