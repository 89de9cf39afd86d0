"""The lines of `virtual_rules` and `static_rules` to rules of policy routing.

Knows the words of `ip rule` that keepalived takes (ip-rule(8)), and the preference that it gives
where none is written. Must not know instances.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lexer import Word
from halod.config.lowering.line_words import BadLineError, LineWords
from halod.config.lowering.route import read_table
from halod.config.tree import Statement
from halod.model.routing import Rule, RuleAction

__all__ = ["Preferences", "lower_rules"]

U32_MAX = 0xFFFFFFFF
PORT_MAX = 0xFFFF
PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "dccp": 33, "sctp": 132, "ipv6-icmp": 58}
_ENDS = {
    "blackhole": RuleAction.BLACKHOLE,
    "unreachable": RuleAction.UNREACHABLE,
    "prohibit": RuleAction.PROHIBIT,
    "nop": RuleAction.NOP,
}
_PLANNED = {"track_group": 1, "nat": 1, "map-to": 1}
PREFERENCE_FIRST = 16384
"""What keepalived gives to the first rule of a file that names none; the next gets one less."""


class Preferences:
    """Counts down, for all the rules of a file."""

    def __init__(self) -> None:
        self._next = PREFERENCE_FIRST

    def take(self) -> int:
        self._next -= 1
        return self._next + 1


def lower_rules(
    lines: Sequence[Statement], preferences: Preferences, findings: Findings
) -> tuple[Rule, ...]:
    """The rules in the order of the file; a line that names none is told and left out."""
    rules: list[Rule] = []
    for line in lines:
        try:
            rule = _RuleLine(line, findings).lower(preferences)
        except BadLineError:
            continue
        rules.append(rule)
    return tuple(rules)


class _RuleLine:
    """One line: words in any order."""

    def __init__(self, line: Statement, findings: Findings) -> None:
        self._line = line
        self._words = words = LineWords(line, findings)
        self._fields: dict[str, Any] = {}
        self._readers: dict[str, Callable[[Word], None]] = {
            "not": lambda _: self._set(inverted=True),
            "from": lambda name: self._network("source", name),
            "to": lambda name: self._network("destination", name),
            **dict.fromkeys(("table", "lookup"), self._table),
            **dict.fromkeys(
                ("preference", "priority", "order"),
                lambda name: self._set(preference=words.number(name, 0, U32_MAX)),
            ),
            **dict.fromkeys(("iif", "dev"), lambda name: self._set(incoming=words.interface(name))),
            "oif": lambda name: self._set(outgoing=words.interface(name)),
            **dict.fromkeys(
                ("tos", "dsfield"), lambda name: self._set(tos=words.number(name, 0, 255))
            ),
            "fwmark": self._mark,
            **dict.fromkeys(("realms", "realm"), self._realms),
            **dict.fromkeys(
                ("suppress_prefixlength", "sup_pl"),
                lambda name: self._set(suppress_prefix_length=words.number(name, 0, 128)),
            ),
            **dict.fromkeys(
                ("suppress_ifgroup", "sup_group"),
                lambda name: self._set(suppress_group=words.number(name, 0, U32_MAX)),
            ),
            "tun_id": lambda name: self._set(tunnel=words.number(name, 0, 2**57)),
            "uidrange": lambda name: self._set(users=words.span_of_numbers(name, U32_MAX)),
            "ipproto": lambda name: self._set(protocol=words.number_or_name(name, PROTOCOLS, 255)),
            "sport": lambda name: self._set(source_ports=words.span_of_numbers(name, PORT_MAX)),
            "dport": lambda name: self._set(
                destination_ports=words.span_of_numbers(name, PORT_MAX)
            ),
            "l3mdev": lambda _: self._set(master=True),
            "goto": lambda name: self._set(
                action=RuleAction.GOTO, target=words.number(name, 1, U32_MAX)
            ),
            "type": lambda _: None,
            "no_track": lambda _: self._set(tracked=False),
            "inet": lambda _: self._set(is_ipv6=False),
            "inet6": lambda _: self._set(is_ipv6=True),
        }

    def lower(self, preferences: Preferences) -> Rule:
        words = self._words
        while (word := words.take()) is not None:
            if word.text in self._readers:
                self._readers[word.text](word)
            elif word.text in _ENDS:
                self._set(action=_ENDS[word.text])
            elif word.text in _PLANNED:
                words.take()
                words.tell(Code.PLANNED, f"halod does not act on `{word.text}` yet", word)
            else:
                raise words.unknown(word, "a rule", [*self._readers, *_ENDS])
        self._check()
        if "preference" not in self._fields:
            self._fields["preference"] = preferences.take()
            words.tell(
                Code.NO_PREFERENCE,
                f"the rule has no preference: {self._fields['preference']} counts",
                self._line.keyword,
                ("write `preference` and a number: rules are looked at from the lowest on",),
            )
        return Rule(**self._fields)

    def _check(self) -> None:
        fields, keyword = self._fields, self._line.keyword
        action = fields.get("action", RuleAction.TABLE)
        if action is RuleAction.TABLE and "table" not in fields and "master" not in fields:
            helps = ("add `table` and its number, or what is done: `blackhole`",)
            what = "the rule leads to no table"
            raise self._words.fail(keyword, what, Code.INCOMPLETE_ROUTE, helps=helps)
        if action is RuleAction.GOTO and fields.get("preference", -1) >= fields["target"]:
            what = "`goto` leads to a rule that was looked at before"
            raise self._words.fail(keyword, what, Code.OUT_OF_RANGE)
        if action is RuleAction.GOTO and "preference" not in fields:
            what = "a rule with `goto` needs a `preference`"
            raise self._words.fail(keyword, what, Code.MISSING_VALUE)
        networks = [fields[each] for each in ("source", "destination") if each in fields]
        versions = {network.version for network in networks if network.prefixlen}
        if len(versions) > 1:
            what = "the rule names networks of two families"
            raise self._words.fail(keyword, what, Code.BAD_ADDRESS)
        if versions:
            fields["is_ipv6"] = versions == {6}

    def _set(self, **fields: object) -> None:
        self._fields.update(fields)

    def _network(self, field: str, name: Word) -> None:
        ipv6 = bool(self._fields.get("is_ipv6"))
        network = self._words.network(self._words.value(name), ipv6=ipv6)
        if network.prefixlen:
            self._fields[field] = network

    def _table(self, name: Word) -> None:
        self._set(table=read_table(self._words, name))

    def _mark(self, name: Word) -> None:
        """`0x10` or `0x10/0xff`."""
        word = self._words.value(name)
        mark, sign, mask = word.text.partition("/")
        numbers = self._words.parse_number(mark), self._words.parse_number(mask)
        if numbers[0] is None or (sign and numbers[1] is None):
            raise self._words.fail(word, f"`{word.shown}` is no mark", Code.NOT_A_NUMBER)
        self._set(mark=numbers[0] & U32_MAX)
        if numbers[1] is not None:
            self._set(mark_mask=numbers[1] & U32_MAX)

    def _realms(self, name: Word) -> None:
        """`FROM/TO`, or TO alone."""
        first, last = self._words.span_of_realms(name)
        self._set(realms=first << 16 | last)
