"""The programs that are run once: when the daemon starts, and when it has stopped.

Knows what becomes of one that fails. Must not know what else is started or stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

from halod.kernel.account import find_account
from halod.kernel.program_run import GRACE, run_program
from halod.kernel.script_files import Unfit, fit_command
from halod.kernel.sd_notify import notify
from halod.model.configuration import Configuration
from halod.model.daemon_settings import OnceScript
from halod.model.printable import printable

__all__ = ["fit_once", "run_once"]


def fit_once(configuration: Configuration) -> tuple[Configuration, list[str]]:
    """The configuration as it can run here, and a line for each thing that is not as written."""
    told: list[str] = []

    def fitted(script: OnceScript | None, keyword: str) -> OnceScript | None:
        if script is None:
            return None
        command, warning = fit_command(script.command, configuration.programs)
        if warning:
            told.append(printable(f"{keyword}: {warning}"))
        if isinstance(command, Unfit):
            told.append(printable(f"{keyword} is left out: {command.reason}. Mend it"))
            return None
        return OnceScript(command, script.limit)

    daemon = configuration.daemon
    startup = fitted(daemon.startup, "startup_script")
    shutdown = fitted(daemon.shutdown, "shutdown_script")
    settings = replace(daemon, startup=startup, shutdown=shutdown)
    return replace(configuration, daemon=settings), told


async def run_once(script: OnceScript | None, keyword: str, stopping: asyncio.Event) -> str:
    """To its end, its limit, or until the daemon is to stop; what went wrong, for the log."""
    if script is None:
        return ""
    account = find_account(script.command.user, script.command.group)
    if isinstance(account, str):
        return f"{keyword}: {account}"
    patience_us = (script.limit + GRACE).ns // 1000
    # A service manager must not take us for stuck meanwhile.
    notify(f"EXTEND_TIMEOUT_USEC={patience_us}", f"STATUS={keyword} runs")
    running = asyncio.create_task(run_program(script.command.argv, account, script.limit))
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait((running, stopped), return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not running.done():
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        return f"{keyword}: ended, for the daemon is to stop"
    end = running.result()
    return "" if end.succeeded else f"{keyword}: {end.words}"
