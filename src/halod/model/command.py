"""A program of the operator's: what is run, and as whom.

Knows words and names. Must not know when it is run, nor whether it exists.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Command"]


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, taken apart: no shell reads it."""

    argv: tuple[str, ...]
    """The program and its arguments, at least one word."""
    user: str = ""
    """Who it runs as; empty: `script_user`, and without that `keepalived_script` where there is
    such a user, else root."""
    group: str = ""
    """Its group; empty: the first group of its user."""

    def __repr__(self) -> str:
        # Arguments may be passwords: they never reach a log, a dump or an error message.
        return f"Command({self.program!r})"

    @property
    def program(self) -> str:
        """What may be shown of it."""
        return self.argv[0]
