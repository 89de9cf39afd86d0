"""What an nftables rule set does to the adverts of a link: walked as the kernel walks it.

Knows the JSON of nft and the packet in question. Must not guess: a condition that it cannot judge
makes a verdict uncertain, and an uncertain one is not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv4Network
from typing import Any

__all__ = ["PROTOCOLS", "PROTOCOLS_AH", "Drop", "drops_of"]

DEPTH_MAX = 16
"""Jumps that the kernel allows (NFT_JUMP_STACK_SIZE)."""
GROUP = "224.0.0.18"
PROTOCOLS = ("vrrp", 112, "112")
PROTOCOLS_AH = ("ah", 51, "51")
"""Of adverts behind an Authentication Header."""
OWN_TABLES = "halod"
"""The lease's own tables: they drop what is sent after its end, by design."""
_FAMILIES = ("inet", "ip", "netdev")
_IN, _OUT = ("ingress", "prerouting", "input"), ("output", "postrouting", "egress")
_QUIET = frozenset({"counter", "log", "mangle", "meter", "set", "comment", "notrack"})
"""Statements that decide nothing."""
_VERDICTS = ("accept", "drop", "reject", "return", "jump", "goto")


@dataclass(frozen=True, slots=True)
class Drop:
    """Adverts are surely dropped."""

    incoming: bool
    place: str
    """Table and chain, and the rule or the policy."""


class _End(Enum):
    ACCEPT = "accept"
    DROP = "drop"
    NEXT = "next"
    """The end of a chain: its caller goes on, or its policy decides."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    end: _End
    place: str = ""


_Tables = dict[tuple[str, str], "_Table"]


@dataclass(slots=True)
class _Table:
    chains: dict[str, dict[str, Any]] = field(default_factory=dict)
    rules: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    sets: dict[str, list[Any]] = field(default_factory=dict)


def drops_of(
    ruleset: Sequence[Mapping[str, Any]],
    interface: str,
    protocols: tuple[str | int, ...] = PROTOCOLS,
) -> list[Drop]:
    """Where adverts of this link are dropped, coming in and going out. `protocols`: how rules may
    call theirs."""
    found = []
    for (family, name), table in _tables(ruleset).items():
        if family not in _FAMILIES or name.startswith(OWN_TABLES):
            continue
        for chain in table.chains.values():
            hook = chain.get("hook")
            devices = chain.get("dev", interface)
            if hook not in (*_IN, *_OUT) or interface not in _listed(devices):
                continue
            fields = _fields(interface, protocols, incoming=hook in _IN)
            walk = _Walk(table, fields, f"{family} {name}")
            drop = walk.base_chain(chain)
            if drop is not None:
                found.append(Drop(hook in _IN, drop))
    return found


def _tables(ruleset: Sequence[Mapping[str, Any]]) -> _Tables:
    tables: _Tables = {}
    for entry in ruleset:
        for kind, value in entry.items():
            if kind not in ("chain", "rule", "set"):
                continue
            table = tables.setdefault((value["family"], value["table"]), _Table())
            if kind == "chain":
                table.chains[value["name"]] = value
            elif kind == "rule":
                table.rules.setdefault(value["chain"], []).append(value)
            else:
                table.sets[value["name"]] = value.get("elem", [])
    return tables


def _fields(interface: str, protocols: tuple[str | int, ...], *, incoming: bool) -> dict[str, Any]:
    """What is known of an advert (RFC 9568, 5.1.1), by the names of nft."""
    ours, other = ("iif", "oif") if incoming else ("oif", "iif")
    return {
        f"meta {ours}name": interface,
        f"meta {ours}": interface,
        f"meta {other}name": "",
        "meta l4proto": protocols,
        "meta nfproto": ("ipv4", 2),
        "meta protocol": ("ip", 0x0800),
        "meta pkttype": "multicast" if incoming else ("multicast", "other", "host"),
        "payload ip protocol": protocols,
        "payload ip daddr": GROUP,
        "payload ip ttl": 255,
        "payload ip version": 4,
        "ct state": "new",  # nobody answers to a group: it is never established
        "fib type daddr": "multicast",
    }


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


class _Walk:
    """One packet through one base chain."""

    def __init__(self, table: _Table, fields: Mapping[str, Any], name: str) -> None:
        self._table = table
        self._fields = fields
        self._name = name
        self._certain = True
        """False: a rule that may have let it go was passed over."""

    def base_chain(self, chain: Mapping[str, Any]) -> str | None:
        """The place where it is surely dropped."""
        outcome = self._chain(chain["name"], 0)
        if outcome.end is _End.NEXT and chain.get("policy") == "drop":
            outcome = _Outcome(_End.DROP, f"{self._named(chain['name'])}: its policy is drop")
        return outcome.place if outcome.end is _End.DROP and self._certain else None

    def _named(self, chain: str) -> str:
        return f"table {self._name}, chain {chain}"

    def _chain(self, name: str, depth: int) -> _Outcome:
        for rule in self._table.rules.get(name, []):
            outcome = self._rule(rule, name, depth)
            if outcome is not None:
                return outcome
        return _Outcome(_End.NEXT)

    def _rule(self, rule: Mapping[str, Any], chain: str, depth: int) -> _Outcome | None:
        """How it ends here; None: the next rule decides."""
        sure = True
        for statement in rule.get("expr", []):
            (kind, body) = next(iter(statement.items()))
            if kind == "match":
                matches = self._match(body)
                if matches is False:
                    return None
                sure &= matches is True
            elif kind == "vmap":
                verdict, certain = self._mapped(body)
                sure &= certain
                if verdict is None:
                    self._certain &= sure
                    return None
                return self._verdict(verdict, f"{self._named(chain)}", depth, rule, sure=sure)
            elif kind in _VERDICTS:
                return self._verdict(statement, self._named(chain), depth, rule, sure=sure)
            elif kind not in _QUIET:
                sure = False  # a limit, a queue, a match of iptables: who knows
        if not sure and rule.get("expr") and _is_foreign(rule):
            self._certain = False
        return None

    def _verdict(
        self,
        statement: Mapping[str, Any],
        place: str,
        depth: int,
        rule: Mapping[str, Any],
        *,
        sure: bool,
    ) -> _Outcome | None:
        (kind, body) = next(iter(statement.items()))
        if not sure:
            # It may drop: then nothing changes for what is surely dropped later.
            self._certain &= kind in ("drop", "reject")
            return None
        if kind in ("drop", "reject"):
            return _Outcome(_End.DROP, f"{place}: rule with handle {rule.get('handle', '?')}")
        if kind == "accept":
            return _Outcome(_End.ACCEPT)
        if kind == "return" or depth >= DEPTH_MAX:
            return _Outcome(_End.NEXT)
        outcome = self._chain(body["target"], depth + 1)
        return None if kind == "jump" and outcome.end is _End.NEXT else outcome

    def _mapped(self, body: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, bool]:
        """The verdict of a map, and whether that is sure."""
        elements = body["data"].get("set", []) if isinstance(body["data"], dict) else None
        if elements is None:
            return {"accept": None}, False
        for key, verdict in elements:
            matches = self._compare("==", _key(body["key"]), key)
            if matches is not False:
                return verdict, matches is True
        return None, True

    def _match(self, body: Mapping[str, Any]) -> bool | None:
        return self._compare(body["op"], _key(body["left"]), body["right"])

    def _compare(self, operator: str, key: str, right: Any) -> bool | None:
        """None: it cannot be judged."""
        if key.startswith("payload ") and key.split()[1] in ("tcp", "udp", "th", "icmp", "ip6"):
            return False  # there is no such header in an advert
        if key not in self._fields:
            return None
        have = self._fields[key]
        wanted = list(self._elements(right))
        if any(each is None for each in wanted):
            return None
        found = any(_equal(one, each) for one in _listed(have) for each in wanted)
        if operator in ("==", "in"):
            return found
        return not found if operator == "!=" else None

    def _elements(self, right: Any) -> Iterator[Any]:
        """What is compared with, one by one; None: something that is not understood."""
        if isinstance(right, str) and right.startswith("@"):
            right = {"set": self._table.sets.get(right[1:], [None])}
        match right:
            case {"set": list(elements)}:
                for element in elements:
                    yield from self._elements(element)
            case list(elements):
                for element in elements:
                    yield from self._elements(element)
            case {"prefix": {"addr": str(address), "len": int(length)}}:
                try:
                    yield IPv4Network(f"{address}/{length}", strict=False)
                except ValueError:
                    yield None
            case {"range": [str(first), str(last)]}:
                yield first, last
            case {"elem": {"val": value}}:
                yield from self._elements(value)
            case str() | int():
                yield right
            case _:
                yield None


def _is_foreign(rule: Mapping[str, Any]) -> bool:
    """A rule without a verdict that nft shows: iptables keeps its own inside `xt`."""
    return any("xt" in statement for statement in rule["expr"])


def _key(left: Any) -> str:
    match left:
        case {"meta": {"key": str(key)}}:
            return f"meta {key}"
        case {"payload": {"protocol": str(protocol), "field": str(name)}}:
            return f"payload {protocol} {name}"
        case {"ct": {"key": str(key)}}:
            return f"ct {key}"
        case {"fib": {"result": str(result), "flags": flags}}:
            return f"fib {result} {' '.join(_listed(flags))}"
        case _:
            return "?"


def _equal(have: Any, wanted: Any) -> bool:
    if isinstance(wanted, IPv4Network):
        return isinstance(have, str) and have.count(".") == 3 and IPv4Address(have) in wanted
    if isinstance(wanted, tuple):
        first, last = wanted
        try:
            return IPv4Address(first) <= IPv4Address(have) <= IPv4Address(last)
        except ValueError:
            return False
    if isinstance(wanted, str) and wanted.endswith("*") and isinstance(have, str):
        return have.startswith(wanted[:-1])
    return bool(have == wanted)
