"""A password in a file of its own.

Knows who may be able to read such a file. Must not show what is in it.
"""

from __future__ import annotations

import os
import stat

__all__ = ["SecretError", "read_secret"]

BYTES_MAX = 4096
"""More is no password."""


class SecretError(Exception):
    """Why it cannot be used, as half a sentence that shows nothing of it."""


def read_secret(path: str) -> str:
    """The first line. SecretError: there is none, or others can read it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise SecretError(f"{path}: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise SecretError(f"{path} is no file")
        if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SecretError(f"others can read {path} (chmod 600 {path})")
        if found.st_uid not in (0, os.geteuid()):
            raise SecretError(f"{path} does not belong to root")
        line = file.read(BYTES_MAX).partition(b"\n")[0].rstrip(b"\r")
    try:
        secret = line.decode()
    except UnicodeDecodeError:
        raise SecretError(f"{path} is no UTF-8") from None
    if not secret:
        raise SecretError(f"the first line of {path} is empty")
    return secret
