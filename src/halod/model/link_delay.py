"""How long a change of a link must last before it counts.

Knows what was asked for. Must not know links.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.units import Duration

__all__ = ["LinkDelay"]


@dataclass(frozen=True, slots=True)
class LinkDelay:
    """One line of `interface_up_down_delays`."""

    interface: str
    down: Duration
    """From the loss of the carrier until it counts, 0 to 255 s; a carrier that is back by then was
    never away."""
    up: Duration
    """From the return of the carrier until it counts, likewise. Default: that of `down`."""
