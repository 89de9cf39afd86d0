"""`haloctl fmt` as an operator types it."""

import subprocess
import sys
from pathlib import Path

import pytest

from halod.lab.tutorial_files import tutorial_text

HALOCTL = Path(sys.executable).parent / "haloctl"
NEAT = "vrrp_instance A {\n    interface eth0\n    authentication {\n        auth_pass s3cret\n"
NEAT += "    }\n}\n"
UNTIDY = NEAT.replace("    ", " ")


def fmt(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([HALOCTL, "fmt", *arguments], capture_output=True, timeout=90)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "k.conf"
    path.write_text(UNTIDY)
    return path


def test_the_text_is_printed_and_the_file_stays(file: Path) -> None:
    result = fmt(file)
    assert (result.returncode, result.stdout) == (0, NEAT.encode())
    assert file.read_text() == UNTIDY


def test_bytes_that_are_no_text_come_out_as_they_went_in(file: Path) -> None:
    file.write_bytes(b"# \xff\n" + UNTIDY.encode())
    assert fmt(file).stdout == b"# \xff\n" + NEAT.encode()


def test_check_names_what_would_change(file: Path) -> None:
    result = fmt("--check", file)
    assert (result.returncode, result.stdout) == (1, f"{file}: would change\n".encode())
    file.write_text(NEAT)
    result = fmt("--check", file)
    assert (result.returncode, result.stdout) == (0, b"")


def test_diff_shows_it_without_secrets(file: Path) -> None:
    result = fmt("--diff", file)
    assert result.returncode == 1
    assert b"- interface eth0\n" in result.stdout
    assert b"+    interface eth0\n" in result.stdout
    assert b"s3cret" not in result.stdout
    assert file.read_text() == UNTIDY


def test_write_writes_and_then_has_nothing_to_do(file: Path) -> None:
    file.chmod(0o600)
    assert fmt("--write", file).returncode == 0
    assert file.read_text() == NEAT
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.stat().st_mtime_ns
    assert fmt("--write", file).returncode == 0
    assert file.stat().st_mtime_ns == before


def test_a_broken_file_is_left_and_the_reason_told(file: Path) -> None:
    file.write_text(NEAT + "}\n")
    result = fmt("--write", file)
    assert result.returncode == 5
    assert result.stderr.decode() == (
        f"{file}: left as it is: its blocks are not in order: mend what `haloctl check` tells "
        "first\n"
    )
    assert file.read_text() == NEAT + "}\n"


def test_a_missing_file(tmp_path: Path) -> None:
    result = fmt(tmp_path / "none.conf")
    assert result.returncode == 4
    assert b"does not exist" in result.stderr


def test_the_tutorial_says_the_same_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "k.conf"
    path.write_text(tutorial_text("lb01/keepalived-dual.conf"))
    assert fmt("--write", path).returncode == 0
    assert path.read_text().count("    virtual_ipaddress {\n") == 2
