"""Keywords of `auth_hmac` in `vrrp_instance`.

Knows types, ranges, levels. Defaults stand in the model, at the field that a keyword sets.
"""

from __future__ import annotations

from halod.config.keywords.kinds import Choice, Integer, Keyword, Repeated, Seconds, Section
from halod.config.keywords.known import KNOWN
from halod.model.hmac_policy import AntiReplay, HmacMode
from halod.model.units import Duration

__all__ = ["AUTH_HMAC"]

AUTH_HMAC = Section(
    name="auth_hmac",
    known=KNOWN["vrrp_instance/auth_hmac"],
    secret=True,
    keywords={
        "key": Keyword(
            kind=Repeated("a number from 1 to 255 and 32 to 64 bytes"), sets="HmacPolicy.keys"
        ),
        "active_key": Keyword(
            kind=Integer(1, 255), sets="HmacPolicy.active", default="the only key counts"
        ),
        "anti_replay": Keyword(
            kind=Choice({each.value: each for each in AntiReplay}),
            sets="HmacPolicy.anti_replay",
            default="time counts",
        ),
        "time_window": Keyword(
            kind=Seconds(Duration.seconds(1), Duration.seconds(300)),
            sets="HmacPolicy.window",
            default="three advert intervals count, and 5 s at least",
        ),
        "mode": Keyword(
            kind=Choice({each.value: each for each in HmacMode}),
            sets="HmacPolicy.mode",
            default="enforce counts",
        ),
    },
)
