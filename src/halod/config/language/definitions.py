"""`$NAME=VALUE` and its uses: which text stands in the place of which.

Knows names, values of several lines, and what halod defines itself. Must not read lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from halod.config.language.surroundings import Surroundings
from halod.config.language.traced import Traced, made
from halod.model.diagnostic import Span

__all__ = ["CONTINUED", "DEFINITION", "NAMED", "USE", "Definition", "Definitions"]

CONTINUED = "\\"
"""Ends a line of a value that goes on."""
DEFINITION = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)=[ \t]*")
USE = re.compile(
    r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)((?:[ \t]+[A-Za-z0-9_]+)*)\}"
    r"|([A-Za-z_][A-Za-z0-9_]*)(?=[ \t,)]|\Z))"
)
"""`${NAME}`, `${NAME PARAMETER}`, or `$NAME` before a blank, a comma, a bracket or the end."""
NAMED = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)[^{}]*\}|([A-Za-z_][A-Za-z0-9_]*))")
"""What looks like a use, for the person who meant one."""

RANDOM_MAX = 32767
_SPLITMIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_WORD = (1 << 64) - 1


@dataclass(slots=True)
class Definition:
    """What a name stands for now."""

    lines: tuple[Traced, ...]
    multiline: bool = False
    """Then it can only end a line."""
    sequence: Span | None = None
    """Of a number of `~SEQ`: the place of that, the same object in all rounds."""
    used: dict[Span, tuple[Traced, ...]] = field(default_factory=dict)
    """The same lines by the place that asks for them: a sequence asks from one place often."""

    def at(self, use: Span) -> tuple[Traced, ...]:
        """Its lines, asked for in a place."""
        found = self.used.get(use)
        if found is None:
            found = self.used[use] = tuple(line.used_at(use) for line in self.lines)
        return found


class Definitions:
    """All names; a later definition of a name replaces the one before."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._named: dict[str, Definition] = {}
        self._random = surroundings.random_seed & _WORD
        self.folder = PurePosixPath()
        """Of the file that is being read."""

    def define(self, name: str, definition: Definition) -> None:
        """From here on the name stands for this."""
        self._named[name] = definition

    def named(self, name: str) -> Definition | None:
        """What the file says that a name stands for."""
        return self._named.get(name)

    def seed(self, number: int) -> None:
        """`random_seed`: the numbers that follow are the same each time."""
        self._random = number & _WORD

    def lookup(self, use: re.Match[str], place: Span) -> tuple[tuple[Traced, ...], bool] | None:
        """The lines that stand for a use, and whether they can only end a line; None: undefined."""
        name = use[1] or use[3]
        parameters = (use[2] or "").split()
        definition = self._named.get(name)
        if definition is not None:
            return None if parameters else (definition.at(place), definition.multiline)
        text = self._predefined(name, parameters)
        return None if text is None else ((made(text, place),), False)

    def _predefined(self, name: str, parameters: list[str]) -> str | None:
        match name, parameters:
            case "_PWD", []:
                return self._surroundings.loader.absolute(str(self.folder))
            case "_INSTANCE", []:
                return self._surroundings.config_id
            case "_HASH", []:
                return "#"
            case "_BANG", []:
                return "!"
            case "_ENV", [variable]:
                return self._surroundings.environment.get(variable, "")
            case "_RANDOM", [*bounds] if len(bounds) <= 2 and all(b.isdigit() for b in bounds):
                least, most = [*map(int, bounds), *(0, RANDOM_MAX)[len(bounds) :]]
                return str(least + self._draw() % (max(least, most) - least + 1))
            case _:
                return None

    def _draw(self) -> int:
        """splitmix64: randomness is an argument here, and the same seed gives the same file."""
        increment, first, second = _SPLITMIX
        self._random = (self._random + increment) & _WORD
        mixed = ((self._random ^ (self._random >> 30)) * first) & _WORD
        mixed = ((mixed ^ (mixed >> 27)) * second) & _WORD
        return mixed ^ (mixed >> 31)
