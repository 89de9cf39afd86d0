"""Each broken configuration yields exactly the findings that are pinned beside it."""

from pathlib import Path

import pytest

from halod.config.render_full import render_full
from halod.config.summary import summary
from tests.config.golden import FOLDER, REWRITE, goldens, read_golden


@pytest.mark.parametrize("path", goldens(), ids=lambda path: path.stem)
def test_findings_are_as_pinned(path: Path) -> None:
    golden = read_golden(path)
    compiled = golden.compiled()
    page = render_full(compiled)
    rendering = f"{page}\n{summary(compiled)}\n" if page else f"{summary(compiled)}\n"
    if REWRITE:
        golden.rewrite(rendering)
        pytest.skip("written anew")
    assert rendering == golden.expected


def test_there_are_enough_and_none_is_told_twice() -> None:
    titles = [read_golden(path).title for path in goldens()]
    assert len(titles) >= 20, f"too few in {FOLDER}: the other test would hold for little"
    assert len(set(titles)) == len(titles)
