"""What was done to a lab, by whichever process: one JSON line a deed, in the lab's folder.

Knows the file. Must not know what a deed does.
"""

import json
import time
from pathlib import Path

from halod.lab.timeline import Mark

DIARY_FILE = "diary.jsonl"


def write_deed(folder: Path, text: str, at_ns: int | None = None) -> None:
    """Remember that something was done, now or at that instant (monotonic nanoseconds)."""
    record = {"at_ns": time.monotonic_ns() if at_ns is None else at_ns, "text": text}
    # One write of one line: two processes that write at once do not mix.
    with (folder / DIARY_FILE).open("a") as diary:
        diary.write(json.dumps(record) + "\n")


def read_deeds(folder: Path) -> list[Mark]:
    """What was done so far, in the order of time."""
    path = folder / DIARY_FILE
    lines = path.read_text().splitlines() if path.exists() else []
    return sorted((Mark(**json.loads(line)) for line in lines), key=lambda mark: mark.at_ns)
