"""The programs that a configuration names, and what is wrong with each on this machine.

Knows which keywords name one, and what keepalived refuses to run. Must not look at files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.host.facts import ScriptFacts
from halod.config.lexer import Word
from halod.config.tree import Statement
from halod.model.printable import shortened

__all__ = ["program_of", "programs_of", "script_statements", "script_words", "tell_scripts"]

SCRIPT_KEYWORDS = frozenset(
    {
        *("script", "misc_path", "quorum_up", "quorum_down"),
        *("startup_script", "shutdown_script"),
        *("notify", "notify_backup", "notify_deleted", "notify_down", "notify_fault"),
        *("notify_fifo_script", "notify_master", "notify_master_rx_lower_pri", "notify_stop"),
        *("notify_up", "lvs_notify_fifo_script", "vrrp_notify_fifo_script"),
    }
)
SHELL_SIGN = "</"
"""A text that begins so is for a shell: what it runs is not known before."""


def script_statements(tree: Iterable[Statement]) -> Iterator[Statement]:
    """Each keyword that takes a command line."""
    waiting = list(tree)
    while waiting:
        statement = waiting.pop()
        if statement.name in SCRIPT_KEYWORDS:
            yield statement
        if not statement.holds_none_of(SCRIPT_KEYWORDS):
            waiting.extend(statement.children)


def script_words(tree: Iterable[Statement]) -> Iterator[Word]:
    """The command line behind each of them."""
    return (each.arguments[0] for each in script_statements(tree) if each.arguments)


def programs_of(tree: Iterable[Statement]) -> Iterator[Word]:
    """Those whose program can be looked for."""
    return (word for word in script_words(tree) if program_of(word))


def program_of(word: Word) -> str:
    """The program of a command line; empty: there is none that can be looked for."""
    first = word.text.split()[:1]
    if not first or word.text.startswith(SHELL_SIGN) or not first[0].isprintable():
        return ""
    return first[0]


def tell_scripts(
    words: Iterable[Word], scripts: Mapping[str, ScriptFacts], findings: Findings
) -> None:
    """One finding a place: the first thing that keeps it from running."""
    for word in words:
        found = scripts.get(program_of(word))
        if found is None:
            continue
        path = shortened(found.path)
        if found.missing:
            findings.add(
                Code.SCRIPT_MISSING,
                f"there is no program `{path}` on this machine",
                word.span,
                helps=("correct the path, or install it",),
            )
        elif not found.executable:
            findings.add(
                Code.SCRIPT_NOT_EXECUTABLE,
                f"`{path}` is not executable",
                word.span,
                helps=(f"chmod 755 {path}",),
            )
        elif found.open_to:
            findings.add(
                Code.SCRIPT_WRITABLE,
                f"others than root can change `{path}`: {found.open_to}",
                word.span,
                notes=("with enable_script_security it is not run",),
                helps=("let root own it and every folder above it, writable by root alone",),
            )
