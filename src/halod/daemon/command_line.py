"""Takes a command line apart as getopt_long(3) does, which keepalived uses.

Knows bundles (`-nlD`), attached values and shortened long names. Must not know what an option is
for: the table is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from halod.daemon.option_table import Argument, Option

__all__ = ["CommandLine", "CommandLineError", "take_apart"]


class CommandLineError(Exception):
    """What is wrong with it, in keepalived's words where it has some."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A command line by its parts."""

    given: tuple[tuple[Option, str | None], ...]
    """In the order in which they stand, with their values."""
    strays: tuple[str, ...]
    """Words that belong to no option."""


def take_apart(arguments: Sequence[str], table: Mapping[str, Option]) -> CommandLine:
    """Raises CommandLineError for what is no option, and for a value too many or too few."""
    by_letter = {option.short: option for option in table.values() if option.short}
    given: list[tuple[Option, str | None]] = []
    strays: list[str] = []
    waiting = list(reversed(arguments))
    while waiting:
        word = waiting.pop()
        if word == "--":
            strays += reversed(waiting)
            break
        if word.startswith("--"):
            given.append(_long(word, table.values(), waiting))
        elif word.startswith("-") and word != "-":
            given += _bundle(word, by_letter, waiting)
        else:
            strays.append(word)
    return CommandLine(tuple(given), tuple(strays))


def _long(word: str, table: Iterable[Option], waiting: list[str]) -> tuple[Option, str | None]:
    name, equals, attached = word[2:].partition("=")
    meant = [option for option in table if option.long.startswith(name)]
    exact = [option for option in meant if option.long == name]
    if len(exact or meant) != 1:
        several = ", ".join(f"--{option.long}" for option in meant)
        more = f": is it {several}?" if several and name else ""
        raise CommandLineError(f"Unknown option {word}{more}")
    option = (exact or meant)[0]
    if option.argument is Argument.NONE and equals:
        raise CommandLineError(f"Unknown option {word}: --{option.long} takes no value")
    if option.argument is Argument.REQUIRED and not equals:
        return option, _following(f"--{option.long}", waiting)
    return option, attached if equals else None


def _bundle(
    word: str, by_letter: Mapping[str, Option], waiting: list[str]
) -> list[tuple[Option, str | None]]:
    """`-nlDf FILE`: the first letter that takes a value takes the rest of the word."""
    found: list[tuple[Option, str | None]] = []
    for position, letter in enumerate(word[1:], start=2):
        option = by_letter.get(letter)
        if option is None:
            raise CommandLineError(f"Unknown option -{letter}" + _whole(word, letter))
        rest = word[position:]
        if option.argument is Argument.NONE:
            found.append((option, None))
            continue
        # getopt(3) takes the `=` of `-t=FILE` for a part of the name. Nobody means that.
        value = rest.removeprefix("=") if rest else None
        if value is None and option.argument is Argument.REQUIRED:
            value = _following(f"-{letter}", waiting)
        found.append((option, value))
        break
    return found


def _whole(word: str, letter: str) -> str:
    return "" if word == f"-{letter}" else f" in {word}"


def _following(option: str, waiting: list[str]) -> str:
    if not waiting:
        raise CommandLineError(f"Missing parameter for option {option}")
    return waiting.pop()
