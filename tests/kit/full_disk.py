"""Disks that go wrong: a small one to be filled, and one that nobody may write.

Knows tmpfs. Mounted in the machine's own tree, below the folder of one test, and taken off with it.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from halod.lab.command import run

__all__ = ["SmallDisk", "full_disk", "read_only"]

DISK_BYTES = 64 * 1024


@dataclass
class SmallDisk:
    """A file system of 64 KiB."""

    path: Path

    def fill(self) -> None:
        """Until nothing more goes on it."""
        with (self.path / "filler").open("wb", buffering=0) as file:
            for size in (4096, 1):
                while _room(file, size):
                    pass

    def empty(self) -> None:
        """Room again."""
        (self.path / "filler").unlink()


def _room(file: FileIO, size: int) -> bool:
    try:
        return file.write(bytes(size)) > 0
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return False


@contextmanager
def _mounted(base: Path, options: str) -> Iterator[Path]:
    path = base / "disk"
    path.mkdir()
    run(["mount", "-t", "tmpfs", "-o", f"mode=0700,{options}", "tmpfs", str(path)])
    try:
        yield path
    finally:
        run(["umount", str(path)])


@contextmanager
def full_disk(base: Path) -> Iterator[SmallDisk]:
    """A small disk below `base`."""
    with _mounted(base, f"size={DISK_BYTES}") as path:
        yield SmallDisk(path)


@contextmanager
def read_only(base: Path) -> Iterator[Path]:
    """A directory below `base` on a file system that is mounted read-only."""
    with _mounted(base, "ro") as path:
        yield path
