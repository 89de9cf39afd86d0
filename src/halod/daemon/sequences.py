"""Where instances keep the sequences of their signatures: on disk, or else only in this process.

Knows the run directory. Must not know what a sequence means.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from halod.kernel.sequence_file import SequenceFile
from halod.vrrp.sequence_memory import SequenceMemory, VolatileMemory

__all__ = ["Sequences"]


class Sequences:
    """Opens its file for the first instance that signs or verifies."""

    def __init__(self, run_dir: str, tell: Callable[[str, str], None]) -> None:
        """`tell`: takes (subject, why nothing is kept on disk)."""
        self._run_dir = Path(run_dir)
        self._file: SequenceFile | None = None
        self._tell = tell

    def memory_of(self, instance: str) -> SequenceMemory:
        """That of the instance of this name."""
        if self._file is None:
            try:
                self._file = SequenceFile(self._run_dir)
            except OSError as error:
                self._tell(
                    "sequences of auth_hmac",
                    f"not kept in {self._run_dir} ({error.strerror}): an advert of auth_hmac that "
                    "was heard before a restart could be played again after it",
                )
                return VolatileMemory()
        return self._file.slot(instance)
