"""The demo: the tutorial's parts played in one lab, each step observed.

Knows the order of the parts and what they share: the nodes, what is awaited of them, the drawing at
the end of a part. What a part does stands in `demo_part1.py` to `demo_part4.py`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console

from halod.lab import demo_part1, demo_part2, demo_part3, demo_part4
from halod.lab.lab import Lab
from halod.lab.page_file import now_in_words, prepare_page, write_page
from halod.lab.picture.story import Story
from halod.lab.play import Play
from halod.lab.stage import Stage
from halod.lab.topology import tutorial_topology
from halod.lab.tutorial_lab import start_web
from halod.lab.unprivileged import WORSE, in_users_namespace

PARTS: tuple[tuple[str, Callable[[Play], None]], ...] = (
    ("Part 1: one instance, one VIP", demo_part1.play),
    ("Part 2: two instances, each node master of one", demo_part2.play),
    ("Part 3: the service through nginx, and lb01 goes", demo_part3.play),
    ("Part 4: without nginx: virtual servers that heal themselves", demo_part4.play),
)
"""What the tutorial does, in its order."""


def play_demo(console: Console, programs: Mapping[str, str], page: Path) -> bool:
    """Play everything (host -> node program) and write the page; whether every observation held."""
    prepare_page(page)
    stage = Stage(console)
    nodes = ", ".join(f"{host} runs {program}" for host, program in programs.items())
    if in_users_namespace():
        stage.tell(WORSE)
    stage.tell(f"making five hosts on one switch; {nodes}")
    with Lab(tutorial_topology()) as lab:
        stage.tell("starting nginx on web01, web02, lb01 and lb02, with the tutorial's files")
        start_web(lab)
        play = Play(lab, stage, programs)
        for title, part in PARTS:
            play.stop_all()
            stage.part(title)
            part(play)
    stage.conclude()
    write_page(Story("halod: the demo", nodes, now_in_words(), tuple(stage.scenes)), page)
    stage.tell_page(page)
    return stage.held
