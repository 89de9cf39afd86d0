"""Raw sockets for VRRP: adverts in and out of each interface.

Knows raw(7) and multicast membership. Must not know what an advert says.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator

from halod.kernel.raw_socket import lost
from halod.kernel.vmac_ear import VmacEar
from halod.kernel.vrrp_ends import Audience, Ends, Straight
from halod.model.address import IpAddress, Link
from halod.model.effect import SendAdvert
from halod.model.event import AdvertReceived
from halod.model.units import Instant
from halod.model.vrrp import ANY_LINK, VrrpInstance
from halod.vrrp.own_link import may_speak
from halod.wire import ip

__all__ = ["VrrpSockets"]

DRAIN_MAX = 64
"""Packets of one interface in one turn of the loop: a flood must not starve the timers."""
STRANGERS_MAX = 32
"""Adverts of other clusters looked at in one turn: at most 1 ms."""
_Place = tuple[str, int]
"""Interface and version of IP."""


class VrrpSockets:
    """The sockets of all interfaces.

    Adverts of other clusters neither wake the process nor take room from ours: they have a small
    socket of their own, which is looked at now and then (docs/adr/0009-strangers.md).
    """

    def __init__(self) -> None:
        self._ends: dict[_Place, Ends] = {}
        self.repeats = 0
        """Adverts that were dealt with as they were."""
        self._addresses: dict[_Place, tuple[IpAddress, ...]] = {}
        """Of each interface that has ends, as they were opened."""
        self._audiences: dict[_Place, Audience] | None = None
        self._ears: dict[str, VmacEar] = {}
        """By link with a virtual MAC."""
        self._to_hear: dict[str, VrrpInstance] = {}
        self._straight: dict[str, tuple[SendAdvert, Straight]] = {}
        """Instance to the advert that it sent last and its only way out: mostly the same. Empty
        after a change of any socket."""

    def listen_for(self, instances: Iterable[VrrpInstance]) -> None:
        """From now on adverts of these are ours. Before the first call everything of IPv4 is."""
        by_place: dict[_Place, list[VrrpInstance]] = {}
        each_instance = tuple(instances)
        for instance in each_instance:
            place = instance.interface, instance.ip_version
            by_place.setdefault(place, []).append(instance)
        self._audiences = {place: Audience.of(each) for place, each in by_place.items()}
        for place, audience in self._audiences.items():
            if place in self._ends:
                self._ends[place].listen_for(audience)
        self._to_hear = {i.vmac.link: i for i in each_instance if i.vmac is not None}
        for name, version in by_place:
            # No link will be reported for it. What fails here fails again with the first advert.
            if name == ANY_LINK:
                self._open(Link(ANY_LINK, 0, True, b"", ()), version)

    def open(self, link: Link) -> str | None:
        """Follows an interface: anew where its index or addresses changed; the reason of
        failure."""
        if link.name in self._to_hear:
            return self._open_ear(link, self._to_hear[link.name])
        versions = [4] if self._audiences is None else sorted(v for _, v in self._audiences)
        reasons = (self._open(link, version) for version in dict.fromkeys(versions))
        return next((reason for reason in reasons if reason is not None), None)

    def _open_ear(self, link: Link, instance: VrrpInstance) -> str | None:
        ear = self._ears.get(link.name)
        if ear is not None and (ear.index, ear.interface) == (link.index, instance.interface):
            return None
        self._close_ear(link.name)
        vrid, version = instance.virtual_router_id, instance.ip_version
        try:
            self._ears[link.name] = VmacEar(link, instance.interface, version, vrid)
        except OSError as error:
            return f"{error.strerror}"
        return None

    def _close_ear(self, link: str) -> None:
        ear = self._ears.pop(link, None)
        if ear is not None:
            ear.close()

    def _open(self, link: Link, version: int) -> str | None:
        self._straight.clear()
        place = link.name, version
        audience = None if self._audiences is None else self._audiences.get(place)
        if self._audiences is not None and audience is None:
            return None
        addresses = tuple(a for a in link.addresses if may_speak(a, version))
        ends = self._ends.get(place)
        is_known = ends is not None and ends.index == link.index
        if is_known and self._addresses.get(place) == addresses:
            return None
        if not is_known:
            self._close(place)
        if not addresses and not (audience is not None and audience.sources):
            self._close(place)
            return None
        try:
            if ends is None or not is_known:
                ends = self._ends[place] = Ends(link, audience, version)
            if addresses:
                ends.speak_from(addresses[0])
        except OSError as error:
            self._close(place)
            return f"{error.strerror}"
        self._addresses[place] = addresses
        return None

    def close(self, interface: str) -> None:
        """Stops hearing and speaking there; no matter if it did not."""
        self._close_ear(interface)
        for place in [place for place in self._ends if place[0] == interface]:
            self._close(place)

    def _close(self, place: _Place) -> None:
        self._straight.clear()
        self._addresses.pop(place, None)
        ends = self._ends.pop(place, None)
        if ends is not None:
            ends.close()

    def keep(self, interfaces: Container[str]) -> None:
        """Closes those on all others: nobody here listens there any more."""
        for place in [place for place in self._ends if place[0] not in interfaces]:
            self._close(place)
        for link in [link for link in self._ears if link not in interfaces]:
            self._close_ear(link)

    def receivers(self) -> dict[int, str]:
        """Descriptors to wait on, with their interfaces."""
        found = {
            receiver.fileno(): name
            for (name, _), ends in self._ends.items()
            for receiver in ends.receivers()
        }
        return found | {ear.fileno(): name for name, ear in self._ears.items()}

    def send(self, effect: SendAdvert) -> str | None:
        """Sends one advert; the reason where it reached nobody."""
        known = self._straight.get(effect.instance)
        if known is None or known[0] is not effect:
            return self._send_anew(effect)
        send, payload = known[1]
        try:
            send(payload)
        except OSError as error:
            return f"{error.strerror}"
        return None

    def _send_anew(self, effect: SendAdvert) -> str | None:
        ends = self._ends.get((effect.interface, effect.source.version))
        if ends is None:
            return f"no socket on {effect.interface}"
        reason = ends.send(effect)
        straight = ends.straight(effect)
        if straight is None:
            self._straight.pop(effect.instance, None)
        else:
            self._straight[effect.instance] = effect, straight
        return reason

    def receive(
        self, ready: Container[int], repeat: Callable[[str, bytes, Instant], bool], now: Instant
    ) -> Iterator[AdvertReceived]:
        """What came on those descriptors, at most DRAIN_MAX of each interface.

        `repeat(interface, packet, now)`: whether an IP datagram is dealt with as it is; those that
        are not come as events.
        """
        turns = [
            (name, one.reader(receiver))
            for (name, _), one in self._ends.items()
            for receiver in one.receivers()
            if receiver.fileno() in ready
        ]
        for name, read in turns:
            repeats = 0
            for _ in range(DRAIN_MAX):
                try:
                    packet = read()
                except OSError:
                    # Nothing more, or the link went: the monitor tells that.
                    break
                if repeat(name, packet, now):
                    repeats += 1
                    continue
                event = ip.decode(name, packet)
                if event is not None:
                    yield event
            self.repeats += repeats
        for ear in list(self._ears.values()):
            if ear.fileno() in ready:
                yield from _drain(ear)

    def receive_strangers(self) -> Iterator[AdvertReceived]:
        """What other clusters sent since the last call, at most STRANGERS_MAX of each interface."""
        for (name, _), ends in list(self._ends.items()):
            if ends.strangers is None:
                continue
            read = ends.reader(ends.strangers)
            for _ in range(STRANGERS_MAX):
                try:
                    packet = read()
                except OSError:
                    # As above.
                    break
                event = ip.decode(name, packet)
                if event is not None:
                    yield event

    def stats(self) -> dict[str, dict[str, int]]:
        """By interface: adverts that found no room since the sockets were opened.

        Newer kernels (6.18) look for room before they ask the program: while a buffer is full,
        adverts that the other socket takes count as well.
        """
        found: dict[str, dict[str, int]] = {}
        for (name, _), ends in self._ends.items():
            counts = found.setdefault(name, {"lost": 0, "strangers_lost": 0})
            counts["lost"] += sum(map(lost, ends.receivers()))
            counts["strangers_lost"] += lost(ends.strangers) if ends.strangers else 0
        return found


def _drain(ear: VmacEar) -> Iterator[AdvertReceived]:
    for _ in range(DRAIN_MAX):
        try:
            packet = ear.read()
        except OSError:
            # Nothing more, or the link went down.
            return
        event = ip.decode(ear.interface, packet)
        if event is not None:
            yield event
