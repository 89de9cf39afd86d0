"""Keywords of `garp_group`, and those of `global_defs` for links that stand in none.

Knows types and ranges. Defaults stand in the model, at the field that a keyword sets.
"""

from __future__ import annotations

from halod.config.keywords.kinds import Entries, Keyword, Repeated, Seconds, Section
from halod.config.keywords.known import KNOWN
from halod.model.units import ZERO, Duration

__all__ = ["EXTRA", "EXTRA_LINE", "GARP_GROUP", "PACE_GLOBALLY"]

_ALL = Seconds(ZERO, Duration.microseconds(2**32 - 1), fractions=True)
_GROUP = Seconds(ZERO, Duration.microseconds(2**31 - 1), fractions=True)
"""As keepalived: 32 bits of microseconds, in a group with a sign."""
NOBODY_WAITS = "nobody waits"

EXTRA = ("garp_extra_if", "vmac_garp_intvl")
"""The second is the name of old; in `global_defs` with `vrrp_` before them."""
EXTRA_LINE = Keyword(
    kind=Repeated("whole seconds up to 86400, or `all` and seconds"), sets="GarpPolicy.extra"
)

PACE_GLOBALLY = {
    **{f"vrrp_{name}": EXTRA_LINE for name in EXTRA},
    "vrrp_garp_interval": Keyword(kind=_ALL, sets="Pace.arp", default=NOBODY_WAITS),
    "vrrp_gna_interval": Keyword(kind=_ALL, sets="Pace.neighbour", default=NOBODY_WAITS),
}

GARP_GROUP = Section(
    name="garp_group",
    known=KNOWN["garp_group"],
    keywords={
        "garp_interval": Keyword(kind=_GROUP, sets="Pace.arp", default=NOBODY_WAITS),
        "gna_interval": Keyword(kind=_GROUP, sets="Pace.neighbour", default=NOBODY_WAITS),
        "interface": Keyword(kind=Repeated("an interface"), sets="GarpGroup.interfaces"),
        "interfaces": Keyword(kind=Entries(), sets="GarpGroup.interfaces"),
    },
)
