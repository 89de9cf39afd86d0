"""IPVS on a real kernel: each file of `tests/uml` in one boot of user-mode-linux."""

from pathlib import Path

import pytest

from tests.kit.uml import play_inside

pytestmark = [pytest.mark.e2e, pytest.mark.needs_uml]


@pytest.mark.parametrize("file", ["inside_table.py", "inside_traffic.py"])
def test_inside(file: str, tmp_path: Path) -> None:
    played = play_inside(file, tmp_path)
    assert played.status == 0, f"{played.output}\n{played.console[-3000:]}"
