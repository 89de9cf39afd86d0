"""`virtual_ipaddress_excluded` on real nodes: it moves with the others, with keepalived too."""

import pytest

from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from tests.kit.pair import NEEDS_KEEPALIVED, VIP_OF_2, WITHIN_S, changed, start_pair

pytestmark = NEEDS_KEEPALIVED

EXCLUDED = VIP_OF_2
BLOCK = f"    virtual_ipaddress_excluded {{\n        {EXCLUDED}/24\n    }}\n"
CONFIG = changed(("    virtual_ipaddress {", f"{BLOCK}    virtual_ipaddress {{"))


@pytest.mark.parametrize(
    ("lb01", "lb02"), [("halod", "halod"), ("halod", "keepalived"), ("keepalived", "halod")]
)
def test_it_moves_with_the_others(lab: Lab, lb01: str, lb02: str) -> None:
    pair = start_pair(lab, lb01, lb02, CONFIG)
    lab.wait_for_owner(EXCLUDED, "lb01", WITHIN_S)
    pair.lb01.balancer.stop()
    lab.wait_for_owner(EXCLUDED, "lb02", WITHIN_S)
    for node in (pair.lb01, pair.lb02):
        if node.is_halod:
            node.log.silent_about("another address list")


def test_a_heartbeat_that_dies_leaves_none(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod", CONFIG)
    lab.wait_for_owner(EXCLUDED, "lb01", WITHIN_S)
    pair.lb01.balancer.kill_heartbeat()
    pair.lb01.log.expect(f"removed .*{EXCLUDED}")
    assert wait_until(lambda: EXCLUDED not in pair.lb01.balancer.machine.vips(), 2.0)
