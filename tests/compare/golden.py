"""Literate goldens: the files of a cluster, and what `haloctl compare` prints for them.

The heading says what was planted. Each `conf NAME` block is a file, the last block the page.
REWRITE_GOLDEN=1 writes the page anew: read the difference before you commit it.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from halod.cli.compare import page
from halod.compare.cluster import Node, node_names
from halod.compare.comparison import Comparison, compare
from halod.config.compile import Compiled, compile_text
from halod.model.configuration import Configuration

FOLDER = Path(__file__).parents[1] / "golden" / "compare"
REWRITE = os.environ.get("REWRITE_GOLDEN") == "1"

_FILE = re.compile(r"```conf (?P<name>\S+)\n(?P<text>.*?)```\n", re.DOTALL)


@dataclass(frozen=True)
class Golden:
    """One cluster."""

    path: Path
    title: str
    files: dict[str, str]
    expected: str

    def rewrite(self, rendering: str) -> None:
        head = self.path.read_text().partition("\n```text\n")[0]
        self.path.write_text(f"{head}\n```text\n{rendering}```\n")


def read_golden(path: Path) -> Golden:
    text = path.read_text()
    head, _, rest = text.partition("\n```text\n")
    title = head.splitlines()[0]
    assert title.startswith("# "), f"{path.name} is no golden file: see tests/compare/golden.py"
    files = {found["name"]: found["text"] for found in _FILE.finditer(head + "\n")}
    return Golden(path, title.removeprefix("# "), files, rest.removesuffix("```\n"))


def goldens() -> list[Path]:
    return sorted(FOLDER.glob("*.md"))


def configuration_of(compiled: Compiled) -> Configuration:
    assert compiled.configuration is not None, compiled.diagnostics
    return compiled.configuration


def nodes_of_files(files: dict[str, str]) -> list[Node]:
    compiled = {name: compile_text(name, text) for name, text in files.items()}
    configurations = {name: configuration_of(each) for name, each in compiled.items()}
    return [
        Node(name, compiled[path], configuration)
        for name, (path, configuration) in zip(
            node_names(list(configurations), list(configurations.values())),
            configurations.items(),
            strict=True,
        )
    ]


def compared(files: dict[str, str]) -> tuple[Comparison, str]:
    nodes = nodes_of_files(files)
    found = compare(nodes)
    return found, page(nodes, found)
