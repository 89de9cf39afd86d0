"""Verdicts in; operations, notices and facts out.

Sequences are those of keepalived 2.4.3 and 2.2.7 (ipwrapper.c), read and not copied.
"""

from dataclasses import replace

from halod.balance.health import file_verdict
from halod.engine.balance_ready import BalanceReady
from halod.model.balance_effect import (
    ApplyOperations,
    FlushTable,
    ServerNotice,
    SetTimeouts,
    StartSyncDaemon,
    StopSyncDaemon,
    SuspendChecks,
    SyncRole,
)
from halod.model.balance_event import AddressesHeld, BalanceStopRequested, VrrpStateReported
from halod.model.check import CheckTiming, FileCheck, MiscCheck
from halod.model.command import Command
from halod.model.state import State
from halod.model.units import Duration
from halod.model.virtual_server import LvsTimeouts, SyncDaemon
from tests.balance.servers import LOAD, SORRY, VIP, Kernel, real, virtual

VS = f"[{VIP}]:tcp:80"
UP, DOWN = f"VS {VS} UP > /bin/quorum up", f"VS {VS} DOWN > /bin/quorum down"


def rs(number: int) -> str:
    return f"[10.0.0.{number}]:tcp:80"


def rs_up(number: int) -> str:
    return f"RS {rs(number)} {VS} UP > /bin/up 10.0.0.{number}"


def rs_down(number: int) -> str:
    return f"RS {rs(number)} {VS} DOWN > /bin/down 10.0.0.{number}"


def test_the_thin_path() -> None:
    kernel = Kernel().start(virtual(real(1), real(2)))
    assert kernel.standing() == {"1": 1, "2": 1}
    # The first success of what counted as up says nothing new.
    kernel.verdict(1, True)
    kernel.verdict(2, True)
    assert kernel.told() == [UP]
    kernel.said()
    kernel.verdict(2, False, detail="status 503, wanted 200-299, after 12 ms")
    assert kernel.standing() == {"1": 1}
    assert kernel.told() == [rs_down(2)]
    assert kernel.said() == [
        f"Removing service {rs(2)} from VS {VS}: status 503, wanted 200-299, after 12 ms"
    ]
    kernel.verdict(2, True)
    assert kernel.standing() == {"1": 1, "2": 1}
    assert kernel.told() == [rs_up(2)]
    assert kernel.said() == [f"Adding service {rs(2)} to VS {VS}: TCP_CHECK succeeded"]


def test_one_verdict_is_one_operation() -> None:
    kernel = Kernel().start(virtual(*map(real, range(1, 200))))
    before = kernel.operations
    ready = kernel.verdict(7, False)
    assert kernel.operations == before + 1
    assert [type(effect) for effect in ready.effects] == [ApplyOperations, ServerNotice]


def test_a_verdict_that_says_nothing_new() -> None:
    kernel = Kernel().start(virtual(real(1), real(2)))
    kernel.verdict(2, False)
    assert kernel.verdict(2, False) == BalanceReady()
    # Of a server that is not, or no longer, in the file.
    assert kernel.verdict(9, False) == BalanceReady()


def test_the_last_server_takes_the_quorum_with_it() -> None:
    kernel = Kernel().start(virtual(real(1), real(2), sorry_server=SORRY))
    kernel.verdict(1, False, detail="refused")
    kernel.told()
    kernel.said()
    kernel.verdict(2, False, detail="refused")
    assert kernel.standing() == {"10.0.9.9": 1}
    assert kernel.told() == [rs_down(2), DOWN]
    assert kernel.said() == [
        f"Removing service {rs(2)} from VS {VS}: refused",
        f"Lost quorum 1-0=1 > 0 for VS {VS}: weight 0 of 1",
        f"Adding sorry server [10.0.9.9]:tcp:80 to VS {VS}: quorum lost",
    ]
    kernel.verdict(1, True)
    assert kernel.standing() == {"1": 1}
    assert kernel.told() == [rs_up(1), UP]
    assert kernel.said()[1:] == [
        f"Gained quorum 1+0=1 <= 1 for VS {VS}: weight 1 of 1",
        f"Removing sorry server [10.0.9.9]:tcp:80 from VS {VS}: quorum gained",
    ]


def test_without_a_sorry_server_what_is_up_serves_below_the_quorum() -> None:
    kernel = Kernel().start(virtual(real(1), real(2), quorum=2))
    kernel.told()
    kernel.verdict(2, False)
    assert kernel.standing() == {"1": 1}
    assert kernel.told() == [rs_down(2), DOWN]
    kernel.verdict(1, False)
    assert kernel.standing() == {}
    assert kernel.told() == [rs_down(1)]


def test_hysteresis() -> None:
    """Lost below quorum - hysteresis, gained at quorum + hysteresis."""
    kernel = Kernel().start(virtual(*map(real, range(1, 6)), quorum=3, hysteresis=1))
    kernel.told()
    told = []
    for number in (1, 2, 3, 4):
        kernel.verdict(number, False)
        told.append(kernel.told()[1:])
    assert told == [[], [], [], [DOWN]], "at weight 2 it holds, at 1 it is lost"
    told = []
    for number in (1, 2, 3):
        kernel.verdict(number, True)
        told.append(kernel.told()[1:])
    assert told == [[], [], [UP]], "gained at weight 4"


def test_while_the_sorry_server_serves_it_serves_alone() -> None:
    kernel = Kernel().start(virtual(*map(real, range(1, 4)), quorum=2, sorry_server=SORRY))
    for number in (1, 2):
        kernel.verdict(number, False)
    assert kernel.standing() == {"10.0.9.9": 1}
    kernel.verdict(3, False)
    assert kernel.standing() == {"10.0.9.9": 1}
    kernel.verdict(1, True)
    assert kernel.standing() == {"10.0.9.9": 1}
    kernel.verdict(2, True)
    assert kernel.standing() == {"1": 1, "2": 1}


def test_inhibit_keeps_them_with_weight_0() -> None:
    sorry = replace(SORRY, inhibit=True)
    servers = [real(1, inhibit_on_failure=True, weight=3), real(2)]
    kernel = Kernel().start(virtual(*servers, sorry_server=sorry))
    assert kernel.standing() == {"1": 3, "2": 1, "10.0.9.9": 0}
    kernel.said()
    kernel.verdict(1, False, detail="refused")
    assert kernel.standing() == {"1": 0, "2": 1, "10.0.9.9": 0}
    assert kernel.said() == [f"Disabling service {rs(1)} of VS {VS}: refused"]
    kernel.verdict(2, False)
    assert kernel.standing() == {"1": 0, "10.0.9.9": 1}
    kernel.verdict(2, True)
    assert kernel.standing() == {"1": 0, "2": 1, "10.0.9.9": 0}


def test_alpha_begins_as_down_and_tells_so() -> None:
    kernel = Kernel().start(virtual(real(1, alpha=True), real(2, alpha=True), sorry_server=SORRY))
    assert kernel.standing() == {"10.0.9.9": 1}
    assert kernel.told() == [DOWN]
    assert kernel.said()[0] == f"Starting with quorum down 1+0=1 > 0 for VS {VS}: weight 0 of 1"
    kernel.verdict(1, False)
    assert kernel.told() == [rs_down(1)], "that it is down is told once, when it is known"
    kernel.verdict(1, False)
    assert kernel.told() == []
    kernel.verdict(2, True)
    assert kernel.told() == [rs_up(2), UP]
    assert kernel.standing() == {"2": 1}
    # Without a sorry server nothing is said of a quorum that never was.
    assert Kernel().start(virtual(real(1, alpha=True))).told() == []


def test_first_states_are_told_on_request() -> None:
    server = virtual(real(1), real(2, alpha=True))
    assert Kernel().start(server, init_notifies=True).told() == [rs_up(1), UP]
    assert Kernel().start(server).told() == [UP]


def test_several_checks_all_of_which_must_be_well() -> None:
    kernel = Kernel().start(virtual(real(1, checks=3), real(2)))
    kernel.told()
    kernel.said()
    kernel.mails.clear()
    kernel.verdict(1, False, check=0, detail="refused")
    assert kernel.standing() == {"2": 1}
    assert kernel.told() == [rs_down(1)]
    kernel.said()
    kernel.verdict(1, False, check=2, detail="silent")
    kernel.verdict(1, True, check=0)
    assert kernel.standing() == {"2": 1}
    assert kernel.told() == []
    of = f"TCP_CHECK of service {rs(1)} of VS {VS}"
    assert kernel.said() == [
        f"{of} failed: silent; it stays down, 2 of its checks fail",
        f"{of} succeeded; it stays down, 1 of its checks fail",
    ]
    kernel.verdict(1, True, check=2)
    assert kernel.standing() == {"1": 1, "2": 1}
    assert kernel.told() == [rs_up(1)]
    # keepalived mails each check that changes.
    subject = f"Realserver {rs(1)} of virtual server {VS} -"
    assert kernel.mails == [
        f"{subject} DOWN | => TCP CHECK failed on service <=",
        f"{subject} DOWN | => TCP CHECK failed on service <=",
        f"{subject} DOWN | => TCP CHECK succeed on service <=",
        f"{subject} UP | => TCP CHECK succeed on service <=",
    ]


def test_mails_of_servers_alone() -> None:
    """`no_checker_emails`."""
    kernel = Kernel().start(virtual(real(1, checks=2), real(2)), checker_mails=False)
    assert kernel.mails == [f"Virtualserver {VS} - UP | => Starting with quorum up 1+0=1 <= 2 <="]
    kernel.mails.clear()
    kernel.verdict(1, False, check=0)
    kernel.verdict(1, False, check=1)
    assert len(kernel.mails) == 1
    kernel.verdict(2, False)
    assert kernel.mails[-1] == f"Virtualserver {VS} - DOWN | => Lost quorum 1+0=1 <= 0 <="


def test_weights_that_checks_move() -> None:
    timing = CheckTiming()
    misc = MiscCheck(timing=timing, command=Command(("/bin/check",)), dynamic=True)
    file = FileCheck(timing=timing, source=LOAD, weight=2)
    kernel = Kernel().start(virtual(real(1, weight=10, checks_=(misc, file)), real(2)))
    kernel.said()
    kernel.verdict(1, True, check=0, weight=4, detail="exit 6")
    assert kernel.standing()["1"] == 4
    assert kernel.said() == [
        f"Changing weight from 10 to 4 for active service {rs(1)} of VS {VS}: exit 6"
    ]
    kernel.handle(file_verdict(f"{VIP} 80 tcp [10.0.0.1]:80 1", file, 3))
    assert kernel.standing()["1"] == 10, "the number of a file, times its weight, is added"
    kernel.handle(file_verdict(f"{VIP} 80 tcp [10.0.0.1]:80 1", file, -30))
    assert kernel.standing()["1"] == 0, "never below 0"
    kernel.verdict(1, False, check=0)
    assert "1" not in kernel.standing()
    kernel.handle(file_verdict(f"{VIP} 80 tcp [10.0.0.1]:80 1", file, 0))
    kernel.verdict(1, True, check=0)
    assert kernel.standing()["1"] == 10, "a failure ends what misc_dynamic said"


def test_a_weight_counts_for_the_quorum() -> None:
    misc = MiscCheck(timing=CheckTiming(), command=Command(("/bin/check",)), dynamic=True)
    kernel = Kernel().start(virtual(real(1, weight=5, checks_=(misc,)), quorum=3))
    kernel.told()
    kernel.verdict(1, True, weight=2)
    assert kernel.told() == [DOWN]
    kernel.verdict(1, True, weight=3)
    assert kernel.told() == [UP]


def test_checks_rest_while_the_address_is_elsewhere() -> None:
    kernel = Kernel().start(virtual(real(1), ha_suspend=True), virtual(real(2), port=81))
    title = f"{VIP} 80 tcp"
    assert SuspendChecks(frozenset({title})) in kernel.last.effects
    assert kernel.handle(AddressesHeld(frozenset({"192.0.2.9"}))).effects == ()
    held = AddressesHeld(frozenset({VIP}))
    assert kernel.handle(held).effects == (SuspendChecks(frozenset()),)
    assert kernel.handle(held).effects == ()
    gone = kernel.handle(AddressesHeld(frozenset()))
    assert gone.effects == (SuspendChecks(frozenset({title})),)
    assert [fact.sentence() for fact in gone.facts] == [
        f"Suspending healthcheckers for VS {VS}: its address is not held here"
    ]
    assert [each.suspended for each in kernel.engine.view(kernel.now).servers] == [True, False]


def test_the_sync_daemon_follows_its_instance() -> None:
    daemon = SyncDaemon(interface="eth0", instance="VI_1", sync_id=51)
    kernel = Kernel().start(virtual(real(1)), sync_daemon=daemon)
    stops = (StopSyncDaemon(SyncRole.MASTER), StopSyncDaemon(SyncRole.BACKUP))
    assert not [each for each in kernel.last.effects if isinstance(each, StartSyncDaemon)]
    # What may be left of an earlier life is stopped first.
    backup = kernel.handle(VrrpStateReported("VI_1", State.BACKUP))
    assert backup.effects == (*stops, StartSyncDaemon(SyncRole.BACKUP, daemon))
    assert kernel.handle(VrrpStateReported("VI_2", State.MASTER)).effects == ()
    assert kernel.handle(VrrpStateReported("VI_1", State.FAULT)).effects == ()
    master = kernel.handle(VrrpStateReported("VI_1", State.MASTER))
    assert master.effects == (stops[1], StartSyncDaemon(SyncRole.MASTER, daemon))
    assert kernel.engine.view(kernel.now).sync_role == "master"
    other = replace(daemon, sync_id=52)
    changed = kernel.configure(virtual(real(1)), sync_daemon=other).last
    assert changed.effects == (*stops, StartSyncDaemon(SyncRole.MASTER, other))
    assert kernel.configure(virtual(real(1))).last.effects == stops


def test_the_sync_daemon_without_an_instance_does_both() -> None:
    daemon = SyncDaemon(interface="eth0")
    kernel = Kernel().start(virtual(real(1)), sync_daemon=daemon)
    started = [each for each in kernel.last.effects if isinstance(each, StartSyncDaemon)]
    assert [each.role for each in started] == [SyncRole.MASTER, SyncRole.BACKUP]
    assert kernel.engine.view(kernel.now).sync_role == "both"


def test_timeouts_are_set_where_the_file_says_some() -> None:
    timeouts = LvsTimeouts(Duration.seconds(900), Duration.seconds(0), Duration.seconds(300))
    kernel = Kernel().start(virtual(real(1)), timeouts=timeouts)
    assert kernel.last.effects[0] == SetTimeouts(timeouts.tcp, timeouts.tcp_fin, timeouts.udp)
    assert kernel.configure(virtual(real(1)), timeouts=timeouts).last.effects == ()
    plain = Kernel().start(virtual(real(1)))
    assert not any(isinstance(each, SetTimeouts) for each in plain.last.effects)


def test_a_stop_takes_away_what_halod_made() -> None:
    kernel = Kernel().start(virtual(real(1)), virtual(real(2), port=81))
    kernel.told()
    kernel.handle(BalanceStopRequested())
    assert not kernel.table.services
    assert kernel.told() == [], "nobody is told without omega"
    flushed = Kernel().start(virtual(real(1)), flush_on_stop="all").handle(BalanceStopRequested())
    assert flushed.effects == (FlushTable(),)


def test_omega_tells_of_the_stop() -> None:
    servers = virtual(real(1), real(2), omega=True), virtual(real(3), port=81)
    kernel = Kernel().start(*servers)
    kernel.verdict(2, False)
    kernel.told()
    kernel.mails.clear()
    kernel.handle(BalanceStopRequested())
    assert kernel.told() == [rs_down(1), DOWN]
    assert kernel.mails[0].endswith("- DOWN | => Shutting down <=")
    # Where all services go at once, keepalived tells of the virtual servers alone.
    kernel = Kernel().start(*servers, flush_on_stop="VS")
    kernel.told()
    kernel.handle(BalanceStopRequested())
    assert kernel.told() == [DOWN]
    assert not kernel.table.services


def test_effects_come_in_their_order() -> None:
    daemon = SyncDaemon(interface="eth0")
    timeouts = LvsTimeouts(tcp=Duration.seconds(900))
    kernel = Kernel().start(
        virtual(real(1), ha_suspend=True), sync_daemon=daemon, timeouts=timeouts
    )
    assert [type(each).__name__ for each in kernel.last.effects] == [
        "SetTimeouts",
        "ApplyOperations",
        "StopSyncDaemon",
        "StopSyncDaemon",
        "StartSyncDaemon",
        "StartSyncDaemon",
        "SuspendChecks",
        "ServerNotice",
    ]
