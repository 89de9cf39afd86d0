"""Writes docs/reference/diagnostics.md, keywords.md and command-line.md from the source.

python tools/write_reference.py            writes the pages
python tools/write_reference.py --check    exit status 1 where one is stale
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from halod.cli.reference import field_docs, fragment_lines, said_of, wrapped
from halod.config.codes import FAMILIES, Code, Meaning
from halod.config.keywords.describe import takes
from halod.config.keywords.kinds import Keyword, Nested, Section, Unready
from halod.config.keywords.known import KNOWN
from halod.config.keywords.purpose import PURPOSE, SHARED, purpose
from halod.config.keywords.top_level import TABLES
from halod.config.meanings import MEANINGS
from halod.daemon.option_table import OPTIONS, Level

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "reference"

DIAGNOSTICS_HEAD = """\
# Diagnostics

What `haloctl check FILE…`, `halod -t` and a reload tell about a configuration. Made from
`src/halod/config/meanings` by `tools/write_reference.py`: edit there.

| severity | what becomes of the file |
| --- | --- |
| `refuse` | halod neither starts nor reloads; what runs keeps running |
| `ignored` | that line has no effect, the rest runs |
| `risk` | it runs as written, and may hurt |
| `note` | worth knowing; a file with notes alone is clean |

The severity below is the usual one: a finding may weigh more where nothing can stand in for a
value.
"""

KEYWORDS_HEAD = """\
# Keywords

Every keyword of keepalived 2.4.3, and what halod makes of it. Made from
`src/halod/config/keywords` and the docstrings of `src/halod/model` by `tools/write_reference.py`;
`haloctl explain KEYWORD` says the same.

| level | meaning |
| --- | --- |
| works | halod acts on it |
| accepted | there is nothing for it to do; a note says why |
| refused | halod cannot do it yet, and to run without it would hurt |
| not yet | the line has no effect, and that is told |
"""

COMMAND_LINE_HEAD = """\
# The command line of `halod`

Every option of keepalived 2.2.7 and 2.4, and what halod makes of it. Made from
`src/halod/daemon/option_table.py` by `tools/write_reference.py`. Options are read as keepalived
reads them: `-nlDf FILE`, `--use-file=FILE`, long names shortened as far as they stay clear.

An option without effect is told in the log, and the daemon starts. One that is refused, unknown or
without its value ends it with status 1. A word that belongs to no option is told, as keepalived
does; with `-t` it is refused, for the file that was meant would not be the one that is checked.

Where halod differs from keepalived 2.2.7, it is on purpose:

- `-t=FILE`: keepalived writes to a file whose name begins with `=`. halod leaves the sign out.
- The findings of `-t` never go into the configuration, by whatever name.
- The status of `-t` is keepalived's: 0, 5 with mistakes, 6 for scripts without
  `enable_script_security`. Risks that keepalived does not look for are told and do not count; for
  `haloctl check` they do. A keyword that lacks its value ends keepalived with 2; halod tells the
  rest as well, and answers 5. A line that halod does not act on yet (`W401`) counts.
- `-t` of a file that is missing or unreadable: status 4; keepalived says so and answers 0.
- `halod -t` prints its findings to standard output; keepalived to standard error.
"""


def diagnostics_page() -> str:
    parts = [DIAGNOSTICS_HEAD]
    family = ""
    for code in Code:
        if code.value[:2] != family:
            family = code.value[:2]
            parts.append(f"\n## {family}: {FAMILIES[family]}\n")
        parts.append(_diagnostic(code, MEANINGS[code]))
    return "".join(parts)


def _diagnostic(code: Code, meaning: Meaning) -> str:
    lines = [
        "",
        f"### {code.value}: {meaning.title}",
        "",
        *wrapped(f"`{meaning.severity.value}`. {meaning.meaning}"),
        "",
        *wrapped(f"Why it matters: {meaning.why}"),
    ]
    if meaning.example:
        lines += ["", "```", *fragment_lines(meaning.example), "```"]
    lines += ["", *wrapped(f"What to do: {meaning.remedy}")]
    if meaning.instead:
        lines += ["", "```", *fragment_lines(meaning.instead), "```"]
    return "\n".join([*lines, ""])


def keywords_page() -> str:
    docs = field_docs()
    parts = [KEYWORDS_HEAD]
    for path, section in TABLES.items():
        parts.append(f"\n## {_title(path)}\n\n{_section(path, section, docs)}")
    parts.append("\n## Sections that do nothing yet\n\n")
    parts.append("Each is told once, by its first line; in it only names are looked at.\n")
    for path in sorted(set(KNOWN) - set(TABLES) - set(SHARED)):
        lines = [
            f"\n### {_title(path)}\n",
            "| keyword | for what, in keepalived |",
            "| --- | --- |",
        ]
        lines += [f"| `{name}` | {PURPOSE[path][name]} |" for name in sorted(KNOWN[path])]
        parts.append("\n".join([*lines, ""]))
    return "".join(parts)


def _title(path: str) -> str:
    """Of a section, by its name in `KNOWN`."""
    if path == "(top level)":
        return "Top level"
    if path == "(every checker)":
        return "Every checker"
    if path == "(checker or shared)":
        return "A real server, or its checker"
    around, _, name = path.removeprefix("(checker or shared)/").rpartition("/")
    return f"`{name}` in `{around}`" if around else f"`{name}`"


def _section(path: str, section: Section, docs: Mapping[str, str]) -> str:
    lines = ["| keyword | level | takes | meaning |", "| --- | --- | --- | --- |"]
    for name, keyword in section.keywords.items():
        shown = f"@halod {name}" if keyword.own else name
        cell = _cell(keyword, docs, purpose(path, name))
        lines.append(f"| `{shown}` | works | {takes(keyword.kind)} | {cell} |")
    levels = {
        Unready.READ_BEFORE: "works",
        Unready.WITHOUT_EFFECT: "accepted",
        Unready.NOT_YET: "refused",
        Unready.PLANNED: "not yet",
    }
    rest: dict[Unready, list[tuple[str, str]]] = {level: [] for level in levels}
    for name in sorted({*section.known, *section.exceptions} - set(section.keywords)):
        unready = section.unready(name)
        assert unready is not None
        rest[unready[0]].append((name, unready[1]))
    for level, named in rest.items():
        for name, why in named:
            what_for = purpose(path, name)
            plain = why if why.startswith("halod") else f"{why[:1].upper()}{why[1:]}"
            said = f"{plain}." if why else ""
            meaning = f"{what_for} {said}".strip()
            lines.append(f"| `{name}` | {levels[level]} | | {meaning} |")
    return "\n".join([*lines, ""])


def _cell(keyword: Keyword, docs: Mapping[str, str], purpose: str) -> str:
    text = purpose if isinstance(keyword.kind, Nested) else said_of(keyword, docs)
    return text.replace("|", "\\|")


def command_line_page() -> str:
    """What `halod` does with each option of keepalived."""
    parts = [COMMAND_LINE_HEAD]
    for level in Level:
        parts.append(f"## {level.value[:1].upper()}{level.value[1:]}\n")
        rows = ["| option | |", "| --- | --- |"]
        for option in OPTIONS.values():
            if option.level is level:
                shown = option.spelling.replace("|", "\\|")
                rows.append(f"| `{shown}` | {option.help} |")
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def pages() -> dict[Path, str]:
    """Every page and its text."""
    return {
        PAGES / "diagnostics.md": diagnostics_page(),
        PAGES / "keywords.md": keywords_page(),
        PAGES / "command-line.md": command_line_page(),
    }


def main() -> int:
    stale = 0
    for path, text in pages().items():
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{path.name} is stale: run python tools/write_reference.py")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
