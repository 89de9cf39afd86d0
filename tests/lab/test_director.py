"""What a director says of itself, as a play asks for it."""

from pathlib import Path

import pytest

from halod.lab import director
from halod.lab.directory import LabDirectory
from halod.lab.errors import LabError
from halod.lab.machine import Machine
from halod.lab.topology import tutorial_topology


def test_nobody_answers_and_that_is_told_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(director, "READY_WITHIN_S", 0.05)
    machine = Machine(tutorial_topology().host("lb01"), LabDirectory("none", tmp_path))
    machine.run_directory.mkdir(parents=True)
    machine.log_path("node").write_text("it said this\n")
    assert director.status_of(machine) == {}
    assert director.real_server(machine, "192.168.178.121") == {}
    with pytest.raises(LabError, match=r"(?s)lb01 was not ready after 0.05 s.*it said this"):
        director.wait_until_ready(machine)
