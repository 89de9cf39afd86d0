"""`haloctl sim` as an operator types it: a drawing, causes, a verdict, and no traceback."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from halod.cli.sim import sim

CONFIGURATION = """\
global_defs {{
    router_id {router_id}
}}
vrrp_instance VI_1 {{
    interface {interface}
    virtual_router_id 51
    priority {priority}
    advert_int {interval}
    virtual_ipaddress {{
        192.0.2.3/24
    }}
}}
"""


def haloctl_sim(*arguments: str) -> Result:
    return CliRunner().invoke(sim, list(arguments), prog_name="haloctl sim")


def write(folder: Path, name: str, router_id: str, priority: int, interval: int = 1) -> str:
    path = folder / f"{name}.conf"
    path.write_text(
        CONFIGURATION.format(
            router_id=router_id, interface="eth0", priority=priority, interval=interval
        )
    )
    return str(path)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    return write(tmp_path, "one", "lb01", 150), write(tmp_path, "two", "lb02", 100)


def test_a_crash_is_drawn_explained_and_judged(pair: tuple[str, str]) -> None:
    result = haloctl_sim(*pair, "--fail", "lb01@10s", "--for", "40s")
    assert result.exit_code == 0, result.output
    assert "lb01: eth0 198.18.0.1; VI_1 priority 150, lease bpf" in result.output
    assert "a   10.0 s  lb01 crashes" in result.output
    assert "no advert from 198.18.0.1 for 3.6" in result.output
    assert "BROKEN" not in result.output
    drawn = {line.split()[0]: line for line in result.output.splitlines() if "·" in line}
    assert drawn["lb01"].index("█") < drawn["lb02"].index("█")


def test_adverts_of_a_tenth_of_a_second(tmp_path: Path) -> None:
    """VRRPv3 (RFC 9568, 5.2.7): the gate holds a lease of 0.3 s, which no lifetime could."""
    files = [write(tmp_path, "a", "lb01", 150), write(tmp_path, "b", "lb02", 100)]
    for file in map(Path, files):
        text = file.read_text().replace("advert_int 1", "advert_int 0.1")
        file.write_text(text.replace("global_defs {", "global_defs {\n    vrrp_version 3"))
    result = haloctl_sim(*files, "--fail", "lb01@10s")
    assert result.exit_code == 0, result.output
    assert "VI_1 priority 150, lease bpf" in result.output
    taken = re.search(r"(\S+) s  lb02  \(VI_1\) Entering MASTER", result.output)
    assert taken is not None, result.output
    assert 10.2 < float(taken[1]) < 10.4
    assert "BROKEN" not in result.output
    drawn = [
        line for line in result.output.splitlines() if line.startswith("  lb0") and "█" in line
    ]
    assert len(drawn) == 2
    assert max(map(len, drawn)) <= 100


def test_a_machine_without_a_gate_says_what_binds_it(pair: tuple[str, str]) -> None:
    result = haloctl_sim(*pair, "--fail", "ungate:lb01@10s+20s", "--fail", "mute:lb01@20s+5s")
    assert result.exit_code == 0, result.output
    assert "no bpf gate on eth0" in result.output
    assert "Entering FAULT STATE" in result.output


def test_a_broken_promise_is_exit_status_1(tmp_path: Path) -> None:
    """v2 drops adverts of another interval (RFC 3768, 7.1): two masters for good."""
    files = write(tmp_path, "a", "a", 150), write(tmp_path, "b", "b", 100, interval=2)
    result = haloctl_sim(*files)
    assert result.exit_code == 1
    assert "BROKEN  two owners" in result.output
    assert "compare `advert_int`" in result.output


def test_equal_seeds_give_equal_pages(pair: tuple[str, str]) -> None:
    pages = [haloctl_sim(*pair, "--seed", seed).output for seed in ("7", "7", "8")]
    assert pages[0] == pages[1] != pages[2]


def test_a_seed_alone_draws_a_cluster() -> None:
    result = haloctl_sim("--seed", "4")
    assert result.exit_code == 0, result.output
    assert "held    settling" in result.output


def test_files_that_share_a_router_id_go_by_their_names(tmp_path: Path) -> None:
    files = write(tmp_path, "east", "lb", 150), write(tmp_path, "west", "lb", 100)
    result = haloctl_sim(*files, "--fail", "east@10s")
    assert "a   10.0 s  east crashes" in result.output


def test_a_run_too_short_to_settle_says_so(pair: tuple[str, str]) -> None:
    result = haloctl_sim(*pair, "--for", "5s")
    assert "settling was not judged: that wants --for" in result.output
    assert "settling:" not in result.output


@pytest.mark.parametrize(
    ("arguments", "status", "wanted"),
    [
        ((), 2, "name the configuration file of each node, or a --seed"),
        (("--seed", "1", "--fail", "lb01@1s"), 2, "a seed draws its own"),
        (("/nonexistent.conf",), 1, "/nonexistent.conf: does not exist"),
    ],
)
def test_mistakes_without_files(arguments: tuple[str, ...], status: int, wanted: str) -> None:
    result = haloctl_sim(*arguments)
    assert result.exit_code == status
    assert wanted in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (("--fail", "lb03@10s"), "there is no node `lb03`\nHint: did you mean lb02?"),
        (("--fail", "pause:lb01@10s"), "wants a duration\nHint: write pause:NODE@T+D"),
        (("--for", "long"), "`long` is no time\nHint: write 10s"),
        (("--fail", "lb01@10s", "--for", "5s"), "`lb01@10s` comes after the end: --for 5s"),
        (("--for", "0s"), "--for 0s: nothing would happen"),
    ],
)
def test_mistakes_with_files(
    pair: tuple[str, str], arguments: tuple[str, ...], wanted: str
) -> None:
    result = haloctl_sim(*pair, *arguments)
    assert result.exit_code == 1
    assert wanted in result.output


def test_a_file_that_is_refused_points_at_check(tmp_path: Path) -> None:
    bad = tmp_path / "bad.conf"
    bad.write_text("vrrp_instance VI_1 {\n")
    result = haloctl_sim(str(bad))
    assert result.exit_code == 1
    assert f"Hint: `haloctl check {bad}` says why" in result.output


def test_one_file_twice_is_one_node(pair: tuple[str, str]) -> None:
    result = haloctl_sim(pair[0], pair[0])
    assert result.exit_code == 1
    assert "a file is named twice" in result.output
