"""Writing the page of a story to a file, whole or not at all.

Knows files and the package's style and script. Must not know what is told.
"""

from datetime import datetime
from importlib.resources import files
from pathlib import Path

from halod.lab.errors import LabError
from halod.lab.picture.build import build_page
from halod.lab.picture.story import Story

PAGES = Path("build/demo")
"""Below the current folder: a checkout's own place for what is made."""


def default_page(name: str) -> Path:
    """Where the page goes when nobody names a file."""
    return PAGES / f"{name}.html"


def prepare_page(path: Path) -> None:
    """LabError unless a page can be written there: better now than after a minute of playing."""
    scratch = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_bytes(b"")
        scratch.unlink()
    except OSError as error:
        raise unwritable(path, error) from error


def write_page(story: Story, path: Path) -> None:
    """Write the page; LabError when that is not possible."""
    package = files("halod.lab.picture")
    style = package.joinpath("style.css").read_text(encoding="utf-8")
    script = package.joinpath("script.js").read_text(encoding="utf-8")
    scratch = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_text(build_page(story, style, script), encoding="utf-8")
        scratch.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> LabError:
    """The error of a page that cannot be written."""
    return LabError(
        f"the page cannot be written to {path}: {error.strerror}", "name another file: --page FILE"
    )


def now_in_words() -> str:
    """The time for a heading."""
    return datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
