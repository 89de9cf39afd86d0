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
def test_a_lab_from_up_to_down(tmp_path: Path) -> None:
    up = haloctl_lab(tmp_path, "up", "--node", "keepalived")
    assert up.exit_code == 0, up.output
    try:
        status = haloctl_lab(tmp_path, "status").output
        assert "192.168.178.130/24" in status
        assert status.count("nginx") == 4
        wrong = haloctl_lab(tmp_path, "break", "partitoin", "lb01").output
        assert "did you mean partition?" in wrong
        alone = haloctl_lab(tmp_path, "break", "partition", "lb01").output
        assert "partition wants two hosts, 1 given" in alone
        assert haloctl_lab(tmp_path, "break", "power-off", "lb01").exit_code == 0
        assert "lb01: cable out or power off" in haloctl_lab(tmp_path, "status").output
        on = haloctl_lab(tmp_path, "break", "power-on", "lb01")
        assert on.exit_code == 0, on.output
        assert "broken" not in haloctl_lab(tmp_path, "status").output
    finally:
        assert haloctl_lab(tmp_path, "down").exit_code == 0
    assert list(tmp_path.iterdir()) == []
