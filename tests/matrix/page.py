"""The table of docs/reference/interop.md, made from a run: `make interop`.

    python -m tests.matrix.page JUNIT-XML PAGE

Knows pytest's JUnit file and the cases. Must not play anything.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

from tests.matrix.case import CASES, UNABLE, Case

__all__ = ["main", "outcomes", "page", "versions_of"]

_HEAD = """# Who halod was played with

Made by `make interop` from a run of `tests/matrix` on {day}, with {versions}. In each pair the
stronger starts and is alone; the weaker listens to it; the stronger loses its cable (FRR: is
stopped); it comes back, and preempts or does not; whoever is master then stops, and the other takes
over. After each act exactly one of the two has the addresses, and it stays so for five intervals.
Version 2 speaks each second, version 3 each tenth of a second, with FRR each second.

| peer | halod is | version | {columns} |
| --- | --- | --- | --- | --- | --- | --- |
"""
_CASTS = (
    (False, True, "multicast, `preempt`"),
    (False, False, "multicast, `nopreempt`"),
    (True, True, "unicast, `preempt`"),
    (True, False, "unicast, `nopreempt`"),
)
_PACKAGES = {"keepalived": "keepalived", "FRR": "frr"}


def outcomes(junit: str) -> dict[str, bool]:
    """By the id of a case, whether it passed."""
    found = {}
    for each in ElementTree.fromstring(junit).iter("testcase"):
        _, _, rest = each.attrib["name"].partition("[")
        wrong = {child.tag for child in each} & {"failure", "error", "skipped"}
        found[rest.rstrip("]")] = not wrong
    return found


def page(passed: Mapping[str, bool], day: date, versions: str) -> str:
    """The text of the page. `passed`: by the id of a case."""
    columns = " | ".join(name for _, _, name in _CASTS)
    text = _HEAD.format(day=day.isoformat(), versions=versions, columns=columns)
    notes: list[str] = []
    rows = dict.fromkeys((c.peer, c.role, c.version, c.family) for c in CASES)
    for peer, role, version, family in rows:
        cases = [Case(peer, role, version, family, cast, pre) for cast, pre, _ in _CASTS]
        if all(case in UNABLE for case in cases):
            note = f"{peer}, {role}, v{version}, IPv{family}: {UNABLE[cases[0]]}."
            notes.append(note)
            continue
        cells = " | ".join(_cell(case, passed) for case in cases)
        text += f"| {peer} | {role} | v{version}, IPv{family} | {cells} |\n"
    return text + "\nNot played:\n\n" + "".join(f"- {note}\n" for note in notes)


def _cell(case: Case, passed: Mapping[str, bool]) -> str:
    if case in UNABLE:
        return f"no: {UNABLE[case]}"
    if case.id not in passed:
        return "not played"
    return "plays" if passed[case.id] else "**fails**"


def versions_of(packages: Mapping[str, str]) -> str:
    """Of packages that are installed: by the name that is shown, the name of the package."""
    found = []
    for name, package in packages.items():
        command = ["dpkg-query", "--show", "--showformat=${Version}", package]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found.append(f"{name} {done.stdout}")
    return " and ".join(found)


def main(junit: str, file: str) -> int:
    """Writes the page; 1 where a pair does not play."""
    passed = outcomes(Path(junit).read_text(encoding="utf-8"))
    Path(file).write_text(page(passed, date.today(), versions_of(_PACKAGES)), encoding="utf-8")  # noqa: DTZ011
    failed = sorted(name for name, good in passed.items() if not good)
    print(f"{file}: {len(passed)} pairs, {len(failed)} fail: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
