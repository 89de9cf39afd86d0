"""Fault scripts: programs that start, stop, die, freeze and come back.

Data. Must not run anything.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.traces.acts import SETTLE_S, on, start, started, stop
from tests.traces.reasons import Reason
from tests.traces.script import VIP, Act, Script, Stream, file_of, meant
from tests.traces.stage import Stage

__all__ = ["DEATHS"]


def _of_lb01(method: str) -> Callable[[Stage], None]:
    def do(stage: Stage) -> None:
        getattr(stage.lab.balancers["lb01"], method)()

    return do


def _dies(words: str, method: str, watch_s: float, after: str = "lb01") -> Act:
    return on(f"{words} of lb01", _of_lb01(method), watch_s, after)


def _owner(host: str) -> str:
    if host != "lb01":
        return file_of(host)
    return file_of(host, priority=255, state="MASTER")


def _older(host: str) -> str:
    """Version 2, which the tutorial and most public files speak."""
    password = "authentication {\n        auth_type PASS\n        auth_pass 1111\n    }"
    return file_of(host, password, version=2, interval="advert_int 1")


STARTUP_S = 2
"""More than what is told at a start may differ by."""


def _startup_delay(host: str) -> str:
    return file_of(host, before=(f"vrrp_startup_delay {STARTUP_S}",))


WIRE, ADDRESS, NOTIFY, ANNOUNCE = Stream.WIRE, Stream.VIP, Stream.NOTIFY, Stream.ANNOUNCE
P150, P100, P0 = (f"VRID 51 v3 priority {priority}" for priority in (150, 100, 0))
HAS, GETS, LOSES = f"has {VIP}", f"gets {VIP}", f"loses {VIP}"
BACKUP_150, MASTER_150 = "INSTANCE VI_1 BACKUP 150", "INSTANCE VI_1 MASTER 150"
BACKUP_100, MASTER_100 = "INSTANCE VI_1 BACKUP 100", "INSTANCE VI_1 MASTER 100"
LOWER_150 = "INSTANCE VI_1 MASTER_RX_LOWER_PRI 150"
FIVE = f"5 of {VIP}"

DEATHS = (
    Script(
        "the weaker starts first",
        file_of,
        (start("lb02"), start("lb01", after="lb02")),
    ),
    Script(
        "SIGTERM, and back",
        file_of,
        (*started(), stop("lb01"), start("lb01", after="lb02")),
    ),
    Script(
        "SIGTERM of the backup, and back",
        file_of,
        (*started(), stop("lb02", after="lb01"), start("lb02", after="lb01")),
    ),
    Script(
        "SIGKILL of the VRRP process",
        file_of,
        (*started(), _dies("SIGKILL of the VRRP process", "kill_heartbeat", 4.0)),
        differs=meant(
            Reason.CHILD,
            (2, WIRE, "lb01", f"{P0} +0.0; {P150}", f"{P150} +0.75"),
            (2, ADDRESS, "lb01", f"{HAS}; {LOSES} +0.0; {GETS}", f"{HAS}; {LOSES}; {GETS} +0.75"),
            (2, NOTIFY, "lb01", f"{BACKUP_150}; {MASTER_150}", f"{BACKUP_150}; {MASTER_150} +0.75"),
            (2, ANNOUNCE, "lb01", FIVE, f"{FIVE} +0.75"),
            (2, WIRE, "lb02", f"{P100} +0.15", f"{P100} +0.66"),
            (2, ADDRESS, "lb02", f"{GETS} +0.15; {LOSES}", f"{GETS} +0.66; {LOSES} +0.75"),
            (2, NOTIFY, "lb02", f"{MASTER_100}; {BACKUP_100}", f"{MASTER_100}; {BACKUP_100}"),
            (2, ANNOUNCE, "lb02", f"{FIVE} +0.15", f"{FIVE} +0.66"),
        ),
    ),
    Script(
        "SIGKILL of the parent",
        file_of,
        (*started(), _dies("SIGKILL of the parent", "kill_parent", 2.0)),
        differs=meant(
            Reason.PARENT,
            (2, NOTIFY, "lb01", "nothing", "INSTANCE VI_1 STOP 150"),
        ),
    ),
    Script(
        "SIGKILL of everything, and back",
        file_of,
        (*started(), _dies("SIGKILL", "kill_all", 2.0), start("lb01", after="lb02")),
        differs=meant(
            Reason.LEASE,
            (2, ADDRESS, "lb01", f"{HAS}; {LOSES} +0.54", HAS),
            (3, ADDRESS, "lb01", f"{GETS} +0.7", f"{HAS}; {LOSES} +0.0; {GETS} +0.7"),
        ),
    ),
    Script(
        "SIGSTOP and SIGCONT",
        file_of,
        (
            *started(),
            _dies("SIGSTOP", "freeze_all", 2.0),
            _dies("SIGCONT", "thaw", 2.0, after="lb02"),
        ),
        differs=(
            *meant(Reason.LEASE, (2, ADDRESS, "lb01", f"{HAS}; {LOSES} +0.54", HAS)),
            *meant(
                Reason.WAKES,
                (3, WIRE, "lb01", f"{P0} +0.0; {P150} +0.7", f"{P150} +0.0"),
                (3, ADDRESS, "lb01", f"{GETS} +0.7", HAS),
                (3, NOTIFY, "lb01", f"{BACKUP_150}; {MASTER_150}", LOWER_150),
                (3, ANNOUNCE, "lb01", f"{FIVE} +0.7", "ANY"),
                (3, WIRE, "lb02", f"{P100} +0.0", "nothing"),
                (3, ADDRESS, "lb02", f"{HAS}; {LOSES} +0.7", f"{HAS}; {LOSES} +0.0"),
                (3, NOTIFY, "lb02", BACKUP_100, BACKUP_100),
                (3, ANNOUNCE, "lb02", f"{FIVE} +0.0", "nothing"),
            ),
        ),
    ),
    Script(
        "an owner: priority 255",
        _owner,
        (
            start("lb02"),
            start("lb01", SETTLE_S, after="lb02"),
            stop("lb01"),
            start("lb01", SETTLE_S, after="lb02"),
        ),
    ),
    Script(
        "version 2, a password, each second",
        _older,
        (start("lb01", 4.6), start("lb02", 3.5, after="lb01"), stop("lb01", 3.5)),
        interval_s=1.0,
    ),
    Script(
        "`vrrp_startup_delay`",
        _startup_delay,
        (start("lb01", STARTUP_S + 1.6), start("lb02", STARTUP_S + 1.2, after="lb01")),
        differs=meant(
            Reason.STARTUP,
            (0, WIRE, "lb01", f"{P150} +0.7", f"{P150} +2.7"),
            (0, ADDRESS, "lb01", f"{GETS} +0.7", f"{GETS} +2.7"),
            (0, NOTIFY, "lb01", f"{BACKUP_150}; {MASTER_150}", f"{BACKUP_150}; {MASTER_150}"),
            (0, ANNOUNCE, "lb01", f"{FIVE} +0.7", f"{FIVE} +2.7"),
        ),
    ),
)
