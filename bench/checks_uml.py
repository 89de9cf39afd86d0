"""An attempt of a check by halod and by keepalived, each in a kernel of its own that has ip_vs.

Knows how one is booted. Must not know what runs inside, nor judge it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.capabilities import ROOT

from halod.lab.uml import run_in_uml

__all__ = ["attempt_us_in_uml"]

COUNT = 160
"""At a loop of 1 s: more would keep such a kernel busy for longer than a second."""
DEADLINE_S = 120.0


def attempt_us_in_uml(program: str, kind: str, seconds: float) -> float:
    """Processor time of the checker an attempt, microseconds."""
    command = [sys.executable, "-m", "bench.inside_checks", program, kind, str(COUNT), str(seconds)]
    with tempfile.TemporaryDirectory() as folder:
        done = run_in_uml(command, Path(folder), deadline_s=DEADLINE_S, folder=ROOT)
    assert done.status == 0, done.output
    found: float = json.loads(done.output.splitlines()[-1])["attempt_us"]
    return found
