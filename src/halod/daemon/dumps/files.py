"""Where a dump is written, and when it is not.

Knows the temporary directory, and what a folder must be like to be written to by root. Must not
know what a dump says. A file is made under another name, never through a link, and renamed: so a
reader finds the old dump or the new one, and who can write to the folder gains nothing.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from halod.kernel.whole_file import replace_file
from halod.model.printable import printable

__all__ = ["DUMP_MODE", "dump_path", "write_dump"]

DUMP_MODE = 0o600
"""As keepalived: it tells what somebody needs who wants to forge adverts."""


def dump_path(asked: str, usual_name: str) -> Path:
    """`asked`: a full path, a folder with `/` at its end, or a name in the temporary directory."""
    folder, _, name = asked.rpartition("/")
    if not asked.startswith("/"):
        folder = os.environ.get("TMPDIR", "/tmp")  # noqa: S108 - keepalived's, see `write_dump`
    return Path(folder or "/") / (name or usual_name)


def write_dump(path: Path, content: bytes) -> str | None:
    """The reason where it was not written."""
    try:
        found = path.parent.stat()
    except OSError as error:
        return f"{printable(str(path))}: {error.strerror}"
    shared = found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX
    if shared or found.st_uid not in (0, os.geteuid()):
        return f"{printable(str(path))}: others may replace files in {printable(str(path.parent))}"
    return replace_file(path, content, DUMP_MODE)
