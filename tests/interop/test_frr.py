"""halod and FRR's vrrpd of one virtual router, in both roles, over IPv4 and IPv6 (version 3)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from tests.interop.unicast_files import PASSWORD
from tests.interop.v6_files import VIPS, v6_config
from tests.kit.frr import Frr
from tests.kit.logbook import LogBook
from tests.kit.pair import NEEDS_LAB, Node, tutorial_config

pytestmark = [*NEEDS_LAB, pytest.mark.needs_frr]

WITHIN_S = 20.0
FAMILIES = pytest.mark.parametrize("ip_version", [4, 6], ids=["IPv4", "IPv6"])


@contextmanager
def frr_and_halod(
    lab: Lab, folder: Path, ip_version: int, priority: int, more: str = ""
) -> Iterator[tuple[Frr, Node]]:
    """lb01 runs FRR with that priority, lb02 halod with 100; FRR is MASTER before halod starts.
    `more`: lines for halod's instance."""
    frr = Frr(lab.machine("lb01"), folder / "frr", ip_version, priority)
    text = tutorial_config("lb02").replace(PASSWORD, "    version 3\n")
    if ip_version == 6:
        text = v6_config(vips=VIPS[:1])("lb02")
    text = text.replace("    virtual_router_id 51\n", f"    virtual_router_id 51\n{more}")
    assert more in text
    balancer = lab.balancer("lb02", "halod", text)
    node = Node(balancer, LogBook(balancer))
    try:
        frr.start()
        assert wait_until(lambda: "Backup -> Master" in frr.log(), WITHIN_S), frr.log()
        balancer.start()
        yield frr, node
    finally:
        frr.stop()


@FAMILIES
def test_halod_follows_a_stronger_frr_and_takes_over(
    lab: Lab, tmp_path: Path, ip_version: int
) -> None:
    with frr_and_halod(lab, tmp_path, ip_version, 200) as (frr, node):
        node.expect_state("BACKUP", "started: listening for a master first", within_s=WITHIN_S)

        def is_followed() -> bool:
            (shown,) = node.haloctl_json()["instances"]
            return (shown["state"], shown["master_priority"]) == ("BACKUP", 200)

        assert wait_until(is_followed, WITHIN_S)
        node.expect_no_change()
        frr.stop()
        node.expect_state("MASTER", r"\S+ resigned \(priority 0\)", within_s=WITHIN_S)
        node.log.silent_about("ignored an advert")


@FAMILIES
def test_a_weaker_frr_gives_way_to_halod(lab: Lab, tmp_path: Path, ip_version: int) -> None:
    with frr_and_halod(lab, tmp_path, ip_version, 50) as (frr, node):
        cause = r"\S+ is MASTER with priority 50, below this node's 100"
        node.expect_state("MASTER", cause, within_s=WITHIN_S)
        assert wait_until(lambda: "Master -> Backup" in frr.log(), WITHIN_S), frr.log()
        assert wait_until(lambda: not frr.holds(), WITHIN_S)
        node.balancer.stop()
        assert wait_until(lambda: frr.log().count("Backup -> Master") == 2, WITHIN_S), frr.log()


@FAMILIES
def test_both_with_a_virtual_mac(lab: Lab, tmp_path: Path, ip_version: int) -> None:
    """Each hears the other from the MAC that its own link has."""
    with frr_and_halod(lab, tmp_path, ip_version, 50, "    use_vmac\n") as (frr, node):
        cause = r"\S+ is MASTER with priority 50, below this node's 100"
        node.expect_state("MASTER", cause, within_s=WITHIN_S)
        assert wait_until(lambda: "Master -> Backup" in frr.log(), WITHIN_S), frr.log()
        lab.faults.partition("lb01", "lb02")
        assert wait_until(lambda: frr.log().count("Backup -> Master") == 2, WITHIN_S), frr.log()
        lab.faults.heal()
        assert wait_until(lambda: frr.log().count("Master -> Backup") == 2, WITHIN_S), frr.log()
        node.expect_no_change()
        node.balancer.stop()
        assert wait_until(lambda: frr.log().count("Backup -> Master") == 3, WITHIN_S), frr.log()
