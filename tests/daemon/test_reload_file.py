"""`reload_file`: there while the configuration is read, gone afterwards."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from halod.daemon.reload_file import being_read, remove_reload_file


def test_it_is_made_or_emptied_and_then_removed(tmp_path: Path) -> None:
    path = tmp_path / "k.reload"
    path.write_text("an update is under way")
    with being_read(path) as reason:
        assert reason == ""
        assert path.read_bytes() == b"", "who wrote it sees that the reading has begun"
    assert not path.exists()
    with being_read(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert not path.exists()


def test_one_that_cannot_be_made_is_told_and_stops_nothing(tmp_path: Path) -> None:
    with being_read(tmp_path / "no" / "k.reload") as reason:
        assert reason == f"{tmp_path}/no/k.reload: No such file or directory"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "k.reload").symlink_to(victim)
    with being_read(tmp_path / "k.reload") as reason:
        assert reason.endswith(os.strerror(40))
    assert victim.read_text() == "precious"


def test_none_is_none(tmp_path: Path) -> None:
    with being_read(None) as reason:
        assert reason == ""
    remove_reload_file(tmp_path / "k.reload")
