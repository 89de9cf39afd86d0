"""Fault scripts: files that change, and SIGHUP.

Data. Must not run anything.
"""

from __future__ import annotations

from tests.traces.acts import reload, started
from tests.traces.reasons import Reason
from tests.traces.script import VIP, Script, Stream, file_of, meant

__all__ = ["RELOADS"]

SECOND = "192.168.178.4"
FIRST_LINE = "        192.168.178.3/24 dev ens33"
SECOND_LINE = f"        {SECOND}/24 dev ens33"


def _plain(host: str) -> str:
    return file_of(host, real_time=False)


def _two_addresses(host: str) -> str:
    return file_of(host, real_time=False, vips=("192.168.178.3/24", f"{SECOND}/24"))


def _two_instances(host: str) -> str:
    return _plain(host) + _second(host)


def _second(host: str) -> str:
    return file_of(host, name="VI_2", vrid=52, vips=(f"{SECOND}/24",), first=False)


WIRE, ADDRESS, NOTIFY, ANNOUNCE = Stream.WIRE, Stream.VIP, Stream.NOTIFY, Stream.ANNOUNCE
P150, P100 = (f"VRID 51 v3 priority {priority}" for priority in (150, 100))
HAS, GETS, LOSES = f"has {VIP}", f"gets {VIP}", f"loses {VIP}"
FIVE, FIVE_MORE = f"5 of {VIP}", f"5 of {SECOND}"
BACKUP_100, MASTER_100 = "INSTANCE VI_1 BACKUP 100", "INSTANCE VI_1 MASTER 100"
LOWER_150 = "INSTANCE VI_1 MASTER_RX_LOWER_PRI 150"

JITTER_S = 0.15
"""keepalived reloads out of real time here: `file_of` says why."""

RELOADS = (
    Script(
        "reload: nothing has changed",
        _plain,
        (*started(), reload("lb01", "a comment more", "global_defs", "# no change\nglobal_defs")),
        jitter_s=JITTER_S,
    ),
    Script(
        "reload: a weaker and a stronger priority",
        _plain,
        (
            *started(),
            reload("lb01", "priority 90", "priority 150", "priority 90"),
            reload("lb01", "priority 150", "priority 90", "priority 150", after="lb02"),
        ),
        jitter_s=JITTER_S,
    ),
    Script(
        "reload: a stronger backup",
        _plain,
        (*started(), reload("lb02", "priority 180", "priority 100", "priority 180")),
        jitter_s=JITTER_S,
    ),
    Script(
        "reload: one address more on both",
        _plain,
        (
            *started(),
            reload("lb01", "one address more", FIRST_LINE, f"{FIRST_LINE}\n{SECOND_LINE}"),
            reload("lb02", "one address more", FIRST_LINE, f"{FIRST_LINE}\n{SECOND_LINE}"),
        ),
        differs=(
            *meant(
                Reason.NEW_ALONE,
                (2, ANNOUNCE, "lb01", FIVE_MORE, f"{FIVE}; {FIVE_MORE}"),
                (3, ANNOUNCE, "lb01", "nothing", "CHANCE"),
                chance=True,
            ),
            *meant(
                Reason.ADDRESS_LIST,
                (2, WIRE, "lb02", "nothing", f"{P100} +0.75"),
                (2, ADDRESS, "lb02", "nothing", f"{GETS} +0.75"),
                (2, NOTIFY, "lb02", "nothing", MASTER_100),
                (2, ANNOUNCE, "lb02", "nothing", f"{FIVE} +0.75"),
                (3, ADDRESS, "lb02", "nothing", f"{HAS}; {LOSES}; gets {SECOND}; loses {SECOND}"),
                (3, NOTIFY, "lb02", "nothing", BACKUP_100),
                (3, ANNOUNCE, "lb02", "nothing", "ANY"),
            ),
            *meant(
                Reason.ADDRESS_LIST,
                (2, WIRE, "lb01", P150, "ANY"),
                (3, WIRE, "lb01", P150, "ANY"),
                (3, WIRE, "lb02", "nothing", "ANY"),
                (3, NOTIFY, "lb01", "nothing", LOWER_150),
                chance=True,
            ),
        ),
        jitter_s=JITTER_S,
    ),
    Script(
        "reload: one address less on both",
        _two_addresses,
        (
            *started(),
            reload("lb01", "one address less", f"{SECOND_LINE}\n", ""),
            reload("lb02", "one address less", f"{SECOND_LINE}\n", "", after=None),
        ),
        differs=(
            *meant(
                Reason.ADDRESS_LIST,
                (2, WIRE, "lb02", "nothing", f"{P100} +0.75"),
                (2, ADDRESS, "lb02", "nothing", f"{GETS} +0.75; gets {SECOND} +0.75"),
                (2, NOTIFY, "lb02", "nothing", MASTER_100),
                (2, ANNOUNCE, "lb02", "nothing", f"{FIVE} +0.75; {FIVE_MORE} +0.75"),
                (3, ADDRESS, "lb02", "nothing", f"{HAS}; {LOSES}; has {SECOND}; loses {SECOND}"),
                (3, NOTIFY, "lb02", "nothing", BACKUP_100),
            ),
            *meant(
                Reason.ADDRESS_LIST,
                (2, WIRE, "lb01", P150, "ANY"),
                (3, WIRE, "lb01", P150, "ANY"),
                (3, WIRE, "lb02", "nothing", "CHANCE"),
                (3, NOTIFY, "lb01", "nothing", LOWER_150),
                (3, ANNOUNCE, "lb01", "nothing", "ANY"),
                (3, ANNOUNCE, "lb02", "nothing", "ANY"),
                chance=True,
            ),
        ),
        jitter_s=JITTER_S,
    ),
    Script(
        "reload: an unknown keyword",
        _plain,
        (
            *started(),
            reload("lb01", "an unknown keyword", "    state", "    colour red\n    state"),
        ),
        jitter_s=JITTER_S,
    ),
    Script(
        "reload: no `virtual_router_id`",
        _plain,
        (*started(), reload("lb01", "no VRID any more", "    virtual_router_id 51\n", "", 2.0)),
        differs=meant(
            Reason.RELOAD,
            (2, WIRE, "lb01", P150, f"{P150} +0.0"),
            (2, WIRE, "lb02", "nothing", f"{P100} +0.75"),
            (2, ADDRESS, "lb02", "nothing", f"{GETS} +0.75"),
            (2, NOTIFY, "lb02", "nothing", MASTER_100),
            (2, ANNOUNCE, "lb02", "nothing", f"{FIVE} +0.75"),
        ),
        jitter_s=JITTER_S,
    ),
    Script(
        "reload: an instance goes",
        _two_instances,
        (
            *started(),
            reload("lb01", "VI_2 is gone", _second("lb01"), "", 1.6),
        ),
        differs=meant(
            Reason.ONE_MORE,
            (
                2,
                WIRE,
                "lb01",
                f"{P150}; VRID 52 v3 priority 0",
                f"{P150}; VRID 52 v3 priority 150; VRID 52 v3 priority 0",
            ),
        ),
        jitter_s=JITTER_S,
    ),
    Script(
        "reload: an instance comes",
        _plain,
        (
            *started(),
            reload(
                "lb01",
                "VI_2 is new",
                "vrrp_instance VI_1",
                f"{_second('lb01')}vrrp_instance VI_1",
                1.6,
            ),
        ),
        jitter_s=JITTER_S,
    ),
    Script(
        "reload: a quicker pace on both",
        _plain,
        (
            *started(),
            reload("lb01", "advert_int 0.1", "advert_int 0.2", "advert_int 0.1", 1.6),
            reload("lb02", "advert_int 0.1", "advert_int 0.2", "advert_int 0.1", 1.6),
        ),
        jitter_s=JITTER_S,
    ),
)
