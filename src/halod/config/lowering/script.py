"""`vrrp_script` blocks to scripts.

Knows that section. Must not know who tracks a script, nor whether its program is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.vrrp_script import VRRP_SCRIPT
from halod.config.reading import read_section
from halod.config.scalars import clean_text
from halod.config.tree import Statement
from halod.model.command import Command
from halod.model.diagnostic import FindingSeverity, Label, Span
from halod.model.printable import shortened
from halod.model.script import VrrpScript
from halod.model.tracking import Weight
from halod.model.units import Duration

__all__ = ["LoweredScript", "Scripts", "lower_scripts"]

SHELL = ("/bin/sh", "-c")
SHELL_SIGN = "</"
"""keepalived hands a text that begins so to a shell, and no other."""


@dataclass(frozen=True, slots=True)
class LoweredScript:
    """A script with the places that later rules point at."""

    script: VrrpScript
    name: Span
    command: Span
    weight: Span | None
    """Where its weight is written; None: nowhere."""

    @property
    def is_for_shell(self) -> bool:
        return self.script.command.argv[:2] == SHELL


Scripts = dict[str, LoweredScript | None]
"""By name; None: it is left out, and that was told."""


def lower_scripts(blocks: Iterable[Statement], findings: Findings) -> Scripts:
    """Every one that can be run."""
    scripts: Scripts = {}
    places: dict[str, Span] = {}
    for block in blocks:
        if not block.arguments:
            findings.add(
                Code.MISSING_VALUE,
                "a `vrrp_script` needs a name: nothing in it has an effect",
                block.keyword.span,
                helps=("write `vrrp_script chk_nginx {`, and name it in `track_script`",),
            )
            continue
        word = block.arguments[0]
        name = clean_text(word, findings)
        for extra in block.arguments[1:2]:
            what = f"`{extra.shown}` has no effect: a script has one name"
            findings.add(Code.EXTRA_WORD, what, extra.span)
        if name in scripts:
            findings.add(
                Code.SAME_NAME,
                f"there is a `vrrp_script {word.shown}` already: this one has no effect",
                word.span,
                secondary=(Label(places[name], "first defined here"),),
                helps=("give it another name",),
            )
            continue
        places[name] = word.span
        scripts[name] = _lower(block, name, word.span, findings)
    return scripts


def _lower(block: Statement, name: str, place: Span, findings: Findings) -> LoweredScript | None:
    values = read_section(block.children, VRRP_SCRIPT, findings)
    command = values.get("script", Command)
    if command is None:
        if not values.attempted("script"):
            findings.add(
                Code.INCOMPLETE,
                f"`{shortened(name)}` has no `script`: it is left out",
                place,
                severity=FindingSeverity.IGNORED,
                helps=("add `script`: the command line, in quotes",),
            )
        return None
    statement = values.statement("script")
    text = statement.arguments[0].text
    if text.startswith(SHELL_SIGN):
        command = replace(command, argv=(*SHELL, text))
    user, _, group = (values.get("user", str) or "").partition(" ")
    interval = values.get("interval", Duration) or Duration.seconds(1)
    weight = values.get("weight", Weight)
    script = VrrpScript(
        name=name,
        command=replace(command, user=user, group=group),
        interval=interval,
        timeout=values.get("timeout", Duration) or interval,
        rise=values.get("rise", int) or 1,
        fall=values.get("fall", int) or 1,
        weight=weight.value if weight else 0,
        reverse=bool(weight and weight.reverse),
        init_fail=values.has("init_fail"),
    )
    written = values.statement("weight").arguments[0].span if weight else None
    return LoweredScript(script, place, statement.arguments[0].span, written)
