"""Settings of interfaces under /proc/sys/net that were changed, and what they were before.

Knows one JSON file in the run directory: what a killed daemon changed is put back by its successor.
Must not know which settings are needed, nor why.
"""

from __future__ import annotations

import json
from pathlib import Path

from halod.kernel.whole_file import replace_file

__all__ = ["Sysctls"]

ROOT = Path("/proc/sys/net")


class Sysctls:
    """Those of this network namespace, changed by one daemon. For one thread."""

    def __init__(self, run_dir: Path, name: str = "sysctls.json") -> None:
        """`name`: the file; who puts its own back must not put back those of others."""
        self._file = run_dir / name
        self._before: dict[str, tuple[str, str]] = self._read()
        """Setting to what it was, and what we made of it."""

    def set(self, setting: str, value: str) -> str | None:
        """One of a link of our own, which goes with it; the reason where it failed."""
        try:
            (ROOT / setting).write_text(value)
        except OSError as error:
            return f"{setting}: {error.strerror}"
        return None

    def read(self, setting: str) -> str | None:
        """Its value; None: there is no such setting."""
        try:
            return (ROOT / setting).read_text().strip()
        except OSError:
            return None

    def change(self, setting: str, value: str) -> str | None:
        """One of the operator's, until `restore`; the reason where it failed."""
        before = self.read(setting)
        if before is None or before == value:
            return None
        kept = self._before.get(setting)
        self._before[setting] = (kept[0] if kept else before, value)
        written = self._write()
        return written if written is not None else self.set(setting, value)

    def restore(self) -> str | None:
        """Puts back what we changed and nobody has changed since; the first failure."""
        reasons = []
        for setting, (before, ours) in list(self._before.items()):
            if self.read(setting) == ours:
                reasons.append(self.set(setting, before))
        if self._before:
            self._before.clear()
            reasons.append(self._write())
        return next((reason for reason in reasons if reason is not None), None)

    def _write(self) -> str | None:
        return replace_file(self._file, json.dumps(self._before).encode(), 0o600)

    def _read(self) -> dict[str, tuple[str, str]]:
        try:
            found = json.loads(self._file.read_bytes())
            return {
                str(setting): (str(before), str(ours))
                for setting, (before, ours) in found.items()
                if ".." not in Path(setting).parts and not Path(setting).is_absolute()
            }
        except (OSError, ValueError, TypeError, AttributeError):
            return {}
