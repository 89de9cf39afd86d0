"""A password in a file: who may read it, and what is said about it."""

import os
from pathlib import Path

import pytest

from halod.notify.secret_file import SecretError, read_secret


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_bytes(b"p\xc3\xa4ss word\r\nsecond line\n")
    path.chmod(0o600)
    return path


def test_the_first_line_is_the_password(file: Path) -> None:
    assert read_secret(str(file)) == "pässword".replace("w", " w")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_can_open_is_not_used(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(SecretError, match="chmod 600"):
        read_secret(str(file))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_file_of_somebody_else_is_not_used(file: Path) -> None:
    os.chown(file, 65534, 65534)
    with pytest.raises(SecretError, match="does not belong to root"):
        read_secret(str(file))


@pytest.mark.parametrize("content", [b"", b"\nsecret", b"\xff\xfe"])
def test_what_is_no_password_is_told_without_showing_it(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(SecretError) as caught:
        read_secret(str(file))
    assert "secret" not in str(caught.value)


def test_a_missing_file_and_a_pipe_are_told(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="No such file"):
        read_secret(str(tmp_path / "nothing"))
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(SecretError, match="is no file"):
        read_secret(str(tmp_path / "pipe"))
