"""Running the machine's own programs (`ip`, `nft`, `ping`) to their end and reading their answer.

Knows argument lists and exit statuses; must not know what is run or where.
"""

import shutil
import subprocess
from collections.abc import Mapping, Sequence

from halod.lab.errors import LabError

COMMAND_TIMEOUT_S = 10.0
"""Seconds that one command may take; the slowest, `ip netns add`, takes 10 ms when idle."""

PACKAGES: Mapping[str, str] = {
    "ip": "iproute2",
    "nft": "nftables",
    "nginx": "nginx-light",
    "keepalived": "keepalived",
    "ping": "iputils-ping",
    "mount": "mount",
}
"""Debian's package for each program that the lab uses."""


class CommandError(LabError):
    """A command ended with another status than 0, or not in time. The text says what it said."""


def run(argv: Sequence[str], text_in: str = "") -> str:
    """Run to the end and return the standard output; CommandError with its words otherwise."""
    try:
        done = subprocess.run(
            argv,
            input=text_in,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        message = f"{' '.join(argv)}: not done after {COMMAND_TIMEOUT_S:g} s"
        raise CommandError(message) from late
    except OSError as error:
        raise CommandError(f"{argv[0]}: {error.strerror}") from error
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip() or f"exit status {done.returncode}"
        raise CommandError(f"{' '.join(argv)}: {words}")
    return done.stdout


def missing_programs(names: Sequence[str]) -> list[str]:
    """Those of `names` that are not on the search path, in the order given."""
    return [name for name in names if shutil.which(name) is None]
