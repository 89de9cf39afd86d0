"""The checker process: asks servers, and says what became of them when that changes.

Knows the messages to and from the supervisor, and the order in which it gives its rights away. Must
not know VRRP, tables, or programs of the operator. What comes back from a server is hostile, so it
may do nothing but ask.

Down, beside `reload` with a model:

    {"type": "stop"}                                    it ends cleanly, as it does on SIGTERM
    {"type": "taken", "batch": N}                       the next batch of verdicts may come
    {"type": "retell"}                                  all verdicts once more
    {"type": "suspend", "virtual_servers": [TITLE...]}  these alone are not checked
    {"type": "view", "first": N}                        a page of checks, from that one on

Up: `ready`, `alive`, `reloaded`, `trouble`, `fact`, `verdicts` (`verdict_message`), and

    {"type": "checked", "first": N, "checks": [...], "figures": {"checks": COUNT, ...}}
"""

from __future__ import annotations

import random
import resource
import signal
import socket
import sys

from halod.balance.health import Outcome
from halod.checker.outcome import CannotAskError
from halod.checker.reactor import Reactor
from halod.checker.schedule import Schedule
from halod.checker.tls import client_context, h2_context
from halod.daemon.channel import Channel, Message
from halod.daemon.checker_needs import CheckerNeeds, needs_of
from halod.daemon.dumps.signal_names import DUMP_SIGNALS
from halod.daemon.fact_message import fact_message, last_words
from halod.daemon.model_memory import HandedDown, read_model
from halod.daemon.verdict_outbox import VerdictOutbox
from halod.kernel.checker_setup import (
    CAP_NET_ADMIN,
    CAP_NET_BIND_SERVICE,
    CAP_NET_RAW,
    prepare_checker,
)
from halod.kernel.collector import made_to_stay
from halod.kernel.process_guise import name_process, run_on
from halod.model.units import NS_PER_SECOND
from halod.model.virtual_server import VirtualServer

__all__ = ["main"]

ALIVE_EVERY_NS = NS_PER_SECOND
"""Between two signs of life."""
PAGE = 256
"""Checks in a page of the view: about 64 KiB, 2 ms of this process."""
UNDER_WAY_MAX = 20_000
"""Attempts at once: ten thousand servers behind a dead router, each asked for 5 s in a loop of 5 s,
and as many again. About 2 KiB each."""
OWN_DESCRIPTORS = 64
"""Those that are no attempt's."""
BUSY_WAIT_S = 0.02
"""The longest turn while the supervisor has not taken all that was said."""
LAST_WORDS_DEADLINE_S = 0.5
"""How long a supervisor that is busy may take to hear what was said last."""
EXIT_BROKEN = 1


class Checker:
    """One life of the process, after its rights are gone."""

    def __init__(self, model: HandedDown, channel: Channel) -> None:
        self._channel = channel
        self._reactor = Reactor()
        self._outbox = VerdictOutbox()
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = max(1, min(UNDER_WAY_MAX, soft - OWN_DESCRIPTORS))
        # Moments are spread, nothing is guessed from them.
        spread = random.Random()  # noqa: S311
        self._schedule = Schedule(self._reactor, spread.random, self._tell, most)
        self._trouble_told: dict[str, str] = {}
        self._stopping = False
        self._signals, self._signals_in = socket.socketpair()
        self._servers: dict[str, VirtualServer] = {}
        self._outbox.remember(model.verdicts)
        self._adopt(model, {each.check: each.up for each in model.verdicts})

    def run(self) -> None:
        """Returns after a stop."""
        self._catch_signals()
        self._reactor.watch(self._channel.fileno(), self._heed)
        self._reactor.watch(self._signals.fileno(), self._drain_signals)
        self._channel.send({"type": "ready"})
        self._show_life()
        while not self._stopping:
            if self._channel.wants_to_write:
                self._reactor.turn(BUSY_WAIT_S)
                self._channel.flush()
            else:
                self._reactor.turn()
        self._schedule.close()

    # ---- what is checked -------------------------------------------------------------------

    def _adopt(self, model: HandedDown, known: dict[str, bool] | None = None) -> None:
        lvs = model.configuration.lvs
        name_process(lvs.process_name if lvs is not None else "")
        self._trouble("processors of checks", run_on(lvs.checker_cpus if lvs is not None else ()))
        self._servers = model.servers(self._servers)
        with made_to_stay():
            self._schedule.adopt(tuple(self._servers.values()), known)
        self._outbox.keep(self._schedule.names)

    def _tell(self, told: Outcome) -> None:
        if told.fact is not None:
            self._channel.send(fact_message(told.fact))
        if told.verdict is not None:
            self._outbox.say(told.verdict)
            self._send_verdicts()

    def _send_verdicts(self) -> None:
        message = self._outbox.next()
        if message is not None:
            self._channel.send(message)

    # ---- the supervisor --------------------------------------------------------------------

    def _heed(self) -> None:
        for message in self._channel.receive():
            self._heed_one(message)
        if self._channel.closed:
            # The supervisor is gone: what it would have told us is a clean stop.
            self._stopping = True

    def _heed_one(self, message: Message) -> None:
        match message.get("type"):
            case "stop":
                self._stopping = True
            case "taken":
                self._outbox.taken(int(message["batch"]))
                self._send_verdicts()
            case "retell":
                self._outbox.repeat()
                self._send_verdicts()
            case "suspend":
                self._schedule.suspend(frozenset(message["virtual_servers"]))
            case "view":
                self._show(int(message["first"]))
            case "reload":
                self._adopt(read_model(self._channel.descriptors.popleft()))
                self._channel.send({"type": "reloaded", "generation": int(message["generation"])})
            case _:
                pass

    def _show(self, first: int) -> None:
        page = self._schedule.view(first, PAGE)
        figures = {**self._schedule.figures(), "messages_dropped": self._channel.dropped}
        self._channel.send({"type": "checked", "first": first, "checks": page, "figures": figures})

    def _show_life(self) -> None:
        self._channel.send({"type": "alive"})
        self._trouble("checks", self._schedule.trouble)
        self._reactor.at(self._reactor.clock() + ALIVE_EVERY_NS, self._show_life)

    def _trouble(self, subject: str, text: str) -> None:
        """Once, and once when it is over."""
        if self._trouble_told.get(subject, "") != text:
            self._trouble_told[subject] = text
            self._channel.send({"type": "trouble", "subject": subject, "text": text})

    # ---- the end ---------------------------------------------------------------------------

    def _catch_signals(self) -> None:
        self._signals.setblocking(False)
        self._signals_in.setblocking(False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        # Wakes the loop; what is to be done the handler has noted.
        signal.set_wakeup_fd(self._signals_in.fileno(), warn_on_full_buffer=False)

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _drain_signals(self) -> None:
        self._signals.recv(64)


def _capabilities(needs: CheckerNeeds) -> set[int]:
    wanted = {
        CAP_NET_ADMIN: needs.marks,
        CAP_NET_RAW: needs.raw,
        CAP_NET_BIND_SERVICE: needs.low_ports,
    }
    return {capability for capability, is_needed in wanted.items() if is_needed}


def _prepare(needs: CheckerNeeds, parent: int, channel: Channel) -> None:
    """What root alone may read is read, and what a stranger may not reach is loaded; then root's
    rights go."""
    for identity in needs.identities:
        try:
            client_context(identity)
        except CannotAskError as error:
            channel.send({"type": "trouble", "subject": "SSL", "text": str(error)})
    if needs.http2:
        # Loaded here, while it may be reached; kept by the interpreter.
        import halod.checker.http2  # noqa: F401
    for identity in needs.http2:
        try:
            h2_context(identity)
        except CannotAskError as error:
            channel.send({"type": "trouble", "subject": "SSL", "text": str(error)})
    for subject, reason in prepare_checker(parent, _capabilities(needs)):
        channel.send({"type": "trouble", "subject": subject, "text": reason})


def main(arguments: list[str]) -> None:
    """`CHANNEL MODEL GENERATION PARENT`: descriptors and numbers."""
    channel_fd, model_fd, _, parent = map(int, arguments[:4])
    channel = Channel(socket.socket(fileno=channel_fd))
    # The supervisor reloads and dumps; a signal to all of halod must not end us.
    for ignored in (signal.SIGHUP, *DUMP_SIGNALS):
        signal.signal(ignored, signal.SIG_IGN)
    broken = False
    try:
        model = read_model(model_fd)
        _prepare(needs_of(model.configuration.virtual_servers), parent, channel)
        Checker(model, channel).run()
    except Exception as error:  # noqa: BLE001 - told, and then the process ends with it
        broken = True
        channel.send(last_words("checker", error))
    channel.drain(LAST_WORDS_DEADLINE_S)
    if broken:
        sys.exit(EXIT_BROKEN)


if __name__ == "__main__":
    main(sys.argv[1:])
