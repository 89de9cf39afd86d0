"""`haloctl check` and `halod -t`: what halod makes of configuration files.

Knows how to show findings. No side effects: no DNS, no netlink, nothing written.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

import click

from halod.config.compile import Compiled, compile_text
from halod.config.render_concise import render_concise
from halod.config.render_full import NO_COLOUR, TERMINAL_COLOUR, render_full
from halod.config.render_json import render_json
from halod.kernel.config_file import FileProblem, read_config
from halod.model.diagnostic import FindingSeverity

__all__ = ["check", "check_files"]

EXIT_FINDINGS = 5
"""As keepalived's `-t`: the file runs, or would not, and there is something to say."""
EXIT_UNREADABLE = 4


def check_files(paths: Sequence[str], form: str = "full") -> int:
    """Exit status: 0 clean, 4 a file that cannot be read, 5 findings. Notes alone are clean."""
    status = 0
    documents = []
    for path in paths:
        text = read_config(path)
        if isinstance(text, FileProblem):
            print(text.sentence(), file=sys.stderr)
            status = max(status, EXIT_UNREADABLE)
            continue
        compiled = compile_text(path, text)
        if not compiled.clean:
            status = EXIT_FINDINGS
        if form == "json":
            documents.extend(render_json(compiled))
        else:
            _show(compiled, form)
    if form == "json":
        print(json.dumps(documents, indent=2))
    return status


def _show(compiled: Compiled, form: str) -> None:
    if form == "concise":
        print(render_concise(compiled), end="")
        return
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    page = render_full(compiled, TERMINAL_COLOUR if colour else NO_COLOUR)
    if page:
        print(page)
    print(_summary(compiled))


def _summary(compiled: Compiled) -> str:
    counts = dict.fromkeys(FindingSeverity, 0)
    for found in compiled.diagnostics:
        counts[found.severity] += 1
    told = ", ".join(f"{count} {severity.value}" for severity, count in counts.items() if count > 0)
    if compiled.configuration is None:
        return f"{compiled.file}: refused: halod would not start with it ({told})"
    number = len(compiled.configuration.instances)
    runs = f"{number} vrrp_instance{'s' if number != 1 else ''}"
    return f"{compiled.file}: {'clean' if not told else 'runs'}, {runs}" + (
        f" ({told})" if told else ""
    )


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option(
    "--format",
    "form",
    type=click.Choice(["full", "concise", "json"]),
    default="full",
    show_default=True,
    help="for people, one line a finding, or for programs",
)
def check(files: tuple[str, ...], form: str) -> None:
    """Explain every mistake in configuration FILES; change nothing.

    Exit status: 0 clean, 4 a file cannot be read, 5 findings.
    """
    sys.exit(check_files(files, form))
