"""What a keyword takes, as data.

Knows types, ranges and levels. Must not read anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from halod.model.address import IpAddress
from halod.model.units import Duration

__all__ = [
    "Address",
    "Choice",
    "Entries",
    "Flag",
    "Integer",
    "InterfaceName",
    "Keyword",
    "Kind",
    "Nested",
    "Program",
    "Repeated",
    "Seconds",
    "Secret",
    "Section",
    "Text",
    "Toggle",
    "Unready",
    "Weight",
    "Words",
]


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number in a range."""

    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Seconds:
    """A time in seconds."""

    minimum: Duration
    maximum: Duration
    fractions: bool = False
    """Whether `0.5` is a value; at most six decimals count."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: Mapping[str, Enum | int | str]
    meant: Mapping[str, str] = field(default_factory=dict)
    """Words of other programs, in lower case, for the suggestion: a `slave` is a `BACKUP`."""
    alone: Enum | None = None
    """The value where no word follows; None: one must."""


@dataclass(frozen=True, slots=True)
class Flag:
    """Stands alone: there or not."""


@dataclass(frozen=True, slots=True)
class Toggle:
    """On or off in one of keepalived's words; alone it means on."""


@dataclass(frozen=True, slots=True)
class Program:
    """A command line, in quotes where it has arguments; then its user and its group."""

    takes_user: bool = True
    splits: bool = True
    """Whether blanks in it divide words; False: it is one path."""
    optional: bool = False
    """Whether the keyword alone says something too."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a tracker adds to a priority, and `reverse` behind it."""


@dataclass(frozen=True, slots=True)
class InterfaceName:
    """Name of a link, 1 to 15 bytes."""


@dataclass(frozen=True, slots=True)
class Address:
    """One IP address, without a mask."""

    is_group: bool = False
    """Whether it is one of multicast."""
    ip_version: int | None = None
    """4 or 6; None: both."""

    def fits(self, address: IpAddress) -> bool:
        version = self.ip_version in (None, address.version)
        return version and address.is_multicast == self.is_group


@dataclass(frozen=True, slots=True)
class Text:
    """A word, or a quoted string; of `smtp_server` two."""

    words: int = 1


@dataclass(frozen=True, slots=True)
class Words:
    """Words that may all be left out; who lowers it reads them."""

    maximum: int
    takes: str
    """What they are, for people."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A word that must never be shown."""


@dataclass(frozen=True, slots=True)
class Entries:
    """A block whose lines are no keywords: addresses, recipients."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """A line that may stand more than once; who lowers it reads its words."""

    takes: str
    """What stands behind the keyword, for people."""


@dataclass(frozen=True, slots=True)
class Nested:
    """A block with keywords of its own."""

    section: Section


Kind = (
    Integer
    | Seconds
    | Choice
    | Flag
    | Toggle
    | Program
    | Weight
    | InterfaceName
    | Address
    | Text
    | Words
    | Secret
    | Entries
    | Repeated
    | Nested
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """A keyword that works."""

    kind: Kind
    sets: str
    """Field of the model, `Class.field`: its docstring is the reference."""
    default: str = ""
    """What holds when the value is not usable, as a clause."""
    needed: bool = False
    """Nothing can stand in for it: a value that is not usable is refused."""
    first_counts: bool = False
    """Of two the first holds, as in keepalived; else the last."""
    own: bool = False
    """halod's own: stands behind `@halod`."""


class Unready(Enum):
    """What halod does with a keyword of keepalived that does not work yet."""

    PLANNED = "planned"
    """The line has no effect, and that is told."""
    NOT_YET = "refused"
    """To run without it would put other packets on the wire, or leave addresses unserved."""
    WITHOUT_EFFECT = "accepted"
    """There is nothing for it to do here."""
    READ_BEFORE = "works"
    """It changes how the file is read, and that is done before its blocks are looked at."""


@dataclass(frozen=True, slots=True)
class Section:
    """The keywords that may stand in one block."""

    name: str
    """As written in the file."""
    keywords: Mapping[str, Keyword]
    """Those that work."""
    known: frozenset[str]
    """All that keepalived knows here."""
    exceptions: Mapping[str, tuple[Unready, str]] = field(default_factory=dict)
    """Those that are not simply planned, and why, as half a sentence."""
    secret: bool = False
    """Whether words of this block must not be shown."""
    nested: Mapping[str, Section] = field(default_factory=dict)
    """Blocks in it that do nothing yet, and what may stand in them."""

    def unready(self, name: str) -> tuple[Unready, str] | None:
        """What becomes of a keyword that does not work; None: keepalived has no such here."""
        if name in self.exceptions:
            return self.exceptions[name]
        return (Unready.PLANNED, "") if name in self.known else None

    def names(self) -> list[str]:
        """Every name that makes sense here."""
        return sorted({*self.keywords, *self.known})
