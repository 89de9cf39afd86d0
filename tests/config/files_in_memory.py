"""Included files as a table: what a loader answers where nothing lies on a disk."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from halod.config.language.surroundings import Absent, Surroundings


class FilesInMemory:
    """A folder `/etc/keepalived` in which the command was given."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def match(self, pattern: str, folder: str) -> Sequence[str]:
        whole = str(PurePosixPath(folder, pattern))
        names = [name for name in self._files if fnmatchcase(name, whole)]
        return sorted(str(PurePosixPath(name).relative_to(folder)) for name in names)

    def read(self, path: str) -> str | Absent:
        text = self._files.get(path)
        return Absent("does not exist", "check the name") if text is None else text

    def absolute(self, folder: str) -> str:
        return str(PurePosixPath("/etc/keepalived", folder))


def surroundings(
    files: Mapping[str, str] | None = None,
    config_id: str = "lb01",
    environment: Mapping[str, str] | None = None,
) -> Surroundings:
    return Surroundings(FilesInMemory(files or {}), config_id, environment or {}, random_seed=1)
