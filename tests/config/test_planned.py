"""Names in sections that do nothing yet: unknown here is what is unknown to keepalived."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tools.write_reference import keywords_page

from halod.config.compile import compile_text
from halod.config.keywords.kinds import Nested, Section
from halod.config.keywords.known import KNOWN
from halod.config.keywords.planned import OF_TOP_LEVEL
from halod.config.keywords.virtual_server import SSL, VIRTUAL_SERVER
from tests.capabilities import find_program
from tests.config.test_corpus import REAL_WORLD, SAMPLES, compiled

_UNKNOWN = re.compile(r"Line (\d+)\) Unknown keyword '(.*)'$", re.MULTILINE)
NEWER = {"multihop", "sni_name", "tls_compliant"}
"""keepalived 2.4.3 knows them here, and Debian's 2.2.7 does not."""
ARGUMENTS = {"virtual_server": "192.0.2.1 80", "real_server": "192.0.2.2 80"}


def paths(
    sections: Mapping[str, Section], around: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Section]]:
    for name, section in sections.items():
        yield (*around, name), section
        nested = {
            n: k.kind.section for n, k in section.keywords.items() if isinstance(k.kind, Nested)
        }
        yield from paths({**section.nested, **nested}, (*around, name))


OF_SERVERS = {"virtual_server": VIRTUAL_SERVER, "SSL": SSL}
SECTIONS = list(paths({**OF_TOP_LEVEL, **OF_SERVERS}))
IDS = ["/".join(path) for path, _ in SECTIONS]
BLOCKS = {name for path, _ in SECTIONS for name in path} | {
    "BFD_CHECK",
    "group",
    "interfaces",
    "sorry_server",
}
WORDS = sorted(
    {
        word
        for section, words in KNOWN.items()
        for word in words
        if section.startswith(("(checker", "(every", "virtual_server", "vrrp_track", "bfd", "SSL"))
    }
    - BLOCKS
)
"""Words that open no block, of all these sections: each is tried in each."""


def file_with(path: tuple[str, ...]) -> str:
    heads = [f"{name} {ARGUMENTS.get(name, 'X' if '_' in name else '')} {{\n" for name in path]
    return "".join([*heads, *(f"{word} 1\n" for word in WORDS), "}\n" * len(path)])


def keepalived_tells(file: Path) -> set[tuple[int, str]]:
    """In a namespace of its own: `-t` changes a sysctl where it finds a PING_CHECK."""
    keepalived, unshare = find_program("keepalived"), find_program("unshare")
    assert keepalived is not None
    assert unshare is not None
    command = [unshare, "--map-root-user", "--net", keepalived, "-t", "-i", "high", "-f", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stderr or done.returncode == 0, "it did not run"
    return {(int(line), word) for line, word in _UNKNOWN.findall(done.stderr)}


@pytest.mark.needs_keepalived
@pytest.mark.needs_netns
@pytest.mark.parametrize(("path", "section"), SECTIONS, ids=IDS)
def test_a_word_is_unknown_where_keepalived_does_not_know_it(
    path: tuple[str, ...], section: Section, tmp_path: Path
) -> None:
    file = tmp_path / "k.conf"
    file.write_text(file_with(path))
    theirs = {word for _, word in keepalived_tells(file)} & set(WORDS)
    ours = {word for word in WORDS if word not in section.known}
    assert len(theirs) > len(WORDS) / 2
    assert ours <= theirs, "it would be called unknown, and is not"
    assert theirs - ours <= NEWER


@pytest.mark.needs_keepalived
@pytest.mark.needs_netns
@pytest.mark.needs_shared
@pytest.mark.parametrize("path", [*REAL_WORLD, *SAMPLES], ids=lambda path: path.name)
def test_the_same_words_of_a_real_file_are_unknown(path: Path) -> None:
    theirs = keepalived_tells(path)
    found = [d for d in compiled(path).diagnostics if d.code in ("E004", "E007")]
    ours = {(d.primary.span.line, d.message.split("`")[1]) for d in found}
    assert ours <= theirs
    # keepalived tells the lines of an unknown block too; here it is told once.
    blocks = [d.primary.span.line for d in found if d.message.startswith("unknown block")]
    lines = path.read_text(errors="replace").splitlines()
    for line, word in theirs - ours:
        start = max(at for at in blocks if at < line)
        assert not any(each.startswith("}") for each in lines[start : line - 1]), word


@pytest.mark.parametrize(("path", "section"), SECTIONS, ids=IDS)
def test_a_slip_in_a_block_is_told(path: tuple[str, ...], section: Section) -> None:
    heads = "".join(f"{name} {ARGUMENTS.get(name, '')} {{\n" for name in path)
    found = compile_text("k.conf", f"{heads}no_such_word 1\n" + "}\n" * len(path)).diagnostics
    (told,) = [d for d in found if d.code == "E004"]
    assert told.primary.span.line == len(path) + 1
    assert f"in `{path[-1]}`" in told.message


def test_the_reference_names_every_keyword() -> None:
    page = keywords_page()
    assert not [word for words in KNOWN.values() for word in words if f"`{word}`" not in page]
