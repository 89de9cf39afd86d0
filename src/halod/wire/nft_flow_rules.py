"""Rules that all services share: a slot that was drawn, flows of DR, where a packet goes.

Registers: the key of a flow in front, and behind it four bytes of nothing, the server, its address
and link; of IPv6 that takes all sixteen.

Knows headers and maps. Must not know services: `nft_service_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from halod.model.endpoint import Protocol
from halod.model.nft_fitness import Choice
from halod.wire import nft_expression as x
from halod.wire.nfnetlink import NftFamily
from halod.wire.nft_expression import FIRST, Base, DynamicOperation, native

__all__ = ["FlowRules", "FlowTimeouts", "common_rules", "flows_chain", "nat_chain", "new_chain"]

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


@dataclass(frozen=True, slots=True)
class FlowTimeouts:
    """How long a flow of DR is remembered after its last packet, seconds; those of IPVS."""

    opening: int = 60
    """IP_VS_TCP_S_SYN_RECV."""
    tcp: int = 900
    tcp_fin: int = 120
    udp: int = 300


def nat_chain(version: int, *, has_port: bool) -> str:
    """Where a first packet goes whose slot was drawn."""
    return f"nat{version}" if has_port else f"natsame{version}"


def flows_chain(protocol: Protocol, version: int) -> str:
    """Sends on packets of flows that are known."""
    return f"{protocol.word}flows{version}"


def new_chain(protocol: Protocol, version: int) -> str:
    """Sends on a packet whose slot was drawn, and remembers its flow."""
    return f"{protocol.word}new{version}"


def common_rules(timeouts: FlowTimeouts) -> Iterator[tuple[NftFamily, str, bytes]]:
    """Family, chain, expressions of each rule in order."""
    for version in (4, 6):
        rules = FlowRules(version, timeouts)
        for has_port in (True, False):
            chain = nat_chain(version, has_port=has_port)
            yield NftFamily.INET, chain, rules.drawn() + rules.dnat(rules.place + 1, has_port)
            yield NftFamily.INET, chain, x.reject()
        for protocol in Protocol:
            for rule in rules.flows(protocol):
                yield NftFamily.NETDEV, flows_chain(protocol, version), rule
            yield NftFamily.NETDEV, new_chain(protocol, version), rules.new(protocol)


class FlowRules:
    """Of one address family."""

    def __init__(self, version: int, timeouts: FlowTimeouts) -> None:
        self._version = version
        self._timeouts = timeouts
        self.source_at, self._target_at, self.length = _OFFSETS[version]
        self.words = self.length // 4
        """Registers of an address."""
        self.place = FIRST + 2 * self.words + 1
        """Behind the key of a flow."""

    def draw(self, choice: Choice, slots: int, first: int) -> bytes:
        """Leaves the number of a slot for the rule behind; without a constant, see
        `nft_balancing`."""
        drawn = self.place + 1
        if choice in (Choice.TURNS, Choice.HEAVIEST):
            number = x.numgen(slots, first, drawn)
        elif choice is Choice.SOURCE:
            number = x.jhash(FIRST, self.length, slots, SEED, first, drawn)
        elif choice is Choice.TARGET:
            number = x.jhash(FIRST + self.words, self.length, slots, SEED, first, drawn)
        else:
            whole = (2 * self.words + 1) * 4
            number = x.jhash(FIRST, whole, slots, SEED, first, drawn)
        filler = x.payload(Base.NETWORK, self.source_at, 4, self.place)
        forgotten = self._change(DynamicOperation.DELETE, "draw")
        return self._flow_key() + filler + number + forgotten + self._keep("draw", DRAWN_SECONDS)

    def drawn(self) -> bytes:
        """The server that was drawn, in the register behind `place`."""
        at = self.place
        taken = self._flow_key() + x.immediate(bytes(4), at + 1)
        taken += x.lookup(f"draw{self._version}", FIRST, at) + x.immediate(bytes(4), at)
        taken += self._change(DynamicOperation.DELETE, "draw")
        # nft must not see that the key came from a map: a constant stands between.
        return taken + x.lookup("slots", at + 1, at) + x.immediate(bytes(4), at)

    def dnat(self, server: int, has_port: bool) -> bytes:
        port = FIRST + self.words if has_port else None
        found = x.lookup(f"d{self._version}", server, FIRST)
        return found + x.dnat(_NFPROTO[self._version], FIRST, port)

    def flows(self, protocol: Protocol) -> Iterator[bytes]:
        """Packets of flows go where the first one went, whatever has become of the server."""
        timeouts = self._timeouts
        if protocol is Protocol.UDP:
            # No connection breaks: what went to a server that was removed is balanced anew.
            known = self._flow("udp") + self._is("known")
            yield known + self._keep("udp", timeouts.udp) + self.forward()
        elif protocol is Protocol.SCTP:
            yield self._flow("sctp") + self._keep("sctp", timeouts.tcp) + self.forward()
        else:
            ends = self._flag(_FIN_RST, b"\0", equal=False) + self._flow("tcp")
            ends += self._change(DynamicOperation.DELETE, "tcp")
            yield ends + self._keep("closing", timeouts.tcp_fin) + self.forward()
            for flows, seconds in (("tcp", timeouts.tcp), ("closing", timeouts.tcp_fin)):
                goes_on = self._flag(_SYN_ACK, _SYN, equal=False) + self._flow(flows)
                yield goes_on + self._keep(flows, seconds) + self.forward()
            again = self._flag(_SYN_ACK, _SYN, equal=True) + self._flow("tcp")
            yield again + self._is("live") + self.forward()

    def new(self, protocol: Protocol) -> bytes:
        """To the server that was drawn."""
        return self.drawn() + self.onward(self.place + 1, protocol)

    def onward(self, server: int, protocol: Protocol) -> bytes:
        """To the server in that register, and remembered."""
        return self._found(server) + self._remember(protocol) + self.forward()

    def _flag(self, mask: bytes, value: bytes, *, equal: bool) -> bytes:
        flags = x.payload(Base.TRANSPORT, _FLAGS_AT, 1, FIRST) + x.masked(FIRST, mask)
        return flags + x.compare(FIRST, value, equal=equal)

    def _flow_key(self) -> bytes:
        target = FIRST + self.words
        return (
            x.payload(Base.NETWORK, self.source_at, self.length, FIRST)
            + x.payload(Base.NETWORK, self._target_at, self.length, target)
            + x.payload(Base.TRANSPORT, 0, 4, target + self.words)
        )

    def _flow(self, flows: str) -> bytes:
        """Known: its place is in the registers behind the key."""
        found = x.lookup(f"{flows}{self._version}", FIRST, self.place)
        return self._flow_key() + self._shown() + found + x.immediate(bytes(4), self.place)

    def _found(self, server: int) -> bytes:
        """The place of a server that was drawn, behind the key of the flow."""
        found = x.lookup(f"d{self._version}", server, self.place)
        # The constants may stand where the server's number is: so they come between.
        return self._shown_apart(server) + found + x.immediate(bytes(4), self.place)

    def _shown(self) -> bytes:
        at = self.place
        shown = x.immediate(bytes(4), at + 1) + x.immediate(bytes(self.length), at + 2)
        return shown + x.immediate(native(1), at + 2 + self.words)

    def _shown_apart(self, server: int) -> bytes:
        at, shown = self.place, b""
        if server != at + 1:
            shown += x.immediate(bytes(4), at + 1)
        return (
            shown
            + x.immediate(bytes(self.length), at + 2)
            + x.immediate(native(1), at + 2 + self.words)
        )

    def _is(self, set_name: str) -> bytes:
        return x.lookup(set_name, self.place + 1)

    def _keep(self, flows: str, seconds: int) -> bytes:
        return self._change(DynamicOperation.UPDATE, flows, seconds)

    def _change(self, operation: DynamicOperation, flows: str, seconds: int = 0) -> bytes:
        name = f"{flows}{self._version}"
        return x.dynamic(operation, name, FIRST, self.place, seconds * _MS or None)

    def _remember(self, protocol: Protocol) -> bytes:
        timeouts = self._timeouts
        forget = DynamicOperation.DELETE
        if protocol is Protocol.UDP:
            change = self._change(forget, "udp") + self._keep("udp", timeouts.udp)
        elif protocol is Protocol.SCTP:
            change = self._keep("sctp", timeouts.opening)
        else:
            change = self._change(forget, "closing") + self._change(forget, "tcp")
            change += self._keep("tcp", timeouts.opening)
        return self._flow_key() + change

    def forward(self) -> bytes:
        address = self.place + 2
        return x.forward(address + self.words, address, _NFPROTO[self._version])
