"""The command line of `halod`: keepalived's options, in keepalived's spelling.

Knows names and defaults. Must not act on anything.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from halod import __version__

__all__ = ["DEFAULT_CONFIG", "DEFAULT_RUN_DIR", "Options", "parse_options"]

DEFAULT_CONFIG = "/etc/keepalived/keepalived.conf"
DEFAULT_RUN_DIR = "/run/halod"


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
    config_test: bool
    """`-t[FILE]`: check the file and leave."""


def parse_options(arguments: Sequence[str]) -> Options:
    """Exits as argparse does: 0 after --help and --version, 2 on a mistake."""
    given = _parser().parse_args(arguments)
    file = given.use_file
    if given.config_test:
        file = given.config_test
    return Options(
        config_file=file or DEFAULT_CONFIG,
        run_dir=given.run_dir,
        foreground=given.dont_fork,
        log_console=given.log_console,
        log_detail=given.log_detail,
        log_json=given.log_json,
        pid_file=given.pid or f"{given.run_dir}/halod.pid",
        vrrp_pid_file=given.vrrp_pid or f"{given.run_dir}/vrrp.pid",
        config_test=given.config_test is not None,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="halod",
        description="A drop-in for keepalived that never leaves two owners of an address.",
        epilog="`haloctl status` and `haloctl why` ask a running daemon.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("-f", "--use-file", metavar="FILE", help=f"configuration (default {DEFAULT_CONFIG})")
    add("-P", "--vrrp", action="store_true", help="only VRRP: accepted, halod has nothing else yet")
    add("-n", "--dont-fork", action="store_true", help="stay in the foreground")
    add("-l", "--log-console", action="store_true", help="log to standard error, not to syslog")
    add("-D", "--log-detail", action="store_true", help="log details")
    add("--log-json", action="store_true", help="log one JSON object a line")
    add("-p", "--pid", metavar="FILE", help="pid file (default RUN-DIR/halod.pid)")
    add("-r", "--vrrp_pid", metavar="FILE", help="pid file of the VRRP process")
    add("--run-dir", metavar="DIR", default=DEFAULT_RUN_DIR, help="default %(default)s")
    add(
        "-t",
        "--config-test",
        metavar="FILE",
        nargs="?",
        const="",
        help="check the configuration: 0 clean, 5 with findings",
    )
    add("-v", "--version", action="version", version=f"halod {__version__}")
    return parser
