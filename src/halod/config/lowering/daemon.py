"""What `global_defs` says of the daemon itself.

Knows keepalived's rules about it. Must not know this machine.
"""

from __future__ import annotations

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lexer import Word
from halod.config.reading import Values
from halod.config.scalars import clean_text
from halod.model.command import Command
from halod.model.daemon_settings import DaemonSettings, OnceScript, ProcessNames, umask_of
from halod.model.printable import shortened
from halod.model.units import Duration

__all__ = ["lower_cpus", "lower_daemon", "lower_name"]

CPU_MAX = 1023
"""CPU_SETSIZE of glibc, which keepalived is built with (CPU_SET(3))."""
NAME_BYTES_MAX = 15
"""Without its zero (prctl(2), PR_SET_NAME)."""
DEFAULT_LIMIT = Duration.seconds(10)


def lower_daemon(values: Values, findings: Findings) -> DaemonSettings:
    """Names, processors, and programs that are run once."""
    names = ProcessNames()
    if values.has("process_names"):
        names = ProcessNames("halod", "halod_vrrp", "halod_scripts", "halod_lvs")
    return DaemonSettings(
        names=ProcessNames(
            lower_name("process_name", names.supervisor, values, findings),
            lower_name("vrrp_process_name", names.heartbeat, values, findings),
            names.runner,
            names.service,
        ),
        vrrp_cpus=lower_cpus("vrrp_cpu_affinity", values, findings),
        umask=_umask(values, findings),
        iproute_usr_dir=values.get("iproute_usr_dir", str) or "",
        iproute_etc_dir=values.get("iproute_etc_dir", str) or "",
        config_save_dir=_path("config_save_dir", values, findings),
        reload_file=_reload_file(values, findings),
        reload_time_file=_path("reload_time_file", values, findings),
        reload_repeat=values.has("reload_repeat"),
        startup=_once("startup_script", values),
        shutdown=_once("shutdown_script", values),
    )


def lower_name(keyword: str, otherwise: str, values: Values, findings: Findings) -> str:
    name = values.get(keyword, str)
    if name is None:
        return otherwise
    if len(name.encode("utf-8", "replace")) > NAME_BYTES_MAX:
        findings.add(
            Code.BAD_TEXT,
            f"of the name only {NAME_BYTES_MAX} bytes are shown",
            values.statement(keyword).arguments[0].span,
            helps=("a shorter name",),
        )
    return name


def _once(keyword: str, values: Values) -> OnceScript | None:
    command = values.get(keyword, Command)
    if command is None:
        return None
    return OnceScript(command, values.get_or(f"{keyword}_timeout", DEFAULT_LIMIT))


def _reload_file(values: Values, findings: Findings) -> str | None:
    """Of several lines the last; without a path the usual one, which is the empty word here."""
    path = None
    for line in values.get("reload_file", list) or []:
        path = _full_path(line.arguments[0], findings) if line.arguments else ""
    return path


def _path(keyword: str, values: Values, findings: Findings) -> str:
    if not values.has(keyword):
        return ""
    return _full_path(values.statement(keyword).arguments[0], findings)


def _full_path(word: Word, findings: Findings) -> str:
    path = clean_text(word, findings)
    if not path or path.startswith("/"):
        return path
    findings.add(
        Code.BAD_TEXT,
        f"`{shortened(path)}` is no full path: it is taken from the root directory",
        word.span,
        helps=("a path that begins with /",),
    )
    return f"/{path}"


def _umask(values: Values, findings: Findings) -> int | None:
    text = values.get("umask", str)
    mask = None if text is None else umask_of(text)
    if text is not None and mask is None:
        findings.add(
            Code.OUT_OF_RANGE,
            f"`{shortened(text)}` is no umask: it has no effect",
            values.statement("umask").arguments[0].span,
            helps=("write it as 022, or as IWGRP|IWOTH",),
        )
    return mask


def lower_cpus(keyword: str, values: Values, findings: Findings) -> tuple[int, ...]:
    """Of all lines together."""
    found: set[int] = set()
    for line in values.get(keyword, list) or []:
        if not line.arguments:
            findings.add(
                Code.MISSING_VALUE,
                f"`{keyword}` has no value: the line has no effect",
                line.keyword.span,
                helps=(f"`{keyword}` takes numbers of processors, from 0",),
            )
        for word in line.arguments:
            is_number = word.text.isascii() and word.text.isdigit()
            if is_number and len(word.text) <= len(str(CPU_MAX)) and int(word.text) <= CPU_MAX:
                found.add(int(word.text))
                continue
            findings.add(
                Code.OUT_OF_RANGE if is_number else Code.NOT_A_NUMBER,
                f"`{word.shown}` is no number of a processor: it is left out",
                word.span,
                helps=(f"a whole number from 0 to {CPU_MAX}; /proc/cpuinfo has them",),
            )
    return tuple(sorted(found))
