"""Signs of a shell in a command that no shell reads."""

from __future__ import annotations

import re
from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.command_line import OpenQuote, split_command
from halod.config.findings import Findings
from halod.config.host.scripts import script_statements, script_words
from halod.config.lexer import Word
from halod.config.lowering.instance import Lowered
from halod.config.tree import Statement

__all__ = ["shell_signs"]

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\\.")
_SIGN = re.compile(
    r"""
    (?P<pipe> \|\|? | && )                   # anywhere: ss -lnt|grep :80
  | (?: (?<=\s) | ^ ) (?P<own> [0-9]?[<>]+ | & (?=\s|$) )  # not the & of an address
  | (?P<end> ; ) (?=\s|$)
  | (?P<dollar> \$[?(] | ` )
    """,
    re.VERBOSE,
)
BEHIND = (">", "<", "|", "&", ";", "2>")
SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})


def shell_signs(tree: Sequence[Statement], found: Sequence[Lowered], findings: Findings) -> None:
    """Seen of keepalived 2.2.7: `|` and what follows are arguments of the first program."""
    for statement in script_statements(tree):
        for behind in statement.arguments[1:2]:
            if behind.text.startswith(BEHIND):
                _tell_behind(behind, findings)
    for word in script_words(tree):
        sign = _sign_in(word.text)
        if sign is None:
            continue
        findings.add(
            Code.SHELL_SIGNS,
            f"no shell reads this: `{sign}` and what follows are arguments of the program"
            if not word.text.lstrip().startswith(sign)
            else f"no shell reads this: there is no program before `{sign}`",
            word.span,
            helps=("put it into a file that begins with `#!/bin/sh`, or write `/bin/sh -c '...'`",),
        )


def _tell_behind(word: Word, findings: Findings) -> None:
    """Behind the quotes stand the user and the group that the command runs as."""
    findings.add(
        Code.SHELL_SIGNS,
        f"no shell reads this: `{word.shown}` behind the command is no part of it",
        word.span,
        helps=("put the command into a file that begins with `#!/bin/sh`",),
    )


def _sign_in(text: str) -> str | None:
    """The first sign outside quotes that means something to a shell alone."""
    try:
        program, *options = split_command(text) or ("",)
    except OpenQuote:
        return None
    if program.rpartition("/")[2] in SHELLS and any(each.startswith("-") for each in options):
        return None
    bare = _QUOTED.sub(lambda quoted: "x" * len(quoted[0]), text)
    sign = _SIGN.search(bare)
    return sign[0] if sign else None
