"""The play of virtual servers on real IPVS, whole.

It is judged by what a client sees, to tenths of a second, and its kernel has one processor.
"""

from pathlib import Path

import pytest

from halod.lab.lvs_uml import play_in_uml

pytestmark = [pytest.mark.e2e, pytest.mark.needs_uml, pytest.mark.timeout(330)]


def test_every_observation_holds(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    played = play_in_uml("dr", page)
    assert played.status == 0, played.output
    assert "12 of 12 observations held" in played.output
    assert "web03" in page.read_text()
