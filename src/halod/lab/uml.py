"""A Linux kernel of its own for one program: Debian's user-mode-linux on this machine's files.

Knows how to boot it and how to hand a program in and its answer out. Must not know what is played.

The kernel runs as an ordinary process and sees the file system of this machine, so programs, the
.venv and the checkout are there under their own paths. What is written inside stays in the guest's
memory (an overlay), except in the one folder for exchange. So a guest can neither harm the machine
nor see another guest, and needs no privilege.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from halod.lab.errors import LabError
from halod.lab.patience import wait_until

__all__ = ["MODULES", "UmlError", "UmlRun", "missing_uml", "run_in_uml"]

MODULES = ("ip_vs", "dummy", "veth", "macvlan", "nf_tables", "ipip", "ip_gre", "fou", "ip6_tunnel")
"""Loaded before the program starts. Schedulers and the parts of nftables come when they are asked
for: the guest may load modules."""
MEMORY_MIB = 512
"""Of the guest; only what it touches is taken from this machine. 40 processes fit."""
BOOT_S = 30.0
"""Added to the deadline of a program: a boot takes 2 s on an idle machine."""
ENDING_S = 5.0
"""For the guest's way out, when its program has ended."""
_POLL_S = 0.05
CONSOLE_TAIL = 2000
"""Characters of the kernel's last words that an error shows."""
MODULE_FOLDER = Path("/usr/lib/uml/modules")
"""Where Debian puts the modules of its kernel."""
PROGRAMS = {
    "linux.uml": "user-mode-linux",
    "modprobe": "kmod",
    "setpriv": "util-linux",
    "unshare": "util-linux",
    "mount": "mount",
}
"""What a boot needs -> Debian's package."""

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_INIT = """\
#!/bin/sh
# The guest's first process: a root that may be written to, over the machine's that may not.
export PATH={path}
modules={module_folder}/$(uname -r)
fail() {{ echo "halod: $*"; echo o >/proc/sysrq-trigger; while :; do sleep 1; done; }}
mount -t proc proc /proc
mount -t tmpfs upper /mnt || fail "no tmpfs"
insmod "$modules/kernel/fs/overlayfs/overlay.ko" || fail "no overlayfs"
mkdir /mnt/upper /mnt/work /mnt/root
root=/mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay $root \\
    || fail "no overlay of the root"
mount -t proc proc $root/proc
mount -t sysfs sys $root/sys
mount -t tmpfs run $root/run
mount --rbind /dev $root/dev
mkdir -p $root/dev/shm $root/dev/pts
mount -t tmpfs shm $root/dev/shm
mount -t devpts pts $root/dev/pts
mkdir -p "$root/lib/modules/$(uname -r)"
mount --bind "$modules" "$root/lib/modules/$(uname -r)" || fail "no modules for $(uname -r)"
mkdir -p {exchange}
mount -t hostfs -o sync,{exchange} none $root{exchange} || fail "no folder for exchange"
exec chroot $root {exchange}/inside
"""

_INSIDE = """\
#!/bin/sh
export PATH={path} HOME=/root
echo /sbin/modprobe >/proc/sys/kernel/modprobe
ip link set lo up
modprobe -a {modules} || echo "halod: modules are missing"
cd {folder}
{environment}
{command} </dev/null >{exchange}/output 2>&1
echo $? >{exchange}/status
echo o >/proc/sysrq-trigger
while :; do sleep 1; done
"""


class UmlError(LabError):
    """The kernel did not boot, or did not come to an end in time."""


@dataclass(frozen=True)
class UmlRun:
    """A program that ended inside."""

    status: int
    """Its exit status as a shell tells it: 128 and more after a signal."""
    output: str
    """Standard output and standard error."""
    console: str
    """What the kernel said."""


def missing_uml() -> str | None:
    """Why no kernel can be booted here, or None."""
    for program, package in PROGRAMS.items():
        if shutil.which(program, path=f"{os.environ.get('PATH', '')}:{_SYSTEM_PATH}") is None:
            return f"no program {program} on this machine (Debian: {package})"
    if not MODULE_FOLDER.is_dir():
        return f"no kernel modules in {MODULE_FOLDER} (Debian: user-mode-linux)"
    return None


def run_in_uml(
    command: Sequence[str],
    exchange: Path,
    *,
    deadline_s: float,
    environment: Mapping[str, str] | None = None,
    folder: Path = Path("/"),
    modules: Sequence[str] = MODULES,
) -> UmlRun:
    """Boots, runs one program as root in `folder` and ends the kernel.

    `exchange`: a folder of this machine, the same inside; all else that the program writes is gone
    with the guest. It holds `output`, `status` and `console` afterwards. `deadline_s`: for the
    program alone. Raises UmlError.
    """
    exchange = exchange.resolve()
    if set(str(exchange)) & set(", \t\n\\\"'"):
        raise UmlError(f"{exchange}: no spaces, commas or quotes in the path of an exchange folder")
    _write_scripts(command, exchange, environment or {}, folder, modules)
    # Each process of the guest is one of this machine: they end with the first of their namespace.
    # An ordinary user goes without: in a user namespace a program that is setuid root belongs to
    # nobody, and the guest obeys that.
    alone = ["unshare", "--pid", "--fork", "--kill-child=KILL"] if os.geteuid() == 0 else []
    kernel = [
        *("setpriv", "--pdeathsig", "KILL", *alone, "linux.uml"),
        *("rootfstype=hostfs", "rootflags=/", f"init={exchange}/init"),
        *(f"mem={MEMORY_MIB}M", f"uml_dir={exchange}/", "con=null", "con0=null,fd:1"),
    ]
    console_path = exchange / "console"
    with console_path.open("wb") as console:
        process = subprocess.Popen(
            kernel,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PATH": f"{os.environ.get('PATH', '')}:{_SYSTEM_PATH}"},
            start_new_session=True,
        )
    try:
        if not wait_until(lambda: _is_over(process, exchange), deadline_s + BOOT_S, _POLL_S):
            words = _read(exchange / "output") or _read(console_path)
            message = f"not done after {deadline_s:g} s in a kernel of its own: {' '.join(command)}"
            raise UmlError(f"{message}\n{words[-CONSOLE_TAIL:]}")
        # What was written inside is here; a guest that computed for ever on its way out was seen.
        with suppress(subprocess.TimeoutExpired):
            process.wait(ENDING_S)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    status = _read(exchange / "status").strip()
    if not status:
        raise UmlError(f"the kernel ended early:\n{_read(console_path)[-CONSOLE_TAIL:]}")
    return UmlRun(int(status), _read(exchange / "output"), _read(console_path))


def _is_over(process: subprocess.Popen[bytes], exchange: Path) -> bool:
    return process.poll() is not None or bool(_read(exchange / "status").strip())


def _write_scripts(
    command: Sequence[str],
    exchange: Path,
    environment: Mapping[str, str],
    folder: Path,
    modules: Sequence[str],
) -> None:
    for stale in ("status", "output"):
        (exchange / stale).unlink(missing_ok=True)
    exports = [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
    texts = {
        "init": _INIT.format(path=_SYSTEM_PATH, module_folder=MODULE_FOLDER, exchange=exchange),
        "inside": _INSIDE.format(
            path=_SYSTEM_PATH,
            modules=shlex.join(modules),
            folder=shlex.quote(str(folder)),
            environment="\n".join(exports),
            command=shlex.join(command),
            exchange=exchange,
        ),
    }
    for name, text in texts.items():
        path = exchange / name
        path.write_text(text)
        path.chmod(0o755)


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return ""
