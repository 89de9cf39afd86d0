"""Where a program is, by the folders of a PATH.

Knows execve(2)'s rule of what can be run. Must not run it. `shutil.which` does the same and brings
three libraries of compression into the memory of each process that waits for years.
"""

from __future__ import annotations

import os

__all__ = ["find_program"]


def find_program(name: str, path: str) -> str | None:
    """The first file of that name that we may execute; `path`: folders with colons between. None:
    there is none."""
    for folder in path.split(os.pathsep):
        program = os.path.join(folder, name)
        if os.path.isfile(program) and os.access(program, os.X_OK):
            return program
    return None
