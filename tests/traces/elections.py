"""Fault scripts: who may take over from whom, and how long it waits.

Data. Must not run anything.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.traces.acts import SETTLE_S, on, start, started, stop
from tests.traces.reasons import Reason
from tests.traces.script import INTERVAL_S, VIP, Script, Stream, file_of, meant
from tests.traces.stage import Stage

__all__ = ["ELECTIONS"]


def _only_lb01(*lines: str) -> Callable[[str], str]:
    def files(host: str) -> str:
        return file_of(host, *(lines if host == "lb01" else ()))

    return files


def _other_interval(host: str) -> str:
    return file_of(host, interval=f"advert_int {0.2 if host == 'lb01' else 0.5}")


def _other_addresses(host: str) -> str:
    more = ("192.168.178.4/24",) if host == "lb02" else ()
    return file_of(host, vips=("192.168.178.3/24", *more))


def _other_password(host: str) -> str:
    word = "1111" if host == "lb01" else "2222"
    password = f"authentication {{\n        auth_type PASS\n        auth_pass {word}\n    }}"
    return file_of(host, password, version=2, interval="advert_int 1")


def _garp(host: str) -> str:
    lines = ("garp_master_delay 1", "garp_master_refresh 2", "garp_master_refresh_repeat 2")
    return file_of(host, *lines)


def _kill(stage: Stage) -> None:
    stage.lab.balancers["lb01"].kill_all()


WIRE, ADDRESS, NOTIFY, ANNOUNCE = Stream.WIRE, Stream.VIP, Stream.NOTIFY, Stream.ANNOUNCE
P150, P100 = (f"VRID 51 v3 priority {priority}" for priority in (150, 100))
HAS, GETS, LOSES = f"has {VIP}", f"gets {VIP}", f"loses {VIP}"
MORE = "192.168.178.4"
BACKUP_100, MASTER_100 = "INSTANCE VI_1 BACKUP 100", "INSTANCE VI_1 MASTER 100"

ELECTIONS = (
    Script(
        "`nopreempt`",
        _only_lb01("nopreempt"),
        (start("lb02"), start("lb01", 2.0, after="lb02"), stop("lb02")),
    ),
    Script(
        "`preempt_delay 1`",
        _only_lb01("preempt_delay 1"),
        (start("lb02"), start("lb01", 3.0, after="lb02", slack_s=INTERVAL_S)),
    ),
    Script(
        "a stronger third comes and goes",
        file_of,
        (*started(), start("lb03", after="lb01"), stop("lb03")),
        hosts=("lb01", "lb02", "lb03"),
    ),
    Script(
        "three, and the strongest dies",
        file_of,
        (
            start("lb01"),
            start("lb02", after="lb01"),
            start("lb03", after="lb01"),
            on(
                "SIGKILL of lb03",
                lambda s: s.lab.balancers["lb03"].kill_all(),
                2.0,
                after="lb03",
            ),
        ),
        hosts=("lb01", "lb02", "lb03"),
        differs=meant(
            Reason.LEASE,
            (3, ADDRESS, "lb03", f"{HAS}; {LOSES} +0.54", HAS),
        ),
    ),
    Script(
        "the backup's `advert_int` differs",
        _other_interval,
        (*started(2.0), stop("lb01")),
    ),
    Script(
        "the backup has one address more",
        _other_addresses,
        started(2.0),
        differs=(
            *meant(
                Reason.ADDRESS_LIST,
                (1, WIRE, "lb02", "nothing", f"{P100} +0.7"),
                (1, ADDRESS, "lb02", "nothing", f"{GETS} +0.7; gets {MORE} +0.7"),
                (1, NOTIFY, "lb02", BACKUP_100, f"{BACKUP_100}; {MASTER_100}"),
                (1, ANNOUNCE, "lb02", "nothing", f"5 of {VIP} +0.7; 5 of {MORE} +0.7"),
            ),
            *meant(Reason.MUTE_BESIDE, (1, WIRE, "lb01", P150, "ANY"), chance=True),
        ),
    ),
    Script(
        "the backup's password differs",
        _other_password,
        (start("lb01", 4.6), start("lb02", 6.5, after="lb01")),
        interval_s=1.0,
        differs=meant(
            Reason.MUTE_BESIDE,
            (1, WIRE, "lb01", "VRID 51 v2 priority 150", "ANY"),
            (1, WIRE, "lb02", "VRID 51 v2 priority 100", "ANY"),
            chance=True,
        ),
    ),
    Script(
        "`down_timer_adverts 5`",
        lambda host: file_of(host, "down_timer_adverts 5"),
        (start("lb01", 2.0), start("lb02", 1.6, after="lb01"), on("SIGKILL of lb01", _kill, 2.0)),
        differs=meant(
            Reason.LEASE,
            (2, ADDRESS, "lb01", f"{HAS}; {LOSES} +0.94", HAS),
        ),
    ),
    Script(
        "announcements again: `garp_master_delay`, `garp_master_refresh`",
        _garp,
        (start("lb01", 3.6),),
        hosts=("lb01",),
    ),
    Script(
        "an interval of 0.1 s",
        lambda host: file_of(host, interval="advert_int 0.1"),
        (*started(SETTLE_S), stop("lb01"), start("lb01", after="lb02")),
        interval_s=0.1,
    ),
)
