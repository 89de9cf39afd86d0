"""`virtual_server_group` blocks: several addresses, ranges of them, and marks, as one.

Knows how ranges are written. Must not know who names a group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_network

from halod.config.address_words import as_address
from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lexer import Word
from halod.config.tree import Statement
from halod.model.address import IpAddress
from halod.model.diagnostic import FindingSeverity, Label, Span
from halod.model.endpoint import Endpoint

__all__ = ["GroupMark", "ServerGroup", "lower_server_groups"]

RANGE_MAX = 65536
"""Addresses of one line: each is a service of the kernel's, and so many are a slip."""
MARK_MAX = 2**32 - 1
_FAMILIES = {"inet": 4, "inet6": 6}


@dataclass(frozen=True, slots=True)
class GroupMark:
    """`fwmark N [inet|inet6]`."""

    mark: int
    family: int | None
    """4 or 6; None: that of the real servers."""


@dataclass(frozen=True, slots=True)
class ServerGroup:
    """What a group stands for, in the order of the file."""

    endpoints: tuple[Endpoint, ...]
    marks: tuple[GroupMark, ...]


def lower_server_groups(blocks: Sequence[Statement], findings: Findings) -> dict[str, ServerGroup]:
    """By name."""
    groups: dict[str, ServerGroup] = {}
    places: dict[str, Span] = {}
    for block in blocks:
        if not block.arguments:
            findings.add(
                Code.MISSING_VALUE,
                "a `virtual_server_group` needs a name: nothing in it has an effect",
                block.keyword.span,
                helps=("write `virtual_server_group web {`",),
            )
            continue
        word = block.arguments[0]
        if word.text in groups:
            findings.add(
                Code.SAME_NAME,
                f"there is a `virtual_server_group {word.shown}` already: this one has no effect",
                word.span,
                secondary=(Label(places[word.text], "first defined here"),),
                helps=("give it another name",),
            )
            continue
        places[word.text] = word.span
        groups[word.text] = _group(block, findings)
    return groups


def _group(block: Statement, findings: Findings) -> ServerGroup:
    endpoints: dict[Endpoint, None] = {}
    marks: dict[GroupMark, None] = {}
    for line in block.children:
        words = (line.keyword, *line.arguments)
        if line.name == "fwmark":
            mark = _mark(line, findings)
            if mark is not None:
                marks[mark] = None
            continue
        port = _port(words, findings)
        if port is not None:
            endpoints.update({Endpoint(a, port): None for a in _addresses(words[0], findings)})
    if not endpoints and not marks:
        findings.add(
            Code.INCOMPLETE,
            f"`virtual_server_group {block.arguments[0].shown}` names no address and no mark",
            block.keyword.span,
            severity=FindingSeverity.IGNORED,
            helps=("write one a line: `192.0.2.1 80`, `192.0.2.1-9 80`, `fwmark 3`",),
        )
    return ServerGroup(tuple(endpoints), tuple(marks))


def _mark(line: Statement, findings: Findings) -> GroupMark | None:
    text = line.arguments[0].text if line.arguments else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 0 < int(text) <= MARK_MAX):
        _left_out(line.keyword, f"a mark is a number from 1 to {MARK_MAX}", findings)
        return None
    family = None
    if len(line.arguments) > 1:
        family = _FAMILIES.get(line.arguments[1].text)
        if family is None:
            _left_out(line.arguments[1], "behind a mark stands `inet` or `inet6`", findings)
            return None
    return GroupMark(int(text), family)


def _port(words: Sequence[Word], findings: Findings) -> int | None:
    if len(words) < 2:
        return 0
    text = words[1].text
    if text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535:
        return int(text)
    _left_out(words[1], "a port is a number from 0 to 65535", findings)
    return None


def _addresses(word: Word, findings: Findings) -> list[IpAddress]:
    """`a.b.c.d`, `a.b.c.d-e`, `a.b.c.d-a.b.c.f`, `a.b.c.0/28`, and the same of IPv6."""
    first_text, dash, last_text = word.text.partition("-")
    if "/" in word.text:
        try:
            network = ip_network(word.text)
        except ValueError:
            _left_out(word, "a network is its first address and a length", findings)
            return []
        first, last = network.network_address, network.broadcast_address
    else:
        start = as_address(first_text)
        end = _end(start, last_text) if dash else start
        if start is None or end is None or type(start) is not type(end) or int(end) < int(start):
            _left_out(word, "it is no address, and no range of them", findings)
            return []
        first, last = start, end
    count = int(last) - int(first) + 1
    if count > RANGE_MAX:
        _left_out(word, f"it has {count} addresses, and a line takes {RANGE_MAX}", findings)
        return []
    kind = type(first)
    return [kind(number) for number in range(int(first), int(last) + 1)]


def _end(first: IpAddress | None, text: str) -> IpAddress | None:
    whole = as_address(text)
    if whole is not None or first is None:
        return whole
    try:
        if isinstance(first, IPv4Address):
            number = int(text) if text.isdigit() and text.isascii() and len(text) <= 3 else 256
            return IPv4Address(int(first) & ~0xFF | number) if number < 256 else None
        number = int(text, 16) if len(text) <= 4 else -1
    except ValueError:
        return None
    return IPv6Address(int(first) & ~0xFFFF | number) if number >= 0 else None


def _left_out(word: Word, why: str, findings: Findings) -> None:
    findings.add(
        Code.BAD_ADDRESS,
        f"`{word.shown}` in a `virtual_server_group` is left out: {why}",
        word.span,
        severity=FindingSeverity.IGNORED,
    )
