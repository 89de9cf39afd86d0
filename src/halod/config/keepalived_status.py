"""The exit status of `halod -t`, for scripts that know keepalived's.

Knows what keepalived 2.2.7 answers, seen (tests/config/test_exit_status.py). Must not print.
"""

from __future__ import annotations

from collections.abc import Callable

from halod.config.codes import Code
from halod.config.compile import Compiled
from halod.config.host.scripts import script_words
from halod.model.diagnostic import FindingSeverity

__all__ = ["EXIT_FINDINGS", "EXIT_NO_SECURITY", "runs_scripts_without_security", "status_of"]

EXIT_FINDINGS = 5
EXIT_NO_SECURITY = 6
"""There are scripts, and `enable_script_security` is not set."""

NOT_COUNTED = frozenset(
    {
        Code.NOT_INCLUDED,
        Code.BAD_TEXT,
        Code.SAME_ADDRESS,
        Code.KEYWORD_TWICE,
        Code.PASSWORD_CUT,
        Code.SMALL_WEIGHT,
        Code.ZERO_WEIGHT,
        Code.WEIGHT_NOPREEMPT,
        Code.STRICT_BLOCKS,
        Code.NOT_A_HOST,
        Code.OTHER_BROADCAST,
        Code.SHELL_SIGNS,
        Code.NO_SCRIPT_SECURITY,  # it has a status of its own
        Code.PEER_IS_SELF,
        Code.MAIL_NOWHERE,
        Code.LOGIN_IN_CLEAR,
        Code.SLOW_PACE,
        Code.UNFIT_FOR_NFT,
        Code.SERVER_IS_ITSELF,
    }
)
"""Risks that keepalived does not look for: told, but a file that it calls clean stays so, for
a tool that checks files before it brings them out would stop there."""


def status_of(compiled: Compiled, exists: Callable[[str], bool]) -> int:
    """0, 5 or 6. `haloctl check` is stricter: any risk is a finding for it.

    `exists`: whether this machine has a program. One that is missing keepalived does not run.
    """
    weighty = (FindingSeverity.REFUSE, FindingSeverity.IGNORED)
    if any(found.severity in weighty for found in compiled.diagnostics):
        return EXIT_FINDINGS
    if runs_scripts_without_security(compiled, exists):
        # keepalived says so whatever else it has found.
        return EXIT_NO_SECURITY
    for found in compiled.diagnostics:
        if found.severity is FindingSeverity.RISK and Code(found.code) not in NOT_COUNTED:
            return EXIT_FINDINGS
    return 0


def runs_scripts_without_security(compiled: Compiled, exists: Callable[[str], bool]) -> bool:
    """Whether keepalived would say so."""
    secure = any(
        child.name == "enable_script_security"
        for block in compiled.tree
        if block.name == "global_defs"
        for child in block.children
    )
    if secure:
        return False
    commands = (word.text.split()[:1] for word in script_words(compiled.tree))
    return any(exists(program) for words in commands for program in words)
