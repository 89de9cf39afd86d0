"""The addresses that this daemon has put up, on disk: so that its successor can take them down.

Knows one JSON file in the run directory. Must not know whether they still stand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from pathlib import Path

from halod.kernel.whole_file import replace_file
from halod.model.address import Scope, VirtualAddress

__all__ = ["StateFile"]


class StateFile:
    """`addresses.json`, mode 0600, replaced as a whole."""

    def __init__(self, run_dir: Path) -> None:
        self._path = run_dir / "addresses.json"

    def write(self, addresses: Iterable[VirtualAddress]) -> str | None:
        """The reason where it failed: a full disk must not stop the daemon."""
        records = [
            {
                "address": str(address.address),
                "prefix_length": address.prefix_length,
                "interface": address.interface,
                "label": address.label,
                "broadcast": None if address.broadcast is None else str(address.broadcast),
                "scope": address.scope.value,
            }
            for address in addresses
        ]
        return replace_file(self._path, json.dumps(records).encode(), 0o600)

    def read(self) -> tuple[tuple[VirtualAddress, ...], str | None]:
        """What was written last, and why nothing could be read where that is so."""
        try:
            return tuple(_addresses(json.loads(self._path.read_bytes()))), None
        except FileNotFoundError:
            return (), None
        except OSError as error:
            return (), f"{self._path}: {error.strerror}"
        except (ValueError, KeyError, TypeError, RecursionError):
            return (), f"{self._path}: not what halod wrote: ignored"


def _addresses(records: object) -> Iterator[VirtualAddress]:
    if not isinstance(records, list):
        raise TypeError("a list is written")
    return map(_address, records)


def _address(record: dict[str, object]) -> VirtualAddress:
    label, broadcast = record["label"], record["broadcast"]
    return VirtualAddress(
        address=ip_address(str(record["address"])),
        prefix_length=int(str(record["prefix_length"])),
        interface=str(record["interface"]),
        label=None if label is None else str(label),
        broadcast=None if broadcast is None else ip_address(str(broadcast)),
        scope=Scope(record["scope"]),
    )
