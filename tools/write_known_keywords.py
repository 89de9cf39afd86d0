"""Writes config/keywords/known.py from the list of keepalived's keywords in shared/corpus.

python tools/write_known_keywords.py KEYWORDS.tsv          writes the module
python tools/write_known_keywords.py KEYWORDS.tsv --check  exit status 1 where it is stale
"""

import sys
import textwrap
from collections import defaultdict
from pathlib import Path

MODULE = Path(__file__).resolve().parent.parent / "src/halod/config/keywords/known.py"
HEAD = '''"""Every keyword of keepalived 2.4.3, by section. Made by tools/write_known_keywords.py.

Knows names. Whether one works here stands in the tables beside this file.
"""

from __future__ import annotations

__all__ = ["KNOWN"]

KNOWN: dict[str, frozenset[str]] = {
'''


def render(table: str) -> str:
    """The module's text. A section is named by its last part; approximate ones keep theirs."""
    sections: dict[str, set[str]] = defaultdict(set)
    for line in table.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        section, keyword = line.split("\t")
        sections[section].add(keyword)
    parts = [HEAD]
    for section in sorted(sections):
        words = textwrap.fill(
            " ".join(sorted(sections[section])),
            width=90,
            initial_indent="        ",
            subsequent_indent="        ",
            break_on_hyphens=False,
        )
        parts.append(
            f'    "{section}": frozenset(\n        """\n{words}\n        """.split()\n    ),\n'
        )
    return "".join([*parts, "}\n"])


def main() -> int:
    source = Path(sys.argv[1]).read_text(encoding="utf-8")
    made = render(source)
    if "--check" in sys.argv:
        fresh = MODULE.read_text(encoding="utf-8") == made
        if not fresh:
            print(f"{MODULE.name} is stale: run python tools/write_known_keywords.py {sys.argv[1]}")
        return 0 if fresh else 1
    MODULE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
