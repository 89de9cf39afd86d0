"""Verdicts, orders and reloads in; operations, notices and facts out.

Sequences are those of keepalived 2.4.3 and 2.2.7 (ipwrapper.c), read and not copied.
"""

from halod.model.balance_event import Admin, BalanceTimerFired, TableObserved
from halod.model.service_table import ServiceTable
from halod.model.units import Duration
from tests.balance.servers import SORRY, VIP, Kernel, key, real, table_of, virtual

VS = f"[{VIP}]:tcp:80"


def rs(number: int) -> str:
    return f"[10.0.0.{number}]:tcp:80"


def test_the_thin_path() -> None:
    kernel = Kernel().start(virtual(real(1), real(2)))
    assert kernel.standing() == {"1": 1, "2": 1}
    # The first success of what counted as up says nothing new.
    kernel.verdict(1, True)
    kernel.verdict(2, True)
    assert kernel.told() == [f"VS {VS} UP > /bin/quorum up"]
    kernel.said()
    kernel.verdict(2, False, detail="status 503, wanted 200-299, after 12 ms")
    assert kernel.standing() == {"1": 1}
    assert kernel.told() == [f"RS {rs(2)} {VS} DOWN > /bin/down 10.0.0.2"]
    assert kernel.said() == [
        f"Removing service {rs(2)} from VS {VS}: status 503, wanted 200-299, after 12 ms"
    ]
    kernel.verdict(2, True)
    assert kernel.standing() == {"1": 1, "2": 1}
    assert kernel.told() == [f"RS {rs(2)} {VS} UP > /bin/up 10.0.0.2"]


def test_it_waits_for_an_observation() -> None:
    kernel = Kernel().configure(virtual(real(1)))
    kernel.verdict(1, False)
    assert not kernel.table.services
    kernel.handle(TableObserved(kernel.table))
    assert kernel.table.services
    assert kernel.standing() == {}


def test_the_last_server_and_the_quorum() -> None:
    kernel = Kernel().start(virtual(real(1), real(2), sorry_server=SORRY))
    kernel.told()
    kernel.said()
    kernel.verdict(1, False, detail="refused")
    kernel.told()
    kernel.verdict(2, False, detail="refused")
    assert kernel.standing() == {"10.0.9.9": 1}
    assert kernel.told() == [
        f"RS {rs(2)} {VS} DOWN > /bin/down 10.0.0.2",
        f"VS {VS} DOWN > /bin/quorum down",
    ]
    assert kernel.said()[-3:] == [
        f"Removing service {rs(2)} from VS {VS}: refused",
        f"Lost quorum 1-0=1 > 0 for VS {VS}: weight 0 of 1",
        f"Adding sorry server [10.0.9.9]:tcp:80 to VS {VS}: quorum lost",
    ]
    kernel.verdict(1, True)
    assert kernel.standing() == {"1": 1}
    assert kernel.told() == [
        f"RS {rs(1)} {VS} UP > /bin/up 10.0.0.1",
        f"VS {VS} UP > /bin/quorum up",
    ]


def test_drain_with_an_end() -> None:
    kernel = Kernel().start(virtual(real(1), real(2)))
    kernel.said()
    kernel.order(1, Admin.DRAINING, 60)
    assert kernel.standing() == {"1": 0, "2": 1}
    assert kernel.engine.deadline() == kernel.now + Duration.seconds(60)
    kernel.wait(60)
    kernel.handle(BalanceTimerFired())
    assert kernel.standing() == {"1": 1, "2": 1}
    assert kernel.engine.deadline() is None


def test_adopts_what_is_there() -> None:
    first = Kernel().start(virtual(real(1), real(2)))
    first.verdict(2, False, detail="refused")
    memory = first.engine.memory()
    again = Kernel(memory, first.table).start(virtual(real(1), real(2)))
    assert again.operations == 0
    assert again.told() == []
    assert again.said() == [
        "services found in the kernel: 1 were as wanted, and it took 0 operations to have all so"
    ]
    again.verdict(2, True)
    assert again.standing() == {"1": 1, "2": 1}


def test_services_of_others_stay() -> None:
    foreign = table_of([(key(443), {"10.0.0.7": 3})])
    kernel = Kernel(table=foreign).start(virtual(real(1)))
    assert kernel.standing(443) == {"7": 3}
    kernel = Kernel(table=foreign).start(virtual(real(1)), flush=True)
    assert kernel.standing(443) == {}


def test_drift_is_repaired_and_told_once() -> None:
    kernel = Kernel().start(virtual(real(1), real(2)))
    kernel.said()
    whole = kernel.table
    kernel.table = table_of([(key(), {"10.0.0.1": 1, "10.0.0.5": 1})])
    for _ in range(3):
        kernel.handle(TableObserved(kernel.table))
        assert kernel.table == whole
        kernel.table = ServiceTable()
    what = "somebody removed [10.0.0.2]:80, added [10.0.0.5]:80"
    assert kernel.said() == [f"service {VS} of VS {VS} repaired (2 operations): {what}"]
