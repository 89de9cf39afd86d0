"""The lines of `virtual_ipaddress` to addresses.

Knows the words of `ip address` that keepalived takes. Must not know instances.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address

from halod.config.codes import Code
from halod.config.findings import Findings, did_you_mean
from halod.config.lexer import Word
from halod.config.scalars import interface_fault
from halod.config.suggest import closest
from halod.config.tree import Statement
from halod.model.address import Scope, VirtualAddress
from halod.model.diagnostic import Applicability, Fix, Label, Span

__all__ = ["lower_addresses"]

LABEL_BYTES_MAX = 15
"""IFNAMSIZ without its zero: the kernel refuses longer ones (rtnetlink(7), IFA_LABEL)."""
SCOPES = {scope.name.lower(): scope for scope in Scope}
PLANNED_WORDS = {
    # word -> how many words follow it
    "autojoin": 0,
    "home": 0,
    "mngtmpaddr": 0,
    "no_track": 0,
    "nodad": 0,
    "-nodad": 0,
    "noprefixroute": 0,
    "peer": 1,
    "preferred_lft": 1,
    "track_group": 1,
    "use_vmac": 0,
}
_OWN_WORDS = ("brd", "broadcast", "dev", "label", "scope")


def lower_addresses(
    lines: Sequence[Statement], interface: str, findings: Findings
) -> tuple[VirtualAddress, ...]:
    """The addresses, in the order of the file; a line that names none is told and left out."""
    found: dict[IPv4Address, tuple[VirtualAddress, Span]] = {}
    for line in lines:
        address = _AddressLine(line, interface, findings).lower()
        if address is None:
            continue
        assert isinstance(address.address, IPv4Address)
        if address.address in found:
            findings.add(
                Code.SAME_ADDRESS,
                f"{address.address} stands twice: this line has no effect",
                line.keyword.span,
                secondary=(Label(found[address.address][1], "it stands here already"),),
                fix=Fix(line.keyword.span, "", Applicability.UNSAFE, "remove the line"),
            )
            continue
        found[address.address] = (address, line.keyword.span)
    return tuple(address for address, _ in found.values())


class _AddressLine:
    """One line: an address, then words in any order."""

    def __init__(self, line: Statement, interface: str, findings: Findings) -> None:
        self._line = line
        self._findings = findings
        self._interface = interface
        self._prefix_length = 32
        self._label: str | None = None
        self._broadcast: IPv4Address | None = None
        self._scope = Scope.GLOBAL

    def lower(self) -> VirtualAddress | None:
        word = self._line.keyword
        text, slash, prefix = word.text.partition("/")
        address = self._address(text)
        if address is None:
            return None
        if slash and not self._prefix(prefix):
            self._findings.add(
                Code.OUT_OF_RANGE,
                f"`/{prefix}` is no prefix length: {address} is held as a /32",
                word.span,
                helps=("an IPv4 prefix has 0 to 32 bits",),
            )
        if not slash:
            self._findings.add(
                Code.NO_MASK,
                f"{address} has no mask: it is held as a /32",
                word.span,
                helps=(f"write `{address}/24` for the prefix of the network, if that is meant",),
            )
        self._words(iter(self._line.arguments), address)
        return VirtualAddress(
            address=address,
            prefix_length=self._prefix_length,
            interface=self._interface,
            label=self._label,
            broadcast=self._broadcast,
            scope=self._scope,
        )

    def _address(self, text: str) -> IPv4Address | None:
        span = self._line.keyword.span
        try:
            address = IPv4Address(text)
        except ValueError:
            self._no_address(text, span)
            return None
        if address.is_multicast or address.is_unspecified or address == IPv4Address(2**32 - 1):
            self._findings.add(
                Code.BAD_ADDRESS, f"{address} is no address of one machine: it is not held", span
            )
            return None
        return address

    def _no_address(self, text: str, span: Span) -> None:
        try:
            IPv6Address(text)
        except ValueError:
            bare = text.strip(";,")
            fix = did_you_mean(span, bare) if _is_address(bare) else None
            self._findings.add(
                Code.BAD_ADDRESS,
                f"`{text}` is no address: the line has no effect",
                span,
                fix=fix,
            )
            return
        self._findings.add(
            Code.NOT_YET,
            f"IPv6 is not supported yet: nobody would hold {text}",
            span,
            helps=("keep keepalived on this machine until halod can do it",),
        )

    def _prefix(self, text: str) -> bool:
        if not re.fullmatch(r"[0-9]{1,2}", text) or int(text) > 32:
            return False
        self._prefix_length = int(text)
        return True

    def _words(self, words: Iterator[Word], address: IPv4Address) -> None:
        for word in words:
            name = word.text
            if name in PLANNED_WORDS:
                for _ in range(PLANNED_WORDS[name]):
                    next(words, None)
                self._findings.add(Code.PLANNED, f"`{name}` has no effect yet", word.span)
                continue
            if name not in _OWN_WORDS:
                self._unknown_word(word, words)
                continue
            value = next(words, None)
            if value is None:
                self._findings.add(
                    Code.MISSING_VALUE, f"`{name}` has no value: it has no effect", word.span
                )
                return
            if name == "dev":
                self._dev(value)
            elif name == "label":
                self._set_label(value)
            elif name == "scope":
                self._set_scope(value)
            else:
                self._set_broadcast(value, address)

    def _unknown_word(self, word: Word, words: Iterator[Word]) -> None:
        one_more = _is_address(word.text.partition("/")[0])
        helps = ("write one address a line",) if one_more else ()
        meant = None if one_more else closest(word.text, [*_OWN_WORDS, *PLANNED_WORDS])
        if meant in _OWN_WORDS or PLANNED_WORDS.get(meant or "", 0):
            next(words, None)  # its value: one slip, one finding
        self._findings.add(
            Code.UNKNOWN_WORD,
            f"`{word.text}` means nothing behind an address: it has no effect",
            word.span,
            helps=helps,
            fix=did_you_mean(word.span, meant),
        )

    def _dev(self, word: Word) -> None:
        fault = interface_fault(word.text)
        if fault is None:
            self._interface = word.text
            return
        self._findings.add(Code.BAD_INTERFACE, f"`{word.text}` {fault}", word.span)

    def _set_label(self, word: Word) -> None:
        size = len(word.text.encode("utf-8", "replace"))
        if 1 <= size <= LABEL_BYTES_MAX:
            self._label = word.text
            return
        self._findings.add(
            Code.BAD_LABEL,
            f"the label has {size} bytes, and the kernel takes 1 to {LABEL_BYTES_MAX}: "
            "the address is held without it",
            word.span,
        )

    def _set_scope(self, word: Word) -> None:
        if word.text in SCOPES:
            self._scope = SCOPES[word.text]
            return
        self._findings.add(
            Code.UNKNOWN_WORD,
            f"there is no scope `{word.text}`: global counts",
            word.span,
            helps=("a scope is " + " or ".join(f"`{name}`" for name in SCOPES),),
            fix=did_you_mean(word.span, closest(word.text, SCOPES)),
        )

    def _set_broadcast(self, word: Word, address: IPv4Address) -> None:
        if word.text in ("+", "-"):
            if self._prefix_length > 30:
                self._findings.add(
                    Code.OUT_OF_RANGE,
                    f"a /{self._prefix_length} has no broadcast address: none is set",
                    word.span,
                )
                return
            host_bits = (1 << (32 - self._prefix_length)) - 1
            number = int(address)
            self._broadcast = IPv4Address(
                number | host_bits if word.text == "+" else number & ~host_bits
            )
            return
        try:
            self._broadcast = IPv4Address(word.text)
        except ValueError:
            self._findings.add(
                Code.BAD_ADDRESS, f"`{word.text}` is no broadcast address: none is set", word.span
            )


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True
