"""What was read back from nftables, against what should stand there.

Knows how to tell a service that is whole from one that somebody has touched. Must not know how it
was read, nor what is done about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from halod.model.service_table import Destination, Service
from halod.wire.netlink import DecodeError
from halod.wire.nfnetlink import NftFamily
from halod.wire.nft_balancing import SHAPES, base_rules, comment_of, device_of, device_rules
from halod.wire.nft_expression import native
from halod.wire.nft_flow_rules import FlowTimeouts
from halod.wire.nft_message import NftElement, SetFlag
from halod.wire.nft_record import read_destination, read_service
from halod.wire.nft_service_rules import ChainName, Content, SetName

__all__ = ["READ_SETS", "Readback", "Record"]

READ_SETS: tuple[SetName, ...] = tuple(
    (family, shape.name) for family, shape in SHAPES if not shape.flags & SetFlag.DYNAMIC
)
"""All but those that packets fill."""
_BOOK = (NftFamily.INET, "book")
_NUMBER = 4
"""Bytes of a service's number, in front of keys of `book`."""
_SERVICE_CHAIN = "crw"


@dataclass(frozen=True, slots=True)
class Record:
    """One service as the book has it."""

    number: int
    service: Service
    destinations: Mapping[int, Destination]
    """By number."""


@dataclass(frozen=True, slots=True)
class Readback:
    elements: Mapping[SetName, Mapping[bytes, NftElement]]
    """Without their counters."""
    rules: Mapping[ChainName, tuple[str, ...]]
    """The comment of each rule, in order; a chain without rules is missing."""

    def is_base_whole(self, timeouts: FlowTimeouts) -> bool:
        """Whether the way into the services stands."""
        wanted: dict[ChainName, list[str]] = {}
        for family, chain, expressions in base_rules(timeouts):
            wanted.setdefault((family, chain), []).append(comment_of(expressions))
        return all(self.rules.get(chain) == tuple(rules) for chain, rules in wanted.items())

    def hooked(self) -> set[int]:
        """Links that have their hook, or had it: newer kernels keep the chain of one that went."""
        rules = tuple(map(comment_of, device_rules()))
        return {
            index
            for (family, chain), there in self.rules.items()
            if there == rules and (index := device_of(family, chain))
        }

    def records(self) -> list[Record]:
        """What the book says; a record that nobody can read is none."""
        services: dict[bytes, Service] = {}
        servers: dict[bytes, dict[int, Destination]] = {}
        for key, element in self.elements.get(_BOOK, {}).items():
            number, own = key[:_NUMBER], key[_NUMBER:]
            try:
                if not any(own):
                    services[number] = read_service(element.comment)
                else:
                    read = read_destination(element.comment)
                    servers.setdefault(number, {})[_read_native(own)] = read
            except DecodeError:
                continue
        return [
            Record(_read_native(number), service, servers.get(number, {}))
            for number, service in services.items()
        ]

    def has(self, content: Content) -> bool:
        """Every rule and every element of it."""
        for chain, rules in content.rules.items():
            if self.rules.get(chain, ()) != tuple(map(comment_of, rules)):
                return False
        for place, wanted in content.elements.items():
            there = self.elements.get(place, {})
            if any(there.get(key) != element for key, element in wanted.items()):
                return False
        return True

    def remains(self, content: Content) -> Content:
        """What is there of a service that is not whole; its chains are written anew."""
        elements = {
            place: {key: there[key] for key in wanted if key in there}
            for place, wanted in content.elements.items()
            if (there := self.elements.get(place, {}))
        }
        return Content(dict.fromkeys(content.rules, (b"",)), elements)

    def strays(self, known: Iterable[Content]) -> Content:
        """What belongs to none of these services, though it stands where services do."""
        claimed: dict[SetName, set[bytes]] = {}
        chains: set[ChainName] = set()
        for content in known:
            chains.update(content.rules)
            for place, wanted in content.elements.items():
                claimed.setdefault(place, set()).update(wanted)
        left = {
            place: {k: e for k, e in there.items() if k not in claimed.get(place, ())}
            for place, there in self.elements.items()
        }
        rules: dict[ChainName, tuple[bytes, ...]] = {
            (family, chain): ()
            for family, chain in self.rules
            if (family, chain) not in chains and _is_of_service(chain)
        }
        return Content(rules, {place: there for place, there in left.items() if there})


def _is_of_service(chain: str) -> bool:
    """c, r or w and eight digits of hexadecimal."""
    return len(chain) == 9 and chain[0] in _SERVICE_CHAIN and all(_is_hex(chain[1:]))


def _is_hex(text: str) -> Iterator[bool]:
    return (letter in "0123456789abcdef" for letter in text)


def _read_native(value: bytes) -> int:
    if len(value) != _NUMBER:
        raise DecodeError("a number that is not 4 bytes")
    number = int.from_bytes(value, "little")
    return number if native(number) == value else int.from_bytes(value, "big")
