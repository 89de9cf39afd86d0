"""One service in nftables: its rules and its elements, as a value that can be compared.

NAT, first packets:   client known? its server, if it takes connections ── else draw a slot ──> dnat
DR, every packet:     flow known? its server ── client known? … ── else draw a slot ──> forward

Flows and clients are remembered by the packets themselves; the rules never name a server, so that a
change of members or weights is one of elements, and of the number that is drawn from.

Knows schedulers, persistence, methods. Must not know what stands in the kernel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from halod.model.nft_fitness import Choice, choice_of
from halod.model.service_table import Destination, Service
from halod.model.virtual_server import Method
from halod.wire import nft_expression as x
from halod.wire.nfnetlink import NftFamily
from halod.wire.nft_expression import FIRST, Base, DynamicOperation, Verdict, native
from halod.wire.nft_flow_rules import (
    FlowRules,
    FlowTimeouts,
    flows_chain,
    nat_chain,
    new_chain,
)
from halod.wire.nft_message import NftElement
from halod.wire.nft_placing import method_of
from halod.wire.nft_record import record_of_destination, record_of_service
from halod.wire.nft_slots import slots_of

__all__ = [
    "NOTHING",
    "Content",
    "PlacedDestination",
    "PlacedService",
    "content_of",
]

_MS = 1000
_ANY = 0


@dataclass(frozen=True, slots=True)
class PlacedDestination:
    number: int
    """Identity in maps, the same for the same server of the same service."""
    destination: Destination
    device: int = 0
    """Of DR: index of the link on which it is; 0: this machine itself."""


@dataclass(frozen=True, slots=True)
class PlacedService:
    number: int
    service: Service
    destinations: tuple[PlacedDestination, ...] = ()
    """By endpoint."""

    @property
    def method(self) -> Method:
        return method_of(one.destination for one in self.destinations)


SetName = tuple[NftFamily, str]
ChainName = tuple[NftFamily, str]


@dataclass(frozen=True, slots=True)
class Content:
    """What stands in the kernel for one service."""

    rules: Mapping[ChainName, tuple[bytes, ...]]
    """Expressions of each rule in its order; a chain that is not named does not exist."""
    elements: Mapping[SetName, Mapping[bytes, NftElement]]


NOTHING = Content({}, {})


def content_of(placed: PlacedService, timeouts: FlowTimeouts) -> Content:
    """Everything of one service."""
    is_direct = placed.method is Method.DR
    family = NftFamily.NETDEV if is_direct else NftFamily.INET
    service = placed.service
    choice = choice_of(service.scheduler, service.scheduler_flags)
    # Where this machine itself is a DR server, and alone, what is new is left to it.
    slots = slots_of(
        [(o.number, o.destination) for o in placed.destinations if o.device or not is_direct],
        choice,
        is_maglev=service.scheduler == "mh",
    )
    writer = _Writer(placed, timeouts)
    rules = {
        (family, _chain("w", placed)): (writer.draw(choice, len(slots)),) if slots else (),
        (family, _chain("c", placed)): tuple(writer.direct() if is_direct else writer.nat()),
    }
    if service.persistence.ns and not is_direct:
        rules[family, _chain("r", placed)] = (writer.refresh(),)
    return Content(rules, _elements(placed, family, slots))


def _elements(
    placed: PlacedService, family: NftFamily, slots: tuple[int, ...]
) -> dict[SetName, dict[bytes, NftElement]]:
    number, service = native(placed.number), placed.service
    version = service.key.family
    found: dict[SetName, dict[bytes, NftElement]] = {}

    def put(set_family: NftFamily, name: str, element: NftElement) -> None:
        found.setdefault((set_family, name), {})[element.key] = element

    put(NftFamily.INET, "book", NftElement(number + native(0), comment=record_of_service(service)))
    to, key = _dispatch(service)
    put(family, f"{to}{version}", NftElement(key, chain=_chain("c", placed)))
    if service.persistence.ns and family is NftFamily.INET:
        stay = "stay" if to == "v" else f"stay{to}"
        put(family, f"{stay}{version}", NftElement(key, chain=_chain("r", placed)))
    for slot, server in enumerate(slots):
        own_slot = native(placed.number + slot)
        put(family, "slots", NftElement(own_slot, bytes(4) + native(server)))
    for one in placed.destinations:
        own = native(one.number)
        record = record_of_destination(one.destination)
        put(NftFamily.INET, "book", NftElement(number + own, comment=record))
        put(family, f"d{version}", NftElement(own, _where(one, family)))
        if one.destination.weight > 0:
            put(family, "live", NftElement(own))
        if family is NftFamily.NETDEV:
            put(family, "known", NftElement(own))
    return found


def _dispatch(service: Service) -> tuple[str, bytes]:
    """Map and key by which packets find a service."""
    key = service.key
    if key.endpoint is None or key.protocol is None:
        return "mark", native(key.mark)
    whose = key.endpoint.address.packed + bytes((key.protocol.value, 0, 0, 0))
    if key.endpoint.port == _ANY:
        return "any", whose
    return "v", whose + key.endpoint.port.to_bytes(2, "big") + bytes(2)


def _where(one: PlacedDestination, family: NftFamily) -> bytes:
    endpoint = one.destination.endpoint
    if family is NftFamily.INET:
        return endpoint.address.packed + endpoint.port.to_bytes(2, "big") + bytes(2)
    return bytes(4) + native(one.number) + endpoint.address.packed + native(one.device)


def _chain(kind: str, placed: PlacedService) -> str:
    return f"{kind}{placed.number:08x}"


class _Writer:
    """Writes the rules of one service."""

    def __init__(self, placed: PlacedService, timeouts: FlowTimeouts) -> None:
        self._placed = placed
        self._service = placed.service
        self._version = placed.service.key.family
        self._flow = FlowRules(self._version, timeouts)
        self._client = FIRST + 1 + self._flow.words
        """Behind the key of a client: nothing, and its server."""

    def draw(self, choice: Choice, slots: int) -> bytes:
        return self._flow.draw(choice, slots, self._placed.number)

    def nat(self) -> Iterator[bytes]:
        has_port = self._has_port()
        if self._service.persistence.ns:
            known = self._known_client() + x.lookup("live", self._client + 1)
            known += self._remember_client(self._client)
            yield known + self._flow.dnat(self._client + 1, has_port)
            yield self._go_and_draw()
            drawn = self._flow.drawn() + self._client_key() + self._remember_anew()
            yield drawn + self._flow.dnat(self._flow.place + 1, has_port)
        yield self._go_and_draw()
        yield x.go(Verdict.GOTO, nat_chain(self._version, has_port=has_port))

    def direct(self) -> Iterator[bytes]:
        protocol = self._service.key.protocol
        assert protocol is not None, "a mark has no DR"
        stays = bool(self._service.persistence.ns)
        if stays:
            yield self.refresh()
        yield x.go(Verdict.JUMP, flows_chain(protocol, self._version))
        if not stays:
            yield self._go_and_draw()
            yield x.go(Verdict.GOTO, new_chain(protocol, self._version))
            return
        known = self._known_client() + x.lookup("live", self._client + 1)
        yield known + self._flow.onward(self._client + 1, protocol)
        yield self._go_and_draw()
        drawn = self._flow.drawn() + self._client_key() + self._remember_anew()
        yield drawn + self._flow.onward(self._flow.place + 1, protocol)

    def refresh(self) -> bytes:
        """While packets of a client come, it stays."""
        return self._known_client() + self._remember_client(self._client)

    def _go_and_draw(self) -> bytes:
        return x.go(Verdict.JUMP, _chain("w", self._placed))

    def _has_port(self) -> bool:
        """Whether servers have ports: those that take connections decide, or else all."""
        there = [one.destination for one in self._placed.destinations]
        live = [one for one in there if one.weight > 0] or there
        return any(one.endpoint.port for one in live)

    def _client_key(self) -> bytes:
        address = FIRST + 1
        key = x.immediate(native(self._placed.number), FIRST)
        key += x.payload(Base.NETWORK, self._flow.source_at, self._flow.length, address)
        bits = self._flow.length * 8
        mask = self._service.persistence_mask
        if 0 < mask < bits:
            significant = ((1 << mask) - 1) << (bits - mask)
            key += x.masked(address, significant.to_bytes(self._flow.length, "big"))
        return key

    def _known_client(self) -> bytes:
        shown = x.immediate(bytes(4), self._client + 1)
        found = x.lookup(self._clients, FIRST, self._client)
        return self._client_key() + shown + found + x.immediate(bytes(4), self._client)

    def _remember_client(self, server: int) -> bytes:
        timeout_ms = self._service.persistence.whole_seconds * _MS
        update = DynamicOperation.UPDATE
        return x.dynamic(update, self._clients, FIRST, server, timeout_ms)

    def _remember_anew(self) -> bytes:
        """What was drawn, in place of a server that takes no connections any more."""
        forgotten = x.dynamic(DynamicOperation.DELETE, self._clients, FIRST, self._flow.place)
        return forgotten + self._remember_client(self._flow.place)

    @property
    def _clients(self) -> str:
        return f"p{self._version}"
