"""From a file to a configuration that may run, with what must be said about it.

Knows the exit statuses of keepalived. Must not start anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from halod.config.compile import compile_text
from halod.config.render_concise import concise_line
from halod.kernel.config_file import FileProblem, read_config
from halod.model.configuration import Configuration
from halod.model.diagnostic import FindingSeverity
from halod.model.fact import Severity

__all__ = ["EXIT_CONFIG", "EXIT_FATAL", "EXIT_NO_CONFIG", "EXIT_NO_PERMISSION", "Loaded"]
__all__ += ["load_configuration"]

EXIT_FATAL = 1
EXIT_CONFIG = 2
EXIT_NO_PERMISSION = 4
EXIT_NO_CONFIG = 6


@dataclass(frozen=True, slots=True)
class Loaded:
    """One reading of the file."""

    configuration: Configuration | None
    """None: refused, or not readable."""
    findings: tuple[str, ...]
    """One concise line each: FILE:LINE:COLUMN: severity[CODE] message."""
    notes: tuple[str, ...] = ()
    """What is worth knowing, and no mistake."""
    status: int = 0
    """Exit status of a daemon that cannot start with it."""

    def told(self) -> Iterator[tuple[Severity, str]]:
        """Log lines."""
        yield from ((Severity.WARNING, line) for line in self.findings)
        yield from ((Severity.INFO, line) for line in self.notes)


def load_configuration(path: str) -> Loaded:
    """Reads and compiles; nothing else happens: no DNS, no netlink."""
    text = read_config(path)
    if isinstance(text, FileProblem):
        return Loaded(None, (text.sentence(),), status=EXIT_NO_CONFIG)
    compiled = compile_text(path, text)
    lines: dict[bool, list[str]] = {True: [], False: []}
    for found in compiled.diagnostics:
        lines[found.severity is FindingSeverity.NOTE].append(concise_line(found))
    return Loaded(
        compiled.configuration,
        tuple(lines[False]),
        tuple(lines[True]),
        EXIT_CONFIG if compiled.refused else 0,
    )
