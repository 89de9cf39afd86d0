"""The lab of an ordinary user: a whole life, what a dead one leaves, and where it is refused.

Whoever runs these tests, the commands are played by somebody who is not root: in a user namespace
without rights, whose user the machine takes for the one who runs the tests.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from halod.lab.patience import wait_until
from halod.lab.process import all_processes
from halod.lab.unprivileged import SYSCTLS, private_folder, refusal

ORDINARY = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]


def played(base: Path, script: str, *options: str) -> subprocess.CompletedProcess[str]:
    """What a shell of the ordinary user says and answers; `lab` is `haloctl lab`."""
    lab = f'lab() {{ "{sys.executable}" "{Path(sys.prefix, "bin", "haloctl")}" lab "$@"; }}\n'
    return subprocess.run(
        [*ORDINARY, *options, "env", f"HALOD_LAB_DIR={base}", "sh", "-ec", lab + script],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=base.parent,
    )


def processes_of(base: Path) -> list[str]:
    """Command lines of whatever still runs for labs below that folder."""
    return [line for each in all_processes() if str(base) in (line := each.command_line)]


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "labs"
    folder.mkdir()
    yield folder
    assert wait_until(lambda: processes_of(folder) == [], within_s=10), processes_of(folder)


LIFE = """
id -u
lab up
lab status
lab shell client ping -c 1 -W 1 192.168.178.130
lab shell client sh -c pwd
lab break power-off lb01
lab status
lab break power-on lb01
lab report --page now.html
lab down --page end.html
"""


@pytest.mark.needs_netns
@pytest.mark.needs_nft
@pytest.mark.needs_nginx
def test_a_whole_life(base: Path) -> None:
    done = played(base, LIFE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("1000\n")
    for wanted in (
        "no real-time scheduling",
        "1 received",
        f"\n{base.parent}\n",
        "broken: lb01: cable out or power off",
        "is down",
    ):
        assert wanted in done.stdout
    assert "power-off lb01" in (base.parent / "now.html").read_text()
    assert "power-on lb01" in (base.parent / "end.html").read_text()
    assert list(base.iterdir()) == []


KILLED = """
lab up --idle --name first
for role in guardian keeper; do kill -KILL $(pgrep -f "halod.lab.$role $HALOD_LAB_DIR"); done
pgrep -f "$HALOD_LAB_DIR/first/.*/nginx" >/dev/null
lab up --idle --name second
! pgrep -f "$HALOD_LAB_DIR/first/" >/dev/null
ls "$HALOD_LAB_DIR"
lab down
"""


@pytest.mark.needs_netns
@pytest.mark.needs_nft
@pytest.mark.needs_nginx
def test_what_a_killed_lab_left_is_swept_by_the_next(base: Path) -> None:
    done = played(base, KILLED)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\nsecond\n" in done.stdout


@pytest.mark.needs_netns
def test_a_refusal_names_the_sysctl_that_decides(base: Path) -> None:
    script = "echo 0 >/proc/sys/user/max_user_namespaces; lab demo --page demo.html"
    done = played(base, script, "--keep-caps")
    assert done.returncode == 1
    assert "user.max_user_namespaces is 0" in done.stderr
    assert "sysctl -w user.max_user_namespaces=" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Part 1" not in done.stdout


@pytest.mark.parametrize("key", SYSCTLS)
def test_each_sysctl_that_forbids_is_named(key: str) -> None:
    forbidden, instead = SYSCTLS[key]
    allowed = dict.fromkeys(SYSCTLS, "1000")
    error = refusal({**allowed, key: forbidden}, "Operation not permitted")
    assert f"{key.replace('/', '.')} is {forbidden}" in str(error)
    assert instead in error.suggestion


def test_a_refusal_of_another_cause_is_told_in_the_programs_words() -> None:
    allowed = dict.fromkeys(SYSCTLS, "1000")
    assert "unshare: no" in str(refusal(allowed, "unshare: no"))


def test_labs_lie_in_the_users_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert private_folder() == tmp_path / "halod-lab"
