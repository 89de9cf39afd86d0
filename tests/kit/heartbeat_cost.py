"""What a process has cost so far. Knows /proc; must not judge."""

from __future__ import annotations

import re
from pathlib import Path

from halod.lab.process import ProcessId

__all__ = ["processor_s", "resident_mib"]


def processor_s(process: ProcessId) -> float:
    """Seconds on a processor, all threads together, by the scheduler's own account."""
    tasks = Path(f"/proc/{process.pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def resident_mib(process: ProcessId) -> float:
    """Resident memory."""
    text = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB", text, re.MULTILINE)
    assert found is not None, text
    return int(found[1]) / 1024
