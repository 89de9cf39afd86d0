"""The story of a lab from the files of its programs."""

import json
import time
from pathlib import Path

import pytest

from halod.lab import prober
from halod.lab.background import Background
from halod.lab.diary import read_deeds, write_deed
from halod.lab.directory import LabDirectory, LabState
from halod.lab.history import lab_story, written_by
from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from halod.lab.process import ProcessId
from halod.lab.timeline import Mark
from halod.lab.topology import tutorial_topology

S = 1_000_000_000
VIP = "192.168.178.3"


def write_lines(path: Path, records: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def test_deeds_are_read_in_the_order_of_time(tmp_path: Path) -> None:
    assert read_deeds(tmp_path) == []
    write_deed(tmp_path, 'say "no"\n', at_ns=2)
    write_deed(tmp_path, "first", at_ns=1)
    assert read_deeds(tmp_path) == [Mark(1, "first"), Mark(2, 'say "no"\n')]


def lived_lab(base: Path, now_ns: int) -> Lab:
    """A lab as the files of one say that has lived for a minute."""
    directory = LabDirectory("lived", base)
    directory.create(LabState(tutorial_topology(), ProcessId(1, 1)))
    write_lines(
        directory.host_path("switch") / "owner_watch-1.log",
        [
            {"at_ns": now_ns - 60 * S, "host": "lb01", "held": []},
            {"ready": True},
            {"at_ns": now_ns - 50 * S, "host": "lb01", "held": [VIP]},
        ],
    )
    for number, ago_s in ((1, 40), (2, 20)):
        write_lines(
            directory.host_path("client") / f"prober-{number}.log",
            [{"vip": VIP, "sent_ns": now_ns - ago_s * S, "host": "lb01", "wait_ns": 1}],
        )
    write_deed(directory.path, "freeze lb01", now_ns - 30 * S)
    return Lab(tutorial_topology(), "lived", base)


def test_a_whole_life(tmp_path: Path) -> None:
    now_ns = time.monotonic_ns()
    (scene,) = lab_story(lived_lab(tmp_path, now_ns)).scenes
    chart = scene.chart
    assert chart.start_ns == now_ns - 60 * S
    assert chart.vips == (VIP,)
    assert [(held.host, held.start_ns) for held in chart.holdings] == [("lb01", now_ns - 50 * S)]
    assert len(chart.probes) == 2
    assert chart.marks == (Mark(now_ns - 30 * S, "freeze lb01"),)


def test_the_last_seconds_alone(tmp_path: Path) -> None:
    now_ns = time.monotonic_ns()
    (scene,) = lab_story(lived_lab(tmp_path, now_ns), last_s=25).scenes
    assert len(scene.chart.probes) == 1
    assert scene.chart.marks == ()
    assert len(scene.chart.holdings) == 1


@pytest.mark.needs_netns
@pytest.mark.needs_nft
def test_a_forgotten_lab_does_not_fill_the_disk(tmp_path: Path) -> None:
    with Lab(tutorial_topology(), base=tmp_path) as lab:
        background = Background(lab, {"www": VIP}, file_bytes_max=400)
        folder = lab.machine("client").directory
        first = written_by(folder, prober.__name__)

        def gone() -> bool:
            background.tend()
            assert len(written_by(folder, prober.__name__)) <= 2
            return not first[0].exists()

        assert wait_until(gone, within_s=10)
        assert len(lab_story(lab).scenes[0].chart.probes) > 0
