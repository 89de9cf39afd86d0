"""Every cause and every fact, word for word: operators search their logs for these."""

from __future__ import annotations

from typing import get_args

import pytest

from halod.model.cause import (
    AddressesContested,
    AddressesRefused,
    AdvertsRefused,
    AwaitsTracker,
    Cause,
    GroupFault,
    GroupLeft,
    GroupWell,
    LeaseLapsed,
    LinkUnusable,
    LinkUsable,
    MasterResigned,
    MasterSilent,
    NobodyHeard,
    NoPeer,
    Overslept,
    OwnerStarts,
    Reconfigured,
    SourceBack,
    SourceMissing,
    Starting,
    StartPutOff,
    Stopping,
    StrongerMaster,
    TrackerFailed,
    TrackerWell,
    TryingAgain,
    WeakerMaster,
)
from halod.model.drop import DropReason
from halod.model.fact import (
    AddressesForeign,
    AddressPutBack,
    AdvertsDropped,
    CheckChanged,
    ClocksApart,
    ConflictEnded,
    ConflictSeen,
    Fact,
    GateMissing,
    GatePutBack,
    GroupChanged,
    GroupSynced,
    InstanceChanged,
    ListMismatch,
    OldChecksumHeard,
    PriorityChanged,
    SendFailed,
    Severity,
    StateChanged,
)
from halod.model.state import State
from halod.model.units import Duration
from halod.model.vrrp import LeaseMode
from tests.kit.build import CHECK, ETH, LB01, MS, VIP, VIP2, S

CAUSES: dict[Cause, str] = {
    Starting(): "started: listening for a master first",
    StartPutOff(MS * 5500): "started: it begins to listen 5.500 s later (vrrp_startup_delay)",
    TryingAgain(): "trying again: listening for a master first",
    AwaitsTracker(CHECK): "started: waiting for the first word of script chk_nginx",
    TrackerFailed("script chk_nginx failed (exit 1)"): "script chk_nginx failed (exit 1)",
    TrackerWell("script chk_nginx succeeds"): (
        "script chk_nginx succeeds again: listening for a master first"
    ),
    AdvertsRefused(3, "Operation not permitted"): (
        "the kernel refused to send an advert 3 times in a row (Operation not permitted): nobody "
        "would know of this master; look for a firewall that drops protocol 112"
    ),
    OwnerStarts(): "priority 255: it owns the addresses and does not wait",
    Stopping(): "stopped by the operator",
    Reconfigured("removed by the reload"): "configuration reloaded: removed by the reload",
    NobodyHeard(MS * 3414): "no advert from anybody for 3.414 s",
    MasterSilent(LB01, Duration(3_609_375_000)): "no advert from 192.168.178.130 for 3.609 s",
    MasterResigned(LB01): "192.168.178.130 resigned (priority 0)",
    WeakerMaster(LB01, 90, 100): (
        "192.168.178.130 is MASTER with priority 90, below this node's 100"
    ),
    StrongerMaster(LB01, 150, 100): (
        "192.168.178.130 is MASTER with priority 150, above this node's 100"
    ),
    StrongerMaster(LB01, 100, 100): (
        "192.168.178.130 is MASTER with the same priority 100 and the higher address"
    ),
    LinkUnusable(ETH, "has no carrier"): "interface ens33 has no carrier",
    LinkUsable(ETH): "interface ens33 is usable again",
    SourceMissing(LB01): (
        "this node does not have 192.168.178.130, the source of its adverts (`unicast_src_ip`, "
        "`mcast_src_ip`)"
    ),
    SourceBack(LB01): "this node has 192.168.178.130, the source of its adverts, again",
    NoPeer(): "it has no unicast peer, and `unicast_fault_no_peer` keeps it from multicast",
    LeaseLapsed(VIP.address): (
        "the lease of 192.168.178.3 was not renewed in time: the kernel took it away"
    ),
    Overslept(S * 12, S * 2): (
        "this process sent nothing for 12.000 s, longer than its lease of 2.000 s"
    ),
    AddressesContested(
        VIP.address, 4, S * 10
    ): "somebody removed 192.168.178.3 4 times within 10 s",
    AddressesRefused("No buffer space"): "the kernel refused the addresses: No buffer space",
    GroupFault("VG_1", "VI_2", "interface eth1 does not exist"): (
        "VI_2 of sync group VG_1 is in FAULT: interface eth1 does not exist"
    ),
    GroupLeft("VG_1", "VI_2", "192.168.178.130 resigned (priority 0)"): (
        "VI_2 of sync group VG_1 is not MASTER: 192.168.178.130 resigned (priority 0)"
    ),
    GroupWell("VG_1"): "all of sync group VG_1 are well again: listening for a master first",
}

N, W, E, A = Severity.NOTICE, Severity.WARNING, Severity.ERROR, Severity.ALERT
FACTS: dict[Fact, tuple[Severity, str]] = {
    StateChanged("VI_1", State.BACKUP, State.MASTER, MasterResigned(LB01)): (
        N,
        "(VI_1) Entering MASTER STATE (was BACKUP): 192.168.178.130 resigned (priority 0)",
    ),
    StateChanged("VI_1", State.MASTER, State.FAULT, LinkUnusable(ETH, "does not exist")): (
        W,
        "(VI_1) Entering FAULT STATE (was MASTER): interface ens33 does not exist",
    ),
    ConflictSeen("VI_1", LB01, 100, 150): (
        A,
        (
            "(VI_1) two masters: 192.168.178.130 advertises priority 100 beside our 150; "
            "answered and announced the addresses again"
        ),
    ),
    ConflictEnded("VI_1", LB01): (
        N,
        "(VI_1) one master again: 192.168.178.130 gave way; announced the addresses once more",
    ),
    AdvertsDropped("VI_1", ETH, LB01, DropReason.AUTH_FAILED, 1, "another password"): (
        W,
        "(VI_1) ignored an advert from 192.168.178.130 on ens33: another password",
    ),
    AdvertsDropped("VI_1", ETH, LB01, DropReason.AUTH_FAILED, 60, "another password"): (
        W,
        "(VI_1) ignored an advert from 192.168.178.130 on ens33 (60 times): another password",
    ),
    ListMismatch("VI_1", LB01, (VIP.address,), ()): (
        W,
        (
            "(VI_1) 192.168.178.130 advertises another address list: only here 192.168.178.3; "
            "only there none. Its advert counts all the same"
        ),
    ),
    OldChecksumHeard("VI_1", LB01): (
        W,
        (
            "(VI_1) 192.168.178.130 has the unicast checksum of keepalived 1.3.6 or older: from "
            "now on ours is the same, so that it understands us; upgrade it, then write "
            "`old_unicast_checksum never`"
        ),
    ),
    AddressPutBack("VI_1", VIP.address, "ip (99)", 2, 3): (
        W,
        "(VI_1) ip (99) removed 192.168.178.3: put back (2 of at most 3 times in 10 s)",
    ),
    AddressPutBack("VI_1", VIP.address, "", 1, 3): (
        W,
        "(VI_1) somebody removed 192.168.178.3: put back (1 of at most 3 times in 10 s)",
    ),
    AddressesForeign("VI_1", (VIP.address, VIP2.address)): (
        W,
        (
            "(VI_1) 192.168.178.3, 192.168.178.4 stood on this host before: not ours, so it is "
            "neither leased nor removed, and stays here when this node is not MASTER"
        ),
    ),
    ClocksApart("VI_1", LB01, S * -3, S * 5): (
        W,
        (
            "(VI_1) the clock of 192.168.178.130 is 3.0 s behind ours: beyond 5 s its adverts do "
            "not count, and both nodes become MASTER: set the clocks (NTP)"
        ),
    ),
    CheckChanged("chk_nginx", True, "exit 0"): (N, "VRRP_Script(chk_nginx) succeeded"),
    CheckChanged("chk_nginx", False, "exit 1"): (W, "VRRP_Script(chk_nginx) failed (exit 1)"),
    SendFailed("VI_1", "Network is down"): (
        E,
        "(VI_1) an advert could not be sent: Network is down",
    ),
    GatePutBack(ETH, LeaseMode.BPF): (
        A,
        (
            "somebody removed the lease's gate from ens33 (its qdisc clsact, or the filter on it): "
            "put back; until then nothing but the daemon itself ended the lease"
        ),
    ),
    GateMissing(ETH, LeaseMode.BPF, "no qdisc clsact: Not supported"): (
        W,
        (
            "no bpf gate on ens33 (no qdisc clsact: Not supported): there the lease is that of the "
            "addresses, in whole seconds"
        ),
    ),
    InstanceChanged("VI_1", "reloaded: priority 100 -> 90"): (
        N,
        "(VI_1) reloaded: priority 100 -> 90",
    ),
    GroupChanged("VG_1", "removed by the reload"): (
        N,
        "VRRP_Group(VG_1) removed by the reload",
    ),
    GroupSynced("VG_1", State.MASTER, NobodyHeard(S * 4)): (
        N,
        "VRRP_Group(VG_1) Syncing instances to MASTER state: no advert from anybody for 4.000 s",
    ),
    GroupSynced("VG_1", State.FAULT, GroupFault("VG_1", "VI_2", "it ails")): (
        W,
        (
            "VRRP_Group(VG_1) Syncing instances to FAULT state: VI_2 of sync group VG_1 is in "
            "FAULT: it ails"
        ),
    ),
    PriorityChanged("VI_1", 150, 90, "script chk_nginx failed (exit 1)"): (
        N,
        "(VI_1) Changing effective priority from 150 to 90: script chk_nginx failed (exit 1)",
    ),
}


@pytest.mark.parametrize("cause", CAUSES, ids=repr)
def test_cause(cause: Cause) -> None:
    assert cause.sentence() == CAUSES[cause]


@pytest.mark.parametrize("fact", FACTS, ids=repr)
def test_fact(fact: Fact) -> None:
    assert (fact.severity, fact.sentence()) == FACTS[fact]


def test_none_is_missing() -> None:
    assert {type(cause) for cause in CAUSES} == set(get_args(Cause))
    assert {type(fact) for fact in FACTS} == set(get_args(Fact))
