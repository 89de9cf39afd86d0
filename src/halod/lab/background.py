"""What is measured while a lab runs for people: slowly, and never more than a disk can bear.

Knows the two probers. Must not know who reads what they write: `history.py` does.
"""

from collections.abc import Mapping
from pathlib import Path

from halod.lab import http_prober, prober
from halod.lab.lab import Lab
from halod.lab.recording import Recording

PROBE_EVERY = "--every-ms=50"
REQUEST_EVERY = "--every-ms=200"
"""A tenth of the pace of a test: exact enough for a drawing, and 10 MB an hour."""

FILE_BYTES_MAX = 8 * 1024 * 1024
"""When a file has grown to this, a new one is begun and the one before it goes: a lab that is
forgotten over a weekend keeps its last hour at least."""


class Background:
    """Both probers of one lab, as long as it runs."""

    def __init__(
        self, lab: Lab, names: Mapping[str, str], file_bytes_max: int = FILE_BYTES_MAX
    ) -> None:
        self._client = lab.machine(lab.topology.client.name)
        self._file_bytes_max = file_bytes_max
        vips = sorted(set(names.values()))
        targets = [f"{name}={vip}" for name, vip in names.items()]
        self._commands = {
            prober.__name__: [PROBE_EVERY, *vips],
            http_prober.__name__: [REQUEST_EVERY, *targets],
        }
        self._running = {module: self._start(module) for module in self._commands}
        self._before: dict[str, Path] = {}

    def tend(self) -> None:
        """Begin a new file where one has grown too large."""
        for module, recording in list(self._running.items()):
            if recording.path.stat().st_size < self._file_bytes_max:
                continue
            # Requests under way may take ten seconds: whoever tends has more to do than wait.
            recording.dismiss()
            if module in self._before:
                self._before[module].unlink()
            self._before[module] = recording.path
            self._running[module] = self._start(module)

    def _start(self, module: str) -> Recording:
        return Recording(self._client, module, self._commands[module], first_line=False)
