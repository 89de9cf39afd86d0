"""A reload: what stays keeps its state and nobody is told; what goes goes down first.

The rules are those of keepalived 2.4.3 (clear_diff_services, migrate_checkers), read and not
copied.
"""

from dataclasses import replace
from typing import Any

import pytest

from halod.model.balance_event import Admin
from halod.model.service_table import AddDestination, UpdateService
from halod.model.virtual_server import VirtualServer
from tests.balance.servers import SORRY, VIP, Kernel, endpoint, key, real, tcp, virtual

VS = f"[{VIP}]:tcp:80"
UP, DOWN = f"VS {VS} UP > /bin/quorum up", f"VS {VS} DOWN > /bin/quorum down"


def rs(number: int) -> str:
    return f"[10.0.0.{number}]:tcp:80"


def running(*servers: VirtualServer, down: int | None = None) -> Kernel:
    """With what was said and told forgotten."""
    kernel = Kernel().start(*servers)
    if down is not None:
        kernel.verdict(down, False, detail="refused")
    kernel.told()
    kernel.said()
    kernel.mails.clear()
    kernel.operations = 0
    return kernel


def is_quiet(kernel: Kernel) -> bool:
    return not (kernel.told() or kernel.mails or kernel.operations)


def test_nothing_changed() -> None:
    kernel = running(virtual(real(1), real(2)), down=2)
    kernel.configure(virtual(real(1), real(2)))
    assert kernel.last.effects == ()
    assert kernel.last.facts == ()


def test_what_stays_keeps_what_is_known() -> None:
    """A server that is down stays down, and none is told of anything, though others change."""
    kernel = running(virtual(real(1), real(2)), down=2)
    kernel.configure(virtual(real(1), real(2), real(3)))
    assert kernel.standing() == {"1": 1, "3": 1}
    assert kernel.operations == 1
    assert kernel.told() == []
    kernel.verdict(2, True)
    assert kernel.standing() == {"1": 1, "2": 1, "3": 1}


def test_order_in_the_file_and_times_of_checks_do_not_matter() -> None:
    kernel = running(virtual(real(1, checks=2), real(2)), down=1)
    # The check that failed stands second now, and is done more often.
    checks = (tcp("10.0.0.1", port=81, retry=4), tcp("10.0.0.1", port=80, retry=7))
    kernel.configure(virtual(real(2), real(1, checks_=checks)))
    assert is_quiet(kernel)
    kernel.verdict(1, True, check=0)
    assert kernel.standing() == {"2": 1}
    kernel.verdict(1, True, check=1)
    assert kernel.standing() == {"1": 1, "2": 1}


def test_a_check_that_is_gone_fails_no_more() -> None:
    kernel = running(virtual(real(1), real(2)), down=1)
    kernel.configure(virtual(real(1, checks_=(tcp("10.0.0.1", port=8080),)), real(2)))
    assert kernel.standing() == {"1": 1, "2": 1}
    assert kernel.told() == [f"RS {rs(1)} {VS} UP > /bin/up 10.0.0.1"]


def test_a_new_check_begins_as_well_unless_another_fails() -> None:
    two = (tcp("10.0.0.1"), tcp("10.0.0.1", port=8080, alpha=True))
    kernel = running(virtual(real(1), real(2)))
    kernel.verdict(1, True)
    kernel.configure(virtual(real(1, checks_=two), real(2)))
    assert is_quiet(kernel), "it is up, and alpha does not take it down"
    kernel = running(virtual(real(1), real(2)), down=1)
    kernel.configure(virtual(real(1, checks_=two), real(2)))
    kernel.verdict(1, True, check=0)
    assert kernel.standing() == {"2": 1}, "the new one has not run"
    kernel.verdict(1, True, check=1)
    assert kernel.standing() == {"1": 1, "2": 1}


def test_a_new_server_begins_as_at_the_start() -> None:
    kernel = running(virtual(real(1)))
    kernel.configure(virtual(real(1), real(2, alpha=True), real(3)), init_notifies=True)
    assert kernel.standing() == {"1": 1, "3": 1}
    assert kernel.told() == [f"RS {rs(3)} {VS} UP > /bin/up 10.0.0.3"]


def test_a_server_that_is_gone_goes_down_first() -> None:
    kernel = running(virtual(real(1), real(2), real(3)), down=3)
    kernel.configure(virtual(real(1)))
    assert kernel.standing() == {"1": 1}
    assert kernel.told() == [f"RS {rs(2)} {VS} DOWN > /bin/down 10.0.0.2"], "3 was down before"
    assert kernel.mails == [f"Realserver {rs(2)} of virtual server {VS} - DOWN | => Removing <="]
    assert kernel.said() == [
        f"service {rs(2)} of VS {VS} is no longer in the file",
        f"service {rs(3)} of VS {VS} is no longer in the file",
    ]


def test_a_virtual_server_that_is_gone() -> None:
    kernel = running(virtual(real(1), real(2)), virtual(real(3), port=81), down=2)
    kernel.configure(virtual(real(3), port=81))
    assert kernel.told() == [f"RS {rs(1)} {VS} DOWN > /bin/down 10.0.0.1", DOWN]
    assert list(kernel.table.services) == [key(81)]
    assert kernel.mails[-1] == f"Virtualserver {VS} - DOWN | => Lost quorum 1+0=1 <= 0 <="


def test_a_quorum_that_is_lost_by_the_file() -> None:
    kernel = running(virtual(real(1), real(2)))
    kernel.configure(virtual(real(1), real(2), quorum=3, sorry_server=SORRY))
    assert kernel.told() == [DOWN]
    assert kernel.standing() == {"10.0.9.9": 1}
    kernel.configure(virtual(real(1), real(2), quorum=3, sorry_server=SORRY, weight=2))
    assert kernel.told() == [], "that was told"
    kernel.configure(virtual(real(1), real(2), quorum=3))
    assert kernel.standing() == {"1": 1, "2": 1}, "without a sorry server what is up serves"
    assert kernel.told() == []


def test_another_sorry_server_takes_the_place() -> None:
    kernel = running(virtual(real(1), sorry_server=SORRY), down=1)
    kernel.configure(virtual(real(1), sorry_server=replace(SORRY, endpoint=endpoint("10.0.9.8"))))
    assert kernel.standing() == {"10.0.9.8": 1}
    assert kernel.told() == []


@pytest.mark.parametrize(
    ("changed", "operation"),
    [({"scheduler": "rr"}, "UpdateService"), ({"persistence_engine": "sip"}, "UpdateService")],
)
def test_a_service_is_changed_in_place(changed: dict[str, Any], operation: str) -> None:
    kernel = running(virtual(real(1)))
    kernel.configure(virtual(real(1), **changed))
    [effect] = kernel.last.effects
    assert [type(each).__name__ for each in effect.operations] == [operation]  # type: ignore[union-attr]


def test_a_group_that_gains_an_entry() -> None:
    group = virtual(real(1), real(2), services=(key(80),))
    kernel = running(group, down=2)
    kernel.configure(replace(group, services=(key(80), key(443))))
    assert kernel.standing(443) == {"1": 1}
    assert kernel.standing(80) == {"1": 1}
    kernel.configure(replace(group, services=(key(443),)))
    assert list(kernel.table.services) == [key(443)]
    assert kernel.told() == []


def test_a_service_that_moves_to_another_virtual_server() -> None:
    kernel = running(virtual(real(1)))
    kernel.configure(virtual(real(2), name="group web", services=(key(80),)))
    assert kernel.standing() == {"2": 1}
    assert [key(80)] == list(kernel.table.services)
    [effect] = [each for each in kernel.last.effects if hasattr(each, "operations")]
    assert isinstance(effect.operations[0], AddDestination), "the service itself stays"
    assert not any(isinstance(each, UpdateService) for each in effect.operations)


def test_two_virtual_servers_with_one_service() -> None:
    """The first in the file has it; when that is gone, the other one."""
    first, second = virtual(real(1)), virtual(real(2), name="group web")
    kernel = running(first, second)
    assert kernel.standing() == {"1": 1}
    kernel.configure(first, second)
    assert kernel.operations == 0
    kernel.configure(second)
    assert kernel.standing() == {"2": 1}
    assert list(kernel.table.services) == [key(80)]


def test_orders_outlive_it() -> None:
    kernel = running(virtual(real(1), real(2)))
    kernel.order(1, Admin.DRAINING, 60)
    kernel.wait(10)
    kernel.configure(virtual(real(1, weight=7), real(2), quorum=1, hysteresis=0))
    assert kernel.standing() == {"1": 0, "2": 1}
    due = kernel.engine.deadline()
    assert due is not None
    assert (due - kernel.now).whole_seconds == 50
    kernel.configure(virtual(real(2)))
    assert kernel.engine.deadline() is None, "a server that is gone has no orders"
    kernel.configure(virtual(real(1), real(2)))
    assert kernel.standing() == {"1": 1, "2": 1}
