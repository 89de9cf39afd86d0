"""Whether a program of the operator's can be run on this machine: found, executable, by whom.

Knows paths, users, and what keepalived leaves out. Must not run anything, nor know what for.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace

from halod.kernel.account import SCRIPT_USER, Account, default_account, find_account
from halod.kernel.host_facts import look_at_script
from halod.model.command import Command
from halod.model.script import ScriptSettings

__all__ = ["Unfit", "fit_command"]


@dataclass(frozen=True, slots=True)
class Unfit:
    """It is not run."""

    reason: str
    """Half a sentence."""


def fit_command(command: Command, settings: ScriptSettings) -> tuple[Command | Unfit, str]:
    """The command with the path of its program and its user, or why it is not run; and a warning.

    As keepalived: what cannot be run when the configuration is read is left out.
    """
    account = _account(command, settings)
    if isinstance(account, str):
        return Unfit(account), ""
    found = look_at_script(command.program)
    if found.missing:
        where = "is not there" if "/" in command.program else "is in no folder of the search path"
        return Unfit(f"{found.path} {where}"), ""
    if not _may_execute(os.stat(found.path), account):
        return Unfit(f"{found.path} is not executable for user {account.name}"), ""
    warning = ""
    if found.open_to and 0 in (account.uid, account.gid):
        what = f"{found.path} runs as {account.name}, and others can change it: {found.open_to}"
        if settings.security:
            return Unfit(what), ""
        warning = what
    argv = (found.path, *command.argv[1:])
    return replace(command, argv=argv, user=account.name, group=_group(command, settings)), warning


def _account(command: Command, settings: ScriptSettings) -> Account | str:
    user = command.user or settings.user
    if user:
        return find_account(user, _group(command, settings))
    account = default_account()
    root = isinstance(account, Account) and account.name != SCRIPT_USER
    if root and settings.security:
        return (
            f"with enable_script_security there must be a user {SCRIPT_USER}, or `script_user` "
            "must name one"
        )
    return account


def _group(command: Command, settings: ScriptSettings) -> str:
    return command.group if command.user else settings.group


def _may_execute(found: os.stat_result, account: Account) -> bool:
    """By the mode of the file alone; root needs one bit of the three."""
    if account.uid == 0:
        return bool(found.st_mode & 0o111)
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid in (account.gid, *account.groups):
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)
