"""`make bench`: halod and keepalived under the same conditions, as tables and as one JSON file.

    python -m bench [--repeat N] [--only TABLE,...] [ROW...]

TABLE: faults, load, takeover, vmac, renewal, scripts, start, checks, balanced.

ROW: faults by a part of their name; default: all. Exit status 1 where halod misses a goal.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.tables import TABLES
from halod import __version__

RESULTS = Path("build/bench")
DOCUMENT = RESULTS / "bench.json"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", default=None, metavar="TABLE,...")
    given = parser.parse_args()
    names = given.only.split(",") if given.only else (["faults"] if given.rows else list(TABLES))
    unknown = [name for name in names if name not in TABLES]
    if unknown:
        parser.error(f"no table {unknown[0]}: there are {', '.join(TABLES)}")
    document: dict[str, Any] = {}
    if (given.only or given.rows) and DOCUMENT.exists():
        # What was measured before stays; each table says when that was.
        document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    missed: list[str] = []
    for name in names:
        conditions = _conditions(given.repeat)
        began = time.monotonic()
        rows, found = TABLES[name](given.repeat, given.rows)
        conditions["seconds"] = round(time.monotonic() - began, 1)
        document[name] = {"conditions": conditions, "rows": rows, "missed": found}
        missed += found
        # After each table: what was measured is not lost with what comes after it.
        _write(document)
    print(f"\neach run: {DOCUMENT}")
    for line in missed:
        print(f"missed: {line}")
    return 1 if missed else 0


def _conditions(repeat: int) -> dict[str, Any]:
    """What a reader needs to know to compare figures of two runs."""
    return {
        "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "repeat": repeat,
        "halod": __version__,
        "keepalived": _keepalived_version(),
        "python": platform.python_version(),
        "kernel": platform.release(),
        "processors": os.cpu_count(),
        "load_average": os.getloadavg(),
    }


def _keepalived_version() -> str:
    """Its first line, which it says where errors belong."""
    done = subprocess.run(["keepalived", "--version"], capture_output=True, text=True, check=True)
    return done.stderr.partition("\n")[0]


def _write(document: dict[str, Any]) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    DOCUMENT.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
