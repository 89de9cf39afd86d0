"""`haloctl check` and `halod -t`: what halod makes of configuration files.

Knows how to show findings. No side effects: no DNS, no netlink; nothing is written but by --fix.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial

import click

from halod.cli.config_id import config_id_option, unheeded_ids
from halod.cli.fix import show_fixes, write_fixes
from halod.config.compile import Compiled, compile_text
from halod.config.keepalived_status import EXIT_FINDINGS
from halod.config.language.surroundings import Surroundings
from halod.config.render_concise import render_concise
from halod.config.render_full import NO_COLOUR, TERMINAL_COLOUR, render_full
from halod.config.render_github import render_github
from halod.config.render_json import render_json
from halod.config.summary import summary
from halod.kernel.collector import without_collector
from halod.kernel.config_file import FileProblem, read_config
from halod.kernel.config_sources import surroundings_here
from halod.kernel.net_namespace import call_inside
from halod.model.diagnostic import FindingSeverity
from halod.model.printable import printable

__all__ = ["check", "check_files"]

EXIT_UNREADABLE = 4

Mend = Callable[[Compiled], Compiled | FileProblem]
"""Mends a file; what is left to say of it, or why it could not be written."""


Judge = Callable[[Compiled], int]
"""The exit status for one file."""


def _strictly(compiled: Compiled) -> int:
    """Notes alone are clean."""
    return 0 if compiled.clean else EXIT_FINDINGS


def check_files(
    paths: Sequence[str],
    form: str = "full",
    mend: Mend | None = None,
    *,
    host: bool = False,
    surroundings: Surroundings,
    judge: Judge = _strictly,
) -> int:
    """Exit status: that of the worst file; 4 where one cannot be read or written.

    `mend`: what to do with fixes; then the findings are what is left.
    """
    status = 0
    pages: list[str] = []
    documents = []
    for path in paths:
        text = read_config(path)
        if isinstance(text, FileProblem):
            print(printable(text.sentence()), file=sys.stderr)
            status = max(status, EXIT_UNREADABLE)
            continue
        with without_collector():
            compiled = compile_text(path, text, surroundings)
        if unheeded := unheeded_ids(compiled):
            print(printable(unheeded), file=sys.stderr)
        if mend is not None:
            mended = mend(compiled)
            if isinstance(mended, FileProblem):
                print(printable(mended.sentence()), file=sys.stderr)
                status = max(status, EXIT_UNREADABLE)
            else:
                compiled = mended
        if host:
            compiled = _with_host(compiled)
        status = max(status, judge(compiled))
        documents.extend(render_json(compiled))
        pages.append(_page(compiled, form))
    _write(
        json.dumps(documents, indent=2) + "\n"
        if form == "json"
        else ("\n" if form == "full" else "").join(pages)
    )
    return status


def _with_host(compiled: Compiled) -> Compiled:
    """Loaded when it is asked for: `halod -t` looks at nothing."""
    from halod.cli.host import host_facts
    from halod.config.host.judge import with_host

    name = compiled.configuration.net_namespace if compiled.configuration else ""
    try:
        # Links and rules are those of the namespace.
        look = partial(host_facts, compiled)
        facts = call_inside(name, look) if name else look()
    except OSError as error:
        if not name:
            raise
        print(printable(f"{compiled.file}: not looked at: this machine: {error}"), file=sys.stderr)
        return compiled
    for what in facts.unseen:
        print(printable(f"{compiled.file}: not looked at: {what}"), file=sys.stderr)
    return with_host(compiled, facts)


def _page(compiled: Compiled, form: str) -> str:
    if form == "github":
        return render_github(compiled)
    if form == "concise":
        return render_concise(compiled)
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    page = render_full(compiled, TERMINAL_COLOUR if colour else NO_COLOUR)
    if not page:
        return f"{summary(compiled)}\n"
    heaviest = min(
        compiled.diagnostics, key=lambda found: list(FindingSeverity).index(found.severity)
    )
    more = f"`haloctl explain {heaviest.code}` says more"
    return f"{page}\n{summary(compiled)}\n{more}\n"


def _write(text: str) -> None:
    """To any terminal: one that is not UTF-8 gets a question mark for what it cannot show."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # `halod -t | head`: the reader has seen enough. The exit status still tells.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--fix", is_flag=True, help="apply the safe fixes, in included files too")
@click.option("--unsafe-fixes", is_flag=True, help="with --fix or --diff: the guesses as well")
@click.option("--host", is_flag=True, help="and what this machine says: links, scripts, firewall")
@click.option("--diff", is_flag=True, help="only show what --fix would change")
@click.option(
    "--format",
    "form",
    type=click.Choice(["full", "concise", "json", "github"]),
    default="full",
    show_default=True,
    help="for people, one line a finding, for programs, or for a workflow",
)
@config_id_option
def check(
    files: tuple[str, ...],
    fix: bool,
    unsafe_fixes: bool,
    host: bool,
    diff: bool,
    form: str,
    config_id: str | None,
) -> None:
    """Explain every mistake in configuration FILES; change nothing without --fix.

    --fix keeps owner, mode and every byte that it does not mend. What a definition ($NAME) holds
    is left to you.

    Exit status: 0 clean, 4 a file cannot be read or written, 5 findings (after --fix: what is
    left).
    """
    if unsafe_fixes and not (fix or diff):
        raise click.UsageError("--unsafe-fixes goes with --fix or --diff")
    surroundings = surroundings_here(config_id)
    if diff:
        sys.exit(show_fixes(files, surroundings, unsafe=unsafe_fixes))
    mend = partial(write_fixes, unsafe=unsafe_fixes) if fix else None
    sys.exit(check_files(files, form, mend, host=host, surroundings=surroundings))
