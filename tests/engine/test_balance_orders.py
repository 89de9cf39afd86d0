"""Operators drain, disable and enable: at once, with an end, and told."""

from typing import Any

from halod.engine.balance_ready import BalanceReady
from halod.model.balance_event import Admin, AdminOrdered, BalanceTimerFired
from halod.model.units import Duration
from tests.balance.servers import SORRY, VIP, Kernel, endpoint, real, virtual

VS = f"[{VIP}]:tcp:80"
FIRST = f"service [10.0.0.1]:tcp:80 of VS {VS}"


def running(**given: Any) -> Kernel:
    kernel = Kernel().start(virtual(real(1), real(2), **given))
    kernel.told()
    kernel.said()
    return kernel


def test_drained_it_takes_no_new_connections() -> None:
    kernel = running()
    kernel.order(1, Admin.DRAINING)
    assert kernel.standing() == {"1": 0, "2": 1}
    assert kernel.told() == [], "it is up"
    assert kernel.said() == [
        f"{FIRST} drained: weight 0, connections that it has go on (by an operator)"
    ]
    [first, _] = kernel.engine.view(kernel.now).servers[0].real_servers
    assert (first.state, first.admin, first.weight, first.weight_effective) == (
        "UNKNOWN",
        "draining",
        1,
        0,
    )
    kernel.order(1, Admin.ENABLED)
    assert kernel.standing() == {"1": 1, "2": 1}
    assert kernel.said() == [f"{FIRST} enabled again: its checks decide (by an operator)"]


def test_an_order_ends_by_itself() -> None:
    kernel = running()
    kernel.order(1, Admin.DRAINING, 60)
    assert kernel.said()[0].endswith("(by an operator, for 60 s)")
    assert kernel.engine.deadline() == kernel.now + Duration.seconds(60)
    kernel.wait(59)
    assert kernel.handle(BalanceTimerFired()) == BalanceReady()
    assert kernel.engine.view(kernel.now).servers[0].real_servers[0].admin_ends_in_s == 1
    kernel.wait(1)
    kernel.handle(BalanceTimerFired())
    assert kernel.standing() == {"1": 1, "2": 1}
    assert kernel.engine.deadline() is None
    assert kernel.said() == [
        f"{FIRST} enabled again: its checks decide (the time of the last order is over)"
    ]


def test_a_later_order_counts() -> None:
    kernel = running()
    kernel.order(1, Admin.DRAINING, 60)
    kernel.order(1, Admin.DISABLED)
    assert kernel.engine.deadline() is None
    kernel.order(1, Admin.DISABLED)
    assert kernel.last == BalanceReady(), "that was so already"
    kernel.order(1, Admin.DISABLED, 5)
    assert kernel.engine.deadline() == kernel.now + Duration.seconds(5)


def test_disabled_it_is_out_whatever_its_checks_say() -> None:
    kernel = running()
    kernel.order(1, Admin.DISABLED)
    assert kernel.standing() == {"2": 1}
    assert kernel.told() == [f"RS [10.0.0.1]:tcp:80 {VS} DOWN > /bin/down 10.0.0.1"]
    assert kernel.said()[-1] == (
        f"Removing service [10.0.0.1]:tcp:80 from VS {VS}: an operator disabled it"
    )
    kernel.verdict(1, False, detail="refused")
    kernel.verdict(1, True)
    assert kernel.standing() == {"2": 1}
    assert kernel.told() == []
    kernel.verdict(1, False, detail="refused")
    kernel.order(1, Admin.ENABLED)
    assert kernel.standing() == {"2": 1}, "its checks decide again"
    assert kernel.told() == []
    kernel.verdict(1, True)
    assert kernel.told() == [f"RS [10.0.0.1]:tcp:80 {VS} UP > /bin/up 10.0.0.1"]


def test_what_is_drained_counts_for_no_quorum_and_keeps_its_connections() -> None:
    kernel = running(sorry_server=SORRY)
    kernel.order(1, Admin.DRAINING)
    kernel.order(2, Admin.DRAINING)
    assert kernel.standing() == {"1": 0, "2": 0, "10.0.9.9": 1}
    assert kernel.told() == [f"VS {VS} DOWN > /bin/quorum down"]
    kernel.order(2, Admin.ENABLED)
    assert kernel.standing() == {"1": 0, "2": 1}


def test_drained_and_down() -> None:
    kernel = running()
    kernel.order(1, Admin.DRAINING)
    kernel.verdict(1, False)
    assert kernel.standing() == {"2": 1}
    kernel.verdict(1, True)
    assert kernel.standing() == {"1": 0, "2": 1}


def test_a_server_that_is_not_there() -> None:
    kernel = running()
    nowhere = AdminOrdered("192.0.2.9 80 tcp", endpoint("10.0.0.1"), Admin.DRAINING)
    assert kernel.handle(nowhere) == BalanceReady()
    assert kernel.order(9, Admin.DRAINING) == BalanceReady()
