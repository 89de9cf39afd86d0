"""A program is found by the folders of a PATH."""

from __future__ import annotations

from pathlib import Path

from halod.kernel.find_program import find_program


def test_the_first_that_can_be_executed_is_found(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("none", "plain", "folder", "first", "second")]
    for folder in folders[1:]:
        folder.mkdir()
    (tmp_path / "plain" / "tool").write_text("")
    (tmp_path / "folder" / "tool").mkdir()
    for name in ("first", "second"):
        (tmp_path / name / "tool").write_text("#!/bin/sh\n")
        (tmp_path / name / "tool").chmod(0o755)
    path = ":".join(map(str, folders))
    assert find_program("tool", path) == str(tmp_path / "first" / "tool")
    assert find_program("other", path) is None
