"""The rules that look at the syntax tree, some for keywords that halod does not act on yet.

Knows which there are. Must not know what they find.
"""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.findings import Findings
from halod.config.lowering.instance import Lowered
from halod.config.rules.group_priorities import group_priorities
from halod.config.rules.group_weight import group_weight
from halod.config.rules.late_tracker import late_tracker
from halod.config.rules.mail_settings import mail_settings
from halod.config.rules.peer_is_self import peer_is_self
from halod.config.rules.shell_signs import shell_signs
from halod.config.rules.small_weight import small_weight
from halod.config.rules.strict_mode import strict_mode
from halod.config.rules.unicast_alone import unicast_alone
from halod.config.rules.verified_chain import verified_chain
from halod.config.rules.weight_and_nopreempt import weight_and_nopreempt
from halod.config.tree import Statement

__all__ = ["rules_on_the_tree"]

RULES = (
    small_weight,
    weight_and_nopreempt,
    strict_mode,
    unicast_alone,
    shell_signs,
    group_weight,
    group_priorities,
    peer_is_self,
    mail_settings,
    late_tracker,
    verified_chain,
)


def rules_on_the_tree(
    tree: Sequence[Statement], found: Sequence[Lowered], findings: Findings
) -> None:
    for rule in RULES:
        rule(tree, found, findings)
