"""Where a machine puts what it wants done and what it has to say.

Knows three lists. The order in which effects are performed is the business of `engine.ready`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from halod.model.effect import Effect
from halod.model.fact import Fact
from halod.vrrp.routine import Round

__all__ = ["Outbox"]


@dataclass(slots=True)
class Outbox:
    """Filled by one call of the engine, emptied into its `Ready`."""

    effects: list[Effect] = field(default_factory=list)
    """In the order in which they were wanted."""
    facts: list[Fact] = field(default_factory=list)
    """In the order in which they became true."""
    rounds: list[Round] = field(default_factory=list)
    """Adverts of masters that go on."""
