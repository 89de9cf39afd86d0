"""Mistakes that people really made, each a Markdown file in tests/golden/mistakes.

Under the heading stands where it was reported, what happened, and what keepalived 2.2.7 answers to
`-t`. Then the configuration, reduced, and the rendering of halod. Where every `conf` block has a
name that ends in `.conf` and none is the main file, they are the nodes of a cluster for `haloctl
compare`. A `host` block is what the machine looks like, for `haloctl check --host`.
REWRITE_GOLDEN=1 writes the last block anew: read the difference before you commit it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from halod.config.compile import compile_text
from halod.config.host.facts import HostFacts, ScriptFacts, StandingAddress
from halod.config.host.judge import with_host
from halod.config.render_full import render_full
from halod.config.summary import summary
from halod.model.address import Link
from tests.compare.golden import compared
from tests.config.files_in_memory import surroundings
from tests.config.golden import REWRITE

__all__ = ["REWRITE", "Mistake", "mistakes", "read_mistake", "sources_of"]

GOLDEN = Path(__file__).parents[1] / "golden"
FOLDER = GOLDEN / "mistakes"
MAIN = "keepalived.conf"

_TITLE = re.compile(r"# (.+)\n")
_SOURCE = re.compile(r"^Source: (.+)$", re.MULTILINE)
_STATUS = re.compile(r"^keepalived 2\.2\.7: (-?\d+)[,;:.]", re.MULTILINE)
_BLOCK = re.compile(r"^```(conf|host)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SOURCE_FORM = re.compile(r"[\w.-]+/[\w.-]+(#\d+|: \S+)|[\w.-]+\.[a-z]+/\S+")
"""A thread or a file of a repository, or a page."""


@dataclass(frozen=True)
class Mistake:
    """One file."""

    path: Path
    title: str
    sources: tuple[str, ...]
    """`owner/repository#number`, `owner/repository: path`, or the address of a page."""
    status: int | None
    """What keepalived 2.2.7 answers to `-t`; None: nothing is said of one file alone."""
    files: dict[str, str]
    """By name; the main file is `keepalived.conf`."""
    host: HostFacts | None
    expected: str

    def rendering(self) -> str:
        """What halod prints."""
        if MAIN not in self.files:
            return compared(self.files)[1]
        included = {name: text for name, text in self.files.items() if name != MAIN}
        found = compile_text(MAIN, self.files[MAIN], surroundings(included))
        if self.host is not None:
            found = with_host(found, self.host)
        page = render_full(found)
        return f"{page}\n{summary(found)}\n" if page else f"{summary(found)}\n"

    def rewrite(self) -> None:
        head = self.path.read_text().partition("\n```text\n")[0]
        self.path.write_text(f"{head}\n```text\n{self.rendering()}```\n")


def mistakes() -> list[Path]:
    return sorted(FOLDER.glob("*.md"))


def read_mistake(path: Path) -> Mistake:
    head, _, rest = path.read_text().partition("\n```text\n")
    title = _TITLE.match(head)
    status = _STATUS.search(head)
    blocks = list(_BLOCK.finditer(f"{head}\n"))
    assert title is not None, f"{path.name} has no heading: see tests/config/mistakes.py"
    assert blocks, f"{path.name} has no configuration: see tests/config/mistakes.py"
    hosts = [block[3] for block in blocks if block[1] == "host"]
    return Mistake(
        path,
        title[1],
        tuple(sources_of(head)),
        int(status[1]) if status else None,
        {block[2] or MAIN: block[3] for block in blocks if block[1] == "conf"},
        _host(hosts[0].splitlines()) if hosts else None,
        rest.removesuffix("```\n"),
    )


def sources_of(text: str) -> Iterator[str]:
    """Where it was reported, of any golden file."""
    for line in _SOURCE.findall(text):
        for source in line.split(", "):
            assert SOURCE_FORM.fullmatch(source), f"{source} is no source"
            yield source


def _host(lines: Sequence[str]) -> HostFacts:
    """`link eth0 up 192.0.2.1`, `address eth0 192.0.2.10`, `script PATH missing`."""
    links: dict[str, Link] = {}
    standing: list[StandingAddress] = []
    scripts: dict[str, ScriptFacts] = {}
    for line in lines:
        kind, name, word, *rest = line.split()
        match kind:
            case "link":
                own = tuple(ip_address(text) for text in rest)
                links[name] = Link(name, len(links) + 2, word == "up", b"\2\0\0\0\0\1", own)
            case "address":
                standing.append(StandingAddress(name, ip_address(word), ours=False))
            case "script":
                open_to = " ".join(rest) if word == "open:" else ""
                scripts[name] = ScriptFacts(name, word == "missing", word != "plain", open_to)
            case _:
                raise AssertionError(f"{line} is nothing of a machine")
    return HostFacts(links=links, standing=tuple(standing), scripts=scripts)
