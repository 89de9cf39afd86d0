"""The stage: what it prints into a pipe, and what it remembers for the page."""

import io

from rich.console import Console

from halod.lab.observation import Observation
from halod.lab.picture.story import LogLine, Weight
from halod.lab.stage import Stage
from halod.lab.timeline import Chart

LINE = LogLine(1, 1, "lb01", "halod", Weight.STATE, "said")


def played() -> tuple[Stage, str]:
    """Two parts, the second with an observation that does not hold."""
    pipe = io.StringIO()
    stage = Stage(Console(file=pipe, highlight=False))
    for title, held in (("Part 1", True), ("Part 2", False)):
        stage.part(title)
        stage.step("stop [lb01]")
        stage.observe(Observation("this", "that", held))
        marks = tuple(stage.marks)
        stage.show_timeline(
            Chart(stage.start_ns, stage.start_ns + 1, (), (), (), marks=marks), (LINE,)
        )
    stage.conclude()
    return stage, pipe.getvalue()


def test_each_part_becomes_a_scene_with_its_own() -> None:
    stage, _printed = played()
    assert [scene.title for scene in stage.scenes] == ["Part 1", "Part 2"]
    assert [[seen.observation.held for seen in scene.seen] for scene in stage.scenes] == [
        [True],
        [False],
    ]
    assert [len(scene.chart.marks) for scene in stage.scenes] == [1, 1]
    assert stage.scenes[0].log == (LINE,)
    assert not stage.held


def test_a_pipe_gets_plain_lines() -> None:
    _stage, printed = played()
    assert "  held    must be seen: this\n" in printed
    assert "  FAILED  must be seen: this\n" in printed
    assert "stop [lb01]" in printed
    assert "1 of 2 observations held" in printed
    assert "\x1b" not in printed
    assert all(line == line.rstrip() for line in printed.splitlines())
