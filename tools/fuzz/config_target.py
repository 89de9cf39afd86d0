"""Lexer, parser, lowering, rules, renderers, formatter and fixes, over any text and its includes.

Knows what holds for every text. Must not know how an example came about.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace

from tests.config.files_in_memory import surroundings

from halod.config.compile import Compiled, compile_text
from halod.config.difference import difference
from halod.config.fixing import fix_text
from halod.config.language import limits
from halod.config.lexer import source_lines
from halod.config.memory import Memory
from halod.config.printer import Unformatted, format_compiled
from halod.config.render_concise import render_concise
from halod.config.render_full import TERMINAL_COLOUR, render_full
from halod.config.render_github import render_github
from halod.config.render_json import render_json
from halod.config.summary import summary
from halod.model.diagnostic import FindingSeverity, Span
from tools.fuzz.config_text import generated, mutated
from tools.fuzz.example import Target, Violation

__all__ = ["ConfigTarget", "Files"]

FILE = "k.conf"
STEPS_MAX, TEXT_MAX = 5_000, 1 << 20
"""A fraction of halod's own limits, in the place of them: time and memory grow with them, and in no
other way (tests/config/test_language_costs.py). So what takes a second here would hang there."""


@dataclass(frozen=True, slots=True)
class Files:
    """A configuration and what it may include."""

    text: str
    included: tuple[tuple[str, str], ...] = ()
    config_id: str = "lb01"


class ConfigTarget(Target[Files]):
    """All of `halod.config`."""

    name = "config"
    share = 0.55

    def __init__(self) -> None:
        limits.STEPS_MAX, limits.TEXT_MAX = STEPS_MAX, TEXT_MAX

    def make(self, rng: random.Random) -> Files:
        text = _text(rng)
        names = [name for name in ("a.conf", "b.conf") if rng.random() < 0.3]
        included = tuple((name, _text(rng)[:2000]) for name in names)
        if included:
            lines = text.split("\n")
            lines.insert(rng.randint(0, len(lines)), f"include {rng.choice(names)}")
            text = "\n".join(lines)
        return Files(text, included, rng.choice(("lb01", "lb02", "")))

    def play(self, example: Files) -> None:
        here = surroundings(dict(example.included), example.config_id, {"HOME": "/root"})
        compiled = compile_text(FILE, example.text, here)
        _remembered(compiled, example.text)
        _outcome(compiled)
        _places(compiled)
        _pages(compiled)
        _layout(compiled)
        for unsafe in (False, True):
            fixed = fix_text(compiled, unsafe=unsafe)
            difference(compiled, fixed.compiled).encode()
            _hold(not (fixed.compiled.refused and not compiled.refused), "a fix made it refused")
            again = fix_text(fixed.compiled, unsafe=unsafe)
            _hold(not again.applied or fixed.withheld, "fixes are left after fixing")

    def show(self, example: Files) -> str:
        parts = [f"# -i {example.config_id!r}\n{example.text}"]
        parts += [f"# ---- {name}\n{text}" for name, text in example.included]
        return "\n".join(parts).encode("unicode_escape").decode().replace("\\n", "\n")

    def smaller(self, example: Files) -> list[Files]:
        found = [replace(example, included=())] if example.included else []
        found += [replace(example, text=text) for text in _shorter(example.text)]
        return found


def _text(rng: random.Random) -> str:
    return mutated(rng) if rng.random() < 0.6 else generated(rng)


def _shorter(text: str) -> list[str]:
    """Without a half, a quarter … of its lines; then without single signs."""
    lines = text.split("\n")
    found = []
    size = len(lines) // 2
    while size:
        starts = range(0, len(lines), size)
        found += ["\n".join(lines[:begin] + lines[begin + size :]) for begin in starts]
        size //= 2
    if len(text) < 300:
        found += [text[:at] + text[at + 1 :] for at in range(len(text))]
    return found


# ---- what holds for every text -----------------------------------------------------------------


def _hold(holds: bool, promise: str) -> None:
    if not holds:
        raise Violation(promise)


def _remembered(compiled: Compiled, text: str) -> None:
    memory = Memory()
    compile_text(FILE, f"\n{text}", compiled.surroundings, memory)
    again = compile_text(FILE, text, compiled.surroundings, memory)
    _hold(again.diagnostics == compiled.diagnostics, "a memory changes what is told")
    _hold(again.secrets == compiled.secrets, "a memory changes what is covered")
    _hold(again.configuration == compiled.configuration, "a memory changes what is read")


def _outcome(compiled: Compiled) -> None:
    severities = {found.severity for found in compiled.diagnostics}
    _hold(compiled.refused == (FindingSeverity.REFUSE in severities), "refused without a finding")
    _hold(compiled.clean == (severities <= {FindingSeverity.NOTE}), "clean with findings")
    for instance in compiled.configuration.instances if compiled.configuration else ():
        _hold(1 <= instance.virtual_router_id <= 255, "a VRID out of range")
        _hold(1 <= instance.priority <= 255, "a priority out of range")
        _hold(instance.name.isprintable() and instance.interface.isprintable(), "a name of signs")


def _places(compiled: Compiled) -> None:
    spans: list[Span] = list(compiled.secrets)
    for found in compiled.diagnostics:
        spans += [found.primary.span, *(label.span for label in found.secondary)]
        spans += [found.fix.span] if found.fix else []
    contents = {name: source_lines(text) for name, text in compiled.sources.items()}
    origins = [origin for span in spans for origin in span.origins]
    for span in [*spans, *origins]:
        lines = contents[span.file]
        _hold(1 <= span.line <= len(lines), "a line outside the file")
        _hold(span.column >= 1 and span.length >= 1, "a place of nothing")
        end = span.column - 1 + span.length
        _hold(end <= max(1, len(lines[span.line - 1])), "a place outside its line")


def _pages(compiled: Compiled) -> None:
    document = render_json(compiled)
    _hold(json.loads(json.dumps(document)) == document, "JSON that does not come back")
    for page in (
        render_full(compiled),
        render_full(compiled, TERMINAL_COLOUR),
        render_concise(compiled),
        render_github(compiled),
        summary(compiled),
    ):
        page.encode()
        signs = [sign for sign in page.replace("\x1b", "") if sign < " " and sign != "\n"]
        _hold(not signs, f"control signs in the output: {signs[:3]}")


def _layout(compiled: Compiled) -> None:
    once = format_compiled(compiled)
    if isinstance(once, Unformatted):
        return
    twice = format_compiled(once)
    _hold(not isinstance(twice, Unformatted), "what was laid out cannot be laid out again")
    assert isinstance(twice, Compiled)
    _hold(twice.text == once.text, "the layout is no fixed point")
    _hold(once.configuration == compiled.configuration, "the layout changes what the file says")
    difference(compiled, once).encode()
    _hold(_signs(once.text) == _signs(compiled.text), "the layout loses or adds a sign")


def _signs(text: str) -> str:
    """All that is no blank: the layout moves nothing else."""
    return "".join(text.split())
