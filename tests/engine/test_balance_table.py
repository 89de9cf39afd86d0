"""The kernel's table: adopted, repaired, and what it refuses."""

import errno
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halod.balance.plan import applied
from halod.engine.balance_engine import BalanceEngine
from halod.model.balance_effect import ApplyOperations
from halod.model.balance_event import (
    Admin,
    BalanceStopRequested,
    BalanceTimerFired,
    OperationsFailed,
    TableObserved,
)
from halod.model.service_table import (
    AddDestination,
    AddService,
    OperationFailure,
    RemoveDestination,
    RemoveService,
    ServiceTable,
    TableOperation,
    UpdateDestination,
)
from halod.model.units import Duration
from tests.balance.servers import SORRY, VIP, Kernel, endpoint, key, real, table_of, virtual

VS = f"[{VIP}]:tcp:80"


def restarted(kernel: Kernel, *, forgetting: bool = False) -> Kernel:
    """Another life over the same table, with what the last one remembered, as a file holds it."""
    memory = json.loads(json.dumps(kernel.engine.memory()))
    again = Kernel({} if forgetting else memory, kernel.table)
    again.now = kernel.now
    return again


# ---- the first look ---------------------------------------------------------------------------


def test_it_waits_for_an_observation() -> None:
    kernel = Kernel().configure(virtual(real(1), real(2)))
    kernel.verdict(1, False)
    assert not kernel.table.services
    kernel.handle(TableObserved(kernel.table))
    assert kernel.standing() == {"2": 1}


def test_services_of_others_are_left_alone_unless_it_flushes() -> None:
    foreign = table_of([(key(443), {"10.0.0.7": 3})])
    kernel = Kernel(table=foreign).start(virtual(real(1)))
    assert kernel.standing(443) == {"7": 3}
    assert kernel.said()[-1].endswith("operations to have all so; 1 of others are left alone")
    kernel.configure(virtual(real(1)), flush=True)
    assert kernel.standing(443) == {"7": 3}, "lvs_flush is for the start"
    kernel.handle(BalanceStopRequested())
    assert list(kernel.table.services) == [key(443)]
    kernel = Kernel(table=foreign).start(virtual(real(1)), flush=True)
    assert list(kernel.table.services) == [key(80)]


def test_what_somebody_else_made_of_the_same_name_is_taken_over() -> None:
    """keepalived's table, say: nothing that serves is taken away for a moment."""
    found = table_of([(key(), {"10.0.0.1": 1, "10.0.0.5": 1})])
    kernel = Kernel(table=found).start(virtual(real(1), real(2)))
    [effect] = [each for each in kernel.last.effects if isinstance(each, ApplyOperations)]
    assert [type(each) for each in effect.operations] == [AddDestination, RemoveDestination]


def test_a_restart_changes_nothing_and_tells_nobody() -> None:
    servers = (
        virtual(real(1), real(2, alpha=True), real(3, alpha=True), sorry_server=SORRY),
        virtual(real(1, alpha=True), port=81, sorry_server=SORRY),
    )
    kernel = Kernel().start(*servers)
    kernel.verdict(1, False, detail="refused")
    kernel.verdict(2, True)
    kernel.verdict(3, True)
    kernel.verdict(1, False, port=81)
    kernel.order(3, Admin.DRAINING, 60)
    again = restarted(kernel).start(*servers, init_notifies=True)
    assert again.operations == 0
    assert again.told() == []
    assert again.mails == []
    assert again.table == kernel.table
    assert again.engine.deadline() == kernel.engine.deadline()
    assert again.engine.memory() == kernel.engine.memory()
    shown = again.engine.view(again.now).servers[0].real_servers
    assert [each.state for each in shown] == ["DOWN", "UP", "UP"]
    assert shown[0].why == shown[0].last_failure == "refused"
    # And goes on from there.
    assert again.verdict(1, False).effects == ()
    again.verdict(1, True)
    assert again.standing() == {"1": 1, "2": 1, "3": 0}
    # Without a memory what is down is tried, as keepalived does.
    fresh = restarted(kernel, forgetting=True).start(*servers)
    assert fresh.standing() == {"1": 1}


def test_a_restart_with_another_file_removes_what_halod_made() -> None:
    both = Kernel().start(virtual(real(1)), virtual(real(2), port=81))
    one = restarted(both).start(virtual(real(1)))
    assert list(one.table.services) == [key(80)]
    # What another makes of that name once it was seen to be gone is no longer ours.
    one.handle(TableObserved(one.table))
    one.table = applied(one.table, [AddService(replace(one.table.services[key()], key=key(81)))])
    one.handle(TableObserved(one.table))
    assert key(81) in one.table.services


def test_a_stop_remembers_orders_alone() -> None:
    kernel = Kernel().start(virtual(real(1), real(2)))
    kernel.verdict(2, False)
    kernel.order(1, Admin.DRAINING)
    kernel.handle(BalanceStopRequested())
    again = restarted(kernel).start(virtual(real(1), real(2)))
    assert again.standing() == {"1": 0, "2": 1}
    assert again.told() == [f"VS {VS} UP > /bin/quorum up"]


NONSENSE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=50)
@given(st.fixed_dictionaries({"made": NONSENSE, "servers": NONSENSE, "orders": NONSENSE}))
def test_a_memory_that_cannot_be_understood_is_none(memory: dict[str, object]) -> None:
    BalanceEngine({"version": 1, **memory})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda memory: memory.update(version=2),
        lambda memory: memory["servers"][f"{VIP} 80 tcp"].pop("quorum"),
        lambda memory: memory["servers"][f"{VIP} 80 tcp"].update(checks=[1]),
        lambda memory: memory["servers"][f"{VIP} 80 tcp"].update(digest="x"),
        lambda memory: memory["orders"].append(["x", "not an address", 1, "draining", None]),
        lambda memory: memory["made"].append([4, 99, "", 0, 1]),
    ],
)
def test_a_spoiled_memory_is_none_at_all(spoil: Callable[[dict[str, object]], None]) -> None:
    kernel = Kernel().start(virtual(real(1), real(2)))
    kernel.verdict(1, False)
    memory = kernel.engine.memory()
    spoil(memory)
    again = Kernel(json.loads(json.dumps(memory)), kernel.table).start(virtual(real(1), real(2)))
    assert again.standing() == {"1": 1, "2": 1}


def test_a_memory_is_small_where_all_is_well() -> None:
    kernel = Kernel().start(virtual(*map(real, range(1, 201))))
    for number in range(1, 201):
        kernel.verdict(number, True)
    assert len(json.dumps(kernel.engine.memory())) < 300


# ---- drift ------------------------------------------------------------------------------------


def test_drift_is_repaired_and_told_once() -> None:
    kernel = Kernel().start(virtual(real(1), real(2)))
    kernel.said()
    whole = kernel.table
    kernel.table = table_of([(key(), {"10.0.0.1": 5, "10.0.0.5": 1})])
    for _ in range(3):
        kernel.handle(TableObserved(kernel.table))
        assert kernel.table == whole
        kernel.table = ServiceTable()
    what = "somebody removed [10.0.0.2]:80, added [10.0.0.5]:80, changed [10.0.0.1]:80"
    assert kernel.said() == [f"service {VS} of VS {VS} repaired (3 operations): {what}"]
    kernel.wait(600)
    kernel.handle(TableObserved(kernel.table))
    assert kernel.said() == [
        f"service {VS} of VS {VS} repaired (3 operations): somebody removed it"
    ]
    assert kernel.handle(TableObserved(kernel.table)).effects == ()


def test_a_flushed_table_is_a_few_lines() -> None:
    kernel = Kernel().start(*(virtual(real(1), port=port) for port in range(1, 101)))
    kernel.said()
    kernel.handle(TableObserved(ServiceTable()))
    assert len(kernel.table.services) == 100
    said = kernel.said()
    assert len(said) == 9
    assert said[-1] == "92 more services repaired (184 operations)"


# ---- refusals ---------------------------------------------------------------------------------


class Stubborn(Kernel):
    """A kernel that refuses some operations."""

    def __init__(self, refuses: Callable[[TableOperation], bool], number: int = 95) -> None:
        super().__init__()
        self.refuses = refuses
        self.number = number
        self.refused = 0

    def settle(self) -> None:
        """Applies what was wanted last, but for what is refused, and tells that."""
        while self.wanted:
            operations, self.wanted = self.wanted, ()
            failures = []
            for operation in operations:
                if self.refuses(operation) or self._is_impossible(operation):
                    failures.append(OperationFailure(operation, self.number, "not supported"))
                else:
                    self.table = applied(self.table, [operation])
            if failures:
                self.refused += len(failures)
                self.handle(OperationsFailed(tuple(failures)))

    def _is_impossible(self, operation: TableOperation) -> bool:
        return isinstance(operation, AddDestination) and operation.key not in self.table.services

    def apply(self, operations: tuple[TableOperation, ...]) -> None:
        self.wanted += operations

    wanted: tuple[TableOperation, ...] = ()


def adds(number: int) -> Callable[[TableOperation], bool]:
    place = endpoint(f"10.0.0.{number}")
    return lambda each: isinstance(each, AddDestination) and each.destination.endpoint == place


def test_what_is_refused_is_named_and_the_rest_is_applied() -> None:
    kernel = Stubborn(adds(2))
    kernel.start(virtual(real(1), real(2), real(3)))
    kernel.settle()
    assert kernel.standing() == {"1": 1, "3": 1}
    assert kernel.said()[-1] == (
        f"VS {VS} (halod.conf:80): adding [10.0.0.2]:80 (NAT) to {VS} was refused: not supported; "
        "everything else is applied, and this is tried again in 1 s"
    )
    [shown] = kernel.engine.view(kernel.now).servers
    assert shown.alarm == f"adding [10.0.0.2]:80 (NAT) to {VS} was refused: not supported"
    assert [each.weight_effective for each in shown.real_servers] == [1, None, 1]


def test_it_is_tried_again_less_and_less_often() -> None:
    kernel = Stubborn(adds(2))
    kernel.start(virtual(real(1), real(2)))
    kernel.settle()
    waits = []
    for _ in range(9):
        due = kernel.engine.deadline()
        assert due is not None
        waits.append((due - kernel.now).whole_seconds)
        kernel.now = due
        kernel.handle(BalanceTimerFired())
        kernel.settle()
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert kernel.refused == 10
    said = [line for line in kernel.said() if "refused" in line]
    assert len(said) == 1, "the same again is not told"
    kernel.refuses = lambda _: False
    kernel.wait(60)
    kernel.handle(BalanceTimerFired())
    kernel.settle()
    assert kernel.standing() == {"1": 1, "2": 1}
    kernel.handle(TableObserved(kernel.table))
    assert kernel.said() == [
        f"service {VS} of VS {VS} is as wanted: what was refused has been accepted"
    ]
    assert kernel.engine.deadline() is None
    assert kernel.engine.view(kernel.now).servers[0].alarm is None


def test_verdicts_go_on_meanwhile() -> None:
    kernel = Stubborn(adds(2))
    kernel.start(virtual(real(1), real(2), real(3)))
    kernel.settle()
    kernel.verdict(3, False)
    kernel.settle()
    assert kernel.standing() == {"1": 1}
    refused = kernel.refused
    kernel.verdict(2, False)
    kernel.verdict(2, True)
    kernel.settle()
    assert kernel.refused == refused, "its time has not come"
    kernel.verdict(3, True)
    kernel.settle()
    assert kernel.standing() == {"1": 1, "3": 1}


def test_a_service_that_cannot_be_added_is_one_line() -> None:
    kernel = Stubborn(lambda each: isinstance(each, AddService) and each.service.key == key(80))
    kernel.start(virtual(real(1), real(2)), virtual(real(3), port=81))
    kernel.settle()
    assert list(kernel.table.services) == [key(81)]
    said = [line for line in kernel.said() if "refused" in line]
    assert len(said) == 1
    assert "adding the service [192.0.2.1]:tcp:80 (scheduler wlc) was refused" in said[0]
    refused = kernel.refused
    kernel.verdict(1, False)
    kernel.settle()
    assert kernel.refused == refused, "nothing can stand in it"
    kernel.refuses = lambda _: False
    kernel.wait(1)
    kernel.handle(BalanceTimerFired())
    kernel.settle()
    assert kernel.standing() == {"2": 1}


def test_a_change_that_was_refused_is_not_believed() -> None:
    kernel = Stubborn(lambda each: isinstance(each, UpdateDestination))
    kernel.start(virtual(real(1), real(2)))
    kernel.settle()
    kernel.order(1, Admin.DRAINING)
    kernel.settle()
    assert kernel.standing() == {"1": 1, "2": 1}
    # Another change of the same place is tried at once.
    kernel.verdict(1, False)
    kernel.settle()
    assert kernel.standing() == {"2": 1}


def test_a_removal_that_was_refused_is_tried_again() -> None:
    kernel = Stubborn(lambda each: isinstance(each, RemoveService | RemoveDestination), errno.EBUSY)
    kernel.start(virtual(real(1), real(2)), virtual(real(3), port=81))
    kernel.settle()
    kernel.verdict(1, False)
    kernel.configure(virtual(real(1), real(2)))
    kernel.settle()
    assert key(81) in kernel.table.services
    kernel.refuses = lambda _: False
    kernel.wait(2)
    kernel.handle(BalanceTimerFired())
    kernel.settle()
    assert list(kernel.table.services) == [key(80)]
    assert kernel.standing() == {"2": 1}
    kernel.wait(60)
    kernel.handle(BalanceTimerFired())
    assert kernel.engine.deadline() is None


def test_what_is_gone_already_is_no_failure() -> None:
    kernel = Stubborn(lambda each: isinstance(each, RemoveDestination), errno.ENOENT)
    kernel.start(virtual(real(1), real(2)))
    kernel.settle()
    kernel.said()
    kernel.verdict(1, False, detail="x")
    kernel.settle()
    assert kernel.engine.deadline() is None
    assert len(kernel.said()) == 1


def test_thousands_of_refusals_are_a_few_lines() -> None:
    """A kernel without ip_vs, say."""
    kernel = Stubborn(lambda _: True)
    kernel.start(*(virtual(real(1), port=port) for port in range(1, 301)))
    kernel.said()
    kernel.settle()
    said = kernel.said()
    assert len(said) == 9
    assert said[-1] == "292 more changes of services were refused: `haloctl status` has them"
    assert kernel.engine.deadline() == kernel.now + Duration.seconds(1)
