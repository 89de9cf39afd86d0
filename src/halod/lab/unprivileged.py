"""The lab of an ordinary user: this program once more, in a user namespace where the user is root.

Knows unshare(1), nsenter(1) and what a kernel may refuse. Must not know what a lab is made of.
Whatever is made in there (interfaces, mounts, rules) goes with the namespace's last process.
"""

import os
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from halod.lab.errors import LabError

UNSHARE = ("unshare", "--user", "--map-root-user", "--net", "--mount", "--")

PROBE = "mount -n -t tmpfs halod-lab /run"
"""Shell text: what a restricted user namespace refuses although it could be made."""

OWN_NETNS_AND_RUN = """
set -e
if [ -d /run/netns ]; then
    mount -n -t tmpfs -o mode=0755 halod-lab /run/netns
else
    new=$(mktemp -d)
    mount -n -t tmpfs -o mode=0755 halod-lab "$new"
    mkdir "$new/netns" "$new/user"
    if [ -d /run/user ]; then mount -n --rbind /run/user "$new/user"; fi
    mount -n --move "$new" /run
    rmdir "$new"
fi
exec "$@"
"""
"""Shell text: `ip netns` gets a folder of its own for its names; where there is none to cover and
this user may not make one, /run as a whole, but for the users' own folders."""

GO_THERE_AND_RUN = 'cd -- "$1" && shift && exec "$@"'
"""Shell text: entering a mount namespace leads to its root folder."""

SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")
"""Where Debian keeps nginx, nft and keepalived; an ordinary user's PATH does not look there."""

USER = "HALOD_LAB_USER"
"""The variable by which the program in the namespace knows whose it is: an id."""

PROBE_WITHIN_S = 10.0

WORSE = (
    "an ordinary user's lab, in a user namespace: no real-time scheduling, so figures blur while "
    "the machine is busy; BPF is refused, so halod's lease ends by whole seconds"
)
"""What is worse there, for the reader of a demo."""

SYSCTLS: Mapping[str, tuple[str, str]] = {
    "kernel/unprivileged_userns_clone": ("0", "kernel.unprivileged_userns_clone=1"),
    "kernel/apparmor_restrict_unprivileged_userns": (
        "1",
        "kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    "user/max_user_namespaces": ("0", "user.max_user_namespaces=10000"),
    "user/max_mnt_namespaces": ("0", "user.max_mnt_namespaces=10000"),
    "user/max_net_namespaces": ("0", "user.max_net_namespaces=10000"),
}
"""Below /proc/sys: the value that forbids user namespaces, and what root would set instead."""


def is_ordinary_user() -> bool:
    """Whether this process needs a namespace before it can make a lab."""
    return os.geteuid() != 0


def in_users_namespace() -> bool:
    """Whether this process is root in an ordinary user's namespace alone."""
    return USER in os.environ


def private_folder() -> Path:
    """Where an ordinary user's labs lie: their runtime folder, else one in /tmp that is theirs."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and os.access(runtime, os.W_OK):
        return Path(runtime, "halod-lab")
    path = Path(f"/tmp/halod-lab-{os.geteuid()}")  # noqa: S108 - checked below
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        raise LabError(f"{path}: {error.strerror}", "set HALOD_LAB_DIR to another folder") from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        # In /tmp anybody can have made it first.
        raise LabError(f"{path} is not yours", "set HALOD_LAB_DIR to a folder of yours")
    return path


def run_as_root_of_a_namespace(base: Path) -> NoReturn:
    """Become this same command in a new user namespace; LabError where that is refused."""
    try:
        probe = subprocess.run(
            [*UNSHARE, "sh", "-c", PROBE],
            capture_output=True,
            text=True,
            timeout=PROBE_WITHIN_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise refusal({}, str(error)) from error
    if probe.returncode != 0:
        raise refusal(forbidding_values(), probe.stderr.strip())
    become([*UNSHARE, "sh", "-c", OWN_NETNS_AND_RUN, "sh"], base)


def run_in_namespaces_of(pid: int, base: Path) -> NoReturn:
    """Become this same command where that process, an ordinary user's lab, runs."""
    enter = ["nsenter", f"--target={pid}", "--user", "--net", "--mount", "--preserve-credentials"]
    become([*enter, "--", "sh", "-c", GO_THERE_AND_RUN, "sh", os.getcwd()], base)


def become(before: Sequence[str], base: Path) -> NoReturn:
    """Replace this process by itself, started anew behind other words."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *SYSTEM_FOLDERS])
    user = os.environ.get(USER, str(os.geteuid()))
    environment = {**os.environ, "PATH": path, USER: user, "HALOD_LAB_DIR": str(base)}
    command = [*before, sys.executable, *sys.orig_argv[1:]]
    try:
        os.execvpe(command[0], command, environment)  # noqa: S606 - a list, and no shell's work
    except OSError as error:
        hint = "apt-get install util-linux"
        raise LabError(f"{command[0]}: {error.strerror}", hint) from error


def forbidding_values() -> dict[str, str]:
    """What stands in those of SYSCTLS that this kernel has."""
    paths = {key: Path("/proc/sys", key) for key in SYSCTLS}
    return {key: path.read_text().strip() for key, path in paths.items() if path.exists()}


def refusal(values: Mapping[str, str], words: str) -> LabError:
    """Why there is no user namespace: the sysctl that decides it, or the program's own words."""
    for key, (forbidden, instead) in SYSCTLS.items():
        if values.get(key) == forbidden:
            name = key.replace("/", ".")
            return LabError(
                f"the lab needs root or a user namespace, and this kernel allows you none: "
                f"{name} is {forbidden}",
                f"as root: sysctl -w {instead}; or run the lab as root",
            )
    return LabError(
        f"the lab needs root or a user namespace, and making one failed: {words}",
        "run the lab as root",
    )
