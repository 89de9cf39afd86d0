"""Configurations that nobody would write: mutations of real ones, and made from the tables.

Knows where real ones lie, and the words of the language. Must not know what is right.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from functools import cache

from tests.capabilities import ROOT, SHARED

from halod.config.keywords.known import KNOWN
from halod.lab.tutorial_files import TUTORIAL_FILES, tutorial_text

__all__ = ["corpus", "generated", "mutated"]

SIZE_MAX = 20_000
"""Characters: real files have up to 15,000. Beyond it nothing new happens, only later."""
TAME = 0.7
ACCIDENTS = (1, 1, 2, 3, 12)
"""How many befall one text. One or two leave most blocks in order, so that what comes behind the
parser has something to do."""

_BLOCK = re.compile(r"^```conf\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMES = sorted({name for names in KNOWN.values() for name in names})
NUMBERS = ("0", "-1", "1", "254", "255", "256", "1.5", "0.01", "99999999999999999999", "1e9", "٣")
WORDS = (
    *("MASTER", "BACKUP", "PASS", "AH", "on", "off", "true", "false", "eth0", "lo", "weight"),
    *("192.0.2.1", "192.0.2.1/24", "192.0.2.1/33", "2001:db8::1/64", "::", "224.0.0.18", "/"),
    *("dev", "label", "brd", "scope", "via", "src", "\\", "\\#", '"', "'", '"a b"', "=", ";", ","),
    *("{", "}", "{{", "}}", "#", "!", "@", "@halod", "@^halod", "@lb01", "@^lb01", "@ ", "$", "~"),
    *("$A", "${A}", "${A", "$A=", "$A=1", "$A= \\", "${_PWD}", "${_ENV HOME}", "${_RANDOM 1 9}"),
    *("${_HASH}", "${_BANG}", "${_INSTANCE}", "~SEQ(A,1,3)", "~SEQ(A,1,", "~SEQx(A,0x1,2,0xf)"),
    *("~SEQ(A,1,99999)", "~LST(A,p,q)", "~LST({A,B},{1,2},{3})", "include", "include a.conf"),
    *("includea {a,b}.conf", "include *.conf", "include k.conf", "include_check +match", "\0"),
    *(
        "random_seed 7",
        "\ufeff",
        "\u3000",
        "\udcff",
        "\x1b[31m",
        "主",
        "\r",
        "\x0b",
        "\x0c",
        "\x85",
    ),
)
TAME_WORDS = tuple(word for word in WORDS if not {*'{}"'} & {*word} or word == "${A}")
"""Without those that open or close something."""


@cache
def corpus() -> tuple[str, ...]:
    """Every configuration of the tests, the tutorial, and the folder beside the checkout."""
    texts = [tutorial_text(name) for name in TUTORIAL_FILES if "keepalived" in name]
    for page in sorted((ROOT / "tests" / "golden").rglob("*.md")):
        texts += _BLOCK.findall(page.read_text(encoding="utf-8"))
    folders = [SHARED / "corpus" / "realworld", SHARED / "tutorial"]
    for path in sorted(path for folder in folders for path in folder.rglob("*keepalived*")):
        if path.is_file():
            texts.append(path.read_bytes().decode(errors="surrogateescape"))
    return tuple(text[:SIZE_MAX] for text in texts)


def mutated(rng: random.Random) -> str:
    """A real one after some accidents."""
    text = rng.choice(corpus())
    for _ in range(rng.choice(ACCIDENTS)):
        text = rng.choice(_ACCIDENTS)(text, rng)
    return text[:SIZE_MAX]


# ---- accidents -------------------------------------------------------------------------------


def _cut_line(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    del lines[rng.randrange(len(lines))]
    return "\n".join(lines)


def _double_line(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    return "\n".join([*lines[:at], *[lines[at]] * rng.choice((2, 2, 3, 50)), *lines[at + 1 :]])


def _move_lines(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    begin = rng.randrange(len(lines))
    end = min(len(lines), begin + rng.randint(1, 8))
    taken, rest = lines[begin:end], lines[:begin] + lines[end:]
    to = rng.randint(0, len(rest))
    return "\n".join([*rest[:to], *taken, *rest[to:]])


def _splice(text: str, rng: random.Random) -> str:
    other = rng.choice(corpus()).split("\n")
    lines = text.split("\n")
    begin = rng.randrange(len(other))
    piece = other[begin : begin + rng.randint(1, 15)]
    at = rng.randint(0, len(lines))
    return "\n".join([*lines[:at], *piece, *lines[at:]])


def _other_word(text: str, rng: random.Random) -> str:
    words = list(re.finditer(r"\S+", text))
    if not words:
        return text
    found = rng.choice(words)
    return text[: found.start()] + _any_word(rng, tame=rng.random() < TAME) + text[found.end() :]


def _put_word(text: str, rng: random.Random) -> str:
    at = rng.randint(0, len(text))
    blank = rng.choice(("", " ", "\n", " "))
    return f"{text[:at]}{blank}{_any_word(rng, tame=rng.random() < TAME)}{blank}{text[at:]}"


def _other_sign(text: str, rng: random.Random) -> str:
    if not text:
        return text
    at = rng.randrange(len(text))
    sign = rng.choice((chr(rng.randrange(1, 127)), rng.choice('{}"#!$@~\\ \n\t'), ""))
    return text[:at] + sign + text[at + 1 :]


def _put_condition(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    lines[at] = rng.choice(("@lb01 ", "@^lb01 ", "@lb02 ", "@halod ", "@^halod ", "@")) + lines[at]
    return "\n".join(lines)


def _define(text: str, rng: random.Random) -> str:
    """A stretch of the text becomes a definition, and its use stands in its place."""
    lines = text.split("\n")
    begin = rng.randrange(len(lines))
    end = min(len(lines), begin + rng.choice((1, 1, 2, 5)))
    name = rng.choice("ABC")
    body = [f"${name}= \\", *(f"{line} \\" for line in lines[begin:end]), ""]
    use = rng.choice((f"${name}", f"${{{name}}}", f"~SEQ(I,1,{rng.choice((1, 3, 40))}) ${name}"))
    return "\n".join([*lines[:begin], *body, use, *lines[end:]])


def _cut_short(text: str, rng: random.Random) -> str:
    at = rng.randint(0, len(text))
    return text[:at] if rng.random() < 0.5 else text[at:]


def _line_ends(text: str, rng: random.Random) -> str:
    return text.replace("\n", rng.choice(("\r\n", "\r", " \n", "\n\n")))


_ACCIDENTS: Sequence[Callable[[str, random.Random], str]] = (
    *(_cut_line, _double_line, _move_lines, _splice, _other_word, _other_word, _put_word),
    *(_put_word, _other_sign, _other_sign, _put_condition, _define, _cut_short, _line_ends),
)


# ---- from the tables -------------------------------------------------------------------------


def generated(rng: random.Random) -> str:
    """Blocks and keywords of keepalived, mostly where they belong, with values of any kind."""
    count = rng.randint(1, 8)
    tame = rng.random() < 0.7
    parts = [
        _section(rng, tame=tame) if rng.random() < 0.8 else _any_line(rng, tame=tame)
        for _ in range(count)
    ]
    return "\n".join(parts)[:SIZE_MAX]


def _section(rng: random.Random, *, tame: bool) -> str:
    section = rng.choice(sorted(KNOWN))
    heads = [head for head in section.split("/") if not head.startswith("(")]
    if rng.random() < 0.4:
        section, heads = "vrrp_instance", ["vrrp_instance"]
    lines = [
        f"{'    ' * depth}{head} {_arguments(rng, tame=tame)} {{"
        for depth, head in enumerate(heads)
    ]
    if heads == ["vrrp_instance"] and rng.random() < 0.8:
        lines += ["interface eth0", f"virtual_router_id {rng.randint(1, 255)}"]
    names = sorted(KNOWN[section])
    for _ in range(rng.randint(0, 12)):
        name = rng.choice(names) if rng.random() < 0.9 else rng.choice(NAMES)
        if rng.random() < 0.2:
            inside = [_any_line(rng, tame=tame) for _ in range(rng.randint(0, 4))]
            lines += [f"{name} {_arguments(rng, tame=tame)} {{", *inside, "}"]
        else:
            lines.append(f"{name} {_arguments(rng, tame=tame)}")
    closers = "}" * (len(heads) if tame or rng.random() < 0.9 else rng.randint(0, 4))
    return "\n".join([*lines, *closers])


def _any_line(rng: random.Random, *, tame: bool) -> str:
    return " ".join(_any_word(rng, tame=tame) for _ in range(rng.randint(0, 5)))


def _arguments(rng: random.Random, *, tame: bool) -> str:
    return " ".join(_any_word(rng, tame=tame) for _ in range(rng.choice((0, 1, 1, 1, 2, 4))))


def _any_word(rng: random.Random, *, tame: bool) -> str:
    kind = rng.random()
    if kind < 0.25:
        return rng.choice(NAMES)
    if kind < 0.45:
        return rng.choice(NUMBERS)
    if kind < 0.55:
        return f"192.0.{rng.randrange(256)}.{rng.randrange(256)}/{rng.randrange(33)}"
    if kind < 0.6:
        word = "".join(chr(rng.randrange(1, 0x250)) for _ in range(rng.randint(1, 6)))
        return word.translate({ord(sign): None for sign in '{}"'}) if tame else word
    return rng.choice(TAME_WORDS if tame else WORDS)
