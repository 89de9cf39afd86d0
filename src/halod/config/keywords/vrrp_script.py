"""Keywords of `vrrp_script`.

Knows types, ranges, levels. Defaults stand in the model, at the field that a keyword sets.
"""

from __future__ import annotations

from halod.config.keywords.kinds import Flag, Integer, Keyword, Program, Seconds, Section, Text
from halod.config.keywords.kinds import Weight as WeightKind
from halod.config.keywords.known import KNOWN
from halod.model.units import Duration

__all__ = ["VRRP_SCRIPT"]

COUNT_MAX = 999_999_999
"""keepalived takes any 31-bit number: nine digits are more than anybody waits for."""
_TIME = Seconds(Duration.seconds(1), Duration.seconds(4294))
"""keepalived counts microseconds in 32 bits."""

VRRP_SCRIPT = Section(
    name="vrrp_script",
    known=KNOWN["vrrp_script"],
    keywords={
        "script": Keyword(
            kind=Program(takes_user=False),
            sets="VrrpScript.command",
            default="the script is left out",
        ),
        "user": Keyword(
            kind=Text(words=2), sets="VrrpScript.command", default="script_user counts"
        ),
        "interval": Keyword(kind=_TIME, sets="VrrpScript.interval", default="1 s counts"),
        "timeout": Keyword(kind=_TIME, sets="VrrpScript.timeout", default="the interval counts"),
        "rise": Keyword(kind=Integer(1, COUNT_MAX), sets="VrrpScript.rise", default="1 counts"),
        "fall": Keyword(kind=Integer(1, COUNT_MAX), sets="VrrpScript.fall", default="1 counts"),
        "weight": Keyword(kind=WeightKind(), sets="VrrpScript.weight", default="0 counts"),
        "init_fail": Keyword(kind=Flag(), sets="VrrpScript.init_fail"),
    },
)
