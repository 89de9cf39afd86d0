"""The interface under a running node: taken down, removed, made again, with another address."""

from collections.abc import Callable

import pytest

from halod.lab.advert_ear import AdvertEar
from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from tests.kit.pair import LB01, NEEDS_LAB, VIP, WITHIN_S, Pair, start_pair

pytestmark = NEEDS_LAB


def remove(lab: Lab) -> None:
    lab.machine("lb01").namespace.ip("link", "del", "ens33")


def make_again(lab: Lab) -> None:
    machine = lab.machine("lb01")
    lab.switch.plug(machine.host, machine.namespace)


def flush(lab: Lab) -> None:
    lab.machine("lb01").namespace.ip("addr", "flush", "dev", "ens33")


def address_again(lab: Lab) -> None:
    lab.machine("lb01").namespace.ip("addr", "add", f"{LB01}/24", "brd", "+", "dev", "ens33")


@pytest.mark.parametrize(
    ("break_it", "mend_it", "fault"),
    [
        pytest.param(
            lambda lab: lab.faults.link_down("lb01"),
            lambda lab: lab.faults.link_up("lb01"),
            "is down or has no carrier",
            id="down",
        ),
        pytest.param(remove, make_again, "does not exist", id="removed"),
        pytest.param(flush, address_again, "has no IPv4 address", id="without-an-address"),
    ],
)
def test_a_fault_while_the_interface_is_of_no_use(
    lab: Lab, break_it: Callable[[Lab], None], mend_it: Callable[[Lab], None], fault: str
) -> None:
    pair = start_pair(lab, "halod", "halod")
    break_it(lab)
    # One that is removed goes down first.
    pair.lb01.expect_state("FAULT", f"interface ens33 ({fault}|is down or has no carrier)")
    status = pair.lb01.haloctl("status")
    assert status.returncode == 1
    assert f"alarm: VI_1 is FAULT on ens33, so it cannot be MASTER: interface ens33 {fault}" in (
        status.stdout
    )
    lab.wait_for_owner(VIP, "lb02", WITHIN_S)
    mend_it(lab)
    pair.lb01.expect_state("BACKUP", "interface ens33 is usable again")
    pair.lb01.expect_state("MASTER", r"192\.168\.178\.131 is MASTER with priority 100, below")
    assert wait_until(lambda: lab.machine("lb01").vips() == [VIP], WITHIN_S)
    assert wait_until(lambda: lab.machine("lb02").vips() == [], WITHIN_S)
    pair.lb01.log.silent_about("Traceback|rror")
    assert pair.lb01.haloctl("status").returncode == 0


def readdress(pair: Pair) -> None:
    ip = pair.lab.machine("lb01").namespace.ip
    ip("addr", "add", "192.168.178.140/24", "brd", "+", "dev", "ens33")
    ip("addr", "del", f"{LB01}/24", "dev", "ens33")


def test_another_address_on_the_interface(lab: Lab) -> None:
    """promote_secondaries is on, as systemd sets it: else the kernel takes the VIP along."""
    lab.machine("lb01").namespace.set_kernel_value("net/ipv4/conf/ens33/promote_secondaries", "1")
    pair = start_pair(lab, "halod", "halod")
    ear = AdvertEar(lab.machine("web01"))
    pair.strike(lambda: readdress(pair), after_s=0.5)
    wait_until(lambda: False, 4.0)
    # The master advertises from the address that it has now, and nobody takes over.
    assert ear.heard()[-1].source == "192.168.178.140"
    ear.close()
    assert lab.machine("lb02").vips() == []
    assert VIP in lab.machine("lb01").vips()
    pair.lb01.expect_no_change()
    pair.lb02.expect_no_change()
    assert "192.168.178.140 is MASTER" in pair.lb02.haloctl("why").stdout
