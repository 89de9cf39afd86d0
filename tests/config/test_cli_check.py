"""`halod -t` and `haloctl check` as an operator types them: output, colours, exit status."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from halod.lab.tutorial_files import tutorial_text

BIN = Path(sys.executable).parent
CLEAN = tutorial_text("lb01/keepalived.conf")
NOTES = tutorial_text("lb01/keepalived-dual.conf")
FINDINGS = CLEAN.replace("priority 150", "priority 150;")
REFUSED = CLEAN.replace("interface ens33", "interface lo")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program, *rest = arguments
    return subprocess.run(
        [BIN / program, *rest],
        capture_output=True,
        text=True,
        timeout=90,
        env={**os.environ, **environment},
    )


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """One file of each kind; `missing` is none."""
    texts = {"clean": CLEAN, "notes": NOTES, "findings": FINDINGS, "refused": REFUSED}
    for name, text in texts.items():
        (tmp_path / f"{name}.conf").write_text(text)
    return {name: str(tmp_path / f"{name}.conf") for name in (*texts, "missing")}


@pytest.mark.parametrize(
    ("name", "status"),
    [("clean", 0), ("notes", 0), ("findings", 5), ("refused", 5), ("missing", 4)],
)
def test_the_exit_status_is_the_same_in_every_spelling(
    files: dict[str, str], name: str, status: int
) -> None:
    file = files[name]
    spellings = [
        ["halod", "-t", "-f", file],
        ["halod", "-f", file, "-t"],
        ["halod", "-f", file, "--config-test"],
        ["haloctl", "check", file],
    ]
    results = [run(*spelling) for spelling in spellings]
    assert [result.returncode for result in results] == [status] * len(spellings)
    assert len({result.stdout for result in results}) == 1
    assert len({result.stderr for result in results}) == 1


def test_lines_for_this_id_are_in_force(tmp_path: Path) -> None:
    file = tmp_path / "k.conf"
    file.write_text(CLEAN.replace("priority 150", "@high priority 150;\n@^high priority 140"))
    for program in (["halod", "-t", "-f"], ["haloctl", "check"]):
        assert run(*program, str(file), "-i", "low").returncode == 0
        result = run(*program, str(file), "-i", "high")
        assert result.returncode == 5
        assert "`150;` is no number" in result.stdout


def test_a_finding_in_an_included_file_names_that_file(files: dict[str, str]) -> None:
    folder = Path(files["findings"]).parent
    (folder / "all.conf").write_text("include find*.conf\n")
    result = run("halod", "-t", "-f", str(folder / "all.conf"))
    assert result.returncode == 5
    assert result.stdout.startswith(f"{files['findings']}:9:14: ignored[E105]")


def test_what_is_printed(files: dict[str, str]) -> None:
    clean, findings, refused = (files[name] for name in ("clean", "findings", "refused"))
    result = run("haloctl", "check", clean, findings, refused)
    assert result.returncode == 5
    assert result.stderr == ""
    assert result.stdout == (
        f"{clean}: clean, 1 vrrp_instance\n"
        "\n"
        f"{findings}:9:14: ignored[E105] `150;` is no number for `priority`: 100 counts\n"
        "  |\n"
        "9 |     priority 150;\n"
        "  |              ^^^^\n"
        "  = help: write `150`\n"
        "\n"
        f"{findings}: runs, 1 vrrp_instance (1 ignored)\n"
        "`haloctl explain E105` says more\n"
        "\n"
        f"{refused}:7:15: refuse[E108] `lo` is the loopback: nobody else hears adverts on it\n"
        "  |\n"
        "7 |     interface lo\n"
        "  |               ^^\n"
        "\n"
        f"{refused}: refused: halod would not start with it (1 refuse)\n"
        "`haloctl explain E108` says more\n"
    )


def test_a_file_that_cannot_be_read_is_told_beside_the_others(files: dict[str, str]) -> None:
    result = run("haloctl", "check", files["missing"], files["findings"])
    assert result.returncode == 5
    assert result.stderr == f"{files['missing']}: does not exist: name another with -f FILE\n"
    assert "150;" in result.stdout


def test_one_line_a_finding(files: dict[str, str]) -> None:
    result = run("haloctl", "check", "--format", "concise", files["findings"], files["refused"])
    assert result.returncode == 5
    assert result.stdout == (
        f"{files['findings']}:9:14: ignored[E105] `150;` is no number for `priority`: 100 counts "
        "(write `150`)\n"
        f"{files['refused']}:7:15: refuse[E108] `lo` is the loopback: nobody else hears adverts "
        "on it\n"
    )


def test_json_is_one_list_whatever_the_files_are(files: dict[str, str]) -> None:
    result = run("haloctl", "check", "--format", "json", *files.values())
    assert result.returncode == 5
    found = json.loads(result.stdout)
    assert [each["code"] for each in found] == ["W303", "E105", "E108"]
    assert json.loads(run("haloctl", "check", "--format", "json", files["clean"]).stdout) == []


def test_no_file_is_a_mistake_of_the_command() -> None:
    result = run("haloctl", "check")
    assert result.returncode == 2
    assert "Missing argument 'FILES...'" in result.stderr


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What a program prints where standard output is a terminal."""
    controller, terminal = pty.openpty()
    env = {**os.environ, **environment}
    env = {name: value for name, value in env.items() if value}
    process = subprocess.Popen([BIN / arguments[0], *arguments[1:]], stdout=terminal, env=env)
    os.close(terminal)
    output = b""
    while True:
        try:
            piece = os.read(controller, 65536)
        except OSError:  # EIO: the terminal's last writer is gone
            break
        if not piece:
            break
        output += piece
    os.close(controller)
    process.wait(timeout=90)
    return output.decode().replace("\r\n", "\n")


def test_colours_on_a_terminal_alone(files: dict[str, str]) -> None:
    plain = run("halod", "-t", "-f", files["findings"]).stdout
    coloured = on_a_terminal("halod", "-t", "-f", files["findings"], NO_COLOR="")
    assert "\x1b[1;33mignored[E105]\x1b[0m" in coloured
    assert "\x1b" not in plain
    assert on_a_terminal("halod", "-t", "-f", files["findings"], NO_COLOR="1") == plain


def test_a_reader_that_leaves_costs_no_trace(files: dict[str, str], tmp_path: Path) -> None:
    many = tmp_path / "many.conf"
    many.write_text("nonsense\n" * 3000)
    process = subprocess.Popen(
        [BIN / "halod", "-t", "-f", many], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    _, stderr = process.communicate(timeout=90)
    assert stderr == b""
    assert process.returncode == 5


def test_a_terminal_of_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "k.conf"
    path.write_bytes(
        CLEAN.replace("priority 150", "priority 主从\udcff").encode(errors="surrogateescape")
    )
    for encoding in ("ascii", "gbk", "latin-1"):
        result = subprocess.run(
            [BIN / "halod", "-t", "-f", path],
            capture_output=True,
            timeout=90,
            env={**os.environ, "PYTHONIOENCODING": encoding},
        )
        assert result.returncode == 5
        assert result.stderr == b""
        assert b"is no number for `priority`: 100 counts" in result.stdout


def test_a_file_with_a_strange_name(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/k\xff\x1b[31m.conf"
    Path(os.fsdecode(path)).write_text(FINDINGS)
    result = subprocess.run([os.fsencode(BIN / "halod"), b"-t", b"-f", path], capture_output=True)
    assert result.returncode == 5
    assert result.stderr == b""
    assert b"\x1b" not in result.stdout


def test_nothing_is_written(files: dict[str, str], tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    run("halod", "-t", "-f", files["refused"], "--run-dir", str(tmp_path / "run"))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
