"""The pieces of the service process: what it remembers, when it reads, how it shows itself."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from halod.daemon.balance_pages import BalancePages
from halod.daemon.hearing import BalancePage, Nonsense, Ordered, Suspended, Taken, understand
from halod.daemon.memory_keeper import PAUSE, MemoryKeeper
from halod.daemon.service_hands import ServiceHands
from halod.daemon.table_reading import EVERY, SOON_FIRST, SOON_MAX, TableReading
from halod.kernel.balance_file import BalanceFile
from halod.kernel.clock import boot_now
from halod.model.balance_effect import (
    ApplyOperations,
    FlushTable,
    StopSyncDaemon,
    SuspendChecks,
    SyncRole,
)
from halod.model.balance_event import OperationsFailed, TableObserved
from halod.model.balance_view import BalanceView, RealServerView, VirtualServerView
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.service_table import (
    DestinationCounters,
    OperationFailure,
    RemoveService,
    ServiceTable,
    TableOperation,
)
from halod.model.units import Instant
from halod.model.virtual_server import LvsTimeouts, SyncDaemon
from tests.kit.servers import endpoint

KEY = ServiceKey(4, Protocol.TCP, endpoint("10.0.0.1"))


class Table:
    """One that does as it is told."""

    def __init__(self) -> None:
        self.broken = ""
        self.refused: list[OperationFailure] = []

    def _work(self) -> None:
        if self.broken:
            raise OSError(errno.EPERM, self.broken)

    def observe(self) -> ServiceTable:
        self._work()
        return ServiceTable()

    def apply(self, operations: Any) -> list[OperationFailure]:
        self._work()
        return self.refused

    def flush(self) -> None:
        self._work()

    def sweep(self) -> None:
        self._work()

    def counters(self) -> dict[ServiceKey, dict[Endpoint, DestinationCounters]]:
        self._work()
        return {KEY: {endpoint("10.0.0.9"): DestinationCounters(3, 5, 100)}}

    def set_timeouts(self, timeouts: LvsTimeouts) -> None:
        self._work()

    def start_sync_daemon(self, role: SyncRole, daemon: SyncDaemon) -> None:
        self._work()

    def stop_sync_daemon(self, role: SyncRole) -> None:
        self._work()

    def close(self) -> None:
        """Nothing to do."""


# ---- what is remembered --------------------------------------------------------------------


def test_what_was_written_is_read_by_the_same_boot_alone(tmp_path: Path) -> None:
    file = BalanceFile(str(tmp_path))
    assert file.read() == ({}, "")
    assert file.write({"version": 1}) == ""
    assert file.read() == ({"version": 1}, "")
    path = tmp_path / "servers.json"
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text(json.dumps({"boot": "another", "memory": {"version": 1}}))
    assert file.read() == ({}, "")


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"boot": 1, "memory": {}}', "[" * 100_000])
def test_what_halod_did_not_write_is_ignored_and_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "servers.json").write_text(text)
    found, why = BalanceFile(str(tmp_path)).read()
    assert found == {}
    assert why.endswith("not what halod wrote: ignored")


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("{}")
    os.symlink(tmp_path / "secret", tmp_path / "servers.json")
    found, why = BalanceFile(str(tmp_path)).read()
    assert (found, bool(why)) == ({}, True)


def test_what_changes_together_is_written_once_and_an_order_at_once(tmp_path: Path) -> None:
    written: list[int] = []
    troubles: dict[str, str] = {}
    keeper = MemoryKeeper(BalanceFile(str(tmp_path)), troubles.__setitem__)

    def memory() -> dict[str, Any]:
        written.append(1)
        return {}

    now = boot_now()
    keeper.write_if_due(now, memory)
    keeper.changed(now)
    keeper.changed(now + PAUSE)
    assert keeper.due == now + PAUSE
    keeper.write_if_due(Instant(now.ns + PAUSE.ns - 1), memory)
    assert written == []
    keeper.write_if_due(now + PAUSE, memory)
    assert written == [1]
    due: Instant | None = keeper.due
    assert due is None
    keeper.write_now(boot_now(), memory)
    assert len(written) == 2
    assert troubles == {"memory of virtual servers": ""}


# ---- when the table is read ----------------------------------------------------------------


def test_it_is_read_every_so_often_and_soon_after_a_refusal_each_time_later() -> None:
    table, troubles = Table(), dict[str, str]()
    reading = TableReading(table, troubles.__setitem__)
    now = boot_now()
    assert reading.look(now) is None
    assert reading.read(now) == TableObserved(ServiceTable())
    assert reading.due is not None
    assert reading.due >= now + EVERY
    delays = []
    for _ in range(9):
        reading.soon(now)
        reading.soon(now)
        delays.append(reading.due - now)
        assert reading.look(reading.due) is not None
    assert delays[:3] == [SOON_FIRST, SOON_FIRST * 2, SOON_FIRST * 4]
    assert delays[-1] == SOON_MAX
    assert reading.look(reading.due) is not None
    reading.soon(now)
    assert reading.due - now == SOON_FIRST


def test_a_table_that_cannot_be_read_is_told_and_tried_again() -> None:
    table, troubles = Table(), dict[str, str]()
    reading = TableReading(table, troubles.__setitem__)
    table.broken = "Operation not permitted"
    now = boot_now()
    assert reading.read(now) is None
    assert reading.counters() == {}
    assert "Operation not permitted" in troubles["table of virtual servers"]
    assert reading.due == now + EVERY
    table.broken = ""
    assert reading.look(now + EVERY) is not None
    assert troubles["table of virtual servers"] == ""


# ---- hands ---------------------------------------------------------------------------------


def test_what_is_refused_comes_back_and_what_breaks_is_told() -> None:
    table, troubles, said = Table(), dict[str, str](), list[Any]()
    hands = ServiceHands(table, said.append, troubles.__setitem__)
    operation: TableOperation = RemoveService(KEY)
    assert hands.perform(ApplyOperations((operation,))) is None
    failure = OperationFailure(operation, errno.EINVAL, "no")
    table.refused = [failure]
    assert hands.perform(ApplyOperations((operation,))) == OperationsFailed((failure,))
    table.broken = "Operation not permitted"
    all_of_it = hands.perform(ApplyOperations((operation, operation)))
    assert all_of_it is not None
    assert [each.error_number for each in all_of_it.failures] == [errno.EPERM] * 2
    hands.perform(FlushTable())
    hands.perform(StopSyncDaemon(SyncRole.MASTER))
    assert troubles == dict.fromkeys(("lvs_flush", "lvs_sync_daemon"), table.broken)
    table.broken = ""
    hands.perform(FlushTable())
    assert troubles["lvs_flush"] == ""
    hands.perform(SuspendChecks(frozenset({"b", "a"})))
    assert said == [{"type": "suspend", "virtual_servers": ["a", "b"]}]
    assert understand(said[0]) == Suspended(("a", "b"))


# ---- what it shows -------------------------------------------------------------------------


def _view(first: int, count: int, total: int) -> BalanceView:
    real = RealServerView(
        address="[10.0.0.9]:80",
        state="UP",
        admin="enabled",
        admin_ends_in_s=None,
        weight=1,
        weight_effective=1,
        method="NAT",
        checks=(),
        why="",
        last_failure=None,
        last_failure_ago_s=None,
        in_state_s=1.0,
    )
    servers = tuple(
        VirtualServerView(
            name=f"v{number}",
            services=(str(KEY),) if number == 0 else ("[10.0.0.2]:tcp:80",),
            scheduler="rr",
            persistence_s=None,
            state="UP",
            quorum=1,
            weight_up=1,
            sorry_server=None,
            uses_sorry_server=False,
            suspended=False,
            alarm=None,
            real_servers=(real,),
        )
        for number in range(first, first + count)
    )
    return BalanceView(servers=servers, total=total, sync_role="master")


def test_pages_follow_one_another_to_the_end_with_what_is_counted() -> None:
    pages = BalancePages("nft", "because")
    shown: list[dict[str, Any]] = []
    first: int | None = 0
    while first is not None:
        view = _view(first, min(2, 5 - first), 5)
        said = understand(json.loads(json.dumps(pages.page(first, view, Table().counters))))
        assert isinstance(said, BalancePage)
        assert (said.first, said.sync_role) == (first, "master")
        assert said.engine == {"name": "nft", "why": "because"}
        shown += said.servers
        first = said.following
    assert [each["name"] for each in shown] == [f"v{number}" for number in range(5)]
    counted = [each["real_servers"][0]["active"] for each in shown]
    assert counted == [3, None, None, None, None]
    assert shown[0]["real_servers"][0]["connections"] == 100


def test_of_nothing_there_is_one_page() -> None:
    page = BalancePages("nft", "").page(0, BalanceView(servers=(), total=0, sync_role=None), dict)
    assert (page["next"], page["servers"]) == (None, [])


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"type": "taken", "of": "checker", "batch": 3}, Taken("checker", 3)),
        ({"type": "admin_done", "id": 7}, Ordered(7)),
    ],
)
def test_what_the_service_says_is_understood(message: dict[str, Any], said: object) -> None:
    assert understand(message) == said


@pytest.mark.parametrize(
    "message",
    [
        {"type": "taken", "of": 1, "batch": 3},
        {"type": "suspend", "virtual_servers": [1]},
        {"type": "admin_done", "id": "7"},
        {"type": "balance", "from": 2, "next": 2, "servers": [], "sync_role": None, "engine": {}},
        {"type": "balance", "from": 0, "next": None, "servers": [1], "sync_role": 1, "engine": {}},
    ],
)
def test_what_no_service_says_is_nonsense(message: dict[str, Any]) -> None:
    assert isinstance(understand(message), Nonsense)
