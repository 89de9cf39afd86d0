"""The files of a configuration and what else it asks of this machine.

Knows folders, patterns, the environment and the name of the machine. Must not know the language.
"""

from __future__ import annotations

import glob
import os
import socket
from collections.abc import Sequence

from halod.config.language.surroundings import Absent, Surroundings
from halod.kernel.config_file import FileProblem, read_config

__all__ = ["FilesOnDisk", "surroundings_here"]

_EXECUTABLE = 0o111
SEED_BYTES = 8


class FilesOnDisk:
    """Answers as glob(3) and open(2) do."""

    def match(self, pattern: str, folder: str) -> Sequence[str]:
        try:
            found = glob.glob(pattern, root_dir=folder or None)
        except (OSError, ValueError):
            # A pattern that no file system takes matches nothing: that is told at its place.
            return ()
        # Folders are left out: `conf.d/*` means the files in it.
        files = (name for name in found if not os.path.isdir(os.path.join(folder, name)))
        return sorted(files, key=os.fsencode)

    def read(self, path: str) -> str | Absent:
        try:
            if os.stat(path).st_mode & _EXECUTABLE and os.path.isfile(path):
                return Absent("is executable, so it is no configuration", f"chmod -x {path}")
        except (OSError, ValueError):
            pass  # read_config() says why
        text = read_config(path)
        if isinstance(text, FileProblem):
            missing = text.reason == "does not exist"
            return Absent(text.reason, "check the name" if missing else text.suggestion)
        return text

    def absolute(self, folder: str) -> str:
        """As getcwd(3) shows it after chdir(2)."""
        return os.path.realpath(folder)


def surroundings_here(config_id: str | None = None, *, all_files: bool = False) -> Surroundings:
    """Of this machine and this process. Without an id it is the machine's name, up to its dot."""
    return Surroundings(
        loader=FilesOnDisk(),
        config_id=socket.gethostname().partition(".")[0] if config_id is None else config_id,
        environment=os.environ,
        all_files=all_files,
        random_seed=int.from_bytes(os.urandom(SEED_BYTES), "big"),
    )
