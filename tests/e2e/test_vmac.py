"""`use_vmac`: two halod, whose addresses wait on a link with a virtual MAC, and go up with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from halod.lab.advert_ear import AdvertEar
from halod.lab.frame_ear import FrameEar
from halod.lab.lab import Lab
from halod.lab.machine import Machine
from halod.lab.patience import wait_until
from halod.wire import arp
from tests.kit.pair import NEEDS_LAB, VIP, Pair, set_up_pair
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
    pair = set_up_pair(lab, "halod", "halod", vmac_config)
    for node in (pair.lb01, pair.lb02):
        node.balancer.start()
        node.expect_state("BACKUP", "started: listening for a master first", within_s=WITHIN_S)
        if node is pair.lb01:
            lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    return pair


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
