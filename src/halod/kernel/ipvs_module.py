"""Whether this kernel balances by IPVS, after its module was asked for.

Knows the module's name. Must not know the table. A child process that takes milliseconds: never on
the advert path.
"""

from __future__ import annotations

import subprocess

from halod.kernel.find_program import find_program
from halod.kernel.generic_netlink_socket import find_family
from halod.wire.ipvs import FAMILY

__all__ = ["REPLY_DEADLINE_S", "IpvsMissingError", "load_ipvs"]

SEARCH_PATH = "/usr/sbin:/sbin:/usr/local/sbin:/usr/bin:/bin"
"""Where distributions put modprobe; a service manager's PATH may lack the system folders."""
LOAD_DEADLINE_S = 10.0
"""A module is there after 50 ms; a busy disk may take seconds."""
REPLY_DEADLINE_S = 30.0
"""The kernel answers at once, but for a scheduler that it has to load, and the end of a sync
daemon: both were seen to take a second on a busy machine."""
WHY_MAX = 200
"""Characters of modprobe's words that are passed on."""


class IpvsMissingError(OSError):
    """This kernel does not balance by IPVS; the text says why, for an operator."""


def load_ipvs() -> int:
    """The number of the kernel's family; loads the module where it is missing.

    Loading takes CAP_SYS_MODULE; where the module is there, nothing but a question to the kernel.
    Raises IpvsMissingError.
    """
    family = find_family(FAMILY, REPLY_DEADLINE_S)
    if family is not None:
        return family
    words = _load_module()
    family = find_family(FAMILY, REPLY_DEADLINE_S)
    if family is None:
        raise IpvsMissingError(
            words or "the module ip_vs was loaded, and there is no IPVS all the same"
        )
    return family


def _load_module() -> str:
    """Why it could not be loaded, empty where it was."""
    program = find_program("modprobe", SEARCH_PATH)
    if program is None:
        return "the module ip_vs is not loaded, and there is no program modprobe (package kmod)"
    try:
        done = subprocess.run(
            [program, "ip_vs"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LOAD_DEADLINE_S,
            env={"PATH": SEARCH_PATH, "LC_ALL": "C"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"modprobe ip_vs did not end within {LOAD_DEADLINE_S:g} s"
    except OSError as error:
        return f"modprobe does not start: {error.strerror}"
    if done.returncode == 0:
        return ""
    told = " ".join(done.stderr.split()) or f"exit status {done.returncode}"
    return f"the module ip_vs cannot be loaded: {told:.{WHY_MAX}}"
