"""The addresses that this daemon has put up, on disk: so that its successor can take them down.

Knows one JSON file in the run directory. Must not know whether they still stand.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path

from halod.model.address import Scope, VirtualAddress

__all__ = ["StateFile"]


class StateFile:
    """`addresses.json`, mode 0600, replaced as a whole."""

    def __init__(self, run_dir: Path) -> None:
        self._path = run_dir / "addresses.json"

    def write(self, addresses: Iterable[VirtualAddress]) -> str | None:
        """The reason where it failed: a full disk must not stop the daemon."""
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        records = [
            {
                "address": str(address.address),
                "prefix_length": address.prefix_length,
                "interface": address.interface,
                "label": address.label,
                "scope": address.scope.value,
            }
            for address in addresses
        ]
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            temporary.unlink(missing_ok=True)
            with os.fdopen(os.open(temporary, flags, 0o600), "w") as file:
                json.dump(records, file)
            temporary.rename(self._path)
        except OSError as error:
            return f"{self._path}: {error.strerror}"
        return None

    def read(self) -> tuple[tuple[VirtualAddress, ...], str | None]:
        """What was written last, and why nothing could be read where that is so."""
        try:
            records = json.loads(self._path.read_text())
            return tuple(_address(record) for record in records), None
        except FileNotFoundError:
            return (), None
        except OSError as error:
            return (), f"{self._path}: {error.strerror}"
        except (ValueError, KeyError, TypeError):
            return (), f"{self._path}: not what halod wrote: ignored"


def _address(record: dict[str, object]) -> VirtualAddress:
    label = record["label"]
    return VirtualAddress(
        address=ip_address(str(record["address"])),
        prefix_length=int(str(record["prefix_length"])),
        interface=str(record["interface"]),
        label=None if label is None else str(label),
        scope=Scope(record["scope"]),
    )
