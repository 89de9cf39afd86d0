"""One service in nftables: its rules and its elements, as a value that can be compared.

NAT, first packets:   client known? its server, if it takes connections ── else draw a slot ──> dnat
DR, every packet:     flow known? its server ── client known? … ── else draw a slot ──> forward

Flows and clients are remembered by the packets themselves; the rules never name a server, so that a
change of members or weights is one of elements, and of the number that is drawn from.

Registers: DR keeps the flow in front and the server's place behind it; of IPv6 that takes all 16.

Knows schedulers, persistence, methods. Must not know what stands in the kernel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from halod.model.endpoint import Protocol
from halod.model.nft_fitness import Choice, choice_of
from halod.model.service_table import Destination, Service
from halod.model.virtual_server import Method
from halod.wire import nft_expression as x
from halod.wire.nft_balancing import native
from halod.wire.nft_expression import FIRST, Base, DynamicOperation, Verdict
from halod.wire.nft_message import NftElement, NftFamily
from halod.wire.nft_placing import method_of
from halod.wire.nft_record import record_of_destination, record_of_service
from halod.wire.nft_slots import slots_of

__all__ = [
    "NOTHING",
    "Content",
    "FlowTimeouts",
    "PlacedDestination",
    "PlacedService",
    "content_of",
]

SEED = 0x68616C6F
"""Of hashes; the same on both directors: a flow comes to the same server after a failover."""
DRAWN_SECONDS = 1
"""A number that was drawn waits for the next rule; it is forgotten if that does not take it."""
_MS = 1000
_OFFSETS = {4: (12, 16, 4), 6: (8, 24, 16)}
"""Source, destination, length of an address in the network header."""
_NFPROTO = {4: 2, 6: 10}
_SYN, _FIN_RST, _SYN_ACK = b"\x02", b"\x05", b"\x12"
_FLAGS_AT = 13
"""Of the TCP header."""
_ANY = 0


@dataclass(frozen=True, slots=True)
class FlowTimeouts:
    """How long a flow of DR is remembered after its last packet, seconds; those of IPVS."""

    opening: int = 60
    """IP_VS_TCP_S_SYN_RECV."""
    tcp: int = 900
    tcp_fin: int = 120
    udp: int = 300


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
        put(family, "slots", NftElement(number + native(slot), bytes(4) + native(server)))
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
        self._timeouts = timeouts
        self._version = placed.service.key.family
        self._source_at, self._target_at, length = _OFFSETS[self._version]
        self._length = length
        self._words = length // 4
        """Registers of an address."""
        self._client = FIRST + 1 + self._words
        """Behind the key of a client: nothing, and its server."""
        self._place = FIRST + 2 * self._words + 1
        """Behind the key of a flow: nothing, its server, that one's address and link."""

    # ---- drawing ---------------------------------------------------------------------------

    def draw(self, choice: Choice, slots: int) -> bytes:
        """Leaves a number for the rule behind the jump; without a constant, see `nft_balancing`."""
        drawn = self._place + 1
        if choice in (Choice.TURNS, Choice.HEAVIEST):
            number = x.numgen(slots, drawn)
        elif choice is Choice.SOURCE:
            number = x.jhash(FIRST, self._length, slots, SEED, drawn)
        elif choice is Choice.TARGET:
            number = x.jhash(FIRST + self._words, self._length, slots, SEED, drawn)
        else:
            whole = (2 * self._words + 1) * 4
            number = x.jhash(FIRST, whole, slots, SEED, drawn)
        filler = x.payload(Base.NETWORK, self._source_at, 4, self._place)
        key = self._flow_key() + filler + number
        return (
            key + self._change(DynamicOperation.DELETE, "draw") + self._keep("draw", DRAWN_SECONDS)
        )

    def _drawn(self) -> bytes:
        """The server that was drawn, in the register behind `_place`."""
        at = self._place
        taken = self._flow_key() + x.immediate(bytes(4), at + 1)
        taken += x.lookup(f"draw{self._version}", FIRST, at) + x.immediate(bytes(4), at)
        taken += self._change(DynamicOperation.DELETE, "draw")
        service = x.immediate(native(self._placed.number), at)
        return taken + service + x.lookup("slots", at, at) + x.immediate(bytes(4), at)

    def _go_and_draw(self) -> bytes:
        return x.go(Verdict.JUMP, _chain("w", self._placed))

    # ---- NAT -------------------------------------------------------------------------------

    def nat(self) -> Iterator[bytes]:
        if self._service.persistence.ns:
            known = self._known_client() + x.lookup("live", self._client + 1)
            yield known + self._remember_client(self._client) + self._dnat(self._client + 1)
            yield self._go_and_draw()
            drawn = self._drawn() + self._client_key() + self._remember_anew()
            yield drawn + self._dnat(self._place + 1)
        yield self._go_and_draw()
        yield self._drawn() + self._dnat(self._place + 1)
        yield x.reject()

    def refresh(self) -> bytes:
        """While packets of a client come, it stays."""
        return self._known_client() + self._remember_client(self._client)

    def _dnat(self, server: int) -> bytes:
        port = FIRST + self._words if self._has_port() else None
        found = x.lookup(f"d{self._version}", server, FIRST)
        return found + x.dnat(_NFPROTO[self._version], FIRST, port)

    def _has_port(self) -> bool:
        """Whether servers have ports: those that take connections decide, or else all."""
        there = [one.destination for one in self._placed.destinations]
        live = [one for one in there if one.weight > 0] or there
        return any(one.endpoint.port for one in live)

    # ---- clients that stay -----------------------------------------------------------------

    def _client_key(self) -> bytes:
        address = FIRST + 1
        key = x.immediate(native(self._placed.number), FIRST)
        key += x.payload(Base.NETWORK, self._source_at, self._length, address)
        bits = self._length * 8
        mask = self._service.persistence_mask
        if 0 < mask < bits:
            significant = ((1 << mask) - 1) << (bits - mask)
            key += x.masked(address, significant.to_bytes(self._length, "big"))
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
        forgotten = x.dynamic(DynamicOperation.DELETE, self._clients, FIRST, self._place)
        return forgotten + self._remember_client(self._place)

    @property
    def _clients(self) -> str:
        return f"p{self._version}"

    # ---- DR --------------------------------------------------------------------------------

    def direct(self) -> Iterator[bytes]:
        stays = bool(self._service.persistence.ns)
        if stays:
            yield self.refresh()
        yield from self._known_flows()
        if self._service.key.protocol is Protocol.TCP:
            again = self._flag(_SYN_ACK, _SYN, equal=True) + self._flow("tcp")
            yield again + self._is("live") + self._forward()
        if stays:
            known = self._known_client() + x.lookup("live", self._client + 1)
            yield known + self._found(self._client + 1) + self._remember_flow() + self._forward()
        yield self._go_and_draw()
        drawn = self._drawn()
        if stays:
            drawn += self._client_key() + self._remember_anew()
        yield drawn + self._found(self._place + 1) + self._remember_flow() + self._forward()

    def _known_flows(self) -> Iterator[bytes]:
        """Packets of flows go where the first one went, whatever has become of the server."""
        timeouts = self._timeouts
        protocol = self._service.key.protocol
        if protocol is Protocol.UDP:
            # No connection breaks: what went to a server that was removed is balanced anew.
            known = self._flow("udp") + self._is("known")
            yield known + self._keep("udp", timeouts.udp) + self._forward()
        elif protocol is Protocol.SCTP:
            yield self._flow("sctp") + self._keep("sctp", timeouts.tcp) + self._forward()
        else:
            ends = self._flag(_FIN_RST, b"\0", equal=False) + self._flow("tcp")
            ends += self._change(DynamicOperation.DELETE, "tcp")
            yield ends + self._keep("closing", timeouts.tcp_fin) + self._forward()
            for flows, seconds in (("tcp", timeouts.tcp), ("closing", timeouts.tcp_fin)):
                goes_on = self._flag(_SYN_ACK, _SYN, equal=False) + self._flow(flows)
                yield goes_on + self._keep(flows, seconds) + self._forward()

    def _flag(self, mask: bytes, value: bytes, *, equal: bool) -> bytes:
        flags = x.payload(Base.TRANSPORT, _FLAGS_AT, 1, FIRST) + x.masked(FIRST, mask)
        return flags + x.compare(FIRST, value, equal=equal)

    def _flow_key(self) -> bytes:
        target = FIRST + self._words
        return (
            x.payload(Base.NETWORK, self._source_at, self._length, FIRST)
            + x.payload(Base.NETWORK, self._target_at, self._length, target)
            + x.payload(Base.TRANSPORT, 0, 4, target + self._words)
        )

    def _flow(self, flows: str) -> bytes:
        """Known: its place is in the registers behind the key."""
        found = x.lookup(f"{flows}{self._version}", FIRST, self._place)
        return self._flow_key() + self._shown() + found + x.immediate(bytes(4), self._place)

    def _found(self, server: int) -> bytes:
        """The place of a server that was drawn, behind the key of the flow."""
        found = x.lookup(f"d{self._version}", server, self._place)
        # The constants may stand where the server's number is: so they come between.
        return self._shown_apart(server) + found + x.immediate(bytes(4), self._place)

    def _shown(self) -> bytes:
        at = self._place
        shown = x.immediate(bytes(4), at + 1) + x.immediate(bytes(self._length), at + 2)
        return shown + x.immediate(native(1), at + 2 + self._words)

    def _shown_apart(self, server: int) -> bytes:
        at, shown = self._place, b""
        if server != at + 1:
            shown += x.immediate(bytes(4), at + 1)
        return (
            shown
            + x.immediate(bytes(self._length), at + 2)
            + x.immediate(native(1), at + 2 + self._words)
        )

    def _is(self, set_name: str) -> bytes:
        return x.lookup(set_name, self._place + 1)

    def _keep(self, flows: str, seconds: int) -> bytes:
        return self._change(DynamicOperation.UPDATE, flows, seconds)

    def _change(self, operation: DynamicOperation, flows: str, seconds: int = 0) -> bytes:
        name = f"{flows}{self._version}"
        return x.dynamic(operation, name, FIRST, self._place, seconds * _MS or None)

    def _remember_flow(self) -> bytes:
        timeouts = self._timeouts
        forget = DynamicOperation.DELETE
        protocol = self._service.key.protocol
        if protocol is Protocol.UDP:
            change = self._change(forget, "udp") + self._keep("udp", timeouts.udp)
        elif protocol is Protocol.SCTP:
            change = self._keep("sctp", timeouts.opening)
        else:
            change = self._change(forget, "closing") + self._change(forget, "tcp")
            change += self._keep("tcp", timeouts.opening)
        return self._flow_key() + change

    def _forward(self) -> bytes:
        address = self._place + 2
        return x.forward(address + self._words, address, _NFPROTO[self._version])
