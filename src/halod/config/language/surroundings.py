"""What a configuration may ask of the machine that it stands on, as values handed in.

Knows the questions. Must not read a file, a clock or the environment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["Absent", "NoFiles", "SourceLoader", "Surroundings"]


@dataclass(frozen=True, slots=True)
class Absent:
    """A file that is there and is not read."""

    reason: str
    """Completes: FILE ..."""
    suggestion: str


class SourceLoader(Protocol):
    """Answers for the files that `include` names."""

    def match(self, pattern: str, folder: str) -> Sequence[str]:
        """Names that a pattern with `*`, `?` and `[` stands for, in the order of their bytes."""

    def read(self, path: str) -> str | Absent:
        """The text of a file."""

    def absolute(self, folder: str) -> str:
        """Of a folder as the operator wrote it; `""` is the one where the command was given."""


class NoFiles:
    """There is no other file: for a text that stands alone."""

    def match(self, pattern: str, folder: str) -> Sequence[str]:
        return ()

    def read(self, path: str) -> str | Absent:
        return Absent("is not read here", "check the file itself")

    def absolute(self, folder: str) -> str:
        return folder


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that a text depends on beside itself."""

    loader: SourceLoader = field(default_factory=NoFiles)
    config_id: str = ""
    """`-i`: lines behind `@ID` are for it alone; `${_INSTANCE}`."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """`${_ENV NAME}`."""
    all_files: bool = False
    """`-e`: an included file that is missing refuses the configuration, as `include_check` does."""
    random_seed: int = 0
    """For `${_RANDOM}`; `random_seed` in the file overrides it."""
