"""Whether a node listens yet: a machine that is busy takes seconds to start a program.

Knows the line that both daemons write. Must not know why it matters.
"""

from __future__ import annotations

from halod.lab.balancer import Balancer
from halod.lab.errors import LabError
from halod.lab.patience import wait_until

__all__ = ["wait_until_it_listens"]

LISTENS_WITHIN_S = 30.0
BACKUP = "Entering BACKUP STATE"
LINES = 2000
"""255 instances say a few each."""


def wait_until_it_listens(node: Balancer, instances: int = 1) -> None:
    """Until each instance has become BACKUP; LabError where it does not."""

    def listens() -> bool:
        return node.log_tail(LINES).count(BACKUP) >= instances

    if not wait_until(listens, LISTENS_WITHIN_S, 0.02):
        raise LabError(f"{node.machine.name} does not listen; it said:\n{node.log_tail()}")
