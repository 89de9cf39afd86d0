"""The rules of the source that no linter has. Each takes text and answers with findings."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.capabilities import ROOT

SOURCE = ROOT / "src" / "halod"

FILE_LINES_HARD = 600
FILE_LINES_SOFT = 400
FILE_LINES_MEDIAN = 180
FUNCTION_LINES = 60

PURE_FLOORS = frozenset({"model", "wire", "vrrp", "balance", "config", "telling", "engine"})
"""Floors 0 to 2: everything here is a function of its arguments."""

IMPURE_MODULES = frozenset(
    {"asyncio", "logging", "os", "random", "secrets", "socket", "subprocess", "threading", "time"}
)
IMPURE_CALLS = frozenset({"now", "utcnow", "today", "sleep", "time_ns", "monotonic", "urandom"})

BANNED_NAMES = frozenset({"utils", "util", "helpers", "helper", "manager", "misc", "common"})
"""Names that say nothing about what is in a module; as part of a class name: Manager, Helper."""


def source_files() -> list[Path]:
    """Every module of halod."""
    return sorted(SOURCE.rglob("*.py"))


def line_count(text: str) -> int:
    """Lines as an editor counts them."""
    return len(text.splitlines())


def long_functions(text: str) -> Iterator[str]:
    """Functions of FUNCTION_LINES lines and more, decorators not counted."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines >= FUNCTION_LINES:
                yield f"line {node.lineno}: {node.name} has {lines} lines"


def impurities(text: str) -> Iterator[str]:
    """Imports and calls that make an answer depend on more than the arguments."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                modules = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), level=0):
                modules = [module]
            case ast.Call(func=ast.Attribute(attr=called) | ast.Name(id=called)):
                modules = []
                if called in IMPURE_CALLS:
                    yield f"line {node.lineno}: calls {called}()"
            case _:
                continue
        for module in modules:
            if module.partition(".")[0] in IMPURE_MODULES:
                yield f"line {node.lineno}: imports {module}"


def empty_names(path: Path, text: str) -> Iterator[str]:
    """Modules, folders and classes that are named after nothing."""
    for part in (*path.parts[:-1], path.stem):
        if part.lower().strip("_") in BANNED_NAMES:
            yield f"{part} says nothing about what is in it"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Manager", "Helper", "Utils")):
            yield f"line {node.lineno}: class {node.name}"


def lacks_opening(text: str) -> bool:
    """Whether a module does not open by saying what it knows."""
    return not ast.get_docstring(ast.parse(text))


def postponed_work(text: str) -> Iterator[str]:
    """Marks of work put off: an issue is the place for it."""
    for number, line in enumerate(text.splitlines(), 1):
        for mark in ("TODO", "FIXME", "XXX"):
            if mark in line:
                yield f"line {number}: {mark}"
