"""`haloctl fmt`: one layout for every configuration.

Knows what to do with the formatted text, and the exit status. Must not know the layout.
"""

from __future__ import annotations

import sys

import click

from halod.cli.config_id import config_id_option
from halod.config.compile import compile_text
from halod.config.difference import difference
from halod.config.language.surroundings import Surroundings
from halod.config.printer import Unformatted, format_compiled
from halod.kernel.config_file import FileProblem, read_config
from halod.kernel.config_rewrite import rewrite_config
from halod.kernel.config_sources import surroundings_here
from halod.model.printable import printable

__all__ = ["fmt"]

EXIT_WOULD_CHANGE = 1
EXIT_UNREADABLE = 4
EXIT_UNFORMATTED = 5


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--check", "mode", flag_value="check", help="only name the files that would change")
@click.option("--diff", "mode", flag_value="diff", help="only show what would change")
@click.option("--write", "mode", flag_value="write", help="write FILES in place")
@config_id_option
def fmt(files: tuple[str, ...], mode: str | None, config_id: str | None) -> None:
    """Lay configuration FILES out: blanks and blank lines alone; comments stay.

    Prints the text, or does what an option says. The file says the same before and after, on every
    node: the layout does not depend on -i, which only says for whom its mistakes are looked for. An
    included file is laid out where it is named itself.

    Exit status: 0 done, 1 would change (--check, --diff), 4 a file cannot be read or written,
    5 left alone.
    """
    surroundings = surroundings_here(config_id)
    sys.exit(max(_one(path, mode, surroundings) for path in files))


def _one(path: str, mode: str | None, surroundings: Surroundings) -> int:
    text = read_config(path)
    if isinstance(text, FileProblem):
        return _refuse(text.sentence(), EXIT_UNREADABLE)
    before = compile_text(path, text, surroundings)
    after = format_compiled(before)
    if isinstance(after, Unformatted):
        return _refuse(f"{path}: left as it is: {after.value}", EXIT_UNFORMATTED)
    if mode is None:
        # Bytes that are no text go out as they came in.
        click.echo(after.text.encode(errors="surrogateescape"), nl=False)
        return 0
    if after.text == text:
        return 0
    if mode == "write":
        problem = rewrite_config(path, text, after.text)
        return _refuse(problem.sentence(), EXIT_UNREADABLE) if problem else 0
    shown = difference(before, after) if mode == "diff" else f"{printable(path)}: would change\n"
    click.echo(shown, nl=False)
    return EXIT_WOULD_CHANGE


def _refuse(sentence: str, status: int) -> int:
    print(printable(sentence), file=sys.stderr)
    return status
