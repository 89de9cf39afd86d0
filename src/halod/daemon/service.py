"""The service process: what checks found comes in, changes of the kernel's table go out.

Knows the descriptors and in which order they are looked at. Must not decide anything about servers,
and reads nothing that comes from a network but over the supervisor. It has CAP_NET_ADMIN alone.

A process that ends leaves the table as it is: only the supervisor's `stop` removes what halod made.
Its successor reads what this one remembered, adopts what stands there, and changes what differs.
"""

from __future__ import annotations

import select
import signal
import socket
import sys
from collections.abc import Iterable
from ipaddress import ip_address

from halod.daemon.balance_pages import PAGE_SERVERS, BalancePages
from halod.daemon.channel import Channel, Message
from halod.daemon.dumps.signal_names import DUMP_SIGNALS
from halod.daemon.fact_message import fact_message, last_words, line_message
from halod.daemon.memory_keeper import MemoryKeeper
from halod.daemon.model_memory import HandedDown, read_model
from halod.daemon.per_server import PerServer
from halod.daemon.service_hands import ServiceHands
from halod.daemon.table_choice import ChosenTable, open_table
from halod.daemon.table_reading import TableReading
from halod.daemon.verdict_message import verdicts_in
from halod.engine.balance_engine import BalanceEngine
from halod.kernel.address_watch import AddressWatch
from halod.kernel.balance_file import BalanceFile
from halod.kernel.clock import Timer, boot_now
from halod.kernel.collector import made_to_stay
from halod.kernel.forwarding import not_forwarding
from halod.kernel.net_namespace import enter
from halod.kernel.process_guise import name_process
from halod.kernel.process_setup import prepare_service
from halod.model.balance_event import (
    AddressesHeld,
    Admin,
    AdminOrdered,
    BalanceEvent,
    BalanceStopRequested,
    BalanceTimerFired,
    ServersConfigured,
    VrrpStateReported,
)
from halod.model.endpoint import Endpoint
from halod.model.fact import Severity
from halod.model.state import State
from halod.model.units import Duration
from halod.model.virtual_server import LvsSettings, Method, VirtualServer

__all__ = ["main"]

ALIVE_EVERY_MS = 1000
"""Between two signs of life."""
WORD_DEADLINE_S = 2.0
"""After SIGTERM: a service manager sends it to all of halod at once, and the supervisor's `stop`
may come a little later. Without one the table is left as it is."""
LAST_WORDS_DEADLINE_S = 0.5
EXIT_BROKEN = 1


class Service:
    """One life of the process."""

    def __init__(
        self,
        model: HandedDown,
        channel: Channel,
        chosen: ChosenTable,
        run_dir: str,
        watch: AddressWatch,
    ) -> None:
        self._channel = channel
        self._memory = MemoryKeeper(BalanceFile(run_dir), self._trouble)
        self._engine = BalanceEngine(self._memory.read())
        self._hands = ServiceHands(chosen.table, channel.send, self._trouble)
        self._reading = TableReading(chosen.table, self._trouble)
        self._pages = BalancePages(chosen.engine.value, chosen.why)
        self._watch = watch
        self._watches = False
        self._translated: frozenset[int] = frozenset()
        """Address families of real servers behind NAT."""
        self._timer = Timer()
        self._signals, self._signals_in = socket.socketpair()
        self._is_over = False
        self._removes = False
        """The supervisor said `stop`: what halod made goes."""
        self._patience: float | None = None
        """Seconds left for the supervisor's word after a signal."""
        self._servers: dict[str, VirtualServer] = {}
        self._families = PerServer(_behind_nat)
        self._adopt(model)

    def run(self) -> None:
        """Returns after a stop."""
        self._catch_signals()
        poller = select.poll()
        for descriptor in (self._channel, self._signals, self._timer, self._watch):
            poller.register(descriptor.fileno(), select.POLLIN)
        self._say({"type": "ready"})
        while not self._is_over:
            self._say({"type": "alive"})
            ready = {descriptor for descriptor, _ in poller.poll(self._wait_ms())}
            self._turn(ready)
        if self._removes:
            self._handle(BalanceStopRequested())
            self._hands.leave()
        self._memory.write_now(boot_now(), self._engine.memory)

    def _turn(self, ready: set[int]) -> None:
        """What was found before what is due: a verdict may make it needless."""
        if self._channel.fileno() in ready:
            self._heed()
        if self._watch.fileno() in ready:
            self._look_at_addresses()
        if self._timer.fileno() in ready:
            self._timer.acknowledge()
            self._handle(BalanceTimerFired())
        if self._signals.fileno() in ready:
            self._signals.recv(64)
            self._patience = WORD_DEADLINE_S
        elif self._patience is not None and not ready:
            self._is_over = True
        if self._channel.closed:
            self._is_over = True
        observed = self._reading.look(boot_now())
        if observed is not None:
            self._handle(observed)
            self._look_at_forwarding()
        self._memory.write_if_due(boot_now(), self._engine.memory)
        if self._channel.wants_to_write:
            self._channel.flush()

    def _wait_ms(self) -> int:
        if self._channel.wants_to_write:
            return 10
        if self._patience is not None:
            return int(self._patience * 1000)
        due = (self._reading.due, self._memory.due)
        now = boot_now().ns
        waits = [max(0, (each.ns - now) // 1_000_000 + 1) for each in due if each is not None]
        return min([ALIVE_EVERY_MS, *waits])

    # ---- events in, effects out ------------------------------------------------------------

    def _handle(self, event: BalanceEvent) -> None:
        """And what follows from what the kernel refused."""
        waiting: list[BalanceEvent] = [event]
        while waiting:
            ready = self._engine.handle(waiting.pop(0), boot_now())
            for effect in ready.effects:
                failed = self._hands.perform(effect)
                if failed is not None:
                    waiting.append(failed)
                    self._reading.soon(boot_now())
            for fact in ready.facts:
                self._say(fact_message(fact))
        self._memory.changed(boot_now())
        self._timer.arm(self._engine.deadline())

    def _handle_all(self, events: Iterable[BalanceEvent]) -> None:
        for event in events:
            self._handle(event)

    def _adopt(self, model: HandedDown) -> None:
        """What stands in the table is read first, where that does not take long or was never done:
        the difference is all that changes."""
        configuration = model.configuration
        self._servers = model.servers(self._servers)
        servers = tuple(self._servers.values())
        settings = configuration.lvs or LvsSettings()
        name_process(configuration.daemon.names.service)
        self._watches = any(server.ha_suspend for server in servers)
        self._translated = frozenset().union(*self._families.of(servers))
        self._look_at_forwarding()
        self._look_at_addresses()
        if self._reading.takes_long:
            self._reading.at_next_turn(boot_now())
        else:
            observed = self._reading.read(boot_now())
            if observed is not None:
                self._handle(observed)
        self._handle(ServersConfigured(servers, settings, configuration.places))

    def _look_at_addresses(self) -> None:
        held = self._watch.held()
        if self._watches:
            self._handle(AddressesHeld(held))

    def _look_at_forwarding(self) -> None:
        """The operator may have set it meanwhile, or somebody unset it."""
        self._trouble("virtual servers by NAT", "; ".join(not_forwarding(self._translated)))

    # ---- the supervisor --------------------------------------------------------------------

    def _heed(self) -> None:
        for message in self._channel.receive():
            match message:
                case {"type": "verdicts", "of": of, "batch": batch}:
                    verdicts = verdicts_in(message)
                    assert verdicts is not None, "the supervisor has looked at it"
                    self._handle_all(verdicts.verdicts)
                    self._say({"type": "taken", "of": of, "batch": batch})
                case {"type": "vrrp", "states": dict(states)}:
                    self._handle_all(
                        VrrpStateReported(name, State(state)) for name, state in states.items()
                    )
                case {"type": "admin", "id": number}:
                    self._handle(_order(message))
                    self._memory.write_now(boot_now(), self._engine.memory)
                    self._say({"type": "admin_done", "id": number})
                case {"type": "view", "from": int(first)}:
                    view = self._engine.view(boot_now(), first, PAGE_SERVERS)
                    self._say(self._pages.page(first, view, self._reading.counters))
                case {"type": "reload", "generation": int(generation)}:
                    model = read_model(self._channel.descriptors.popleft())
                    with made_to_stay():
                        self._adopt(model)
                    self._say({"type": "reloaded", "generation": generation})
                case {"type": "stop", "removes": bool(removes)}:
                    self._removes, self._is_over = removes, True
                case _:
                    raise AssertionError("the supervisor says nothing else")

    def _trouble(self, subject: str, text: str) -> None:
        self._say({"type": "trouble", "subject": subject, "text": text})

    def _say(self, message: Message) -> None:
        self._channel.send(message)

    def _catch_signals(self) -> None:
        self._signals_in.setblocking(False)
        signal.set_wakeup_fd(self._signals_in.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)


def _behind_nat(server: VirtualServer) -> frozenset[int]:
    """Address families."""
    behind = (each for each in server.real_servers if each.forwarding.method is Method.NAT)
    return frozenset(each.endpoint.address.version for each in behind)


def _order(message: Message) -> AdminOrdered:
    """The supervisor has looked at it."""
    lasting_s = message["for_s"]
    return AdminOrdered(
        message["virtual_server"],
        Endpoint(ip_address(message["address"]), message["port"]),
        Admin(message["order"]),
        None if lasting_s is None else Duration.milliseconds(round(lasting_s * 1000)),
    )


def _live(model: HandedDown, channel: Channel, run_dir: str, parent: int) -> None:
    settings = model.configuration.lvs or LvsSettings()
    # Whether an address is held is a matter of VRRP, as in keepalived: of where we come from.
    watch = AddressWatch()
    if settings.net_namespace:
        outside = enter(settings.net_namespace, "net_namespace_ipvs")
        if outside is not None:
            raise OSError(outside)
    # Sockets stay in the namespace in which they were made, and a module is loaded while we may.
    chosen = open_table(settings.engine)
    told = f"virtual servers: {chosen.engine.value} balances, for {chosen.why}"
    channel.send(line_message(Severity.NOTICE, told))
    refused = prepare_service(parent)
    channel.send({"type": "trouble", "subject": "privileges of the service", "text": refused})
    with made_to_stay():
        service = Service(model, channel, chosen, run_dir, watch)
    service.run()


def main(arguments: list[str]) -> None:
    """`CHANNEL MODEL GENERATION PARENT RUN-DIR`: descriptors, numbers and a folder."""
    channel_fd, model_fd, _, parent = map(int, arguments[:4])
    channel = Channel(socket.socket(fileno=channel_fd))
    # The supervisor reloads and dumps; a signal to all of halod must not end us.
    for ignored in (signal.SIGHUP, *DUMP_SIGNALS):
        signal.signal(ignored, signal.SIG_IGN)
    broken = False
    try:
        _live(read_model(model_fd), channel, arguments[4], parent)
    except Exception as error:  # noqa: BLE001 - told, and then the process ends with it
        broken = True
        channel.send(last_words("service", error))
    channel.drain(LAST_WORDS_DEADLINE_S)
    if broken:
        sys.exit(EXIT_BROKEN)


if __name__ == "__main__":
    main(sys.argv[1:])
