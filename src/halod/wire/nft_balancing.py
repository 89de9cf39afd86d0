"""The tables of the nftables engine without any service: sets, maps, and the way into a service.

    inet    prerouting, output (nat) ─> dispatch ─> c<service>   NAT: the first packet decides
            refresh (before nat)     ─> r<service>               clients that stay with a server
    netdev  i<link> (ingress)        ─> dispatch ─> c<service>   DR: every packet

    v4     address, protocol, port -> c<service>    any4   address, protocol -> c<service>
    mark4  firewall mark           -> c<service>    stay…  the same for refresh
    draw4  flow                    -> number drawn by w<service>
    slots  number drawn            -> server        d4     server -> where it is; counts
    p4     service, client         -> server        live   servers that take new connections
    tcp4…  a flow of DR            -> server        known  servers that stand in the table
    book   what each service and server was made from, as a comment

Three things that shape it:

- The kernel walks through all rules of a table when one comes that has a constant, a lookup or an
  address translation in it: 15 ms and more with thousands of services. So members and weights are
  elements, and the number that is drawn from stands in a rule that has none of these (w<service>).
- For each element that comes into a map it walks through all rules that look into that map, and
  for each rule through all others. So services jump into rules that they share (natN, tcpnewN, …);
  those with persistence have some of their own. Slots are numbered through: a service draws from
  its own.
- nft 1.0 aborts at a rule in which what a map gave is the key of another. So a value that is looked
  up begins with four bytes of nothing, and the registers behind it get a constant before: nft
  lists such a rule, and shows the constant in place of the server.

Knows names and shapes. Must not know a service: `nft_service_rules`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from halod.model.endpoint import Protocol
from halod.wire import nft_expression as x
from halod.wire.nfnetlink import NftFamily, NftMessage, rules_of_chain, table
from halod.wire.nft_expression import FIRST, Base, Meta, Verdict
from halod.wire.nft_flow_rules import FlowTimeouts, common_rules
from halod.wire.nft_message import (
    ChainHook,
    Kind,
    SetFlag,
    SetShape,
    chain,
    named_chain,
    rule,
    set_,
)

__all__ = [
    "APPEND",
    "CREATE",
    "FAMILIES",
    "FLOWS_MAX",
    "SHAPES",
    "TABLE",
    "Change",
    "base",
    "base_rules",
    "comment_of",
    "device_chain",
    "device_of",
    "device_rules",
    "ingress",
    "unhooked",
]

TABLE = "halod_lvs"
"""In the families inet and netdev."""
CREATE, APPEND = 0x400, 0x800
"""NLM_F_CREATE, NLM_F_APPEND."""
FAMILIES = (NftFamily.INET, NftFamily.NETDEV)
"""Those of the two tables."""
FLOWS_MAX = 1 << 20
"""Flows of DR, and clients that stay, of each kind: about 200 bytes each in the kernel. What comes
on top is balanced without being remembered."""
DRAWN_MAX = 1 << 16
"""Numbers drawn that no rule has taken yet: as many as there are processors, but for accidents."""

Change = tuple[NftMessage, int, bytes]

_MARK, _PORT = Kind.MARK, Kind.PORT
_REMEMBERED = SetFlag.TIMEOUT | SetFlag.DYNAMIC
_DNAT_PRIORITY = -100
"""NF_IP_PRI_NAT_DST."""
_REFRESH_PRIORITY = _DNAT_PRIORITY - 1
_PREROUTING, _OUTPUT, _INGRESS = 0, 3, 0
_TO_US = b"\0"
"""PACKET_HOST: frames that a switch floods are for somebody else."""
_PROTOCOLS = tuple(protocol.value for protocol in Protocol)
_NFPROTO = {4: b"\x02", 6: b"\x0a"}
_ETHERTYPE = {4: b"\x08\x00", 6: b"\x86\xdd"}


def address_kind(family: int) -> Kind:
    return Kind.ADDRESS_V4 if family == 4 else Kind.ADDRESS_V6


def _shapes() -> Iterator[tuple[NftFamily, SetShape]]:
    for number in (4, 6):
        address = address_kind(number)
        full = (address, Kind.PROTOCOL, _PORT)
        any_port = (address, Kind.PROTOCOL)
        flow = (address, address, _MARK)
        verdict = (Kind.VERDICT,)
        for nft_family in FAMILIES:
            yield nft_family, SetShape(f"v{number}", full, verdict)
            yield nft_family, SetShape(f"any{number}", any_port, verdict)
            key, value = (_MARK, address), (_MARK, _MARK)
            yield nft_family, SetShape(f"p{number}", key, value, _REMEMBERED, FLOWS_MAX)
            yield nft_family, SetShape(f"draw{number}", flow, value, _REMEMBERED, DRAWN_MAX)
        inet, netdev = NftFamily.INET, NftFamily.NETDEV
        yield inet, SetShape(f"mark{number}", (_MARK,), verdict)
        yield inet, SetShape(f"stay{number}", full, verdict)
        yield inet, SetShape(f"stayany{number}", any_port, verdict)
        yield inet, SetShape(f"staymark{number}", (_MARK,), verdict)
        yield inet, SetShape(f"d{number}", (_MARK,), (address, _PORT), has_counters=True)
        place = (_MARK, _MARK, address, Kind.INTERFACE)
        yield netdev, SetShape(f"d{number}", (_MARK,), place, has_counters=True)
        for flows in ("tcp", "closing", "udp", "sctp"):
            yield netdev, SetShape(f"{flows}{number}", flow, place, _REMEMBERED, FLOWS_MAX)
    for nft_family in FAMILIES:
        yield nft_family, SetShape("slots", (_MARK,), (_MARK, _MARK))
        yield nft_family, SetShape("live", (_MARK,))
    yield NftFamily.NETDEV, SetShape("known", (_MARK,))
    yield NftFamily.INET, SetShape("book", (_MARK, _MARK))


SHAPES: tuple[tuple[NftFamily, SetShape], ...] = tuple(_shapes())


def base(name: str, timeouts: FlowTimeouts) -> Iterator[Change]:
    """Both tables, which are not there, with all that services have in common."""
    for family in FAMILIES:
        yield NftMessage.NEWTABLE, CREATE, table(family, name)
        yield NftMessage.NEWCHAIN, CREATE, chain(family, name, "dispatch")
    inet = NftFamily.INET
    yield NftMessage.NEWCHAIN, CREATE, chain(inet, name, "restay")
    for hooked, hook in (
        ("prerouting", ChainHook("nat", _PREROUTING, _DNAT_PRIORITY)),
        ("output", ChainHook("nat", _OUTPUT, _DNAT_PRIORITY)),
        ("refresh", ChainHook("filter", _PREROUTING, _REFRESH_PRIORITY)),
    ):
        yield NftMessage.NEWCHAIN, CREATE, chain(inet, name, hooked, hook)
    for family, of_chain in dict.fromkeys((f, c) for f, c, _ in common_rules(timeouts)):
        yield NftMessage.NEWCHAIN, CREATE, chain(family, name, of_chain)
    for number, (family, shape) in enumerate(SHAPES, 1):
        yield NftMessage.NEWSET, CREATE, set_(family, name, shape, number)
    for family, of_chain, expressions in base_rules(timeouts):
        payload = rule(family, name, of_chain, expressions, comment_of(expressions))
        yield NftMessage.NEWRULE, CREATE | APPEND, payload


def base_rules(timeouts: FlowTimeouts) -> Iterator[tuple[NftFamily, str, bytes]]:
    """The rules that services share: family, chain, expressions."""
    yield from common_rules(timeouts)
    inet = NftFamily.INET
    for hooked in ("prerouting", "output"):
        yield inet, hooked, x.go(Verdict.JUMP, "dispatch")
    yield inet, "refresh", x.go(Verdict.JUMP, "restay")
    for of_chain, prefix in (("dispatch", ""), ("restay", "stay")):
        for number in (4, 6):
            is_family = x.meta(Meta.NFPROTO, FIRST) + x.compare(FIRST, _NFPROTO[number])
            mark = x.meta(Meta.MARK, FIRST)
            for protocol in _PROTOCOLS:
                only = x.meta(Meta.L4PROTO, FIRST) + x.compare(FIRST, bytes((protocol,)))
                found = x.lookup(f"{prefix}mark{number}", FIRST, x.VERDICT_REGISTER)
                yield inet, of_chain, is_family + only + mark + found
            for key, to in _keys(number, prefix):
                yield inet, of_chain, is_family + key + x.lookup(to, FIRST, x.VERDICT_REGISTER)
    for number in (4, 6):
        is_family = x.meta(Meta.PROTOCOL, FIRST) + x.compare(FIRST, _ETHERTYPE[number])
        for key, to in _keys(number, ""):
            found = x.lookup(to, FIRST, x.VERDICT_REGISTER)
            yield NftFamily.NETDEV, "dispatch", is_family + key + found


def _keys(number: int, prefix: str) -> Iterator[tuple[bytes, str]]:
    """How a packet is looked up, and in which map."""
    offset, length = (16, 4) if number == 4 else (24, 16)
    address = x.payload(Base.NETWORK, offset, length, FIRST)
    protocol = FIRST + length // 4
    whose = address + x.meta(Meta.L4PROTO, protocol)
    port = x.payload(Base.TRANSPORT, 2, 2, protocol + 1)
    yield whose + port, f"{prefix}v{number}" if not prefix else f"{prefix}{number}"
    yield whose, f"{prefix}any{number}"


def device_chain(index: int) -> str:
    return f"i{index}"


def device_of(family: NftFamily, of_chain: str) -> int:
    """The link whose hook a chain is; 0: it is none."""
    number = of_chain.removeprefix("i")
    is_hook = family is NftFamily.NETDEV and number != of_chain and number.isdecimal()
    return int(number) if is_hook else 0


def unhooked(name: str, index: int) -> Iterator[Change]:
    """Without the hook of a link, whether it stands or went with its link."""
    family, own = NftFamily.NETDEV, device_chain(index)
    yield NftMessage.NEWCHAIN, CREATE, chain(family, name, own)
    yield NftMessage.DELRULE, 0, rules_of_chain(family, name, own)
    yield NftMessage.DELCHAIN, 0, named_chain(family, name, own)


def ingress(name: str, device: str, index: int) -> Iterator[Change]:
    """The hook of one link."""
    family, own = NftFamily.NETDEV, device_chain(index)
    hook = ChainHook("filter", _INGRESS, 0, device)
    yield NftMessage.NEWCHAIN, CREATE, chain(family, name, own, hook)
    for expressions in device_rules():
        payload = rule(family, name, own, expressions, comment_of(expressions))
        yield NftMessage.NEWRULE, CREATE | APPEND, payload


def device_rules() -> Iterator[bytes]:
    to_us = x.meta(Meta.PKTTYPE, FIRST) + x.compare(FIRST, _TO_US)
    yield to_us + x.go(Verdict.JUMP, "dispatch")


def comment_of(expressions: bytes) -> str:
    """By which a rule is known again: somebody else's in its place has another, or none."""
    return f"halod {zlib.crc32(expressions):08x}"
