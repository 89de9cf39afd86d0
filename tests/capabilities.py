"""What a test may need of the machine, and how to find out. Knows nothing of pytest."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from halod.kernel.gate_memory import GateMemory
from halod.lab.uml import missing_uml

ROOT = Path(__file__).resolve().parent.parent

SHARED = Path(os.environ.get("HALOD_SHARED", ROOT.parent / "shared"))
"""The folder of tutorial and corpus that stands beside a checkout, where there is one."""

SEARCH_PATH = os.pathsep.join(
    [os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"]
)
"""Debian keeps system programs where an ordinary user's PATH does not look."""

PROBE_TIMEOUT_S = 60
"""A probe does next to nothing; one that hangs is a missing capability."""


def find_program(name: str) -> str | None:
    """The full path of a program, the system folders included."""
    return shutil.which(name, path=SEARCH_PATH)


def _missing_program(name: str) -> str | None:
    return None if find_program(name) else f"no program {name} on this machine"


def _missing_netns() -> str | None:
    """Plays the least thing that the lab does: two namespaces' worth of rights and a veth pair."""
    programs = [find_program(name) for name in ("unshare", "sh", "ip")]
    if None in programs:
        return "no unshare, sh or ip on this machine"
    unshare, shell, ip = (str(program) for program in programs)
    script = f"{ip} link add probe0 type veth peer name probe1 && {ip} link set probe0 up"
    rights = [] if os.geteuid() == 0 else ["--map-root-user"]
    command = [unshare, *rights, "--net", "--mount", shell, "-c", script]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PROBE_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"cannot make a network namespace: {error}"
    if done.returncode != 0:
        why = done.stderr.strip() or f"exit status {done.returncode}"
        return f"cannot make a network namespace with a veth pair: {why}"
    return None


def _missing_shared() -> str | None:
    return None if (SHARED / "tutorial").is_dir() else "no folder shared/ beside the checkout"


def _missing_bpf() -> str | None:
    """Loads the lease's gate and lets it judge a packet, as the daemon does at its start."""
    try:
        memory = GateMemory.create()
    except OSError as error:
        return f"the kernel refuses BPF: {error.strerror}"
    try:
        return memory.prove()
    except OSError as error:
        return f"the kernel runs no BPF: {error.strerror}"
    finally:
        memory.close()


def _missing_strace() -> str | None:
    """Tracing may be forbidden where the program is there."""
    strace = find_program("strace")
    if strace is None:
        return _missing_program("strace")
    done = subprocess.run(
        [strace, "-o", os.devnull, "true"],
        capture_output=True,
        text=True,
        timeout=PROBE_TIMEOUT_S,
        check=False,
    )
    return None if done.returncode == 0 else f"strace cannot trace: {done.stderr.strip()}"


def _missing_uml() -> str | None:
    """A kernel of its own, and what is compared in it."""
    return missing_uml() or _missing_program("ipvsadm")


PROBES: dict[str, Callable[[], str | None]] = {
    "netns": _missing_netns,
    "frr": lambda: None if Path("/usr/lib/frr/vrrpd").exists() else "no FRR (vrrpd)",
    "keepalived": lambda: _missing_program("keepalived"),
    "nginx": lambda: _missing_program("nginx"),
    "nft": lambda: _missing_program("nft"),
    "shared": _missing_shared,
    "bpf": _missing_bpf,
    "strace": _missing_strace,
    "uml": _missing_uml,
}
"""Capability -> probe; the probe answers why it is missing, or None. Marker: `needs_<name>`."""


def parse_required(text: str) -> list[str]:
    """Splits the value of `--require`; an unknown name is an error, not a wish unheard."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = sorted(set(names) - set(PROBES))
    if unknown:
        known = ", ".join(sorted(PROBES))
        raise ValueError(f"unknown capability {', '.join(unknown)}; known: {known}")
    return names
