"""The lines of `virtual_routes` and `static_routes` to routes.

Knows the words of `ip route` that keepalived takes (ip-route(8)). Must not know instances.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lexer import Word
from halod.config.lowering.line_words import BadLineError, LineWords, is_network
from halod.config.tree import Statement
from halod.model.routing import (
    METRIC_NAMES,
    PROTOCOL_KEEPALIVED,
    NextHop,
    Route,
    RouteKind,
    Table,
)

__all__ = ["lower_routes", "read_table"]

SCOPES = {"global": 0, "universe": 0, "site": 200, "link": 253, "host": 254, "nowhere": 255}
PROTOCOLS = {
    "redirect": 1,
    "kernel": 2,
    "boot": 3,
    "static": 4,
    "ra": 9,
    "keepalived": PROTOCOL_KEEPALIVED,
    "bird": 12,
    "zebra": 11,
}
KINDS = {kind.name.lower(): kind for kind in RouteKind}
U32_MAX = 0xFFFFFFFF
WEIGHT_MAX = 256
_PLANNED = {
    # word -> how many words follow it
    "as": 1,
    "congctl": 1,
    "encap": 0,
    "expires": 1,
    "fastopen_no_cookie": 1,
    "features": 1,
    "pref": 1,
    "realms": 1,
    "track_group": 1,
    "ttl-propagate": 1,
}
_MILLISECONDS = {"rtt": 8, "rttvar": 4, "rto_min": 1}
"""Times, and in which part of a millisecond the kernel counts them (ip-route(8))."""


def lower_routes(lines: Sequence[Statement], findings: Findings) -> tuple[Route, ...]:
    """The routes in the order of the file; a line that names none is told and left out."""
    routes: list[Route] = []
    for line in lines:
        try:
            route = _RouteLine(line, findings).lower()
        except BadLineError:
            continue
        if route in routes:
            findings.add(
                Code.SAME_ADDRESS,
                f"the route {route} stands twice: this line has no effect",
                line.keyword.span,
            )
            continue
        routes.append(route)
    return tuple(routes)


def read_table(words: LineWords, name: Word) -> Table:
    """A number, or a name that the machine resolves when the route is set."""
    word = words.value(name)
    number = words.parse_number(word.text)
    if number is None:
        if not word.text.isprintable() or word.text[:1].isdigit():
            raise words.fail(word, f"`{word.shown}` is no routing table")
        return {"default": 253, "main": 254, "local": 255}.get(word.text, word.text)
    if not 1 <= number <= U32_MAX:
        raise words.fail(word, f"there is no routing table {number}", Code.OUT_OF_RANGE)
    return number


class _RouteLine:
    """One line: words in any order; the first network is the destination."""

    def __init__(self, line: Statement, findings: Findings) -> None:
        self._line = line
        self._words = LineWords(line, findings)
        self._fields: dict[str, Any] = {}
        self._hop = NextHop()
        self._hops: list[NextHop] = []
        self._metrics: list[tuple[int, int]] = []
        self._locked: set[int] = set()
        self._ipv6 = False
        words = self._words
        self._readers: dict[str, Callable[[Word], None]] = {
            "to": lambda name: self._destination(words.value(name)),
            "src": lambda name: self._set(source=words.address(name)),
            "via": self._via,
            "gw": self._via,
            "dev": lambda name: self._hops_on(interface=words.interface(name)),
            "oif": lambda name: self._hops_on(interface=words.interface(name)),
            "onlink": lambda _: self._hops_on(onlink=True),
            "nexthop": self._nexthop,
            "table": lambda name: self._set(table=read_table(words, name)),
            **dict.fromkeys(("metric", "priority", "preference"), self._metric),
            **dict.fromkeys(
                ("tos", "dsfield"), lambda name: self._set(tos=words.number(name, 0, 255))
            ),
            "scope": lambda name: self._set(scope=words.number_or_name(name, SCOPES, 255)),
            **dict.fromkeys(
                ("protocol", "proto"),
                lambda name: self._set(protocol=words.number_or_name(name, PROTOCOLS, 255)),
            ),
            "no_track": lambda _: self._set(tracked=False),
            "or": self._or,
            **dict.fromkeys(METRIC_NAMES, self._path_number),
        }

    def lower(self) -> Route:
        while (word := self._words.take()) is not None:
            self._one(word)
        destination = self._fields.get("destination")
        keyword = self._line.keyword
        if destination is None:
            raise self._words.fail(keyword, "the route has no destination", Code.MISSING_VALUE)
        kind = self._fields.get("kind", RouteKind.UNICAST)
        hops = self._hops or ([self._hop] if self._hop != NextHop() else [])
        if kind.needs_way and not hops:
            helps = ("add `via` and the gateway, or `dev` and the interface",)
            what = f"the route to {destination} leads nowhere"
            raise self._words.fail(keyword, what, Code.INCOMPLETE_ROUTE, helps=helps)
        self._check_families(destination.version, hops)
        return Route(
            **self._fields,
            hops=tuple(hops),
            metrics=tuple(self._metrics),
            locked=frozenset(self._locked),
        )

    def _one(self, word: Word) -> None:
        name = word.text
        if name in self._readers:
            self._readers[name](word)
        elif name in KINDS and "kind" not in self._fields:
            self._set(kind=KINDS[name])
        elif name in ("inet", "inet6"):
            self._ipv6 = name == "inet6"
        elif name in _PLANNED:
            for _ in range(_PLANNED[name]):
                self._words.take()
            self._words.tell(Code.PLANNED, f"halod does not act on `{name}` yet", word)
        elif "destination" not in self._fields and (is_network(name) or name[:1].isdigit()):
            self._destination(word)
        else:
            known = [*self._readers, *KINDS, *_PLANNED]
            raise self._words.unknown(word, "a route", known)

    def _set(self, **fields: object) -> None:
        self._fields.update(fields)

    def _destination(self, word: Word) -> None:
        if word.text in KINDS and "kind" not in self._fields:
            self._set(kind=KINDS[word.text])
            word = self._words.value(word)
        self._set(destination=self._words.network(word, ipv6=self._ipv6))

    def _hops_on(self, **fields: Any) -> None:
        self._hop = replace(self._hop, **fields)

    def _via(self, name: Word) -> None:
        self._hops_on(gateway=self._words.address(name))

    def _or(self, name: Word) -> None:
        """keepalived's old word for a second gateway, deprecated there."""
        first = self._hop
        self._hops = self._hops or [first]
        self._hops.append(NextHop(self._words.address(name), first.interface))

    def _nexthop(self, _: Word) -> None:
        """`nexthop via A dev I weight N onlink`, as many as there are."""
        words = self._words
        hop = NextHop()
        while words.peek() in ("via", "dev", "weight", "onlink"):
            name = words.take()
            assert name is not None
            if name.text == "via":
                hop = replace(hop, gateway=words.address(name))
            elif name.text == "dev":
                hop = replace(hop, interface=words.interface(name))
            elif name.text == "weight":
                hop = replace(hop, weight=words.number(name, 1, WEIGHT_MAX))
            else:
                hop = replace(hop, onlink=True)
        if hop.gateway is None and hop.interface is None:
            what = "a `nexthop` needs `via` or `dev`"
            raise words.fail(self._line.keyword, what, Code.MISSING_VALUE)
        self._hops.append(hop)

    def _metric(self, name: Word) -> None:
        self._set(metric=self._words.number(name, 0, U32_MAX))

    def _path_number(self, name: Word) -> None:
        number = METRIC_NAMES[name.text]
        if self._words.peek() == "lock":
            self._words.take()
            self._locked.add(number)
        if name.text in _MILLISECONDS:
            value = self._time(name) * _MILLISECONDS[name.text]
        else:
            value = self._words.number(name, 0, U32_MAX)
        self._metrics.append((number, value))

    def _time(self, name: Word) -> int:
        """Milliseconds: `20`, `20ms` or `2s`."""
        word = self._words.value(name)
        for unit, factor in (("ms", 1), ("s", 1000), ("", 1)):
            number = self._words.parse_number(word.text.removesuffix(unit))
            if word.text.endswith(unit) and number is not None:
                return number * factor
        raise self._words.fail(word, f"`{word.shown}` is no time", Code.NOT_A_NUMBER)

    def _check_families(self, version: int, hops: Sequence[NextHop]) -> None:
        """The kernel takes an IPv6 gateway for IPv4, and not the other way round."""
        gateways = [hop.gateway for hop in hops if hop.gateway is not None]
        source = self._fields.get("source")
        if version == 6:
            strangers = [gateway for gateway in gateways if gateway.version == 4]
        else:
            strangers = []
        if source is not None and source.version != version:
            strangers.append(source)
        for stranger in strangers:
            what = f"{stranger} is of another family than {self._fields['destination']}"
            raise self._words.fail(self._line.keyword, what, Code.BAD_ADDRESS)
