"""Tests that are played in a real kernel of their own: Debian's user-mode-linux.

Knows how pytest is started inside. Must not know what is tested there. A boot takes 3 s, so one
boot plays a whole file of `tests/uml`; those files are not collected outside.
"""

from pathlib import Path

from halod.lab.uml import UmlRun, run_in_uml
from tests.capabilities import ROOT

__all__ = ["DEADLINE_S", "play_inside"]

DEADLINE_S = 500.0
"""Of one boot, on a machine where other tests run; alone each takes a tenth of that. Less than what
a test of that kind has: what was said until then is shown."""

_ARGUMENTS = (
    "--noconftest",
    "-p",
    "no:cacheprovider",
    "-p",
    "pytest_timeout",
    "-q",
    "--timeout=60",
)


def play_inside(file: str, exchange: Path, shard: str = "1/1") -> UmlRun:
    """Runs `tests/uml/FILE` by pytest as root of the guest.

    `shard`: SHARD in its environment, for a file that plays every so-manieth of its cases.

    The tests find the folder for exchange, on the file system of this machine, as EXCHANGE in their
    environment.
    """
    python = ROOT / ".venv" / "bin" / "python"
    command = [str(python), "-m", "pytest", *_ARGUMENTS, str(ROOT / "tests" / "uml" / file)]
    environment = {
        "EXCHANGE": str(exchange),
        "SHARD": shard,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return run_in_uml(
        command, exchange, deadline_s=DEADLINE_S, environment=environment, folder=ROOT
    )
