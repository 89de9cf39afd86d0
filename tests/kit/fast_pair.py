"""The tutorial's pair in VRRPv3 with adverts of a fraction of a second.

Knows how its files differ from the tutorial's and how long its timers are. Must not know faults.
"""

from __future__ import annotations

from collections.abc import Callable

from halod.lab.lab import Lab
from tests.kit.pair import VIP, WITHIN_S, Pair, changed, set_up_pair

__all__ = ["FAST_S", "fast_config", "skew_s", "start_fast_pair", "takeover_s"]

FAST_S = 0.1
"""Between two adverts, unless a test says otherwise."""
_AUTHENTICATION = "    authentication {\n        auth_type PASS\n        auth_pass 1111\n    }\n"
"""VRRPv3 has none (RFC 9568, 9)."""
_REAL_TIME = "  vrrp_rt_priority 50\n  vrrp_rlimit_rttime 1000000\n"
"""For keepalived, as halod runs without being told: else the one that others keep from the
processor announces late. Its default limit of 10 ms would have the kernel end it on a busy
machine."""
_PRIORITY = {"lb01": 150, "lb02": 100}


def fast_config(
    interval_s: float = FAST_S, *pairs: tuple[str, str], only: str | None = None
) -> Callable[[str], str]:
    """The tutorial's files in VRRPv3, with more texts replaced on both hosts or on one."""

    def config(host: str) -> str:
        base = changed((_AUTHENTICATION, ""), ("advert_int 1", f"advert_int {interval_s:g}"))
        text = base(host).replace("advert_int", "version 3\n    advert_int")
        if only in (None, host):
            for old, new in pairs:
                assert old in text, f"the file of {host} has no {old!r}"
                text = text.replace(old, new)
        return text

    return config


def skew_s(host: str = "lb02", interval_s: float = FAST_S) -> float:
    """RFC 9568, 6.1: Skew_Time."""
    return (256 - _PRIORITY[host]) * interval_s / 256


def takeover_s(host: str = "lb02", interval_s: float = FAST_S) -> float:
    """RFC 9568, 6.1: Master_Down_Interval."""
    return 3 * interval_s + skew_s(host, interval_s)


def start_fast_pair(
    lab: Lab, lb01: str, lb02: str, config: Callable[[str], str] | None = None
) -> Pair:
    """Starts both; lb01 is MASTER, and lb02 listens to it."""
    programs = {"lb01": lb01, "lb02": lb02}
    plain = config or fast_config()

    def config_of(host: str) -> str:
        text = plain(host)
        return _in_real_time(text) if programs[host] == "keepalived" else text

    pair = set_up_pair(lab, lb01, lb02, config_of)
    # lb02 would wait 20 ms longer than lb01: it comes when lb01 is there.
    pair.lb01.balancer.start()
    pair.lb01.expect_state("BACKUP", "started")
    pair.lb01.expect_state("MASTER", "no advert from anybody")
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    pair.lb02.balancer.start()
    pair.lb02.expect_state("BACKUP", "started")
    return pair


def _in_real_time(text: str) -> str:
    start = "global_defs {\n"
    assert start in text
    return text.replace(start, start + _REAL_TIME)
