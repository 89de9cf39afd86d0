"""Each public file fails over when its check fails, as keepalived 2.2.7 does with the same file.

lb02 has the file with a priority less by one. Where the file has no check, lb01 is stopped.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.capabilities import SHARED
from tests.kit.pair import NEEDS_KEEPALIVED
from tests.realworld.case import CASES, Case
from tests.realworld.pair import play

pytestmark = [*NEEDS_KEEPALIVED, pytest.mark.needs_shared, pytest.mark.timeout(300)]

FOLDER = SHARED / "corpus" / "realworld"


def file_of(name: str) -> Path:
    """The one file whose name begins so."""
    (found,) = FOLDER.glob(f"{name}*")
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)
def test_it_fails_over_as_under_keepalived(case: Case, tmp_path: Path) -> None:
    text = file_of(case.file).read_text(encoding="utf-8")
    programs = ("halod",) if case.only_halod else ("halod", "keepalived")
    with ThreadPoolExecutor(len(programs)) as pool:
        plays = [pool.submit(play, case, text, program, tmp_path) for program in programs]
        seen = [each.result() for each in plays]
    wanted = ("lb02",) if case.fails_over else ("lb01",)
    assert (seen[0].master_before, seen[0].master_after) == (("lb01",), wanted)
    assert len(set(seen)) == 1, f"halod and keepalived differ: {seen}"


def test_no_file_is_forgotten() -> None:
    names = {file_of(case.file).name for case in CASES}
    assert names == {path.name for path in FOLDER.iterdir()}
    assert len(names) == 20
