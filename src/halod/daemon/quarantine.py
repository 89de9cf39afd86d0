"""Packets that a heartbeat was at work on when it broke: set aside, so that none kills two.

Knows the folder in which they are kept for whoever looks for the cause. Must not judge a packet:
the heartbeat drops exact repeats of these, and nothing that is only alike.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from pathlib import Path

from halod.kernel.whole_file import replace_file
from halod.model.event import AdvertReceived

__all__ = ["PACKETS_MAX", "Quarantine"]

FOLDER_NAME = "quarantine"
PACKETS_MAX = 16
"""Kept on disk and dropped: three deaths in a minute end the restarts, so they come slowly."""


class Quarantine:
    """Of one run of the daemon: the next may be another halod, and meets each packet anew."""

    def __init__(self, run_dir: Path) -> None:
        self._folder = run_dir / FOLDER_NAME
        self._packets: deque[AdvertReceived] = deque(maxlen=PACKETS_MAX)

    @property
    def packets(self) -> tuple[AdvertReceived, ...]:
        """Those of which the heartbeat drops repeats, the oldest first."""
        return tuple(self._packets)

    def set_aside(self, packet: AdvertReceived, how: str) -> str:
        """Keeps it, and says so; what cannot be written is kept in memory all the same."""
        if packet not in self._packets:
            self._packets.append(packet)
        where = self._write(packet, how)
        return (
            f"an advert from {packet.source} on {packet.interface} was being handled when the "
            f"heartbeat {how}: {where}. Exact repeats are dropped until halod is started anew; "
            "please report it"
        )

    def _write(self, packet: AdvertReceived, how: str) -> str:
        record = {
            "interface": packet.interface,
            "source": str(packet.source),
            "destination": str(packet.destination),
            "ttl": packet.ttl,
            "payload": packet.payload.hex(),
            "heartbeat": how,
        }
        if packet.auth_header is not None:
            record["auth_header"] = packet.auth_header.raw.hex()
        name = hashlib.sha256(repr(packet).encode()).hexdigest()[:16]
        path = self._folder / f"{name}.json"
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._make_room(path)
        except OSError as error:
            return f"not set aside on disk ({self._folder}: {error.strerror})"
        reason = replace_file(path, json.dumps(record, indent=2).encode() + b"\n", 0o600)
        return f"set aside in {path}" if reason is None else f"not set aside on disk ({reason})"

    def _make_room(self, path: Path) -> None:
        """The oldest go: files of earlier runs count too."""
        others = [file for file in self._folder.glob("*.json") if file != path]
        others.sort(key=lambda file: file.stat().st_mtime_ns, reverse=True)
        for old in others[PACKETS_MAX - 1 :]:
            old.unlink()
