"""The lines of `virtual_ipaddress` and its like to addresses.

Knows the words of `ip address` that keepalived takes. Must not know instances.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, ip_address

from halod.config.address_words import as_address
from halod.config.codes import Code
from halod.config.findings import Findings, did_you_mean
from halod.config.lexer import Word
from halod.config.lowering.in_network import tell_broadcast, tell_not_a_host
from halod.config.placeholder import PLACE, is_place
from halod.config.scalars import interface_fault
from halod.config.suggest import closest, foreign_sign, plain_ascii
from halod.config.tree import Statement
from halod.model.address import IpAddress, Scope, VirtualAddress
from halod.model.diagnostic import Applicability, Fix, Label, Span
from halod.model.printable import SHOWN_MAX, shortened

__all__ = ["family_of", "lower_addresses"]

LABEL_BYTES_MAX = 15
"""IFNAMSIZ without its zero: the kernel refuses longer ones (rtnetlink(7), IFA_LABEL)."""
SCOPES = {scope.name.lower(): scope for scope in Scope}
PLANNED_WORDS = {
    # word -> how many words follow it
    "autojoin": 0,
    "home": 0,
    "mngtmpaddr": 0,
    "nodad": 0,
    "-nodad": 0,
    "noprefixroute": 0,
    "peer": 1,
    "preferred_lft": 1,
    "track_group": 1,
    "use_vmac": 0,
}
_FORM = "an address is four numbers from 0 to 255 and a prefix length, as in `192.0.2.1/24`"
_OWN_WORDS = ("brd", "broadcast", "dev", "label", "scope")
_FLAGS = ("no_track",)
_BROADCAST = IPv4Address(2**32 - 1)
_USUAL_PREFIX = {4: 24, 6: 64}


def lower_addresses(
    lines: Sequence[Statement],
    interface: str,
    findings: Findings,
    taken: Sequence[tuple[VirtualAddress, Span]] = (),
    *,
    ip_version: int | None = None,
) -> tuple[tuple[VirtualAddress, Span], ...]:
    """The addresses with their places, in the order of the file.

    A line that names none is told and left out. `taken`: those of another list of the instance.
    `ip_version`: they stand in adverts, which carry that family alone; None: both may be there.
    """
    found: dict[IpAddress, tuple[VirtualAddress, Span]] = {}
    elsewhere = {address.address: span for address, span in taken}
    for line in lines:
        family = family_of(line.keyword.text)
        if family and ip_version and family != ip_version:
            _other_family(line, ip_version, findings)
            continue
        address = _AddressLine(line, interface, findings).lower()
        if address is None:
            continue
        earlier = found.get(address.address)
        there = earlier[1] if earlier else elsewhere.get(address.address)
        if there is not None:
            findings.add(
                Code.SAME_ADDRESS,
                f"{address.address} stands twice: this line has no effect",
                line.keyword.span,
                secondary=(Label(there, "it stands here already"),),
                fix=Fix(line.keyword.span, "", Applicability.UNSAFE, "remove the line"),
            )
            continue
        found[address.address] = (address, line.keyword.span)
    return tuple(found.values())


class _AddressLine:
    """One line: an address, then words in any order."""

    def __init__(self, line: Statement, interface: str, findings: Findings) -> None:
        self._line = line
        self._findings = findings
        self._interface = interface
        self._host_bits = 32
        self._prefix_length = 32
        self._label: str | None = None
        self._broadcast: IPv4Address | None = None
        self._scope = Scope.GLOBAL
        self._is_tracked = True

    def lower(self) -> VirtualAddress | None:
        word = self._line.keyword
        text, slash, prefix = word.text.partition("/")
        address = self._address(text)
        if address is None:
            return None
        self._host_bits = self._prefix_length = address.max_prefixlen
        if slash and not self._prefix(prefix):
            self._bad_prefix(address, prefix)
        if not slash:
            usual = _USUAL_PREFIX[address.version]
            self._findings.add(
                Code.NO_MASK,
                f"{address} has no mask: it is held as a /{self._host_bits}",
                word.span,
                helps=(
                    f"write `{address}/{usual}` for the prefix of the network, if that is meant",
                ),
            )
        self._words(iter(self._line.arguments), address)
        if isinstance(address, IPv4Address):
            tell_not_a_host(address, self._prefix_length, word.span, self._findings)
        return VirtualAddress(
            address=address,
            prefix_length=self._prefix_length,
            interface=self._interface,
            label=self._label,
            broadcast=self._broadcast,
            scope=self._scope,
            is_tracked=self._is_tracked,
        )

    def _address(self, text: str) -> IpAddress | None:
        span = self._line.keyword.span
        address = as_address(text)
        if address is None:
            self._neither(span)
            return None
        if address.is_multicast or address.is_unspecified or address == _BROADCAST:
            self._findings.add(
                Code.BAD_ADDRESS,
                f"{address} is no address of one machine: the line has no effect",
                span,
            )
            return None
        return address

    def _neither(self, span: Span) -> None:
        word = self._line.keyword
        plain = plain_ascii(word.text)
        bare = (plain or word.text).strip(";,")
        meant = len(bare) <= SHOWN_MAX and _is_address(bare.partition("/")[0])
        fix = did_you_mean(span, bare if meant else None)
        self._findings.add(
            Code.PUNCTUATION if fix else Code.BAD_ADDRESS,
            f"`{word.shown}` is no address: the line has no effect",
            span,
            notes=(f"it holds {foreign_sign(word.text)}",)
            if plain
            else ((PLACE,) if is_place(word.text) else ()),
            helps=() if fix else (_FORM,),
            fix=fix,
        )

    def _bad_prefix(self, address: IpAddress, text: str) -> None:
        """As keepalived does with a mask in four numbers, whatever network that means."""
        word = self._line.keyword.span
        behind = min(len(text) + 1, word.length)
        span = Span(word.file, word.line, word.column + word.length - behind, behind)
        bare = text.strip(";,")
        sure = self._prefix(bare)
        length = bare if sure else _mask_length(text) if address.version == 4 else None
        self._prefix_length = bits = self._host_bits
        self._findings.add(
            Code.PUNCTUATION if sure else Code.OUT_OF_RANGE,
            f"`/{shortened(text)}` is no prefix length: {address} is held as a /{bits}",
            span,
            helps=()
            if length is not None
            else (f"an IPv{address.version} prefix has 0 to {bits} bits",),
            fix=did_you_mean(span, None if length is None else f"/{length}"),
        )

    def _prefix(self, text: str) -> bool:
        if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > self._host_bits:
            return False
        self._prefix_length = int(text)
        return True

    def _words(self, words: Iterator[Word], address: IpAddress) -> None:
        for word in words:
            name = word.text
            if name in PLANNED_WORDS:
                for _ in range(PLANNED_WORDS[name]):
                    next(words, None)
                self._findings.add(Code.PLANNED, f"halod does not act on `{name}` yet", word.span)
                continue
            if name == "no_track":
                self._is_tracked = False
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
            elif name == "scope":
                self._set_scope(value)
            elif not isinstance(address, IPv4Address):
                self._findings.add(
                    Code.WITHOUT_EFFECT, f"an address of IPv6 has no `{name}`", word.span
                )
            elif name == "label":
                self._set_label(value)
            else:
                self._set_broadcast(value, address)

    def _unknown_word(self, word: Word, words: Iterator[Word]) -> None:
        one_more = _is_address(word.text.partition("/")[0])
        helps = ("write one address a line",) if one_more else ()
        meant = None if one_more else closest(word.text, [*_OWN_WORDS, *_FLAGS, *PLANNED_WORDS])
        if meant in _OWN_WORDS or PLANNED_WORDS.get(meant or "", 0):
            next(words, None)  # its value: one slip, one finding
        self._findings.add(
            Code.UNKNOWN_WORD,
            f"`{word.shown}` means nothing behind an address: it has no effect",
            word.span,
            helps=helps,
            fix=did_you_mean(word.span, meant),
        )

    def _dev(self, word: Word) -> None:
        fault = interface_fault(word.text)
        if fault is None:
            self._interface = word.text
            return
        self._findings.add(Code.BAD_INTERFACE, f"`{word.shown}` {fault}", word.span)

    def _set_label(self, word: Word) -> None:
        size = len(word.text.encode("utf-8", "replace"))
        if not word.text.isprintable():
            self._findings.add(
                Code.BAD_LABEL,
                "the label has a sign that cannot be printed: the address is held without it",
                word.span,
            )
            return
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
            f"there is no scope `{word.shown}`: global counts",
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
                Code.BAD_ADDRESS, f"`{word.shown}` is no broadcast address: none is set", word.span
            )
            return
        length = self._prefix_length
        tell_broadcast(self._broadcast, address, length, word.span, self._findings)


def family_of(text: str) -> int | None:
    """4 or 6; None: it is no address."""
    try:
        return ip_address(text.partition("/")[0]).version
    except ValueError:
        return None


def _other_family(line: Statement, first: int, findings: Findings) -> None:
    word = line.keyword
    other = 10 - first
    findings.add(
        Code.OTHER_FAMILY,
        f"`{word.shown}` is left out, as in keepalived: the instance is one of IPv{first}, and an "
        "advert carries one family",
        word.span,
        helps=(f"give the IPv{other} addresses an instance of their own",),
    )


def _mask_length(text: str) -> str | None:
    """Bits of `255.255.255.0`."""
    if not _is_address(text):
        return None
    bits = f"{int(IPv4Address(text)):032b}"
    return str(bits.count("1")) if "01" not in bits else None


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True
