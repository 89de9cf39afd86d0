"""The heartbeat process: one loop that waits, reads, asks the engine, performs, arms the timer.

Knows the descriptors and in which order they are looked at. Must not decide anything about VRRP.
Imports the standard library and halod alone. It never serves a client.

The order in one turn: received adverts first, then the kernel's news, then the worker's reports,
then the timer. A process that was away finds adverts waiting, and they must count before a timer
that says "the master is silent".
"""

from __future__ import annotations

import contextlib
import gc
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterable, Set

from halod.daemon.channel import Channel
from halod.daemon.driver import Driver
from halod.daemon.dumps.signal_names import DUMP_SIGNALS
from halod.daemon.fact_message import fact_message, last_words
from halod.daemon.gates import Gates
from halod.daemon.heartbeat_view import view_message
from halod.daemon.model_memory import HandedDown, read_model
from halod.daemon.notice_message import notice_message
from halod.daemon.punctuality import Punctuality
from halod.daemon.sequences import Sequences
from halod.daemon.tracker_message import tracker_of
from halod.daemon.vitals import Vitals
from halod.daemon.wall_clock import WallClockWatch
from halod.engine.vrrp_engine import VrrpEngine
from halod.kernel.address_worker import AddressWorker
from halod.kernel.clock import Timer, boot_now
from halod.kernel.gate_memory import GateMemory
from halod.kernel.monitor import Monitor
from halod.kernel.process_guise import name_process, run_on
from halod.kernel.process_setup import prepare_heartbeat, spare_children
from halod.kernel.vrrp_socket import VrrpSockets
from halod.model.configuration import Configuration, Statics
from halod.model.event import (
    AddressLost,
    AdvertReceived,
    Event,
    GateObserved,
    LinkGone,
    LinkObserved,
    Reconfigured,
    Started,
    StopRequested,
    TimerFired,
)
from halod.model.fact import Fact
from halod.model.units import NS_PER_SECOND, Duration, Instant
from halod.model.vrrp import interfaces_of, vmac_plans

__all__ = ["main"]

BEAT_MS = 100
"""Longest wait of the loop, in milliseconds: each turn is a sign of life."""
BUSY_WITHIN_NS = 1_000_000
"""Turns that follow one another so fast are a stream of adverts."""
STRANGERS_EVERY_NS = BEAT_MS * 1_000_000
"""Adverts of other clusters are only counted: they may wait until there is nothing else to do."""
GATHER_NS = 400_000
"""How long a stream may gather: what else comes waits as long, and the shortest skew that anybody
waits for (RFC 9568, 6.1; 10 ms adverts, priority 254) is not much shorter than that of others."""
SWITCH_INTERVAL_S = 0.0005
"""How long the worker may go on in the interpreter when an advert is due. Python's default is ten
times that."""
STOP_DEADLINE_S = 1.0
"""How long the addresses may take to go; then the supervisor removes what is left."""
LAST_WORDS_DEADLINE_S = 0.5
"""How long a supervisor that is busy may take to hear what was said last."""

EXIT_NOT_CLEAN = 1
"""Broken, or not all addresses gone: the supervisor does what is left to do."""


class Heartbeat:
    """One life of the process, after its privileges are set."""

    def __init__(
        self,
        model: HandedDown,
        generation: int,
        channel: Channel,
        vitals: Vitals,
        gate: GateMemory | None,
        run_dir: str,
    ) -> None:
        self._channel = channel
        self._vitals = vitals
        self._generation = generation
        configuration = model.configuration
        self._quarantined = frozenset(model.quarantined)
        self._quarantine_drops = 0
        self._wall_clock = WallClockWatch()
        memory_of = Sequences(run_dir, self._trouble).memory_of
        self._engine = VrrpEngine(
            configuration.instances, configuration.groups, memory_of, configuration.link_delays
        )
        self._timer = Timer()
        self._worker = AddressWorker(run_dir)
        self._gates = Gates(gate, self._worker, run_dir)
        self._monitor = Monitor(self._worker.port_ids)
        self._sockets = VrrpSockets()
        self._punctuality = Punctuality()
        self._punctuality.watch([self._worker.renewals, self._gates.renewals])
        self._driver = Driver(
            self._sockets,
            self._worker,
            self._gates.leases,
            self._publish,
            self._tell,
            lambda notice: self._channel.send(notice_message(notice)),
            self._punctuality,
        )
        self._signals, self._signals_in = socket.socketpair()
        self._stopping = False
        self._turned = self._strangers_seen = boot_now()
        self._others: frozenset[int] = frozenset()
        """Descriptors beside adverts and timer: seldom ready."""
        self._thread_failure: BaseException | None = None
        self._epoll = select.epoll()
        self._configuration = configuration
        self._adopt(configuration)

    def _adopt(self, configuration: Configuration) -> None:
        """What adapters must know of a configuration."""
        both = (*configuration.instances, *self._configuration.instances)
        # Those of the configuration before are still on their way out.
        addresses = {a.address for i in both for a in i.held}
        self._interfaces = interfaces_of(configuration.instances)
        self._monitor.virtual_addresses = frozenset(addresses)
        self._worker.watch_routes(addresses)
        self._worker.adopt(configuration)
        self._sockets.listen_for(both)
        self._gates.adopt(both)
        self._gates.need(configuration.instances)
        name_process(configuration.daemon.names.heartbeat)
        self._trouble("processors", run_on(configuration.daemon.vrrp_cpus))
        self._punctuality.adopt(configuration.instances)
        self._configuration = configuration

    def run(self) -> bool:
        """Returns after a stop; whether it left nothing behind."""
        self._catch_signals()
        threading.excepthook = self._thread_died
        self._worker.start()
        self._gates.start()
        links = self._monitor.start()
        spare_children()
        self._handle_all(self._wall_clock.look(self._turned.ns))
        self._handle_all(links)
        self._worker.hold(self._configuration.statics, vmac_plans(self._configuration.instances))
        self._handle(Started(Duration(boot_now().ns)))
        others = (self._worker, self._channel, self._signals)
        self._others = frozenset(self._monitor.descriptors()).union(d.fileno() for d in others)
        for descriptor in (self._timer.fileno(), *self._others):
            self._epoll.register(descriptor, select.EPOLLIN)
        self._channel.send({"type": "ready"})
        self._push_view()
        while not self._stopping:
            self._turn()
        return self._stop()

    def _turn(self) -> None:
        ready = dict(self._epoll.poll(BEAT_MS / 1000)).keys()
        self._vitals.beat()
        # One look at the clock for all of them: a timer that starts a little sooner does no harm.
        before, self._turned = self._turned, boot_now()
        repeats = self._sockets.repeats
        for advert in self._sockets.receive(ready, self._engine.repeat, self._turned):
            self._advert_received(advert)
        others = not ready.isdisjoint(self._others)
        if others:
            self._attend_kernel(ready)
        self._handle_all(self._wall_clock.look(self._turned.ns))
        if self._timer.fileno() in ready:
            self._fire_timers(self._timer.acknowledge())
        if others:
            self._attend_supervisor(ready)
        if self._channel.wants_to_write:
            self._channel.flush()
        if self._turned.ns - self._strangers_seen.ns >= STRANGERS_EVERY_NS:
            self._strangers_seen = self._turned
            for advert in self._sockets.receive_strangers():
                self._advert_received(advert)
            for subject, line in self._punctuality.news(self._turned):
                self._trouble(subject, line)
        if self._sockets.repeats != repeats and self._turned.ns - before.ns < BUSY_WITHIN_NS:
            self._let_adverts_gather()

    def _let_adverts_gather(self) -> None:
        """Many adverts that change nothing come one by one: to be woken for each costs more than to
        read it. Not where a timer is near: it would fire late."""
        due = self._timer.armed
        if due is None or due.ns - self._turned.ns > 2 * GATHER_NS:
            time.sleep(GATHER_NS / NS_PER_SECOND)

    def _advert_received(self, advert: AdvertReceived) -> None:
        if self._quarantined and advert in self._quarantined:
            self._quarantine_drops += 1
            return
        self._vitals.take_in_hand(advert)
        self._handle(advert)
        self._vitals.lay_down()

    def _attend_kernel(self, ready: Set[int]) -> None:
        """News of links and addresses, and what became of orders: before the timer."""
        if not ready.isdisjoint(self._monitor.descriptors()):
            self._handle_all(self._monitor.receive())
            while self._monitor.disturbed:
                self._worker.check_gate(self._monitor.disturbed.pop())
        if self._worker.fileno() in ready:
            self._handle_all(self._worker.take())
            for subject, reason in self._worker.take_troubles():
                self._trouble(subject, reason)

    def _attend_supervisor(self, ready: Set[int]) -> None:
        """Its wishes wait until what VRRP needs is done."""
        if self._channel.fileno() in ready:
            self._heed()
        if self._signals.fileno() in ready:
            self._signals.recv(64)
            self._stopping = True
            if self._thread_failure is not None:
                raise self._thread_failure

    # ---- events in, effects out ------------------------------------------------------------

    def _handle_all(self, events: Iterable[Event]) -> None:
        for event in events:
            self._handle(event)

    def _handle(self, event: Event, due: Instant | None = None) -> None:
        if isinstance(event, LinkObserved | LinkGone):
            self._link_changed(event)
        elif isinstance(event, GateObserved):
            self._trouble(f"{event.gate.value} gate on {event.interface}", event.reason)
        elif isinstance(event, AddressLost):
            self._worker.address_lost(event)
        now = boot_now()
        failed = self._driver.perform(self._engine.handle(event, now), now, due)
        for consequence in failed:
            self._handle(consequence)
        self._timer.arm(self._engine.deadline())

    def _fire_timers(self, armed: Instant | None) -> None:
        """An advert that came again has only moved its timer on: then nothing is due yet."""
        deadline, now = self._engine.deadline(), boot_now()
        if armed is not None:
            self._punctuality.timer.add(now.ns - armed.ns, self._punctuality.timer_budget_ns)
        if deadline is None or deadline > now:
            self._timer.arm(deadline)
            return
        self._handle(TimerFired(), deadline)

    def _link_changed(self, event: LinkObserved | LinkGone) -> None:
        """Sockets and worker follow the link before the engine hears of it."""
        if isinstance(event, LinkGone):
            self._sockets.close(event.interface)
            self._worker.link_gone(event.interface)
            return
        self._worker.link_changed(event.link)
        if event.link.name in self._interfaces:
            reason = self._sockets.open(event.link)
            self._trouble(f"socket on {event.link.name}", reason or "")
        for descriptor in self._sockets.receivers():
            # Closed descriptors leave an epoll by themselves, and their numbers come again.
            with contextlib.suppress(FileExistsError):
                self._epoll.register(descriptor, select.EPOLLIN)

    # ---- supervisor ------------------------------------------------------------------------

    def _heed(self) -> None:
        messages = self._channel.receive()
        if self._channel.closed:
            # The supervisor is gone: what it would have told us is a clean stop.
            self._stopping = True
            return
        for message in messages:
            if message.get("type") == "view":
                self._push_view()
            elif message.get("type") == "tracker":
                self._handle(tracker_of(message))
            elif message.get("type") == "reload":
                self._reload(self._channel.descriptors.popleft(), int(message["generation"]))

    def _reload(self, model: int, generation: int) -> None:
        configuration = read_model(model).configuration
        # Of one link the new plan counts; links of those that go stay until they are gone.
        self._worker.hold_vmacs(vmac_plans(self._configuration.instances, configuration.instances))
        self._adopt(configuration)
        self._handle_all(self._monitor.retell())
        self._worker.hold_statics(configuration.statics)
        # Not sooner: until here the states that are published are those of the one before.
        self._generation = generation
        self._handle(
            Reconfigured(configuration.instances, configuration.groups, configuration.link_delays)
        )
        # Not sooner: what was removed has just resigned there.
        self._sockets.keep(self._interfaces)
        self._sockets.listen_for(configuration.instances)
        self._gates.adopt(configuration.instances)
        self._worker.hold_vmacs(vmac_plans(configuration.instances))
        self._publish()
        self._channel.send({"type": "reloaded", "generation": generation})

    def _publish(self) -> None:
        self._vitals.publish(self._generation, (state for _, state in self._engine.states()))

    def _push_view(self) -> None:
        self._channel.send(
            view_message(
                self._engine.view(boot_now()),
                self._punctuality,
                self._worker,
                self._gates,
                self._sockets,
                self._monitor,
                quarantine_drops=self._quarantine_drops,
                messages_dropped=self._channel.dropped,
            )
        )

    def _tell(self, fact: Fact) -> None:
        self._channel.send(fact_message(fact))

    def _trouble(self, subject: str, text: str) -> None:
        self._channel.send({"type": "trouble", "subject": subject, "text": text})

    # ---- the end ---------------------------------------------------------------------------

    def _catch_signals(self) -> None:
        self._signals_in.setblocking(False)
        signal.set_wakeup_fd(self._signals_in.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        # The supervisor reloads and dumps; a signal to all of halod must not end us.
        for ignored in (signal.SIGHUP, *DUMP_SIGNALS):
            signal.signal(ignored, signal.SIG_IGN)

    def _thread_died(self, died: threading.ExceptHookArgs) -> None:
        """A loop that went on without its thread would advertise what nobody renews any more."""
        self._thread_failure = died.exc_value
        self._signals_in.send(b"\0")

    def _stop(self) -> bool:
        """Priority-0 adverts, then the addresses, then the end; whether all addresses went."""
        self._handle(StopRequested())
        self._worker.hold(Statics(), ())
        stopped = self._gates.stop(STOP_DEADLINE_S)
        if not stopped:
            self._trouble("stop", f"addresses were not all removed within {STOP_DEADLINE_S:g} s")
        self._push_view()
        return stopped


def main(arguments: list[str]) -> None:
    """`CHANNEL MODEL GENERATION PARENT RUN-DIR VITALS [GATE...]`: descriptors and numbers."""
    channel_fd, model_fd, generation, parent = map(int, arguments[:4])
    run_dir = arguments[4]
    vitals_fd, *gate_fds = map(int, arguments[5:])
    gate = GateMemory(gate_fds) if gate_fds else None
    channel = Channel(socket.socket(fileno=channel_fd))
    model = read_model(model_fd)
    for subject, reason in prepare_heartbeat(parent):
        channel.send({"type": "trouble", "subject": subject, "text": reason})
    vitals = Vitals(vitals_fd)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        heartbeat = Heartbeat(model, generation, channel, vitals, gate, run_dir)
        gc.collect()
        gc.freeze()
        clean = heartbeat.run()
    except Exception as error:  # noqa: BLE001 - told, and then the process ends with it
        channel.send(last_words("heartbeat", error))
        clean = False
    channel.drain(LAST_WORDS_DEADLINE_S)
    if not clean:
        sys.exit(EXIT_NOT_CLEAN)


if __name__ == "__main__":
    main(sys.argv[1:])
