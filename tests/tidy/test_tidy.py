"""The source keeps to the rules of its size, its names and its floors."""

import re
import statistics
import tomllib
from pathlib import Path

import pytest

import halod
from tests.capabilities import ROOT
from tests.tidy import rules

FILES = [
    pytest.param(path, id=str(path.relative_to(rules.SOURCE))) for path in rules.source_files()
]

LONG_FILES: frozenset[str] = frozenset()
"""Files over the soft limit, by path below src/halod, each agreed on in review."""


def test_no_file_is_longer_than_the_limits() -> None:
    lengths = {
        str(path.relative_to(rules.SOURCE)): rules.line_count(path.read_text())
        for path in rules.source_files()
    }
    assert lengths, "no source found: the other tests here would hold for nothing"
    assert not {name: n for name, n in lengths.items() if n > rules.FILE_LINES_HARD}
    over = {name: n for name, n in lengths.items() if n > rules.FILE_LINES_SOFT}
    assert set(over) == LONG_FILES, f"over {rules.FILE_LINES_SOFT} lines: {over}"
    assert statistics.median(lengths.values()) < rules.FILE_LINES_MEDIAN


@pytest.mark.parametrize("path", FILES)
def test_module(path: Path) -> None:
    text = path.read_text()
    below = path.relative_to(rules.SOURCE)
    assert not rules.lacks_opening(text), "the file does not open by saying what it knows"
    assert not list(rules.long_functions(text))
    assert not list(rules.empty_names(below, text))
    assert not list(rules.postponed_work(text))
    if below.parts[0] in rules.PURE_FLOORS:
        assert not list(rules.impurities(text))


def test_changelog_has_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(rf"^## {re.escape(halod.__version__)}\b", changelog, re.MULTILINE)


def test_versions_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == halod.__version__


def test_import_contracts_name_every_folder() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    floors = next(c for c in linter["contracts"] if c["type"] == "layers")
    named = set(re.findall(r"halod\.(\w+)", " ".join(floors["layers"])))
    folders = {path.parent.name for path in rules.SOURCE.glob("*/*.py")}
    assert folders <= named
    pure = next(c for c in linter["contracts"] if "pure" in c["name"])
    sources = set(re.findall(r"halod\.(\w+)", " ".join(pure["source_modules"])))
    assert sources == rules.PURE_FLOORS
    assert set(pure["forbidden_modules"]) <= rules.IMPURE_MODULES


def test_links_between_documents_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [
        (page, link)
        for page in pages
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    ]
    assert links
    assert not [(page.name, link) for page, link in links if not (page.parent / link).exists()]
