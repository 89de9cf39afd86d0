"""Runs `nft` on a rule set: one transaction, all or nothing.

Knows the program and its JSON. Must not know the rules. A child process and the commit mutex of
nftables: never on the advert path.
"""

from __future__ import annotations

import errno
import json
import os
import subprocess
from collections.abc import Sequence
from typing import Any

from halod.kernel.find_program import find_program

__all__ = ["NftError", "apply_rules"]

SEARCH_PATH = "/usr/sbin:/sbin:/usr/local/sbin:/usr/bin:/bin"
"""Where distributions put it; a service manager's PATH may lack the system folders."""
DEADLINE_S = 5.0
"""A transaction takes 2.5 ms; beside huge sets elsewhere it waits up to 0.8 s for the mutex."""


class NftError(OSError):
    """The rules could not be had; the text says why, for an operator."""


def apply_rules(commands: Sequence[dict[str, Any]]) -> None:
    """Performs all commands or none; raises NftError."""
    program = find_program("nft", SEARCH_PATH)
    if program is None:
        raise NftError(errno.ENOENT, "there is no program nft (package nftables)")
    try:
        done = subprocess.run(
            [program, "-j", "-f", "-"],
            input=json.dumps({"nftables": list(commands)}),
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            env={"PATH": SEARCH_PATH, "LC_ALL": "C"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NftError(errno.ETIMEDOUT, f"nft did not answer within {DEADLINE_S:g} s") from None
    except OSError as error:
        raise NftError(error.errno, f"nft does not start: {error.strerror}") from error
    if done.returncode != 0:
        told = " ".join(done.stderr.split()) or os.strerror(errno.EINVAL)
        raise NftError(errno.EINVAL, f"nft refused: {told:.200}")
