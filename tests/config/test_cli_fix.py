"""`haloctl check --fix` on real files: what changes, what stays, and what is not touched."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from halod.lab.tutorial_files import tutorial_text

HALOCTL = Path(sys.executable).parent / "haloctl"
CLEAN = tutorial_text("lb01/keepalived.conf")
SLIP = CLEAN.replace("priority 150", "priority 150;")


def check(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [HALOCTL, "check", *arguments], capture_output=True, text=True, timeout=90
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keepalived.conf"
    path.write_text(SLIP)
    return path


def test_a_file_is_mended_and_then_clean(file: Path) -> None:
    result = check("--fix", file)
    assert result.returncode == 0
    assert result.stderr == f"{file}:9:14: fixed[E105] write `150`\n"
    assert result.stdout == f"{file}: clean, 1 vrrp_instance\n"
    assert file.read_text() == CLEAN
    assert os.listdir(file.parent) == [file.name]


def test_what_is_left_is_told_and_counts(file: Path) -> None:
    file.write_text(SLIP.replace("state MASTER", "state master"))
    result = check("--fix", file)
    assert result.returncode == 5
    assert "1 ignored" in result.stdout
    assert f"{file}: a guess more with --unsafe-fixes; see them with --diff\n" in result.stderr
    guessed = check("--fix", "--unsafe-fixes", file)
    assert guessed.returncode == 0
    assert guessed.stderr == f"{file}:6:11: fixed[E104] write `MASTER`\n"
    assert file.read_text() == CLEAN


def test_diff_only_shows(file: Path) -> None:
    before = file.stat()
    result = check("--diff", file)
    assert result.returncode == 5
    assert "-    priority 150;\n+    priority 150\n" in result.stdout
    assert file.read_text() == SLIP
    assert file.stat().st_mtime_ns == before.st_mtime_ns


def test_a_file_without_fixes_is_not_written(file: Path) -> None:
    file.write_text(CLEAN)
    before = file.stat()
    assert check("--fix", file).returncode == 0
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_mode_owner_and_attributes_stay(file: Path) -> None:
    file.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(file, 12, 34)
    os.setxattr(file, "user.halod", b"kept")
    before = file.stat()
    assert check("--fix", file).returncode == 0
    after = file.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )
    assert os.getxattr(file, "user.halod") == b"kept"
    assert file.read_text() == CLEAN


def test_a_symbolic_link_is_followed_and_stays(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.conf"
    link.symlink_to(file)
    assert check("--fix", link).returncode == 0
    assert link.is_symlink()
    assert file.read_text() == CLEAN


def test_a_second_name_is_not_parted_from_the_first(file: Path, tmp_path: Path) -> None:
    os.link(file, tmp_path / "other.conf")
    result = check("--fix", file)
    assert result.returncode == 5
    assert "has another name (a hard link)" in result.stderr
    assert file.read_text() == SLIP


def test_bytes_that_are_no_text_stay(file: Path) -> None:
    file.write_bytes(b"# \xff\xfe\r\n" + SLIP.encode())
    check("--fix", file)
    assert file.read_bytes() == b"# \xff\xfe\r\n" + CLEAN.encode()


def test_guesses_alone_are_a_mistake_of_the_command(file: Path) -> None:
    result = check("--unsafe-fixes", file)
    assert result.returncode == 2
    assert "--unsafe-fixes goes with --fix or --diff" in result.stderr


def test_commands_for_a_workflow(file: Path) -> None:
    result = check("--format", "github", file)
    assert result.returncode == 5
    assert result.stdout == (
        f"::warning file={file},line=9,col=14,endColumn=17,title=ignored E105::"
        "`150;` is no number for `priority`: 100 counts (write `150`)\n"
    )
