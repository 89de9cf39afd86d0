"""Replaces the operator's configuration file: whole, and as it was but for its text.

Knows files, owners, modes, attributes and links. Must not know the language.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from halod.kernel.config_file import FileProblem

__all__ = ["rewrite_config"]

BY_HAND = "make the change by hand"


def rewrite_config(path: str, before: str, after: str) -> FileProblem | None:
    """Why it was not written; then the old file stands, and nothing lies beside it.

    A symbolic link is followed, and stays. Owner, mode and attributes (ACL, SELinux label) stay;
    where they cannot, nothing is written. `before`: what the file must still say.
    """
    target = Path(path).resolve()
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        found = target.stat()
        if not stat.S_ISREG(found.st_mode):
            return FileProblem(path, "is no regular file", BY_HAND)
        if found.st_nlink > 1:
            return FileProblem(path, "has another name (a hard link) that would part", BY_HAND)
        descriptor = os.open(temporary, flags, 0o600)
    except OSError as error:
        return FileProblem(path, f"cannot be replaced: {error.strerror}", "run as its owner")
    try:
        problem = _fill(descriptor, target, found, before, after)
        if problem is None:
            temporary.rename(target)
            _sync_folder(target.parent)
            return None
    except OSError as error:
        problem = (f"cannot be replaced: {error.strerror}", "run as its owner, or as root")
    finally:
        os.close(descriptor)
        temporary.unlink(missing_ok=True)
    return FileProblem(path, *problem)


def _fill(
    descriptor: int, target: Path, found: os.stat_result, before: str, after: str
) -> tuple[str, str] | None:
    """The new file complete beside the old one; else the reason and what to do."""
    data = after.encode(errors="surrogateescape")
    with os.fdopen(descriptor, "wb", closefd=False) as file:
        file.write(data)
    ours = os.fstat(descriptor)
    if (ours.st_uid, ours.st_gid) != (found.st_uid, found.st_gid):
        os.fchown(descriptor, found.st_uid, found.st_gid)
    _copy_attributes(target, descriptor)
    os.fchmod(descriptor, stat.S_IMODE(found.st_mode))
    os.fsync(descriptor)
    if target.read_bytes() != before.encode(errors="surrogateescape"):
        return "was changed by somebody meanwhile", "try again"
    return None


def _copy_attributes(target: Path, descriptor: int) -> None:
    """Those that differ: a file system may give the new file the right label by itself."""
    try:
        names = os.listxattr(target)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return
        raise
    there = set(os.listxattr(descriptor))
    for name in names:
        value = os.getxattr(target, name)
        if name not in there or os.getxattr(descriptor, name) != value:
            os.setxattr(descriptor, name, value)


def _sync_folder(folder: Path) -> None:
    """A power failure leaves the old file or the new one, never none."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
