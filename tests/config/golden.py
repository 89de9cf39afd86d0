"""Literate goldens: a configuration and what `haloctl check` prints for it, in one Markdown file.

The heading says what is wrong. The first block is the configuration: behind `conf escaped` its
`\\xNN` stand for bytes. Blocks behind `conf NAME` are files that it includes; the id of the daemon
is lb01. The last block is the rendering. REWRITE_GOLDEN=1 writes that one anew: read the
difference before you commit it.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from halod.config.compile import Compiled, compile_text
from tests.config.files_in_memory import surroundings

FOLDER = Path(__file__).parents[1] / "golden" / "config"
REWRITE = os.environ.get("REWRITE_GOLDEN") == "1"

_FILE = re.compile(
    r"# (?P<title>.+)\n\n```conf(?P<escaped> escaped)?\n(?P<conf>.*?)```\n"
    r"(?P<included>(?:\n```conf [^\n ]+\n.*?```\n)*)"
    r"(?:\n```text\n(?P<expected>.*?)```\n)?\Z",
    re.DOTALL,
)


_INCLUDED = re.compile(r"```conf ([^\n ]+)\n(.*?)```\n", re.DOTALL)


@dataclass(frozen=True)
class Golden:
    """One file."""

    path: Path
    title: str
    data: bytes
    """The configuration as it would lie on a disk."""
    included: dict[str, str]
    """By the name that the configuration gives them."""
    expected: str

    def compiled(self) -> Compiled:
        text = self.data.decode(errors="surrogateescape")
        return compile_text("keepalived.conf", text, surroundings(self.included))

    def rewrite(self, rendering: str) -> None:
        head = self.path.read_text().partition("\n```text\n")[0]
        self.path.write_text(f"{head}\n```text\n{rendering}```\n")


def read_golden(path: Path) -> Golden:
    found = _FILE.match(path.read_text())
    assert found is not None, f"{path.name} is no golden file: see tests/config/golden.py"
    data = found["conf"].encode()
    if found["escaped"]:
        data = re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes.fromhex(m[1].decode()), data)
    included = dict(_INCLUDED.findall(found["included"]))
    return Golden(path, found["title"], data, included, found["expected"] or "")


def goldens() -> list[Path]:
    return sorted(FOLDER.glob("*.md"))
