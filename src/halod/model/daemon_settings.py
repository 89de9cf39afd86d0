"""What the daemon's processes are asked to be, beside what they do.

Knows what was asked for. Must not know how a process does it.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.command import Command
from halod.model.units import Duration

__all__ = ["DaemonSettings", "OnceScript", "ProcessNames", "umask_of"]

_ACCESS = {
    f"I{access}{whom}": bit << shift
    for whom, shift in (("USR", 6), ("GRP", 3), ("OTH", 0))
    for access, bit in (("R", 4), ("W", 2), ("X", 1))
}
UMASK_MAX = 0o777


def umask_of(text: str) -> int | None:
    """As keepalived reads it: a number as strtol(3) does with base 0, or names of bits between `|`,
    such as `IWGRP|IWOTH`; None: it is neither."""
    words = [word.strip() for word in text.split("|")]
    if all(word in _ACCESS for word in words):
        return sum({_ACCESS[word] for word in words})
    digits = text[1:] if text[:1] == "0" and text[1:2] in "xX" and len(text) > 2 else text
    base = 16 if digits is not text else 8 if text.startswith("0") else 10
    digits = digits[1:] if base == 16 else digits
    if not (digits.isascii() and digits.isalnum()):
        return None
    try:
        mask = int(digits, base)
    except ValueError:
        return None
    return mask if mask <= UMASK_MAX else None


@dataclass(frozen=True, slots=True)
class ProcessNames:
    """What `ps -o comm` and `pgrep` show; of each at most 15 bytes count (prctl(2), PR_SET_NAME).
    Empty: as it was started."""

    supervisor: str = ""
    """`process_name`, or with `process_names` halod: the process of the pid file. Default: what it
    was started as."""
    heartbeat: str = ""
    """`vrrp_process_name`, or with `process_names` halod_vrrp: the process that does VRRP. Default:
    that of the interpreter."""
    runner: str = ""
    """With `process_names` halod_scripts: the process that runs scripts and sends mail."""
    service: str = ""
    """With `process_names` halod_lvs: the process that changes the table of virtual servers."""


@dataclass(frozen=True, slots=True)
class OnceScript:
    """A program that is run once in the life of the daemon."""

    command: Command
    """`startup_script`: before anything else is done, and what it says is waited for.
    `shutdown_script`: when all addresses are gone. Its user may follow. That it fails is told, and
    changes nothing. Default: none."""
    limit: Duration = Duration.seconds(10)
    """`startup_script_timeout`, `shutdown_script_timeout`: then it is ended, and that is told, 1 to
    1000 s. Default 10 s."""


@dataclass(frozen=True, slots=True)
class DaemonSettings:
    """Of one daemon."""

    names: ProcessNames = ProcessNames()
    """How its processes are called."""
    vrrp_cpus: tuple[int, ...] = ()
    """`vrrp_cpu_affinity`: processors on which the process that does VRRP may run, by their numbers
    in /proc/cpuinfo. Default: all that halod may use."""
    umask: int | None = None
    """`umask`: rights that files do not get which halod or one of its programs makes, 0 to 0777, as
    022, 0x12, or names of bits: IWGRP|IWOTH. `-u` overrides it for halod's own files. Default:
    what halod was started with, and 022 for programs."""
    iproute_usr_dir: str = ""
    """`iproute_usr_dir`: the folder with the names of routing tables, in rt_tables and
    rt_tables.d. Default: /usr/share/iproute2 and /usr/lib/iproute2."""
    iproute_etc_dir: str = ""
    """`iproute_etc_dir`: likewise, and what stands there counts more. Default: /etc/iproute2."""
    config_save_dir: str = ""
    """`config_save_dir`: a folder, made where it is missing, for what is read at the start and at
    each reload (`keepalived.conf.PID.NUMBER`, secrets covered), and before and after each reload
    for what SIGUSR1 writes (`keepalived_vrrp.PID.NUMBER.pre` and `.post`). Nothing is ever removed
    from it. Default: nothing is kept."""
    reload_file: str | None = None
    """`reload_file`: a file that is made, or emptied, before a reload reads the configuration, and
    removed when it is read; at the start it is removed. Without a name it is halod.reload in the
    run directory. Default: none."""
    reload_time_file: str = ""
    """`reload_time_file`: a file whose first line is the time of a reload, `HH:MM:SS` or
    `YYYY-MM-DD HH:MM:SS` (also `YY-…`), in UTC with `Z` behind it. It may come, change and go at
    any time, and is removed when the time has come. Default: none."""
    reload_repeat: bool = False
    """`reload_repeat`: a file with a time alone stays, and the reload is one of every day.
    Default: off."""
    startup: OnceScript | None = None
    """`startup_script`."""
    shutdown: OnceScript | None = None
    """`shutdown_script`."""
