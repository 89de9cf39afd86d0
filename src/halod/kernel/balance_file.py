"""What the balance engine remembers, on disk: its successor adopts what stands in the table.

Knows one JSON file in the run directory, and which boot wrote it. Must not know what it says.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from halod.kernel.whole_file import replace_file

__all__ = ["BalanceFile"]

NAME = "servers.json"
SIZE_MAX = 256 * 1024 * 1024
"""Bytes: forty thousand real servers take about 10 MB."""


class BalanceFile:
    """`servers.json`, mode 0600, replaced as a whole."""

    def __init__(self, run_dir: str) -> None:
        self._path = Path(run_dir) / NAME

    def write(self, memory: dict[str, Any]) -> str:
        """Why it failed, or an empty text: a full disk must not stop the daemon."""
        known = {"boot": _boot(), "memory": memory}
        content = json.dumps(known, separators=(",", ":")).encode()
        return replace_file(self._path, content, 0o600) or ""

    def read(self) -> tuple[dict[str, Any], str]:
        """What was written last, and why nothing could be read where that is so."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                found = json.loads(file.read(SIZE_MAX))
        except FileNotFoundError:
            return {}, ""
        except OSError as error:
            return {}, f"{self._path}: {error.strerror}"
        except (ValueError, RecursionError):
            return {}, f"{self._path}: not what halod wrote: ignored"
        match found:
            case {"boot": str(boot), "memory": dict(memory)}:
                return (memory if boot == _boot() else {}), ""
            case _:
                return {}, f"{self._path}: not what halod wrote: ignored"


def _boot() -> str:
    """Of the kernel that runs: what was written before it started says nothing any more."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
