"""Names of routing tables: what the machine's files say, as `ip` reads them.

Knows where iproute2 keeps them. Must not know routes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from halod.model.routing import TABLE_MAIN, Table

__all__ = ["TableNames", "directories"]

DIRECTORIES = (Path("/usr/share/iproute2"), Path("/usr/lib/iproute2"), Path("/etc/iproute2"))
"""The later one counts, as with iproute2."""
BUILT_IN = {"default": 253, "main": TABLE_MAIN, "local": 255}
FILE_BYTES_MAX = 1 << 20


def directories(usr_dir: str, etc_dir: str) -> tuple[Path, ...]:
    """The same, with other folders in the place of those in /usr and in /etc; empty: the usual."""
    *usr, etc = DIRECTORIES
    return (*([Path(usr_dir)] if usr_dir else usr), Path(etc_dir) if etc_dir else etc)


class TableNames:
    """Read at the first name that is looked up, and again where one is not found."""

    def __init__(self, directories: tuple[Path, ...] = DIRECTORIES) -> None:
        self._directories = directories
        self._numbers: dict[str, int] = dict(BUILT_IN)

    def number(self, table: Table) -> int | None:
        """None: no file has the name."""
        if isinstance(table, int):
            return table
        if table not in self._numbers:
            for path in self._files():
                self._numbers.update(_numbers_in(path))
        return self._numbers.get(table)

    def _files(self) -> Iterator[Path]:
        for directory in self._directories:
            yield directory / "rt_tables"
            yield from sorted((directory / "rt_tables.d").glob("*.conf"))


def _numbers_in(path: Path) -> Iterator[tuple[str, int]]:
    """Lines of a number and a name; what is none is passed over, as `ip` does."""
    try:
        with path.open("rb") as file:
            text = file.read(FILE_BYTES_MAX).decode(errors="replace")
    except OSError:
        return
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if len(words) < 2:
            continue
        try:
            yield words[1], int(words[0], 0)
        except ValueError:
            continue
