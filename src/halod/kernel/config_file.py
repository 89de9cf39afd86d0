"""Reads a configuration file: text, or why there is none.

Knows files. Must not know the language.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

__all__ = ["FileProblem", "read_config"]

SIZE_MAX = 32 * 1024 * 1024
"""Bytes: 37,000 real servers, each with its check, are 240,000 lines and 4.6 MiB."""


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A file that cannot be read."""

    path: str
    reason: str
    suggestion: str

    def sentence(self) -> str:
        return f"{self.path}: {self.reason}: {self.suggestion}"


def read_config(path: str) -> str | FileProblem:
    """UTF-8; other bytes are kept as surrogates: a password goes onto the wire as it stands."""
    try:
        # Neither a pipe nor a terminal is waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except FileNotFoundError:
        return FileProblem(path, "does not exist", "name another with -f FILE")
    except PermissionError:
        return FileProblem(path, "may not be read", "run as root, or change its mode")
    except OSError as error:
        return FileProblem(path, str(error.strerror), "check the path")
    except ValueError:
        return FileProblem(path, "is no name of a file", "it holds a zero byte")
    try:
        return _read(path, descriptor)
    except OSError as error:
        return FileProblem(path, str(error.strerror), "check the disk")
    finally:
        os.close(descriptor)


def _read(path: str, descriptor: int) -> str | FileProblem:
    found = os.fstat(descriptor)
    if stat.S_ISDIR(found.st_mode):
        return FileProblem(path, "is a directory", "name the file in it")
    if not stat.S_ISREG(found.st_mode):
        return FileProblem(path, "is no regular file", "copy its text into a file")
    if found.st_size > SIZE_MAX:
        return FileProblem(path, f"has {found.st_size} bytes", "is it the right file?")
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        return file.read(SIZE_MAX).decode(errors="surrogateescape")
