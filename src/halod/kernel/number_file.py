"""Files that hold one number: read, and made where the configuration wants them made.

Knows that another program may write them at any moment, and put anything in their place. Must not
know what a number means.
"""

from __future__ import annotations

import os
import stat

from halod.model.track_file import VrrpTrackFile, number_in

__all__ = ["make_file", "read_number"]

BYTES_MAX = 64
"""More than any number with its blanks."""
MODE = 0o644


def read_number(path: str) -> int:
    """Its number; 0 where there is no such file, or none that can be read."""
    try:
        # A named pipe in its place must not keep us waiting.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return 0
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return 0
        return number_in(os.read(descriptor, BYTES_MAX).decode(errors="replace"))
    except OSError:
        return 0
    finally:
        os.close(descriptor)


def make_file(tracked: VrrpTrackFile) -> str | None:
    """`init_file`; why it could not be made, or None."""
    if tracked.init_value is None:
        return None
    flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    flags |= os.O_TRUNC if tracked.overwrites else os.O_EXCL
    try:
        descriptor = os.open(tracked.path, flags, MODE)
    except FileExistsError:
        return None
    except OSError as error:
        return f"{tracked.path}: {error.strerror}"
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{tracked.init_value}\n")
    return None
