"""Replaces a file as a whole: who reads sees the old content or the new one.

Knows temporary names and rename(2). Must not know what is in the file.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["replace_file"]


def replace_file(path: Path, content: bytes, mode: int) -> str | None:
    """The reason where it failed; then the old file stands, and nothing half-written beside it.

    A link in the place of the file is replaced, not followed. Nothing is synced to the disk: after
    a power failure what halod writes means nothing any more.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, flags, mode)
    except OSError as error:
        return f"{path}: {error.strerror}"
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        temporary.rename(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        return f"{path}: {error.strerror}"
    return None
