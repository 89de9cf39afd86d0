"""The run directory: control socket, pid files, state.

Knows what makes it trustworthy. Must not know what is in it.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from halod.kernel.whole_file import replace_file
from halod.model.printable import printable

__all__ = ["namespace_of", "prepare_run_dir", "remember_namespace"]

NAMESPACE_FILE = "net_namespace"


def prepare_run_dir(path: Path) -> str | None:
    """Makes it with mode 0700, or checks it; the reason why it cannot be used, else None."""
    if printable(str(path)) != str(path):
        # It names filters and tables in the kernel, and stands in messages.
        return f"run directory {printable(str(path))}: its name is no plain text"
    try:
        for above in reversed(path.parents):
            above.mkdir(mode=0o755, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        return f"run directory {path}: {error.strerror}; choose another with --run-dir"
    if not stat.S_ISDIR(found.st_mode):
        return f"run directory {path} is no directory (a link counts as none)"
    if found.st_uid != os.geteuid():
        return f"run directory {path} belongs to user {found.st_uid}, not to {os.geteuid()}"
    if found.st_mode & 0o022:
        return f"run directory {path} can be written by others: chmod 0700 {path}"
    return None


def remember_namespace(path: Path, net_namespace: str) -> None:
    """Notes where a daemon works, for `haloctl release`; a note that cannot be written is missed
    there alone, and there it is told that nothing was found."""
    with contextlib.suppress(OSError):  # a directory that cannot be written is told by the daemon
        if net_namespace:
            replace_file(path / NAMESPACE_FILE, f"{net_namespace}\n".encode(), 0o600)
        else:
            (path / NAMESPACE_FILE).unlink(missing_ok=True)


def namespace_of(path: Path) -> str:
    """Where the last daemon of a run directory worked; empty: where it was started."""
    try:
        return (path / NAMESPACE_FILE).read_text().strip()
    except (OSError, ValueError):
        return ""
