"""`haloctl lab` as an operator types it: sentences and suggestions, never a traceback."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from halod.cli.lab import lab
from halod.lab.fault_list import FAULTS


def haloctl_lab(base: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        lab, list(arguments), env={"HALOD_LAB_DIR": str(base)}, prog_name="haloctl lab"
    )


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["status"], "no lab runs\nHint: start one: `haloctl lab up`"),
        (["down", "nosuch"], "there is no lab nosuch"),
        (["shell", "--lab", "UPPER", "lb01"], "cannot be the name of a lab"),
        (["demo", "--node", "keepalivd"], "did you mean keepalived?"),
        (["demo", "--node", "lb1=keepalived"], "did you mean lb01?"),
        (["demo", "--node", "web01=keepalived"], "web01 has no VRRP node"),
    ],
)
def test_mistakes_are_told_with_a_suggestion(
    tmp_path: Path, arguments: list[str], wanted: str
) -> None:
    result = haloctl_lab(tmp_path, *arguments)
    assert result.exit_code == 1
    assert wanted in result.output
    assert "Traceback" not in result.output


def test_help_of_break_lists_every_fault(tmp_path: Path) -> None:
    output = haloctl_lab(tmp_path, "break", "--help").output
    for name, fault in FAULTS.items():
        assert f"{name} " in output
        assert fault.help in output


@pytest.mark.needs_netns
@pytest.mark.needs_nginx
@pytest.mark.needs_nft
@pytest.mark.needs_keepalived
def test_a_lab_from_up_to_down(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    pages = tmp_path_factory.mktemp("pages")
    up = haloctl_lab(tmp_path, "up", "--node", "keepalived")
    assert up.exit_code == 0, up.output
    try:
        status = haloctl_lab(tmp_path, "status").output
        assert "192.168.178.130/24" in status
        assert status.count("nginx") == 4
        assert "http_prober, prober" in status
        wrong = haloctl_lab(tmp_path, "break", "partitoin", "lb01").output
        assert "did you mean partition?" in wrong
        alone = haloctl_lab(tmp_path, "break", "partition", "lb01").output
        assert "partition wants two hosts, 1 given" in alone
        same = haloctl_lab(tmp_path, "break", "partition", "lb01", "lb01")
        assert same.exit_code == 1
        assert "partition wants two hosts, lb01 is given twice" in same.output
        running = haloctl_lab(tmp_path, "break", "power-on", "lb01")
        assert running.exit_code == 1
        assert "lb01 is on: programs run there" in running.output
        haloctl_lab(tmp_path, "break", "partition", "lb01", "lb02")
        haloctl_lab(tmp_path, "break", "one-way", "web01", "client")
        cut = haloctl_lab(tmp_path, "status").output
        assert "broken: lb01 and lb02 do not hear each other" in cut
        assert "broken: client does not hear web01" in cut
        haloctl_lab(tmp_path, "break", "heal")
        assert haloctl_lab(tmp_path, "break", "power-off", "lb01").exit_code == 0
        assert "lb01: cable out or power off" in haloctl_lab(tmp_path, "status").output
        on = haloctl_lab(tmp_path, "break", "power-on", "lb01")
        assert on.exit_code == 0, on.output
        assert "broken" not in haloctl_lab(tmp_path, "status").output
        report = haloctl_lab(tmp_path, "report", "--page", str(pages / "now.html"))
        assert report.exit_code == 0, report.output
        assert str(pages / "now.html") in report.output
    finally:
        down = haloctl_lab(tmp_path, "down", "--page", str(pages / "end.html"))
        assert down.exit_code == 0, down.output
    assert list(tmp_path.iterdir()) == []
    for name in ("now.html", "end.html"):
        page = (pages / name).read_text()
        for wanted in ("start lb01", "start lb02", "power-off lb01", "power-on lb01"):
            assert f"</span> {wanted} <time>" in page
        assert "192.168.178.3" in page
        assert "Starting VRRP child process" in page


@pytest.mark.parametrize("name", ["no/where.html", "folder"])
def test_a_page_that_cannot_be_written_is_told_before_the_play(tmp_path: Path, name: str) -> None:
    (tmp_path / "no").write_text("a file where a folder is wanted")
    (tmp_path / "folder").mkdir()
    result = haloctl_lab(tmp_path, "demo", "--page", str(tmp_path / name))
    assert result.exit_code != 0
    assert str(tmp_path / name) in result.output
    assert "Part 1" not in result.output
    assert "Traceback" not in result.output
