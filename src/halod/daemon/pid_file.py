"""Pid files: written anew, removed only by the process that they name.

Knows one number in a file. Must not trust it: whether another daemon lives is asked elsewhere.
"""

from __future__ import annotations

from pathlib import Path

from halod.kernel.whole_file import replace_file

__all__ = ["remove_pid_file", "write_pid_file"]


def write_pid_file(path: Path, pid: int) -> str | None:
    """The reason where that failed, else None. Makes the directory where there is none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return f"{path}: {error.strerror}"
    return replace_file(path, f"{pid}\n".encode(), 0o644)


def remove_pid_file(path: Path, pid: int) -> None:
    """Removes the file if it still names this process; a missing or foreign one is left alone."""
    try:
        if path.read_bytes().strip() == str(pid).encode():
            path.unlink()
    except OSError:
        return
