"""IPVS on a real kernel: each file of `tests/uml` in one boot of user-mode-linux."""

from pathlib import Path

import pytest

from tests.kit.uml import play_inside

pytestmark = [pytest.mark.e2e, pytest.mark.needs_uml, pytest.mark.timeout(600)]


SHARDS = 4
"""Boots for the configurations: each starts keepalived, which takes half a second inside."""


def play(file: str, exchange: Path, shard: str = "1/1") -> None:
    played = play_inside(file, exchange, shard)
    assert played.status == 0, f"{played.output}\n{played.console[-3000:]}"


@pytest.mark.parametrize("file", ["inside_table.py", "inside_traffic.py", "inside_pair.py"])
def test_inside(file: str, tmp_path: Path) -> None:
    play(file, tmp_path)


@pytest.mark.needs_keepalived
@pytest.mark.parametrize("shard", range(1, SHARDS + 1))
def test_configurations(shard: int, tmp_path: Path) -> None:
    play("inside_same_table.py", tmp_path, f"{shard}/{SHARDS}")


@pytest.mark.needs_keepalived
def test_sequence(tmp_path: Path) -> None:
    play("inside_sequence.py", tmp_path)
