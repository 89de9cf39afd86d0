"""Every option of keepalived's command line, row by row, and what halod does with it.

Knows names, arguments and levels; the reference page and `--help` are made from it. Must not parse
a command line, nor act on anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["OPTIONS", "Argument", "Level", "Option"]


class Argument(Enum):
    """What follows an option, as getopt_long(3) reads it."""

    NONE = "none"
    REQUIRED = "required"
    """`-f FILE`, `-fFILE`, `--use-file FILE`, `--use-file=FILE`."""
    OPTIONAL = "optional"
    """`-tFILE`, `--config-test=FILE`: attached, or it is none."""


class Level(Enum):
    """What becomes of an option that keepalived has."""

    SAME = "as keepalived"
    ALWAYS = "always so"
    """halod does so with and without it: nothing is told."""
    WITHOUT_EFFECT = "without effect"
    """halod starts, and tells that this has no effect."""
    REFUSED = "refused"
    """What was asked for would not happen, and something else would: halod does not start."""
    OWN = "halod's own"


@dataclass(frozen=True, slots=True)
class Option:
    """One option."""

    long: str
    """Without its dashes."""
    short: str = ""
    """One letter, or none."""
    argument: Argument = Argument.NONE
    metavar: str = ""
    level: Level = Level.SAME
    help: str = ""
    """What it does; of one that is not done as keepalived does it: why, and what there is."""

    @property
    def spelling(self) -> str:
        """As `--help` and the reference show it."""
        value = {
            Argument.NONE: "",
            Argument.REQUIRED: f"={self.metavar}",
            Argument.OPTIONAL: f"[={self.metavar}]",
        }[self.argument]
        return f"-{self.short}, --{self.long}{value}" if self.short else f"--{self.long}{value}"


_NONE, _REQUIRED, _OPTIONAL = Argument

_NO_BFD = "halod speaks no BFD"
_NO_SNMP = "halod has no SNMP: `haloctl status --json`, and keepalived's dumps by signal"
_CORE = "a core dump would hold the passwords of the adverts"
_DEVELOPERS = "for developers of keepalived, and not in every build of it"

_ROWS = (
    Option("use-file", "f", _REQUIRED, "FILE", help="the configuration file"),
    Option("vrrp", "P", help="VRRP alone, and no virtual servers; with -C: both"),
    Option("check", "C", help="virtual servers alone, and no VRRP; with -P: both"),
    Option("no_bfd", "B", level=Level.ALWAYS, help=_NO_BFD),
    Option("all", level=Level.WITHOUT_EFFECT, help="a process exists only when the file needs it"),
    Option("log-console", "l", help="log to standard error, and not to syslog"),
    Option("log-detail", "D", help="log details"),
    Option(
        "log-facility",
        "S",
        _REQUIRED,
        "0-7|local0-7|user|daemon",
        help="the syslog facility (default daemon)",
    ),
    Option(
        "log-file",
        "g",
        _OPTIONAL,
        "FILE",
        level=Level.WITHOUT_EFFECT,
        help="no log file of its own (nor has Debian's keepalived): syslog, the journal, or -l",
    ),
    Option("flush-log-file", level=Level.WITHOUT_EFFECT, help="there is no log file, see -g"),
    Option("no-syslog", "G", help="do not log to syslog: without -l nothing is logged"),
    Option("umask", "u", _REQUIRED, "MASK", help="the umask: 022, or 0x12"),
    Option("release-vips", "X", level=Level.ALWAYS, help="addresses go at a stop"),
    Option(
        "dont-release-vrrp",
        "V",
        level=Level.WITHOUT_EFFECT,
        help="addresses go at a stop: left behind, they would have two owners at the takeover",
    ),
    Option("dont-release-ipvs", "I", help="virtual servers stay in the table at a stop"),
    Option(
        "dont-respawn",
        "R",
        level=Level.WITHOUT_EFFECT,
        help="a child that dies is started again, at most 3 times in 60 s",
    ),
    Option("dont-fork", "n", help="stay in the foreground"),
    Option(
        "dump-conf",
        "d",
        level=Level.WITHOUT_EFFECT,
        help="not into the log: `kill -s $(halod --signum=DATA) PID` writes keepalived.data",
    ),
    Option("pid", "p", _REQUIRED, "FILE", help="the pid file (default RUN-DIR/halod.pid)"),
    Option("vrrp_pid", "r", _REQUIRED, "FILE", help="the pid file of the VRRP process"),
    Option("checkers_pid", "c", _REQUIRED, "FILE", help="the pid file of the checker process"),
    Option("bfd_pid", "b", _REQUIRED, "FILE", level=Level.ALWAYS, help=_NO_BFD),
    Option(
        "genhash",
        "T",
        level=Level.REFUSED,
        help="only as the first option: what follows is for `haloctl genhash`",
    ),
    Option(
        "address-monitoring",
        "a",
        level=Level.WITHOUT_EFFECT,
        help="halod logs what happens to its own addresses; `ip monitor address` shows all",
    ),
    Option("snmp", "x", level=Level.WITHOUT_EFFECT, help=_NO_SNMP),
    Option("snmp-agent-socket", "A", _REQUIRED, "FILE", level=Level.WITHOUT_EFFECT, help=_NO_SNMP),
    Option(
        "namespace",
        "s",
        _REQUIRED,
        "NAME",
        help="work in this network namespace, whatever `net_namespace` says",
    ),
    Option("core-dump", "m", level=Level.WITHOUT_EFFECT, help=_CORE),
    Option(
        "core-dump-pattern",
        "M",
        _OPTIONAL,
        "PATTERN",
        level=Level.WITHOUT_EFFECT,
        help=f"{_CORE}; and it would count for the whole machine",
    ),
    Option("all-config", "e", help="an included file that is missing refuses the configuration"),
    Option(
        "config-id",
        "i",
        _REQUIRED,
        "ID",
        help="lines behind @ID are in force (default: this machine's name up to its first dot)",
    ),
    Option(
        "signum",
        argument=_REQUIRED,
        metavar="NAME",
        help="print the number of a signal: STOP, RELOAD, DATA, JSON …",
    ),
    Option(
        "config-test",
        "t",
        _OPTIONAL,
        "LOG_FILE",
        help="check the configuration: 0 clean, 5 with findings; LOG_FILE takes the findings",
    ),
    Option(
        "perf", argument=_OPTIONAL, metavar="WHEN", level=Level.WITHOUT_EFFECT, help=_DEVELOPERS
    ),
    Option(
        "debug",
        argument=_OPTIONAL,
        metavar="OPTIONS",
        level=Level.WITHOUT_EFFECT,
        help=_DEVELOPERS,
    ),
    Option("no-mem-check", level=Level.ALWAYS, help=_DEVELOPERS),
    Option("ignore-sigint", level=Level.WITHOUT_EFFECT, help="^C ends halod, as SIGTERM does"),
    Option("version", "v", help="the version"),
    Option("help", "h", help="this text"),
    Option("log-json", level=Level.OWN, help="log one JSON object a line"),
    Option(
        "run-dir",
        argument=_REQUIRED,
        metavar="DIR",
        level=Level.OWN,
        help="control socket, state and pid files; one a daemon (default /run/halod; "
        "below it with `net_namespace` and `instance`)",
    ),
)

OPTIONS = {option.long: option for option in _ROWS}
"""By long name, in the order of keepalived's own help; halod's own come last."""
