"""`haloctl compare` as an operator types it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from halod.cli.compare import compare
from halod.lab.tutorial_files import tutorial_text


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(compare, [str(each) for each in arguments])


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    files = tmp_path / "lb01.conf", tmp_path / "lb02.conf"
    for path in files:
        path.write_text(tutorial_text(f"{path.stem}/keepalived.conf"))
    return files


def test_files_that_fit(pair: tuple[Path, Path]) -> None:
    result = run(*pair)
    assert result.exit_code == 0
    assert result.output.endswith("\nthe files fit together\n")


def test_files_that_do_not(pair: tuple[Path, Path]) -> None:
    pair[1].write_text(pair[1].read_text().replace("auth_pass 1111", "auth_pass s3cret"))
    result = run(*pair)
    assert result.exit_code == 1
    assert "VI_1 has not the same password on lb01 and lb02" in result.output
    assert "lb01 and lb02 hold 192.168.178.3: 2 owners\n" in result.output
    assert "s3cret" not in result.output


def test_a_note_alone_fits(pair: tuple[Path, Path]) -> None:
    pair[1].write_text(pair[1].read_text().replace("router_id lb02", "router_id lb01"))
    result = run(*pair)
    assert result.exit_code == 0
    assert "note: router_id is lb01 on lb01 and lb02" in result.output


def test_for_programs(pair: tuple[Path, Path]) -> None:
    pair[1].write_text(pair[1].read_text().replace("id 51", "id 52"))
    document = json.loads(run("--json", *pair).output)
    assert [each["gravity"] for each in document["differences"]] == ["breaks"]
    assert document["differences"][0]["places"] == [
        {"file": str(pair[0]), "line": 8, "column": 5},
        {"file": str(pair[1]), "line": 8, "column": 5},
    ]
    assert document["holders"] == {"192.168.178.3": ["lb01", "lb02"]}
    assert document["deaths"]["lb01"] == [
        {"address": "192.168.178.3", "takers": [], "held_already_by": ["lb02"]}
    ]


@pytest.mark.parametrize("count", [1, 2])
def test_one_file_is_no_cluster(pair: tuple[Path, Path], count: int) -> None:
    result = run(*[pair[0]] * count)
    assert result.exit_code == 2
    assert "two at least" in result.output


def test_a_refused_file_and_a_missing_one(pair: tuple[Path, Path], tmp_path: Path) -> None:
    pair[1].write_text(pair[1].read_text().replace("interface ens33", "interface lo"))
    result = run(*pair)
    assert result.exit_code == 1
    assert f"`haloctl check {pair[1]}` says why" in result.output
    assert "does not exist" in run(pair[0], tmp_path / "none.conf").output
