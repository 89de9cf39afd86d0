"""Where the adverts of an instance go and come from: the unicast and multicast keywords.

Knows keepalived's rules between them. Must not know other instances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from halod.config.address_words import as_address, bare_address
from halod.config.codes import Code
from halod.config.findings import Findings, did_you_mean
from halod.config.lexer import Word
from halod.config.lowering.address import family_of
from halod.config.placeholder import PLACE, is_place
from halod.config.reading import Values
from halod.config.suggest import closest
from halod.config.tree import Statement
from halod.model.address import IpAddress
from halod.model.diagnostic import Applicability, Fix, Label, Span
from halod.model.unicast import TTL_MAX, OldChecksum, Unicast, UnicastPeer
from halod.model.vrrp import ANY_LINK

__all__ = ["NO_INTERFACE", "Way", "interface_of", "is_link_local_group", "lower_way"]

_SCOPE_LINK = 2
_LIMITS = ("min_ttl", "max_ttl")
NO_INTERFACE = "-"
"""Stands in while a file is refused anyway, so that the rest of it is still read."""
SOURCES = ("unicast_src_ip", "mcast_src_ip")


@dataclass(frozen=True, slots=True)
class Way:
    """Of the adverts."""

    group: IpAddress
    source: IpAddress | None
    unicast: Unicast | None


def lower_way(
    values: Values,
    groups: Mapping[int, IpAddress],
    findings: Findings,
    *,
    check_source: bool,
) -> Way:
    """`groups`, `check_source`: what `global_defs` says, groups by the version of IP."""
    version = _ip_version(values)
    source = next(
        (s for name in SOURCES if (s := _of_version(values, name, version, findings)) is not None),
        None,
    )
    lines = values.get("unicast_peer", list) or []
    peers = _lower_peers(lines, source, version, findings)
    wanted = _of_version(values, "mcast_dst_ip", version, findings)
    group = groups[version]
    if isinstance(wanted, IPv6Address) and not is_link_local_group(wanted):
        findings.add(
            Code.BAD_ADDRESS,
            f"{wanted} reaches beyond the link: {group} counts",
            values.statement("mcast_dst_ip").arguments[0].span,
            helps=("a group of VRRP over IPv6 begins with ff02",),
        )
        wanted = None
    if peers or values.has("unicast_fault_no_peer"):
        if wanted is not None:
            findings.add(
                Code.WITHOUT_EFFECT,
                "`mcast_dst_ip` has nothing to do: the adverts go to the peers of `unicast_peer`",
                values.statement("mcast_dst_ip").keyword.span,
            )
        unicast = Unicast(
            peers=peers,
            ttl=values.get_or("unicast_ttl", TTL_MAX),
            check_source=check_source or values.has("check_unicast_src"),
            old_checksum=values.get("old_unicast_checksum", OldChecksum) or OldChecksum.AUTO,
        )
        return Way(group, source, unicast)
    return Way(wanted or group, source, None)


def interface_of(values: Values, way: Way) -> str:
    """The link of the adverts. Unicast from an address that is named needs none, unless that means
    something on one link alone (RFC 4007, 6), or there is to be a virtual MAC."""
    interface = values.get("interface", str)
    if interface is not None:
        return interface
    may_do_without = (
        not values.attempted("interface")
        and way.unicast is not None
        and way.source is not None
        and not way.source.is_link_local
        and not values.has("use_vmac")
    )
    return ANY_LINK if may_do_without else NO_INTERFACE


def is_link_local_group(group: IPv6Address) -> bool:
    """RFC 4291, 2.7: the scope stands in the second byte."""
    return group.is_multicast and group.packed[1] & 0x0F == _SCOPE_LINK


def _ip_version(values: Values) -> int:
    """What the adverts travel over: by the first of the file's words that tells."""
    if values.has("native_ipv6"):
        return 6
    named = (_address(values, name) for name in (*SOURCES, "mcast_dst_ip"))
    version: int | None = next((a.version for a in named if a is not None), None)
    for block in ("unicast_peer", "virtual_ipaddress"):
        for line in values.get(block, list) or []:
            version = version or family_of(line.name)
    return version or 4


def _address(values: Values, name: str) -> IpAddress | None:
    value = values.get(name, object)
    assert value is None or isinstance(value, IPv4Address | IPv6Address)
    return value


def _of_version(values: Values, name: str, version: int, findings: Findings) -> IpAddress | None:
    address = _address(values, name)
    if address is None or address.version == version:
        return address
    _tell_other(values.statement(name).arguments[0], version, findings)
    return None


def _tell_other(word: Word, version: int, findings: Findings) -> None:
    findings.add(
        Code.OTHER_FAMILY,
        f"`{word.shown}` is left out, as in keepalived: the adverts of this instance travel over "
        f"IPv{version}",
        word.span,
        helps=(f"give IPv{10 - version} an instance of its own",),
    )


def _lower_peers(
    lines: Sequence[Statement], source: IpAddress | None, version: int, findings: Findings
) -> tuple[UnicastPeer, ...]:
    """In the order of the file; a line that names none is told and left out."""
    found: dict[IpAddress, tuple[UnicastPeer, Span]] = {}
    for line in lines:
        peer = _lower_peer(line, findings)
        if peer is None:
            continue
        if peer.address.version != version:
            _tell_other(line.keyword, version, findings)
            continue
        earlier = found.get(peer.address)
        if earlier is not None:
            findings.add(
                Code.SAME_ADDRESS,
                f"{peer.address} stands twice: this line has no effect",
                line.keyword.span,
                secondary=(Label(earlier[1], "it stands here already"),),
                fix=Fix(line.keyword.span, "", Applicability.UNSAFE, "remove the line"),
            )
            continue
        found[peer.address] = peer, line.keyword.span
    if source in found and len(found) > 1:
        del found[source]  # told by the rule about peers that are the node itself
    return tuple(peer for peer, _ in found.values())


def _lower_peer(line: Statement, findings: Findings) -> UnicastPeer | None:
    word = line.keyword
    address = bare_address(word, findings)
    if address is None or address.is_multicast or address.is_unspecified:
        findings.add(
            Code.BAD_ADDRESS,
            f"`{word.shown}` is no address of a node: no advert goes there",
            word.span,
            notes=(PLACE,) if is_place(word.text) else (),
            helps=("a peer is the address of another node, as in `192.0.2.2`",),
        )
        return None
    limits = _lower_limits(line.arguments, findings)
    if limits["min_ttl"] > limits["max_ttl"]:
        findings.add(
            Code.OUT_OF_RANGE,
            f"min_ttl {limits['min_ttl']} is above max_ttl {limits['max_ttl']}: every advert of "
            f"{address} is dropped",
            word.span,
        )
    return UnicastPeer(address, limits["min_ttl"], limits["max_ttl"])


def _lower_limits(words: Sequence[Word], findings: Findings) -> dict[str, int]:
    """`min_ttl N` and `max_ttl N`, in any order."""
    limits = {"min_ttl": 0, "max_ttl": TTL_MAX}
    rest = iter(words)
    for word in rest:
        if word.text not in _LIMITS:
            meant = closest(word.text, _LIMITS)
            if meant is not None:
                next(rest, None)  # its value: one slip, one finding
            findings.add(
                Code.UNKNOWN_WORD,
                f"`{word.shown}` means nothing behind a peer: it has no effect",
                word.span,
                helps=("write one peer a line",) if as_address(word.text) else (),
                fix=did_you_mean(word.span, meant),
            )
            continue
        value = next(rest, None)
        if value is None:
            findings.add(
                Code.MISSING_VALUE, f"`{word.text}` has no value: it has no effect", word.span
            )
        elif not value.text.isascii() or not value.text.isdigit() or int(value.text[:4]) > TTL_MAX:
            findings.add(
                Code.OUT_OF_RANGE,
                f"`{value.shown}` is no TTL: `{word.text}` has no effect",
                value.span,
                helps=(f"a TTL is a number from 0 to {TTL_MAX}",),
            )
        else:
            limits[word.text] = int(value.text)
    return limits
