"""Segments that carry adverts from node to node: late, twice, out of order, or not at all.

Knows ways between nodes and what is cut. Must not know what an advert says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from halod.model.address import IpAddress
from halod.model.effect import SendAdvert
from halod.model.event import AdvertReceived
from halod.sim.machine import Machine
from halod.sim.machine_clock import Agenda
from halod.sim.observation import AdvertMissed, Watch
from halod.sim.scenario import NetworkOptions
from halod.wire import ip

__all__ = ["Network", "Station"]

IDENTIFICATIONS = 1 << 16
"""Datagrams are told apart by 16 bits (RFC 791, 3.1), and echoes must not mind them."""


@dataclass(frozen=True, slots=True)
class Station:
    """One interface on a segment."""

    machine: Machine
    interface: str
    hear: Callable[[str, bytes], None]
    """Takes the interface, and the datagram as a raw socket gives it."""

    def has(self, address: IpAddress) -> bool:
        """Whether unicast to that address comes here."""
        return address in self.machine.links[self.interface].addresses


class Network:
    """All segments."""

    def __init__(
        self, options: NetworkOptions, agenda: Agenda, random: Random, watch: Watch
    ) -> None:
        self._options = options
        self._agenda = agenda
        self._random = random
        self._watch = watch
        self._segments: dict[str, list[Station]] = {}
        self._heard_by: dict[tuple[str, str], list[Station]] = {}
        """(node, interface) to the stations that hear it."""
        self._serial = 0
        self._cuts: Counter[tuple[str, str]] = Counter()

    def attach(self, segment: str, station: Station) -> None:
        others = self._segments.setdefault(segment, [])
        for speaker, hearer in [(o, station) for o in others] + [(station, o) for o in others]:
            if speaker.machine is not hearer.machine:
                key = (speaker.machine.name, speaker.interface)
                self._heard_by.setdefault(key, []).append(hearer)
        others.append(station)

    def cut(self, source: str, target: str) -> None:
        """From now on nothing goes this way; each cut is mended by itself."""
        self._cuts[source, target] += 1

    def mend(self, source: str, target: str) -> None:
        self._cuts[source, target] -= 1

    def calm(self) -> None:
        """Nothing is lost or doubled any more; delays stay."""
        delays = self._options
        self._options = NetworkOptions(delay_min=delays.delay_min, delay_max=delays.delay_max)

    def send(self, machine: Machine, effect: SendAdvert) -> str | None:
        """The reason where the sender's kernel does not take it."""
        if not machine.links[effect.interface].running:
            return "Network is down"
        if machine.mute:
            return "Operation not permitted"
        for destination, payload in effect.packets():
            self._serial = (self._serial + 1) % IDENTIFICATIONS
            event = AdvertReceived(
                effect.interface, effect.source, destination, effect.ttl, payload
            )
            packet = payload if effect.whole else ip.encode(event, self._serial)
            for station in self._heard_by.get((machine.name, effect.interface), ()):
                if destination.is_multicast or station.has(destination):
                    self._carry(machine.name, station, packet)
        return None

    def _carry(self, source: str, station: Station, packet: bytes) -> None:
        target = station.machine.name
        if self._cuts[source, target]:
            return
        if self._random.random() * 100 < self._options.loss_percent:
            self._watch(AdvertMissed(self._agenda.now_ns, source, target))
            return
        copies = 2 if self._random.random() * 100 < self._options.duplicate_percent else 1
        late = self._random.random() * 100 < self._options.late_percent
        for _ in range(copies):
            delay_ns = self._delay_ns(late=late)
            self._agenda.at(self._agenda.now_ns + delay_ns, lambda: self._arrive(station, packet))
            if late:
                # Missed where it was wanted, and a trouble once more when it comes.
                for at_ns in (0, delay_ns):
                    self._agenda.at(
                        self._agenda.now_ns + at_ns,
                        lambda: self._watch(AdvertMissed(self._agenda.now_ns, source, target)),
                    )

    def _delay_ns(self, *, late: bool) -> int:
        options = self._options
        if late:
            return self._random.randint(options.delay_max.ns, options.late_max.ns)
        return self._random.randint(options.delay_min.ns, options.delay_max.ns)

    def _arrive(self, station: Station, packet: bytes) -> None:
        machine = station.machine
        if machine.links[station.interface].running and not machine.frozen:
            station.hear(station.interface, packet)
