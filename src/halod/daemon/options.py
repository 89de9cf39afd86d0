"""What the command line of `halod` asks for: keepalived's options, in keepalived's spelling.

Knows defaults, and what must be told of options. Must not act on anything but --help and --version.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from halod import __version__
from halod.daemon.command_line import CommandLine, CommandLineError, take_apart
from halod.daemon.option_table import OPTIONS, Level
from halod.model.daemon_settings import umask_of
from halod.model.printable import printable

__all__ = ["DEFAULT_CONFIG", "DEFAULT_RUN_DIR", "FACILITY_DAEMON", "Options", "parse_options"]

DEFAULT_CONFIG = "/etc/keepalived/keepalived.conf"
DEFAULT_RUN_DIR = "/run/halod"
PID_FILE, VRRP_PID_FILE, CHECKERS_PID_FILE = "halod.pid", "vrrp.pid", "checkers.pid"
EXIT_MISTAKE = 1
"""As keepalived's for an option that it does not know."""

FACILITY_DAEMON, _FACILITY_USER, _FACILITY_LOCAL0 = 3, 1, 16
"""RFC 5424, 6.2.1."""
_FACILITY = re.compile(r"(?:local)?([0-7])\Z")


@dataclass(frozen=True, slots=True)
class Options:
    """What the operator asked for."""

    config_file: str
    """`-f`. Default: keepalived's own file."""
    run_dir: str
    """`--run-dir`: control socket, state and pid files; one a daemon."""
    foreground: bool
    """`-n`: do not fork into the background."""
    log_console: bool
    """`-l`: log to standard error instead of syslog."""
    log_detail: bool
    """`-D`: informational lines too."""
    log_json: bool
    """`--log-json`: one JSON object a line."""
    pid_file: str
    """`-p`. Default: halod.pid in the run directory."""
    vrrp_pid_file: str
    """`-r`. Default: vrrp.pid in the run directory."""
    checkers_pid_file: str
    """`-c`. Default: checkers.pid in the run directory."""
    config_test: bool
    """`-t`: check the file and leave."""
    signum: str | None = None
    """`--signum`: print the number of one of keepalived's signals and leave."""
    config_id: str | None = None
    """`-i`: lines behind `@ID` are in force. Default: this machine's name up to its first dot."""
    findings_file: str | None = None
    """`-tLOG_FILE`: takes the findings of the test. Default: the terminal."""
    all_config: bool = False
    """`-e`: every included file must be there."""
    log_facility: int = FACILITY_DAEMON
    """`-S`: of the lines to syslog (RFC 5424, 6.2.1)."""
    log_nowhere: bool = False
    """`-G` without `-l`."""
    umask: int | None = None
    """`-u`. Default: the one that halod was started with."""
    namespace: str | None = None
    """`-s`: the network namespace; overrides `net_namespace`."""
    run_dir_given: bool = False
    """Whether `--run-dir` names it, so that nothing in the file moves it."""
    vrrp_alone: bool = False
    """`-P`: no virtual servers."""
    servers_alone: bool = False
    """`-C`: no VRRP."""
    keep_table: bool = False
    """`-I`: virtual servers stay in the kernel's table at the stop."""
    told: tuple[str, ...] = ()
    """Of options without effect, and of words that belong to none: a line each."""

    def placed(self, net_namespace: str, instance: str) -> Options:
        """With the run directory of a daemon there, if none was given; pid files follow it."""
        if self.run_dir_given:
            return self
        below = [net_namespace] if net_namespace else []
        below += [f"instance-{instance}"] if instance else []
        run_dir = "/".join([DEFAULT_RUN_DIR, *below])
        before = self.run_dir
        names = (PID_FILE, VRRP_PID_FILE, CHECKERS_PID_FILE)
        files = {f"{before}/{file}": f"{run_dir}/{file}" for file in names}
        return replace(
            self,
            run_dir=run_dir,
            pid_file=files.get(self.pid_file, self.pid_file),
            vrrp_pid_file=files.get(self.vrrp_pid_file, self.vrrp_pid_file),
            checkers_pid_file=files.get(self.checkers_pid_file, self.checkers_pid_file),
        )


def parse_options(arguments: Sequence[str]) -> Options:
    """Exits with 0 after --help and --version, with 1 on a mistake, as keepalived does."""
    try:
        line = take_apart(arguments, OPTIONS)
    except CommandLineError as error:
        _refuse(f"{error}; `halod --help` lists all")
    given = {option.long: value for option, value in line.given}
    for option, _ in line.given:
        if option.long == "help":
            _answer(_help())
        if option.long == "version":
            _answer(f"halod {__version__}")
        if option.level is Level.REFUSED:
            _refuse(f"--{option.long} is not for halod: {option.help}")
    if line.strays and "config-test" in given:
        _refuse(f"unexpected argument {line.strays[0]}: name the configuration with -f FILE")
    run_dir = given.get("run-dir") or DEFAULT_RUN_DIR
    return Options(
        config_file=given.get("use-file") or DEFAULT_CONFIG,
        run_dir=run_dir,
        foreground="dont-fork" in given,
        log_console="log-console" in given,
        log_detail="log-detail" in given,
        log_json="log-json" in given,
        pid_file=given.get("pid") or f"{run_dir}/{PID_FILE}",
        vrrp_pid_file=given.get("vrrp_pid") or f"{run_dir}/{VRRP_PID_FILE}",
        checkers_pid_file=given.get("checkers_pid") or f"{run_dir}/{CHECKERS_PID_FILE}",
        config_test="config-test" in given,
        signum=given.get("signum"),
        config_id=given.get("config-id"),
        findings_file=given.get("config-test") or None,
        all_config="all-config" in given,
        log_facility=_facility(given.get("log-facility")) or FACILITY_DAEMON,
        log_nowhere="no-syslog" in given and "log-console" not in given,
        umask=umask_of(given.get("umask") or ""),
        namespace=given.get("namespace"),
        run_dir_given="run-dir" in given,
        vrrp_alone="vrrp" in given and "check" not in given,
        servers_alone="check" in given and "vrrp" not in given,
        keep_table="dont-release-ipvs" in given,
        told=tuple(_told(line, given)),
    )


def _told(line: CommandLine, given: Mapping[str, str | None]) -> Iterator[str]:
    if line.strays:
        yield f"unexpected arguments, without effect: {' '.join(line.strays)}"
    for option in dict.fromkeys(option for option, _ in line.given):
        if option.level is Level.WITHOUT_EFFECT:
            yield f"--{option.long} has no effect: {option.help}"
    facility, mask = given.get("log-facility"), given.get("umask")
    if facility is not None and _facility(facility) is None:
        yield f"no log facility {facility}: daemon is taken; there are local0 to local7, and user"
    if mask is not None and umask_of(mask) is None:
        yield f"no umask {mask}: it stays as it is; write it as 022"


def _facility(word: str | None) -> int | None:
    named = {"user": _FACILITY_USER, "daemon": FACILITY_DAEMON}
    if word is None or word in named:
        return named.get(word or "")
    local = _FACILITY.match(word)
    return _FACILITY_LOCAL0 + int(local[1]) if local else None


def _answer(text: str) -> NoReturn:
    sys.stdout.write(f"{text}\n")
    sys.exit(0)


def _refuse(reason: str) -> NoReturn:
    sys.stderr.write(f"halod: {printable(reason)}\n")
    sys.exit(EXIT_MISTAKE)


# ---- help ----------------------------------------------------------------------------------

_WIDTH, _COLUMN = 100, 34


def _help() -> str:
    lines = [
        "usage: halod [OPTION…]",
        "",
        "A drop-in for keepalived that never leaves two owners of an address.",
    ]
    for level in (Level.SAME, Level.OWN, Level.ALWAYS, Level.WITHOUT_EFFECT, Level.REFUSED):
        lines += ["", f"{level.value}:"]
        for option in OPTIONS.values():
            if option.level is level:
                indent = "" if option.short else "    "
                lines += _row(f"{indent}{option.spelling}", option.help)
    lines += ["", f"The configuration is {DEFAULT_CONFIG} unless -f names another."]
    lines += ["`haloctl status` and `haloctl why` ask a running daemon."]
    return "\n".join(lines)


def _row(spelling: str, text: str) -> Iterator[str]:
    wrapped = textwrap.wrap(text, _WIDTH - _COLUMN - 2) or [""]
    head = f"  {spelling}"
    if len(head) + 1 > _COLUMN:
        yield head
        head = ""
    for part in wrapped:
        yield f"{head:<{_COLUMN}}{part}"
        head = ""
