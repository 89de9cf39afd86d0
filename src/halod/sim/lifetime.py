"""When a kernel ends what it was lent: one function for each kind of lease.

Knows how exact each kind is. A kind with an absolute deadline has no lateness, and its deadline
comes in instead of the time of the change. Must not know what stands where.
"""

from __future__ import annotations

from random import Random

from halod.model.units import Duration

__all__ = ["address_lifetime_ends_ns"]


def address_lifetime_ends_ns(
    lease: Duration | None, changed_ns: int, lateness_max: Duration, random: Random
) -> int | None:
    """`valid_lft`: whole seconds from the change, and ended too late; None: never.

    The kernel looks at its lifetimes at round times: up to 1 s too late (DESIGN, section 4).
    """
    if lease is None:
        return None
    whole = Duration.seconds(lease.whole_seconds)
    return changed_ns + whole.ns + random.randint(0, lateness_max.ns)
