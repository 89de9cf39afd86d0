"""What a keyword takes, in words: for messages, the reference and `haloctl explain`.

Knows how kinds are told. Must not know any keyword.
"""

from __future__ import annotations

from typing import assert_never

from halod.config.keywords.kinds import (
    Address,
    Choice,
    Entries,
    Flag,
    Integer,
    InterfaceName,
    Kind,
    Nested,
    Program,
    Repeated,
    Seconds,
    Secret,
    Text,
    Toggle,
    Weight,
    Words,
)
from halod.model.tracking import WEIGHT_MAX
from halod.model.units import Duration

__all__ = ["takes"]


def takes(kind: Kind) -> str:
    """Completes: `priority` takes ..."""
    match kind:
        case Integer():
            return f"a whole number from {kind.minimum} to {kind.maximum}"
        case Seconds():
            form = "seconds" if kind.fractions else "whole seconds"
            return f"{form} from {_plain(kind.minimum)} to {_plain(kind.maximum)}"
        case Choice():
            words = " or ".join(f"`{word}`" for word in kind.words)
            return words if kind.alone is None else f"no value, or {words}"
        case Flag():
            return "no value"
        case Toggle():
            return "no value, `true` or `false`"
        case Program(splits=False):
            return "a path, then a user and a group"
        case Program(optional=True):
            return "nothing, or a command line in quotes, then a user and a group"
        case Program(takes_user=True):
            return "a command line in quotes, then a user and a group"
        case Program():
            return "a command line in quotes"
        case Weight():
            return f"a whole number from -{WEIGHT_MAX} to {WEIGHT_MAX}, and `reverse`"
        case InterfaceName():
            return "the name of an interface"
        case Address():
            family = "" if kind.ip_version is None else f" of IPv{kind.ip_version}"
            return "a multicast address" + family if kind.is_group else "an address" + family
        case Text():
            return "a word" if kind.words == 1 else f"up to {kind.words} words"
        case Words():
            return f"nothing, or {kind.takes}"
        case Secret():
            return "a secret"
        case Entries():
            return "a block, one entry a line"
        case Repeated(words):
            return f"{words}; the line may stand more than once"
        case Nested():
            return "a block of keywords"
        case _:
            assert_never(kind)


def _plain(span: Duration) -> str:
    return f"{span.as_seconds():.6f}".rstrip("0").rstrip(".")
