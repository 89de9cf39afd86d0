"""From options to a running supervisor: what must be right before, and the way into the background.

Knows the order of the steps. Must not know VRRP. Imports as little as it can: this process stays
for months.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from halod.config.memory import Memory
from halod.daemon.control import daemon_at
from halod.daemon.exit_codes import EXIT_FATAL, EXIT_NO_PERMISSION
from halod.daemon.logs import Log
from halod.daemon.neighbours import Claims, find_collision
from halod.daemon.options import Options
from halod.daemon.run_dir import prepare_run_dir, remember_namespace
from halod.daemon.startup import configuration_of
from halod.daemon.supervisor import Supervisor
from halod.kernel.net_namespace import enter
from halod.model.fact import Severity

__all__ = ["run"]


def run(options: Options) -> int:
    """Until it is stopped; the exit status."""
    if options.umask is not None:
        os.umask(options.umask)
    log = Log(
        console=options.log_console,
        detail=options.log_detail,
        as_json=options.log_json,
        facility=options.log_facility,
        nowhere=options.log_nowhere,
    )
    for line in options.told:
        log.tell(Severity.WARNING, line)
    memory = Memory()
    loaded = configuration_of(options, memory)
    for severity, line in loaded.told():
        log.tell(severity, line)
    if loaded.configuration is None:
        return _refuse(log, options, "configuration refused: nothing was started", loaded.status)
    if os.geteuid() != 0:
        reason = "needs root (CAP_NET_ADMIN and CAP_NET_RAW), or a user namespace in which it is"
        return _refuse(log, options, reason, EXIT_NO_PERMISSION)
    configuration = loaded.configuration
    options = options.placed(configuration.net_namespace, configuration.instance)
    log.name(configuration.net_namespace, configuration.instance)
    # Before any socket: each stays in the namespace in which it was made.
    outside = enter(configuration.net_namespace) if configuration.net_namespace else None
    if outside is not None:
        return _refuse(log, options, outside, EXIT_FATAL)
    unusable = prepare_run_dir(Path(options.run_dir))
    if unusable is not None:
        return _refuse(log, options, unusable, EXIT_FATAL)
    tenant = daemon_at(Path(options.run_dir))
    if tenant is not None:
        reason = f"halod (pid {tenant}) uses {options.run_dir}: choose another with --run-dir"
        return _refuse(log, options, reason, EXIT_FATAL)
    remember_namespace(Path(options.run_dir), configuration.net_namespace)
    claims = Claims()
    collision = find_collision(configuration) or claims.take(configuration)
    if collision is not None:
        return _refuse(log, options, collision, EXIT_FATAL)
    if not options.foreground:
        _into_background(keep_console=options.log_console)
    return asyncio.run(Supervisor(options, loaded, memory, claims, log).run())


def _refuse(log: Log, options: Options, reason: str, status: int) -> int:
    log.tell(Severity.ERROR, reason)
    if not options.log_console:
        # The person who typed the command looks here, not into syslog.
        print(f"halod: {reason}", file=sys.stderr)
    return status


def _into_background(*, keep_console: bool) -> None:
    """daemon(3), with an own session; the pid file names who is left. Whoever asked for a log on
    the console goes on reading it."""
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(2 if keep_console else 3):
        os.dup2(null, descriptor)
    if null > 2:
        os.close(null)
