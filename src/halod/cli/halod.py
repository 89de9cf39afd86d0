"""`halod`: the daemon's program, started as keepalived is.

Knows what a command line asks for. Imports what answers it only then: a daemon that runs for months
needs no terminal, and a check of a file no daemon.
"""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

from halod.daemon.dumps.signal_names import DUMP_SIGNALS, SIGNAL_NAMES, signal_number
from halod.daemon.options import Options, parse_options

__all__ = ["main"]


def main() -> None:
    """Exit status as keepalived's: 0 stopped, 1 fatal, 2 configuration refused, 4 no permission,
    6 no configuration; with -t 0 clean and 5 with findings."""
    if not __debug__:
        sys.exit("halod: runs with assertions on, not under python -O: they guard the address")
    # What is asked for while we start must not end us: it waits for the supervisor.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP, *DUMP_SIGNALS})
    if sys.argv[1:2] in (["-T"], ["--genhash"]):
        _genhash(sys.argv[2:])
    options = parse_options(sys.argv[1:])
    if options.signum is not None:
        sys.exit(_print_signal_number(options.signum))
    if options.config_test:
        sys.exit(_config_test(options))
    sys.exit(_daemon(options))


def _genhash(arguments: list[str]) -> NoReturn:
    """As keepalived: what follows is for it alone."""
    from halod.cli.genhash import genhash

    genhash.main(arguments, prog_name="halod --genhash")
    raise AssertionError("it ends the program")


def _print_signal_number(name: str) -> int:
    """As keepalived: scripts use it in `kill -s $(halod --signum=JSON) PID`."""
    number = signal_number(name)
    if number is None:
        print(f"Unknown sigfunc {name}: {', '.join(SIGNAL_NAMES)}", file=sys.stderr)
        return 1
    print(number)
    return 0


def _config_test(options: Options) -> int:
    from halod.cli.config_test import config_test

    return config_test(options)


def _daemon(options: Options) -> int:
    from halod.cli.daemon_start import run

    return run(options)


if __name__ == "__main__":
    main()
