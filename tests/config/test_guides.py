"""What the guides show of commands is true; test_doc_examples.py tries their configurations."""

import re
from pathlib import Path

import click
import pytest

from halod.cli.haloctl import main
from halod.lab.tutorial_files import tutorial_text
from tests.capabilities import ROOT
from tests.compare.golden import compared

COMMANDS = main.list_commands(click.Context(main))
PAGES = sorted((ROOT / "docs" / "guides").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_guide_is_there(page: Path) -> None:
    for name in re.findall(r"haloctl ([a-z]+)", page.read_text()):
        assert name in COMMANDS, f"haloctl {name}"


def test_what_compare_says_in_the_guide() -> None:
    shown = re.search(
        r"```text\n(.*?)```", (ROOT / "docs/guides/from-keepalived.md").read_text(), re.DOTALL
    )
    assert shown is not None
    _, page = compared(
        {
            "lb01.conf": tutorial_text("lb01/keepalived.conf"),
            "lb02.conf": tutorial_text("lb02/keepalived-dual.conf"),
        }
    )
    assert shown[1] in page
