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
from collections.abc import Iterable
from dataclasses import asdict

from halod.daemon.channel import Channel
from halod.daemon.driver import Driver
from halod.daemon.model_memory import read_model
from halod.daemon.vitals import Vitals
from halod.engine.vrrp_engine import VrrpEngine
from halod.kernel.address_worker import AddressWorker
from halod.kernel.clock import Timer, boot_now
from halod.kernel.monitor import Monitor
from halod.kernel.process_setup import prepare_heartbeat
from halod.kernel.vrrp_socket import VrrpSockets
from halod.model.configuration import Configuration
from halod.model.event import (
    Event,
    LinkGone,
    LinkObserved,
    Reconfigured,
    Started,
    StopRequested,
    TimerFired,
)
from halod.model.fact import Fact
from halod.model.units import ZERO

__all__ = ["main"]

BEAT_MS = 100
"""Longest wait of the loop, in milliseconds: each turn is a sign of life."""
STOP_DEADLINE_S = 1.0
"""How long the addresses may take to go; the lease ends what is left."""


class Heartbeat:
    """One life of the process, after its privileges are set."""

    def __init__(
        self,
        configuration: Configuration,
        generation: int,
        channel: Channel,
        vitals: Vitals,
        run_dir: str,
    ) -> None:
        self._channel = channel
        self._vitals = vitals
        self._generation = generation
        self._engine = VrrpEngine(configuration.instances)
        self._timer = Timer()
        self._worker = AddressWorker(run_dir)
        self._monitor = Monitor(self._worker.port_ids)
        self._sockets = VrrpSockets()
        self._driver = Driver(self._sockets, self._worker, self._tell)
        self._signals, self._signals_in = socket.socketpair()
        self._stopping = False
        self._epoll = select.epoll()
        self._lateness_max = ZERO
        self._configuration = configuration
        self._adopt(configuration)

    def _adopt(self, configuration: Configuration) -> None:
        """What adapters must know of a configuration."""
        both = (*configuration.instances, *self._configuration.instances)
        # Those of the configuration before are still on their way out.
        addresses = {a.address for i in both for a in i.addresses}
        self._interfaces = {instance.interface for instance in configuration.instances}
        self._monitor.virtual_addresses = frozenset(addresses)
        self._worker.watch_routes(addresses)
        self._configuration = configuration

    def run(self) -> None:
        """Returns after a clean stop."""
        self._catch_signals()
        self._worker.start()
        self._handle_all(self._monitor.start())
        self._handle(Started())
        for descriptor in (self._timer, self._monitor, self._worker, self._channel, self._signals):
            self._epoll.register(descriptor, select.EPOLLIN)
        self._channel.send({"type": "ready"})
        while not self._stopping:
            self._turn()
        self._stop()

    def _turn(self) -> None:
        ready = dict(self._epoll.poll(BEAT_MS / 1000))
        self._vitals.beat()
        for event in self._sockets.receive(ready):
            self._handle(event)
        if self._monitor.fileno() in ready:
            self._handle_all(self._monitor.receive())
        if self._worker.fileno() in ready:
            self._handle_all(self._worker.take())
        if self._timer.fileno() in ready:
            self._timer.acknowledge()
        self._fire_timers()
        if self._channel.fileno() in ready:
            self._heed()
        if self._channel.wants_to_write:
            self._channel.flush()
        if self._signals.fileno() in ready:
            self._signals.recv(64)
            self._stopping = True

    # ---- events in, effects out ------------------------------------------------------------

    def _handle_all(self, events: Iterable[Event]) -> None:
        for event in events:
            self._handle(event)

    def _handle(self, event: Event) -> None:
        if isinstance(event, LinkObserved | LinkGone):
            self._link_changed(event)
        ready = self._engine.handle(event, boot_now())
        failed = self._driver.perform(ready)
        if ready.effects:
            self._vitals.publish(self._generation, (state for _, state in self._engine.states()))
        for consequence in failed:
            self._handle(consequence)
        self._timer.arm(self._engine.deadline())

    def _fire_timers(self) -> None:
        deadline, now = self._engine.deadline(), boot_now()
        if deadline is None or deadline > now:
            return
        self._lateness_max = max(self._lateness_max, now - deadline)
        self._handle(TimerFired())

    def _link_changed(self, event: LinkObserved | LinkGone) -> None:
        """Sockets and worker follow the link before the engine hears of it."""
        if isinstance(event, LinkGone):
            self._sockets.close(event.interface)
            self._worker.link_gone(event.interface)
            return
        self._worker.link_changed(event.link)
        if event.link.name not in self._interfaces:
            return
        reason = self._sockets.open(event.link)
        self._trouble(f"socket on {event.link.name}", reason or "")
        for descriptor in self._sockets.receivers():
            # Closed descriptors leave an epoll by themselves, and their numbers come again.
            with contextlib.suppress(FileExistsError):
                self._epoll.register(descriptor, select.EPOLLIN)

    # ---- supervisor ------------------------------------------------------------------------

    def _heed(self) -> None:
        messages, descriptors = self._channel.receive()
        if self._channel.closed:
            # The supervisor is gone: what it would have told us is a clean stop.
            self._stopping = True
            return
        for message in messages:
            if message.get("type") == "view":
                self._push_view()
            elif message.get("type") == "reload":
                self._reload(descriptors.pop(0), int(message["generation"]))

    def _reload(self, model: int, generation: int) -> None:
        configuration = read_model(model)
        self._generation = generation
        self._adopt(configuration)
        self._handle_all(self._monitor.retell())
        self._handle(Reconfigured(configuration.instances))
        self._vitals.publish(generation, (state for _, state in self._engine.states()))
        self._channel.send({"type": "reloaded", "generation": generation})

    def _push_view(self) -> None:
        view = asdict(self._engine.view(boot_now()))
        self._channel.send(
            {
                "type": "view",
                **view,
                "timer_lateness_max_s": self._lateness_max.as_seconds(),
                "worker": asdict(self._worker.stats()),
            }
        )

    def _tell(self, fact: Fact) -> None:
        self._channel.send(
            {
                "type": "fact",
                "severity": int(fact.severity),
                "text": fact.sentence(),
                "fields": {"fact": type(fact).__name__, "instance": fact.instance},
            }
        )

    def _trouble(self, subject: str, text: str) -> None:
        self._channel.send({"type": "trouble", "subject": subject, "text": text})

    # ---- the end ---------------------------------------------------------------------------

    def _catch_signals(self) -> None:
        self._signals_in.setblocking(False)
        signal.set_wakeup_fd(self._signals_in.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        # The supervisor reloads; a SIGHUP to the whole group must not end us.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def _stop(self) -> None:
        """Priority-0 adverts, then the addresses, then the end."""
        self._handle(StopRequested())
        if not self._worker.stop(STOP_DEADLINE_S):
            self._trouble("stop", f"addresses were not all removed within {STOP_DEADLINE_S:g} s")
        self._push_view()


def main(arguments: list[str]) -> None:
    """`CHANNEL MODEL VITALS GENERATION PARENT RUN-DIR`: descriptors and numbers."""
    channel_fd, model_fd, vitals_fd, generation, parent = map(int, arguments[:5])
    channel = Channel(socket.socket(fileno=channel_fd))
    configuration = read_model(model_fd)
    for subject, reason in prepare_heartbeat(parent):
        channel.send({"type": "trouble", "subject": subject, "text": reason})
    heartbeat = Heartbeat(configuration, generation, channel, Vitals(vitals_fd), arguments[5])
    gc.collect()
    gc.freeze()
    heartbeat.run()


if __name__ == "__main__":
    main(sys.argv[1:])
