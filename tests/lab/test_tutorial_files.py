"""The package's copy of the tutorial is the published one, byte for byte."""

import os
from pathlib import Path

import pytest

from halod.lab.errors import LabError
from halod.lab.tutorial_files import TUTORIAL_FILES, tutorial_bytes

SHARED = Path(__file__).parents[3] / "shared" / "tutorial"


@pytest.fixture(scope="module")
def published() -> Path:
    """The published files; they stand beside the repository where it is developed."""
    if not SHARED.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("shared/tutorial is required in CI and is not there")
        pytest.skip("shared/tutorial is not beside this clone")
    return SHARED


def test_no_file_is_missing(published: Path) -> None:
    there = {str(path.relative_to(published)) for path in published.glob("*/*")}
    assert there == set(TUTORIAL_FILES)


@pytest.mark.parametrize("name", TUTORIAL_FILES)
def test_every_byte_is_the_published_one(published: Path, name: str) -> None:
    assert tutorial_bytes(name) == (published / name).read_bytes()


@pytest.mark.parametrize("name", TUTORIAL_FILES)
def test_every_file_can_be_read_from_the_package(name: str) -> None:
    assert tutorial_bytes(name)


def test_an_unknown_file_is_told_with_a_suggestion() -> None:
    with pytest.raises(LabError) as caught:
        tutorial_bytes("lb01/keepalive.conf")
    assert "lb01/keepalived" in caught.value.suggestion
