"""Mail that nobody asks for, and mail that would go nowhere.

Knows the keywords of `global_defs` that both need. Must not know what a mail says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lowering.instance import Lowered
from halod.config.tree import Statement
from halod.model.diagnostic import Label

__all__ = ["mail_settings"]

ALERTS = frozenset({"smtp_alert", "smtp_alert_vrrp", "smtp_alert_checker"})
NEEDED = {
    "notification_email": "the addresses that are written to",
    "smtp_server": "the mail server",
}


def mail_settings(tree: Sequence[Statement], found: Sequence[Lowered], findings: Findings) -> None:
    """keepalived 2.2.7 sends none of its own accord: somebody has to ask for it."""
    globals_ = {
        child.name: child
        for section in tree
        if section.name == "global_defs"
        for child in section.children
    }
    asking = next(_asking(tree), None)
    missing = [name for name in NEEDED if name not in globals_]
    if asking is None:
        # A virtual server writes mails without being asked.
        if not missing and not any(section.name == "virtual_server" for section in tree):
            findings.add(
                Code.MAIL_UNASKED,
                "there are recipients and a mail server, and nothing asks for mail: none is sent",
                globals_["notification_email"].keyword.span,
                helps=("add `smtp_alert` to global_defs, or to an instance",),
            )
        return
    if missing and any(lowered.instance.notify.mail for lowered in found):
        there = [Label(globals_[name].keyword.span) for name in NEEDED if name in globals_]
        findings.add(
            Code.MAIL_NOWHERE,
            f"`{asking.name}` asks for mail, and global_defs has no `{missing[0]}`: none is sent",
            asking.keyword.span,
            secondary=tuple(there),
            helps=tuple(f"add `{name}`: {NEEDED[name]}" for name in missing),
        )


def _asking(tree: Sequence[Statement]) -> Iterator[Statement]:
    """Who asks for mail, in the order of the file."""
    waiting = list(reversed(tree))
    while waiting:
        statement = waiting.pop()
        if statement.name in ALERTS:
            yield statement
        if not statement.holds_none_of(ALERTS):
            waiting.extend(reversed(statement.children))
