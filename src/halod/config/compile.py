"""The road from a text to a configuration: lex, parse, lower, check.

Knows the order. Must not read files: the text is given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.top_level import SECTION_STARTS, TOP_LEVEL
from halod.config.lexer import Line, lex
from halod.config.lowering.global_defs import lower_globals
from halod.config.lowering.instance import Lowered, lower_instance
from halod.config.parser import parse
from halod.config.reading import read_section
from halod.config.rules.same_address import same_address
from halod.config.rules.same_vrid import same_vrid
from halod.config.secret_places import secret_places
from halod.config.tree import Statement
from halod.model.configuration import Configuration
from halod.model.diagnostic import Diagnostic, FindingSeverity, Label, Span

__all__ = ["Compiled", "compile_text"]

_DEFINITION = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*=")
_PREDEFINED = re.compile(r"\$\{?_[A-Z]|~SEQx?\(|~LST\(")


@dataclass(frozen=True, slots=True)
class Compiled:
    """What became of one text."""

    file: str
    text: str
    diagnostics: tuple[Diagnostic, ...]
    """From the top of the file to its end."""
    secrets: frozenset[Span]
    """What no excerpt may show."""
    configuration: Configuration | None
    """None: refused."""

    @property
    def refused(self) -> bool:
        """Whether a daemon must neither start nor reload with it."""
        return self.configuration is None

    @property
    def clean(self) -> bool:
        """Nothing but notes: what `-t` answers with 0."""
        return all(d.severity is FindingSeverity.NOTE for d in self.diagnostics)


def compile_text(file: str, text: str) -> Compiled:
    """Everything that one reading of a text tells; never raises for any text."""
    findings = Findings()
    lines = lex(file, text, findings)
    _refuse_language(lines, findings)
    tree = parse(lines, SECTION_STARTS, findings)
    configuration = _lower(file, tree, findings)
    diagnostics = findings.in_order()
    refused = any(d.severity is FindingSeverity.REFUSE for d in diagnostics)
    return Compiled(
        file, text, diagnostics, secret_places(tree), None if refused else configuration
    )


def _lower(file: str, tree: Sequence[Statement], findings: Findings) -> Configuration:
    top = read_section(tree, TOP_LEVEL, findings)
    globals_ = lower_globals([b for name, b in top.nested if name == "global_defs"], findings)
    lowered: dict[str, Lowered] = {}
    names: dict[str, Span] = {}
    blocks = [block for name, block in top.nested if name == "vrrp_instance"]
    for block in blocks:
        if block.arguments and block.arguments[0].text in names:
            _same_name(block, names, findings)
            continue
        if block.arguments:
            names[block.arguments[0].text] = block.arguments[0].span
        instance = lower_instance(block, globals_, findings)
        if instance is not None:
            lowered[instance.instance.name] = instance
    if not any(statement.name == "vrrp_instance" for statement in tree):
        _nothing_to_do(file, tree, findings)
    found = list(lowered.values())
    same_vrid(found, findings)
    same_address(found, findings)
    return Configuration(
        router_id=globals_.router_id,
        mail=globals_.mail,
        instances=tuple(each.instance for each in found),
    )


def _same_name(block: Statement, names: dict[str, Span], findings: Findings) -> None:
    name = block.arguments[0]
    findings.add(
        Code.SAME_NAME,
        f"there is a `vrrp_instance {name.text}` already: this one has no effect",
        name.span,
        secondary=(Label(names[name.text], "first defined here"),),
        helps=("give it another name",),
    )


def _nothing_to_do(file: str, tree: Sequence[Statement], findings: Findings) -> None:
    """Silent where another finding tells why: an unknown section with a likely name."""
    findings.add(
        Code.NOTHING_TO_DO,
        "the file is empty: there is nothing to do"
        if not tree
        else "the file has no `vrrp_instance`: there is nothing to do",
        tree[-1].keyword.span if tree else Span(file, 1, 1, 1),
        helps=("add a `vrrp_instance`; `haloctl lab demo` plays a working pair",),
    )


def _refuse_language(lines: Sequence[Line], findings: Findings) -> None:
    """Definitions and sequences change what every other line says: read wrongly, they lie."""
    for line in lines:
        for word in line.words:
            if not _DEFINITION.match(word.text) and not _PREDEFINED.search(word.text):
                continue
            findings.add(
                Code.NOT_YET,
                "definitions (`$NAME`, `~SEQ`, `~LST`) are not supported yet: "
                "without them the lines that use them would say something else",
                word.span,
                helps=("write the values out",),
            )
            return
