"""`use_vmac`: two halod, whose addresses wait on a link with a virtual MAC, and go up with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from halod.lab.advert_ear import AdvertEar
from halod.lab.frame_ear import FrameEar
from halod.lab.lab import Lab
from halod.lab.machine import Machine
from halod.lab.patience import wait_until
from halod.wire import arp
from tests.kit.pair import NEEDS_LAB, VIP, Node, Pair, set_up_pair
from tests.kit.vmac_files import VIRTUAL_MAC, vmac_config

pytestmark = NEEDS_LAB

LINK = "vrrp.51"
WITHIN_S = 15.0
MAC = VIRTUAL_MAC[4]
BYTES = bytes.fromhex(MAC.replace(":", ""))


def link_of(machine: Machine, name: str = LINK) -> dict[str, Any] | None:
    """What `ip -d` says of it; None: there is no such link."""
    shown = json.loads(machine.namespace.ip("-d", "-j", "addr", "show", "type", "macvlan") or "[]")
    return next((link for link in shown if link.get("ifname") == name), None)


def is_up(machine: Machine) -> bool:
    link = link_of(machine)
    return link is not None and "UP" in link["flags"]


def addresses_on(machine: Machine) -> list[str]:
    link = link_of(machine)
    return [a["local"] for a in link["addr_info"] if "local" in a] if link else []


@pytest.fixture
def pair(lab: Lab) -> Pair:
    """lb01 is MASTER, lb02 has heard it."""
    return start(lab, vmac_config)


def start(lab: Lab, config: Callable[[str], str]) -> Pair:
    pair = set_up_pair(lab, "halod", "halod", config)
    for node in (pair.lb01, pair.lb02):
        node.balancer.start()
        node.expect_state("BACKUP", "started: listening for a master first", within_s=WITHIN_S)
        if node is pair.lb01:
            lab.wait_for_owner(VIP, "lb01", WITHIN_S)
            node.expect_state("MASTER", "no advert from anybody", within_s=WITHIN_S)
    assert wait_until(lambda: master_heard(pair.lb02) == pair.lb01.address, WITHIN_S)
    return pair


def master_heard(node: Node) -> str | None:
    instances = node.haloctl_json()["instances"]
    return instances[0]["master"] if instances else None


def test_the_address_stands_on_a_link_with_the_virtual_mac_and_moves_with_it(
    lab: Lab, pair: Pair
) -> None:
    one, two, client = (lab.machine(name) for name in ("lb01", "lb02", "client"))
    link = link_of(one)
    assert link is not None
    assert (link["linkinfo"]["info_kind"], link["link"]) == ("macvlan", "ens33")
    assert (link["linkinfo"]["info_data"]["mode"], link["address"]) == ("private", MAC)
    # It waits on the other node, on a link that is down.
    assert wait_until(lambda: addresses_on(two) == [VIP], WITHIN_S)
    assert not is_up(two)
    assert VIP not in two.namespace.ip("route", "show", "table", "local")
    adverts, frames = AdvertEar(client), FrameEar(client, arp.ETHERTYPE_ARP)
    try:
        heard = adverts.wait(pair.lb01.address, WITHIN_S)
        assert heard is not None
        assert heard.frame.sender == BYTES
        pair.lb01.balancer.kill_all()
        lab.wait_for_owner(VIP, "lb02", WITHIN_S)
        heard = adverts.wait(pair.lb02.address, WITHIN_S)
        assert heard is not None
        assert heard.frame.sender == BYTES
        announced = [arp.decode(frame.data) for frame in frames.frames() if frame.sender == BYTES]
        assert any(a and (str(a.sender), a.sender_hardware) == (VIP, BYTES) for a in announced)
    finally:
        adverts.close()
        frames.close()


def test_two_masters_with_one_mac_hear_each_other(lab: Lab, pair: Pair) -> None:
    """The kernel gives frames from our own MAC to the link with it, and the interface none."""
    lab.faults.partition("lb01", "lb02")
    pair.lb02.expect_state("MASTER", f"no advert from {pair.lb01.address}", within_s=WITHIN_S)
    assert is_up(lab.machine("lb01"))
    assert is_up(lab.machine("lb02"))
    lab.faults.heal()
    pair.lb02.expect_state("BACKUP", rf"{pair.lb01.address} is MASTER", within_s=WITHIN_S)
    assert wait_until(lambda: not is_up(lab.machine("lb02")), WITHIN_S)
    assert wait_until(lambda: lab.owners(VIP) == ["lb01"], WITHIN_S)


def test_a_frozen_master_is_silent_and_a_killed_one_leaves_nothing_that_speaks(
    lab: Lab, pair: Pair
) -> None:
    one = lab.machine("lb01")
    pair.lb01.balancer.freeze_all()
    lab.wait_for_owner(VIP, "lb02", WITHIN_S)
    assert wait_until(lambda: lab.owners(VIP) == ["lb02"], WITHIN_S)
    assert is_up(one)  # The link stands; its address is silent.
    pair.lb01.balancer.thaw()
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    assert wait_until(lambda: lab.owners(VIP) == ["lb01"], WITHIN_S)
    pair.lb01.balancer.kill_all()
    assert wait_until(lambda: lab.owners(VIP) == ["lb02"], WITHIN_S)
    assert link_of(one) is not None
    # Its successor finds the link of its predecessor, and begins anew.
    pair.lb01.balancer.start()
    pair.lb01.log.expect("removed what an earlier halod left: link vrrp.51", within_s=WITHIN_S)
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    pair.lb01.balancer.stop()
    assert link_of(one) is None
    assert one.namespace.ip("-j", "link", "show", "type", "macvlan").strip() in ("", "[]")


def test_other_hands_at_the_link(lab: Lab, pair: Pair) -> None:
    one, two = lab.machine("lb01"), lab.machine("lb02")
    # Up on the backup: down again at once, for it would answer there.
    two.namespace.ip("link", "set", LINK, "up")
    assert wait_until(lambda: not is_up(two), WITHIN_S)
    two.namespace.ip("address", "del", f"{VIP}/24", "dev", LINK)
    assert wait_until(lambda: addresses_on(two) == [VIP], WITHIN_S)
    # Down on the master: up again.
    one.namespace.ip("link", "set", LINK, "down")
    assert wait_until(lambda: is_up(one), WITHIN_S)
    pair.lb01.expect_no_change()
    # Gone on the backup: made anew.
    two.namespace.ip("link", "delete", LINK)
    assert wait_until(lambda: addresses_on(two) == [VIP], WITHIN_S)
    one.namespace.ip("link", "delete", LINK)
    lab.wait_for_owner(VIP, "lb02", WITHIN_S)
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    assert wait_until(lambda: lab.owners(VIP) == ["lb01"], WITHIN_S)


def test_a_link_of_somebody_else_is_left_alone(lab: Lab) -> None:
    machine = lab.machine("lb01")
    ip = machine.namespace.ip
    ip("link", "add", LINK, "link", "ens33", "type", "macvlan", "mode", "private")
    pair = set_up_pair(lab, "halod", "halod", vmac_config)
    pair.lb01.balancer.start()
    cause = rf"link {LINK} cannot be used \(there is a link {LINK} that this halod has not made"
    pair.lb01.expect_state("FAULT", cause, within_s=WITHIN_S)
    ip("link", "delete", LINK)
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    link = link_of(machine)
    assert link is not None
    assert link["address"] == MAC


def test_a_reload_turns_it_off_and_on_under_another_name(lab: Lab, pair: Pair) -> None:
    one = lab.machine("lb01")
    pair.lb01.reload(lambda text: text.replace("    use_vmac\n", ""))
    assert wait_until(lambda: link_of(one) is None, WITHIN_S)
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    assert VIP in one.namespace.ip("address", "show", "dev", "ens33")
    pair.lb01.reload(
        lambda text: text.replace(
            "    version 3\n", "    version 3\n    use_vmac vip 02:0:0:0:0:9\n"
        )
    )
    link = wait_until(lambda: link_of(one, "vip"), WITHIN_S)
    assert link is not None
    assert link["address"] == "02:00:00:00:00:09"
    lab.wait_for_owner(VIP, "lb02", WITHIN_S)
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    assert VIP not in one.namespace.ip("address", "show", "dev", "ens33")


@pytest.mark.parametrize(("lease", "interval_s"), [("nft", 0.2), ("address", 1)])
def test_a_frozen_master_is_silent_by_every_kind_of_lease(
    lab: Lab, lease: str, interval_s: float
) -> None:
    def config(host: str) -> str:
        more = f"    @halod vip_lease {lease}\n"
        return vmac_config(host, more=more, interval_s=interval_s)

    pair = start(lab, config)
    (instance,) = pair.lb01.haloctl_json()["instances"]
    assert (instance["lease_mode"], instance["virtual_mac"]) == (lease, f"{MAC} on {LINK}")
    pair.lb01.balancer.freeze_all()
    lab.wait_for_owner(VIP, "lb02", WITHIN_S)
    assert wait_until(lambda: lab.owners(VIP) == ["lb02"], WITHIN_S)
    pair.lb01.balancer.thaw()
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    assert wait_until(lambda: lab.owners(VIP) == ["lb01"], WITHIN_S)
    two = lab.machine("lb02")
    assert wait_until(lambda: not is_up(two) and addresses_on(two) == [VIP], WITHIN_S)
    assert VIP not in two.namespace.ip("route", "show", "table", "local")
