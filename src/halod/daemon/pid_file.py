"""Pid files: written anew, removed only by the process that they name.

Knows one number in a file. Must not trust it: whether another daemon lives is asked elsewhere.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["remove_pid_file", "write_pid_file"]


def write_pid_file(path: Path, pid: int) -> str | None:
    """Writes under a new name and renames; the reason where that failed, else None."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, flags, 0o644)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{pid}\n")
        temporary.rename(path)
    except OSError as error:
        return f"pid file {path}: {error.strerror}"
    return None


def remove_pid_file(path: Path, pid: int) -> None:
    """Removes the file if it still names this process; a missing or foreign one is left alone."""
    try:
        if path.read_text().strip() == str(pid):
            path.unlink()
    except OSError:
        return
