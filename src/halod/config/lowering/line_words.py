"""The words of one line of `ip`: taken one after the other, each wrong one told in its place.

Knows numbers, networks and addresses as `ip` writes them. Must not know routes or rules. A line
with a word that cannot be used has no effect as a whole, as in keepalived: half a route leads
elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TypeVar

from halod.config.codes import Code
from halod.config.findings import Findings, did_you_mean
from halod.config.lexer import Word
from halod.config.scalars import interface_fault
from halod.config.suggest import closest
from halod.config.tree import Statement
from halod.model.address import IpAddress
from halod.model.diagnostic import FindingSeverity
from halod.model.routing import IpNetwork

__all__ = ["BadLineError", "LineWords", "is_network"]

T = TypeVar("T")
_EVERYTHING = ("default", "any", "all")
NO_EFFECT = "the line has no effect"


class BadLineError(Exception):
    """The line cannot be used; why was told."""


class LineWords:
    """A cursor over keyword and arguments of a statement."""

    def __init__(self, line: Statement, findings: Findings) -> None:
        self._words = [line.keyword, *line.arguments]
        self._findings = findings
        self._next = 0

    def take(self) -> Word | None:
        """The next word; None: that was all."""
        if self._next == len(self._words):
            return None
        self._next += 1
        return self._words[self._next - 1]

    def peek(self) -> str:
        """The next word, not taken; empty: that was all."""
        return self._words[self._next].text if self._next < len(self._words) else ""

    def fail(
        self,
        word: Word,
        message: str,
        code: Code = Code.UNKNOWN_WORD,
        meant: str | None = None,
        helps: tuple[str, ...] = (),
    ) -> BadLineError:
        """Tells it; to be raised."""
        self._findings.add(
            code,
            f"{message}: {NO_EFFECT}",
            word.span,
            helps=() if meant else helps,
            fix=did_you_mean(word.span, meant),
        )
        return BadLineError()

    def tell(
        self,
        code: Code,
        message: str,
        word: Word,
        helps: tuple[str, ...] = (),
        severity: FindingSeverity | None = None,
    ) -> None:
        """Something that leaves the line its effect."""
        self._findings.add(code, message, word.span, helps=helps, severity=severity)

    def value(self, name: Word) -> Word:
        """The word behind a name that needs one."""
        word = self.take()
        if word is None:
            raise self.fail(name, f"`{name.text}` has no value", Code.MISSING_VALUE)
        return word

    def number(self, name: Word, minimum: int, maximum: int) -> int:
        """Decimal, octal with 0, or hexadecimal with 0x, as `ip` takes it."""
        word = self.value(name)
        number = self.parse_number(word.text)
        if number is None:
            raise self.fail(word, f"`{word.shown}` is no number", Code.NOT_A_NUMBER)
        if not minimum <= number <= maximum:
            limits = f"`{name.text}` takes {minimum} to {maximum}"
            what = f"`{word.shown}` is out of range"
            raise self.fail(word, what, Code.OUT_OF_RANGE, helps=(limits,))
        return number

    @staticmethod
    def parse_number(text: str) -> int | None:
        """None: it is none."""
        if len(text) > 18 or not text.isascii() or not text[:1].isdigit() or "_" in text:
            return None
        octal = text.startswith("0") and text.isdigit()
        try:
            return int(text, 8 if octal else 0)
        except ValueError:
            return None

    def span_of_numbers(self, name: Word, maximum: int) -> tuple[int, int]:
        """`FIRST-LAST`, or one number for both."""
        word = self.value(name)
        first, found, last = word.text.partition("-")
        numbers = self.parse_number(first), self.parse_number(last if found else first)
        if numbers[0] is None or numbers[1] is None:
            raise self.fail(word, f"`{word.shown}` is no range of numbers", Code.NOT_A_NUMBER)
        if not 0 <= numbers[0] <= numbers[1] <= maximum:
            what = f"`{word.shown}` is no range from 0 to {maximum}"
            raise self.fail(word, what, Code.OUT_OF_RANGE)
        return numbers[0], numbers[1]

    def span_of_realms(self, name: Word) -> tuple[int, int]:
        """`FROM/TO`, or TO alone: then FROM is 0."""
        word = self.value(name)
        first, found, last = word.text.partition("/")
        numbers = self.parse_number(first if found else "0"), self.parse_number(last or first)
        if numbers[0] is None or numbers[1] is None or max(numbers[0], numbers[1]) > 0xFFFF:
            raise self.fail(word, f"`{word.shown}` are no realms", Code.NOT_A_NUMBER)
        return numbers[0], numbers[1]

    def choice(self, name: Word, words: Mapping[str, T]) -> T:
        """One of a few words."""
        word = self.value(name)
        if word.text not in words:
            what = f"there is no {name.text} `{word.shown}`"
            raise self.fail(word, what, meant=closest(word.text, words))
        return words[word.text]

    def number_or_name(self, name: Word, names: Mapping[str, int], maximum: int) -> int:
        """What `ip` names, or its number."""
        number = self.parse_number(self.peek())
        return self.choice(name, names) if number is None else self.number(name, 0, maximum)

    def interface(self, name: Word) -> str:
        """The name of a link."""
        word = self.value(name)
        fault = interface_fault(word.text)
        if fault is not None:
            raise self.fail(word, f"`{word.shown}` {fault}", Code.BAD_INTERFACE)
        return word.text

    def address(self, name: Word) -> IpAddress:
        """One address, a family word before it or not."""
        word = self.value(name)
        if word.text in ("inet", "inet6"):
            word = self.value(word)
        try:
            return IPv6Address(word.text) if ":" in word.text else IPv4Address(word.text)
        except ValueError:
            raise self.fail(word, f"`{word.shown}` is no address", Code.BAD_ADDRESS) from None

    def network(self, word: Word, *, ipv6: bool) -> IpNetwork:
        """A prefix; `default`, `any` and `all` are everything. One address is its own network.

        Bits behind the prefix are told and cut off: the kernel refuses them.
        """
        if word.text in _EVERYTHING:
            return IPv6Network("::/0") if ipv6 else IPv4Network("0.0.0.0/0")
        network = _network(word.text)
        if network is None:
            raise self.fail(word, f"`{word.shown}` is no network", Code.BAD_ADDRESS)
        address = word.text.partition("/")[0]
        if str(network.network_address) != str(type(network.network_address)(address)):
            what = f"{address} is not the first address of a network: {network} counts"
            helps = (f"write `{network}`",)
            self.tell(Code.BAD_ADDRESS, what, word, helps, FindingSeverity.RISK)
        return network

    def unknown(self, word: Word, what: str, names: Collection[str]) -> BadLineError:
        """A word that means nothing here."""
        message = f"`{word.shown}` means nothing in {what}"
        return self.fail(word, message, meant=closest(word.text, names))


def is_network(text: str) -> bool:
    """Whether it names a destination."""
    return text in _EVERYTHING or _network(text) is not None


def _network(text: str) -> IpNetwork | None:
    try:
        return IPv6Network(text, strict=False) if ":" in text else IPv4Network(text, strict=False)
    except ValueError:
        return None
