"""`reload_file`: a file that is there while the configuration is read, so that nobody writes it.

Knows one file. Must not know what is read. Whoever writes a configuration makes the file, asks for
a reload, and waits until it is gone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["DEFAULT_NAME", "being_read", "remove_reload_file"]

DEFAULT_NAME = "halod.reload"
_MODE = 0o644
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


@contextmanager
def being_read(path: Path | None) -> Iterator[str]:
    """Makes the file, or empties it, and removes it after the block; why it could not, or
    nothing."""
    reason = ""
    if path is not None:
        try:
            os.close(os.open(path, _FLAGS, _MODE))
        except OSError as error:
            reason = f"{path}: {error.strerror}"
    try:
        yield reason
    finally:
        remove_reload_file(path)


def remove_reload_file(path: Path | None) -> None:
    """After a reading that did not know of it yet: the first one."""
    if path is not None:
        with suppress(OSError):
            path.unlink()
