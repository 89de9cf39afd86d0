"""Users of this machine: as whom a program runs.

Knows passwd(5) and group(5). Must not know what is run.
"""

from __future__ import annotations

import grp
import os
import pwd
from dataclasses import dataclass

__all__ = ["SCRIPT_USER", "Account", "default_account", "find_account"]

SCRIPT_USER = "keepalived_script"
"""Whom keepalived takes where no user is named, if there is one."""
ROOT = "root"


@dataclass(frozen=True, slots=True)
class Account:
    """What a process becomes."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]
    """The groups it belongs to besides, its own among them."""
    home: str
    shell: str

    @property
    def is_ours(self) -> bool:
        """Whether this process is it already: then nothing has to be set, or may be refused."""
        return (self.uid, self.gid) == (os.geteuid(), os.getegid())


def find_account(user: str, group: str = "") -> Account | str:
    """The account, or the reason why there is none. May ask a directory service, and wait."""
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        return f"there is no user {user} on this machine"
    gid = entry.pw_gid
    if group:
        try:
            gid = grp.getgrnam(group).gr_gid
        except KeyError:
            return f"there is no group {group} on this machine"
    groups = tuple(os.getgrouplist(user, gid))
    return Account(user, entry.pw_uid, gid, groups, entry.pw_dir, entry.pw_shell)


def default_account() -> Account | str:
    """Who runs what no user is named for."""
    found = find_account(SCRIPT_USER)
    return find_account(ROOT) if isinstance(found, str) else found
