"""The play of virtual servers on a kernel with real IPVS: inside Debian's user-mode-linux.

Knows the command that is played inside, and where its page comes out. Must not know the play.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from halod.lab.errors import LabError
from halod.lab.uml import UmlRun, missing_uml, run_in_uml

__all__ = ["play_in_uml"]

DEADLINE_S = 300.0
"""Of both methods; they take a minute, and the guest has one processor."""
PAGE = "page.html"


def play_in_uml(method: str, page: Path) -> UmlRun:
    """Plays it to its end; the page is copied to where it is wanted. LabError, or UmlError."""
    missing = missing_uml()
    if missing is not None:
        raise LabError(missing, "apt-get install user-mode-linux")
    with tempfile.TemporaryDirectory(prefix="halod-uml-") as folder:
        exchange = Path(folder)
        program = str(Path(sys.prefix, "bin", "haloctl"))
        command = [program, "lab", "lvs", "--method", method, "--page", str(exchange / PAGE)]
        played = run_in_uml(command, exchange, deadline_s=DEADLINE_S)
        if (exchange / PAGE).exists():
            page.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(exchange / PAGE, page)
        return played
