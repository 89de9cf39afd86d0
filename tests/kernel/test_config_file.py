"""A file is read, or there is one sentence that says why not and what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from halod.kernel.config_file import SIZE_MAX, FileProblem, read_config


def problem(path: Path | str) -> str:
    found = read_config(str(path))
    assert isinstance(found, FileProblem)
    return found.sentence()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"vrrp_instance A {\n}\n", "vrrp_instance A {\n}\n"),
        ("# Grüße\n".encode(), "# Grüße\n"),
        ("# Grüße\n".encode("latin-1"), "# Gr\udcfc\udcdfe\n"),
        (b"a\r\nb\0c", "a\r\nb\0c"),
    ],
)
def test_text_is_read_as_it_is(tmp_path: Path, data: bytes, text: str) -> None:
    file = tmp_path / "a.conf"
    file.write_bytes(data)
    assert read_config(str(file)) == text


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert problem(f"{tmp_path}/no.conf") == (
        f"{tmp_path}/no.conf: does not exist: name another with -f FILE"
    )


def test_a_directory(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    assert problem(tmp_path) == f"{tmp_path}: is a directory: name the file in it"
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody writes: to open it would wait for ever."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert problem(pipe) == f"{pipe}: is no regular file: copy its text into a file"


def test_a_device() -> None:
    assert problem("/dev/zero").startswith("/dev/zero: is no regular file")


def test_something_far_too_large(tmp_path: Path) -> None:
    file = tmp_path / "a.conf"
    with file.open("wb") as handle:
        handle.truncate(SIZE_MAX + 1)
    assert problem(file) == f"{file}: has {SIZE_MAX + 1} bytes: is it the right file?"


def test_a_path_that_is_none() -> None:
    assert problem("/dev/null/a.conf") == "/dev/null/a.conf: Not a directory: check the path"
    assert problem("a" * 5000).endswith("File name too long: check the path")


READ = """
import sys
from halod.kernel.config_file import read_config
print(read_config(sys.argv[1]))
"""


def test_a_file_of_somebody_else(tmp_path: Path) -> None:
    file = tmp_path / "a.conf"
    file.write_text("x")
    file.chmod(0)
    done = subprocess.run(
        ["setpriv", "--bounding-set=-all", "--inh-caps=-all", sys.executable, "-c", READ, file],
        capture_output=True,
        text=True,
    )
    assert "may not be read" in done.stdout, done.stderr
