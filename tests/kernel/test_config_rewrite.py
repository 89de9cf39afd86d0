"""Replacing a configuration: whole or not at all."""

import os
from pathlib import Path

import pytest

from halod.kernel.config_rewrite import rewrite_config


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "k.conf"
    path.write_text("old\n")
    return path


def test_a_change_that_came_between_is_not_lost(file: Path) -> None:
    file.write_text("newer\n")
    problem = rewrite_config(str(file), "old\n", "mended\n")
    assert problem is not None
    assert problem.sentence() == f"{file}: was changed by somebody meanwhile: try again"
    assert file.read_text() == "newer\n"
    assert os.listdir(file.parent) == [file.name]


def test_a_file_that_is_gone_is_not_made(file: Path) -> None:
    file.unlink()
    problem = rewrite_config(str(file), "old\n", "mended\n")
    assert problem is not None
    assert "No such file" in problem.sentence()
    assert os.listdir(file.parent) == []


def test_a_folder_that_is_closed_is_told(tmp_path: Path) -> None:
    """/proc takes no new file, whoever asks."""
    problem = rewrite_config("/proc/self/status", "old\n", "mended\n")
    assert problem is not None
    assert problem.reason.startswith("cannot be replaced: ")


def test_a_link_to_a_device_is_no_file(tmp_path: Path) -> None:
    link = tmp_path / "k.conf"
    link.symlink_to("/dev/null")
    problem = rewrite_config(str(link), "", "mended\n")
    assert problem is not None
    assert problem.reason == "is no regular file"


def test_the_text_is_replaced(file: Path) -> None:
    assert rewrite_config(str(file), "old\n", "mended \udcff\n") is None
    assert file.read_bytes() == b"mended \xff\n"
