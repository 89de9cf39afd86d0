"""`haloctl check --fix` and `--diff`: the fixes of the findings, written or only shown.

Knows how the outcome is told. Must not decide what is safe: each fix says so itself.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from halod.config.compile import Compiled, compile_text
from halod.config.difference import difference
from halod.config.fixing import Fixed, fix_text
from halod.config.language.surroundings import Surroundings
from halod.kernel.config_file import FileProblem, read_config
from halod.kernel.config_rewrite import rewrite_config
from halod.model.diagnostic import Applicability
from halod.model.printable import printable

__all__ = ["show_fixes", "write_fixes"]

EXIT_UNREADABLE = 4
EXIT_FINDINGS = 5
"""As `check` without --diff: the file that lies there has findings."""


def write_fixes(compiled: Compiled, *, unsafe: bool) -> Compiled | FileProblem:
    """Mends the file; what is left to say of it, or why it stands as it was."""
    fixed = fix_text(compiled, unsafe=unsafe)
    written: list[str] = []
    for file, (before, after) in fixed.changed.items():
        problem = rewrite_config(file, before, after)
        if problem is not None:
            if written:
                print(printable(f"mended already: {', '.join(written)}"), file=sys.stderr)
            return problem
        written.append(file)
    _tell(fixed, unsafe=unsafe)
    return fixed.compiled


def show_fixes(paths: Sequence[str], surroundings: Surroundings, *, unsafe: bool) -> int:
    """Prints what --fix would change; the exit status is that of the files as they are."""
    status = 0
    for path in paths:
        text = read_config(path)
        if isinstance(text, FileProblem):
            print(printable(text.sentence()), file=sys.stderr)
            status = max(status, EXIT_UNREADABLE)
            continue
        compiled = compile_text(path, text, surroundings)
        if not compiled.clean:
            status = EXIT_FINDINGS
        fixed = fix_text(compiled, unsafe=unsafe)
        for file in fixed.changed:
            click.echo(difference(compiled, fixed.compiled, file), nl=False)
        _tell_open(fixed, unsafe=unsafe)
    return status


def _tell(fixed: Fixed, *, unsafe: bool) -> None:
    """On the error stream: standard output belongs to the findings, whatever their format."""
    for found in fixed.applied:
        assert found.fix is not None
        span = found.fix.span
        done = found.fix.title.rstrip("?").replace("did you mean", "write", 1)
        line = f"{span.file}:{span.line}:{span.column}: fixed[{found.code}] {done}"
        print(printable(line), file=sys.stderr)
    _tell_open(fixed, unsafe=unsafe)


def _tell_open(fixed: Fixed, *, unsafe: bool) -> None:
    file = printable(fixed.compiled.file)
    if fixed.withheld:
        print(
            f"{file}: the other suggestions were not applied: halod would refuse the file",
            file=sys.stderr,
        )
        return
    guesses = sum(
        found.fix is not None and found.fix.applicability is Applicability.UNSAFE
        for found in fixed.compiled.diagnostics
    )
    if guesses and not unsafe:
        more = "a guess" if guesses == 1 else f"{guesses} guesses"
        print(f"{file}: {more} more with --unsafe-fixes; see them with --diff", file=sys.stderr)
