"""A run directory that others can steer is refused, with its cause."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from halod.daemon.pid_file import remove_pid_file, write_pid_file
from halod.daemon.run_dir import namespace_of, prepare_run_dir, remember_namespace
from halod.model.printable import printable


def test_it_is_made_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "run"
    assert prepare_run_dir(path) is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert prepare_run_dir(path) is None, "and used again"


@pytest.mark.parametrize("name", [b"a\xff", b"a\nb", b"a\x1b[2J"])
def test_a_name_that_is_no_text_is_refused(tmp_path: Path, name: bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    reason = prepare_run_dir(path)
    assert reason == f"run directory {printable(str(path))}: its name is no plain text"
    assert not path.exists()


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "run").symlink_to(tmp_path / "real")
    assert prepare_run_dir(tmp_path / "run") == (
        f"run directory {tmp_path}/run is no directory (a link counts as none)"
    )


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    told = prepare_run_dir(tmp_path / "run")
    assert told == f"run directory {tmp_path}/run: File exists; choose another with --run-dir"


def test_what_others_can_write_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run"
    path.mkdir()
    for mode in (0o720, 0o702, 0o777):
        path.chmod(mode)
        assert prepare_run_dir(path) == (
            f"run directory {path} can be written by others: chmod 0700 {path}"
        )
    path.chmod(0o755)
    assert prepare_run_dir(path) is None, "others may see it, as Debian's /run"


def test_somebody_elses_is_refused(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        path, other = tmp_path / "run", 4242
        path.mkdir(mode=0o700)
        os.chown(path, other, -1)
    else:
        path, other = Path("/usr"), 0
    assert prepare_run_dir(path) == (
        f"run directory {path} belongs to user {other}, not to {os.geteuid()}"
    )


def test_one_that_cannot_be_made_is_told() -> None:
    told = prepare_run_dir(Path("/proc/halod"))
    assert told is not None
    assert told.startswith("run directory /proc/halod: ")
    assert told.endswith("choose another with --run-dir")


def test_a_pid_file_names_a_process_and_goes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "some" / "halod.pid"
    assert write_pid_file(path, 17) is None
    assert path.read_text() == "17\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    remove_pid_file(path, 18)
    assert path.exists(), "it names another"
    remove_pid_file(path, 17)
    assert not path.exists()
    remove_pid_file(path, 17)


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "halod.pid").symlink_to(victim)
    assert write_pid_file(tmp_path / "halod.pid", 17) is None
    assert victim.read_text() == "precious"
    assert not (tmp_path / "halod.pid").is_symlink()


def test_one_that_cannot_be_written_is_told() -> None:
    told = write_pid_file(Path("/proc/halod.pid"), 17)
    assert told is not None
    assert "/proc/halod.pid: " in told


def test_it_remembers_in_which_namespace_its_daemon_worked(tmp_path: Path) -> None:
    assert namespace_of(tmp_path) == ""
    remember_namespace(tmp_path, "blue")
    assert namespace_of(tmp_path) == "blue"
    remember_namespace(tmp_path, "")
    assert not any(tmp_path.iterdir())


def test_folders_above_it_are_writable_for_the_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        assert prepare_run_dir(tmp_path / "deep" / "run") is None
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "deep").stat().st_mode) == 0o755
