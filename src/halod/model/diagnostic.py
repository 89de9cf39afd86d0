"""A finding in a configuration, as data. The renderers stand in `halod.config`.

Knows what to say and where. Must not know how it is printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

__all__ = ["Applicability", "Diagnostic", "FindingSeverity", "Fix", "Label", "Span"]


class FindingSeverity(Enum):
    """What becomes of the configuration."""

    REFUSE = "refuse"
    """Neither starts nor reloads; what runs keeps running."""
    IGNORED = "ignored"
    """That line has no effect, the rest runs."""
    RISK = "risk"
    """Runs as written, and may hurt."""
    NOTE = "note"
    """Worth knowing."""


class Applicability(Enum):
    """Whether a fix may be applied without asking."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY_ONLY = "display-only"


class Span(NamedTuple):
    """A stretch of one line of one file. A tuple: each word of a file has one."""

    file: str
    """Path as the operator wrote it."""
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    length: int
    """In characters, at least 1."""
    origins: tuple[Span, ...] = ()
    """Where its text was written, if a definition or a sequence put it here."""


@dataclass(frozen=True, slots=True)
class Label:
    """A span with a few words under it."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """Replace what stands in a span."""

    span: Span
    replacement: str
    applicability: Applicability
    title: str
    """For example: did you mean `advert_int`?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One mistake, told once, in its place."""

    code: str
    """Family letter and number: E0 syntax, E1 value, E2 reference, H5 this
    machine, W3 risk, W4 compatibility."""
    severity: FindingSeverity
    message: str
    """Stands alone; lower case, no full stop, identifiers in backticks."""
    primary: Label
    """What is wrong here."""
    secondary: tuple[Label, ...] = ()
    """The other half: a duplicate, the enclosing block."""
    notes: tuple[str, ...] = ()
    """Facts."""
    helps: tuple[str, ...] = ()
    """What to do."""
    fix: Fix | None = None
