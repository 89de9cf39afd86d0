"""The text of the reference: what is said of codes and keywords, wherever it is shown.

Knows where the sentences stand: `config/meanings`, and the docstrings under the model's fields.
Must not know the page: docs/reference and `haloctl explain` lay it out each for itself.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import halod.model
from halod.config.keywords.kinds import Keyword

__all__ = ["field_docs", "fragment_lines", "said_of", "wrapped"]

WIDTH = 100


def wrapped(text: str, width: int = WIDTH) -> list[str]:
    """A paragraph as lines; no word is broken, so that a search finds it."""
    return textwrap.wrap(text, width=width, break_on_hyphens=False, break_long_words=False)


def fragment_lines(fragment: str) -> Iterator[str]:
    """A piece of configuration; signs that no page can hold are shown as escapes."""
    for line in fragment.rstrip("\n").split("\n"):
        shown = (s if s.isprintable() else s.encode("unicode_escape").decode() for s in line)
        yield "".join(shown)


def said_of(keyword: Keyword, docs: Mapping[str, str]) -> str:
    """The docstring of the field that it sets, without the keyword's own name."""
    text = re.sub(r"^(?:`[A-Za-z_ @-]+`(?:, )?)+: ", "", " ".join(docs[keyword.sets].split()))
    return text[:1].upper() + text[1:]


@cache
def field_docs() -> Mapping[str, str]:
    """`Class.field` -> the docstring under the field: only the source has it."""
    docs: dict[str, str] = {}
    for folder in halod.model.__path__:
        for path in sorted(Path(folder).glob("*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    docs.update(_fields(node))
    return docs


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for statement, following in zip(node.body, node.body[1:], strict=False):
        match statement, following:
            case (
                ast.AnnAssign(target=ast.Name(id=field)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield f"{node.name}.{field}", text
            case _:
                continue
