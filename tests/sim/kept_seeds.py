"""Seeds that once failed, kept for ever and played first.

A change of the generator gives a seed another meaning, so what a seed found is also written down as
a scenario in `test_found.py`.
"""

KEPT_SEEDS = {
    30: "`down_timer_adverts 2` with adverts of 1 s: the lease was as long as the interval",
    36: "the same, in another cluster",
    5: "one flush of many addresses counted as a fight over them",
    115: "the same, and the owner of the addresses gave up",
    777: "an owner that overslept took the old term's lapse for the new one's",
    102572: "an advert that the kernel refused earned a grant all the same",
    218648: "a priority 0 that came after the next master's advert made a third one master: the "
    "oracle forgot the way back of the answer",
    816: "the same, and it kept the address as BACKUP",
    400681: "a lifetime that took the place of a gate counted from long after the last advert",
    401137: "the same, with adverts of 3 s",
    404932: "adverts of one batch were refused, and their grant was never asked for again",
    103019: "a mute master that had lost an advert before: the oracle forgot how long it may stay",
    9614: "a token for nftables waited out a stop: the oracle did not wait for the next advert",
    204613: "failed in a long run while the answer's way back was not counted",
}
