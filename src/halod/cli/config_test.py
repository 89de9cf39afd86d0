"""`halod -t`: the configuration is checked, and nothing else happens.

Knows where keepalived writes its findings. Must not judge the configuration itself.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout

from halod.cli.check import check_files
from halod.config.compile import Compiled
from halod.config.keepalived_status import EXIT_NO_SECURITY, status_of
from halod.daemon.exit_codes import EXIT_FATAL
from halod.daemon.options import Options
from halod.kernel.config_sources import surroundings_here
from halod.kernel.host_facts import look_at_script
from halod.model.printable import printable

__all__ = ["config_test"]

MODE = 0o600


def config_test(options: Options) -> int:
    """Exit status: keepalived's 0, 5 and 6; 4 the file cannot be read; 1 no findings written."""
    for line in options.told:
        print(printable(f"halod: {line}"), file=sys.stderr)
    surroundings = surroundings_here(options.config_id, all_files=options.all_config)
    if options.findings_file is None:
        return check_files([options.config_file], surroundings=surroundings, judge=_judge)
    if _is_same(options.findings_file, options.config_file):
        return _refuse(
            options.findings_file,
            "the findings would be written into the configuration: name that with -f",
        )
    findings = io.StringIO()
    with redirect_stdout(findings), redirect_stderr(findings):
        status = check_files([options.config_file], surroundings=surroundings, judge=_judge)
    try:
        _append(options.findings_file, findings.getvalue())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no name of a file"
        return _refuse(options.findings_file, f"the findings cannot be written: {reason}")
    return status


def _judge(compiled: Compiled) -> int:
    status = status_of(compiled, _exists)
    if status == EXIT_NO_SECURITY:
        # keepalived's reason for it; scripts run all the same.
        line = "has scripts, and `enable_script_security` is not set in global_defs"
        print(printable(f"{compiled.file}: {line}"), file=sys.stderr)
    return status


def _exists(program: str) -> bool:
    return not look_at_script(program).missing


def _append(path: str, text: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, MODE), "ab") as file:
        file.write(text.encode(errors="replace"))


def _is_same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        # One of them is not there: then it is not the other.
        return False


def _refuse(path: str, reason: str) -> int:
    print(printable(f"halod: {path}: {reason}"), file=sys.stderr)
    return EXIT_FATAL
