"""Fault scripts: cables, links, and a network that loses frames.

Data. Must not run anything.
"""

from __future__ import annotations

from tests.traces.acts import COMMAND_S, alone, command, on, started, with_faults
from tests.traces.reasons import Reason
from tests.traces.script import VIP, Script, Stream, file_of, meant
from tests.traces.stage import Stage

__all__ = ["LINKS"]

TWO_MASTERS_S = 1.6


def _heal(stage: Stage) -> None:
    stage.lab.faults.heal()


def _plug(stage: Stage) -> None:
    stage.lab.faults.plug("lb01")


def _link_up(stage: Stage) -> None:
    stage.lab.faults.link_up("lb01")


HEAL = on("the network is whole again", _heal, TWO_MASTERS_S, slack_s=COMMAND_S)
PARTITION = with_faults("lb01 and lb02 do not hear each other", "partition", "lb01", "lb02")


def _equal(host: str) -> str:
    return file_of(host, priority=120)


def _advert_first(host: str) -> str:
    return file_of(host, "higher_prio_send_advert yes")


def _says_nothing_to_lower(host: str) -> str:
    return file_of(host, "lower_prio_no_advert yes")


def _six(host: str) -> str:
    return file_of(host, vips=("fe80::3/64", "fd00:178::3/64"))


def _peers(host: str) -> str:
    own, other = "192.168.178.130", "192.168.178.131"
    if host == "lb02":
        own, other = other, own
    return file_of(host, f"unicast_src_ip {own}", f"unicast_peer {{\n        {other}\n    }}")


def _virtual_mac(host: str) -> str:
    return file_of(host, "use_vmac")


WIRE, ADDRESS, NOTIFY, ANNOUNCE = Stream.WIRE, Stream.VIP, Stream.NOTIFY, Stream.ANNOUNCE
P150, P100, P120, P0 = (f"VRID 51 v3 priority {priority}" for priority in (150, 100, 120, 0))
HAS, GETS, LOSES = f"has {VIP}", f"gets {VIP}", f"loses {VIP}"
FIVE = f"5 of {VIP}"
LOWER_150, LOWER_120 = (f"INSTANCE VI_1 MASTER_RX_LOWER_PRI {each}" for each in (150, 120))
OWN = "192.168.178.130"
BACKUP_150, MASTER_150 = "INSTANCE VI_1 BACKUP 150", "INSTANCE VI_1 MASTER 150"

LINKS = (
    Script(
        "the cable out, and in again",
        file_of,
        (
            *started(),
            with_faults("lb01's cable is out", "unplug", "lb01"),
            on("lb01's cable is in", _plug, after="lb02", slack_s=COMMAND_S),
        ),
        differs=meant(Reason.LAST_WORD, (3, WIRE, "lb02", P100, P100), chance=True),
    ),
    Script(
        "`ip link set down`, and up again",
        file_of,
        (
            *started(),
            with_faults("lb01's link is set down", "link_down", "lb01"),
            on("lb01's link is set up", _link_up, after="lb02", slack_s=COMMAND_S),
        ),
        differs=meant(Reason.LAST_WORD, (3, WIRE, "lb02", P100, P100), chance=True),
    ),
    Script(
        "partition and healing",
        file_of,
        (*started(), PARTITION, HEAL),
        differs=meant(
            Reason.HEALING,
            (3, NOTIFY, "lb01", LOWER_150, "CHANCE"),
            (3, ANNOUNCE, "lb01", "ANY", "CHANCE"),
            chance=True,
        ),
    ),
    Script(
        "partition and healing, equal priorities",
        _equal,
        (*started(), PARTITION, HEAL),
        differs=meant(
            Reason.HEALING,
            (3, WIRE, "lb01", f"{P120} +0.05", "CHANCE"),
            (3, NOTIFY, "lb02", LOWER_120, "CHANCE"),
            (3, ANNOUNCE, "lb02", "ANY", "CHANCE"),
            chance=True,
        ),
    ),
    Script(
        "partition and healing, `higher_prio_send_advert`",
        _advert_first,
        (*started(), PARTITION, HEAL),
        differs=meant(
            Reason.HEALING,
            (3, NOTIFY, "lb01", LOWER_150, "CHANCE"),
            (3, ANNOUNCE, "lb01", "ANY", "CHANCE"),
            chance=True,
        ),
    ),
    Script(
        "partition and healing, `lower_prio_no_advert`",
        _says_nothing_to_lower,
        (*started(), PARTITION, HEAL),
        differs=meant(
            Reason.HEALING,
            (3, NOTIFY, "lb01", LOWER_150, "CHANCE"),
            (3, ANNOUNCE, "lb01", "ANY", "CHANCE"),
            chance=True,
        ),
    ),
    Script(
        "one way: lb02 does not hear lb01",
        file_of,
        (*started(), with_faults("lb02 does not hear lb01", "one_way", "lb01", "lb02"), HEAL),
        differs=meant(
            Reason.HEALING,
            (3, NOTIFY, "lb01", LOWER_150, "CHANCE"),
            (3, WIRE, "lb02", P100, P100),
            (3, ANNOUNCE, "lb01", "ANY", "CHANCE"),
            chance=True,
        ),
    ),
    Script(
        "lb01's firewall drops VRRP",
        file_of,
        (*started(), with_faults("lb01 drops VRRP", "firewall", "lb01"), alone("no more", _heal)),
        differs=(
            *meant(
                Reason.MUTE,
                (2, ADDRESS, "lb01", f"{HAS}; {LOSES} +0.34", HAS),
                (2, NOTIFY, "lb01", "INSTANCE VI_1 FAULT 150", "nothing"),
                (3, WIRE, "lb01", "nothing", P150),
                (3, ADDRESS, "lb01", "nothing", HAS),
                (3, ADDRESS, "lb02", HAS, f"{HAS}; {LOSES}"),
                (3, NOTIFY, "lb02", "nothing", "INSTANCE VI_1 BACKUP 100"),
            ),
            *meant(
                Reason.MUTE,
                (3, WIRE, "lb02", P100, "CHANCE"),
                (3, NOTIFY, "lb01", "nothing", LOWER_150),
                (3, ANNOUNCE, "lb01", "nothing", "ANY"),
                chance=True,
            ),
        ),
    ),
    Script(
        "unicast, the cable out, and in again",
        _peers,
        (
            *started(),
            with_faults("lb01's cable is out", "unplug", "lb01"),
            on("lb01's cable is in", _plug, after="lb02", slack_s=COMMAND_S),
        ),
        differs=(
            *meant(
                Reason.OWN_SOURCE, (3, ANNOUNCE, "lb01", f"{FIVE} +0.7", f"1 of {OWN}; {FIVE} +0.7")
            ),
            *meant(Reason.RESIGNED, (3, ANNOUNCE, "lb02", "ANY", "nothing"), chance=True),
            *meant(Reason.LAST_WORD, (3, WIRE, "lb02", P100, P100), chance=True),
        ),
    ),
    Script(
        "IPv6, the cable out, and in again",
        _six,
        (
            *started(),
            with_faults("lb01's cable is out", "unplug", "lb01"),
            on("lb01's cable is in", _plug, after="lb02", slack_s=COMMAND_S),
        ),
        differs=meant(Reason.LAST_WORD, (3, WIRE, "lb02", P100, P100), chance=True),
    ),
    Script(
        "`use_vmac`, the cable out, and in again",
        _virtual_mac,
        (
            *started(),
            with_faults("lb01's cable is out", "unplug", "lb01"),
            on("lb01's cable is in", _plug, after="lb02", slack_s=COMMAND_S),
        ),
        differs=meant(Reason.LAST_WORD, (3, ANNOUNCE, "lb01", "ANY", f"{FIVE} +0.7"), chance=True),
    ),
    Script(
        "somebody deletes the address",
        file_of,
        (
            *started(),
            command("lb01", "`ip address del` on lb01", "addr", "del", f"{VIP}/24", "dev", "ens33"),
        ),
        differs=(
            *meant(
                Reason.DELETED_BY_HAND,
                (2, WIRE, "lb01", f"{P150} +0.0", f"{P0} +0.0; {P150} +0.1"),
                (2, NOTIFY, "lb01", "nothing", f"{BACKUP_150}; {MASTER_150}"),
            ),
            *meant(
                Reason.DELETED_BY_HAND,
                (2, ADDRESS, "lb01", HAS, f"{HAS}; {LOSES}; {GETS}"),
                (2, ANNOUNCE, "lb01", f"{FIVE} +0.0", f"{FIVE} +0.1"),
                chance=True,
            ),
        ),
    ),
)
