"""Mistakes that people made: what halod says to each, and what keepalived answers to it."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.capabilities import find_program
from tests.config.mistakes import GOLDEN, REWRITE, mistakes, read_mistake, sources_of

SOURCED_MIN = 60
"""What step 3 asks for."""
INTERFACE = re.compile(r"(?:interface|dev)\s+(eth\d)")


@pytest.mark.parametrize("path", mistakes(), ids=lambda path: path.stem)
def test_what_halod_says_is_as_pinned(path: Path) -> None:
    mistake = read_mistake(path)
    if REWRITE:
        mistake.rewrite()
        pytest.skip("written anew")
    assert mistake.sources
    assert mistake.rendering() == mistake.expected


def test_sixty_mistakes_have_a_source() -> None:
    """Each counts once, however many people made it."""
    folders = (GOLDEN / name for name in ("mistakes", "config", "compare"))
    texts = [path.read_text() for folder in folders for path in folder.glob("*.md")]
    sourced = [text for text in texts if any(sources_of(text))]
    assert len(sourced) >= SOURCED_MIN
    titles = [text.partition("\n")[0] for text in sourced]
    assert len(set(titles)) == len(titles)


JUDGED = [path for path in mistakes() if read_mistake(path).status is not None]


@pytest.mark.needs_netns
@pytest.mark.needs_keepalived
@pytest.mark.parametrize("path", JUDGED, ids=lambda path: path.stem)
def test_keepalived_answers_as_is_told(path: Path, tmp_path: Path) -> None:
    mistake = read_mistake(path)
    for name, text in mistake.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    keepalived, unshare = find_program("keepalived"), find_program("unshare")
    assert keepalived is not None
    assert unshare is not None
    names = sorted({"eth0", *INTERFACE.findall("".join(mistake.files.values()))})
    links = [
        f"ip link add {name} type veth peer name far{name} && ip link set {name} up"
        f" && ip addr add 192.0.2.{number + 1}/24 dev {name}"
        for number, name in enumerate(names)
    ]
    script = " && ".join([*links, f"exec {keepalived} -t -f {tmp_path}/keepalived.conf"])
    command = [unshare, "--map-root-user", "--net", "sh", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == mistake.status, done.stderr
