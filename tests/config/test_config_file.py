"""From a path to a text, or to a reason that an operator can act on."""

import os
from pathlib import Path

from halod.kernel.config_file import SIZE_MAX, FileProblem, read_config

NOBODY = 65534


def problem(path: Path | str) -> str:
    before = len(os.listdir("/proc/self/fd"))
    found = read_config(str(path))
    assert isinstance(found, FileProblem)
    assert len(os.listdir("/proc/self/fd")) == before, "a descriptor is left open at each reload"
    return found.sentence()


def test_bytes_that_are_no_utf8_come_through(tmp_path: Path) -> None:
    """A password goes onto the wire as it stands in the file."""
    data = b"auth_pass \xb6\xfe \xe4\xb8\xbb\r\n"
    (tmp_path / "k.conf").write_bytes(data)
    text = read_config(str(tmp_path / "k.conf"))
    assert isinstance(text, str)
    assert text.encode(errors="surrogateescape") == data
    assert "主" in text


def test_a_file_that_does_not_exist(tmp_path: Path) -> None:
    path = tmp_path / "k.conf"
    assert problem(path) == f"{path}: does not exist: name another with -f FILE"


def test_a_directory(tmp_path: Path) -> None:
    assert problem(tmp_path) == f"{tmp_path}: is a directory: name the file in it"


def test_a_fifo_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert "is no regular file" in problem(tmp_path / "fifo")


def test_a_device() -> None:
    assert "is no regular file" in problem("/dev/zero")


def test_a_file_that_is_no_configuration(tmp_path: Path) -> None:
    path = tmp_path / "k.conf"
    with path.open("wb") as file:
        file.truncate(SIZE_MAX + 1)
    assert problem(path) == f"{path}: has {SIZE_MAX + 1} bytes: is it the right file?"


def test_a_loop_of_links(tmp_path: Path) -> None:
    (tmp_path / "k.conf").symlink_to("k.conf")
    assert "check the path" in problem(tmp_path / "k.conf")


def test_a_name_that_no_file_has() -> None:
    assert "is no name of a file" in problem("k\0.conf")


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "k.conf"
    path.touch(mode=0)
    owner = os.geteuid()
    if owner == 0:
        os.seteuid(NOBODY)  # root may read every file
    try:
        found = read_config(str(path))
    finally:
        os.seteuid(owner)
    assert isinstance(found, FileProblem)
    assert found.sentence() == f"{path}: may not be read: run as root, or change its mode"
