"""A daemon whose instance has no `interface`: it speaks where the route to its peer goes."""

from __future__ import annotations

import os
import signal

import pytest

from halod.lab.patience import wait_until
from tests.kit.node import NEAR, VIP, Node

pytestmark = pytest.mark.needs_netns

CONFIG = f"""vrrp_instance VI_1 {{
    virtual_router_id 51
    priority 150
    version 3
    advert_int 0.1
    unicast_src_ip 192.0.2.1
    unicast_peer {{
        192.0.2.77
    }}
    virtual_ipaddress {{
        {VIP}/24 dev {NEAR}
    }}
}}
"""


def test_it_is_master_resigns_when_it_dies_and_waits_for_its_source(node: Node) -> None:
    node.namespace.ip("neigh", "add", "192.0.2.77", "lladdr", "02:00:00:00:00:77", "dev", NEAR)
    node.config_file.write_text(CONFIG)
    node.start()
    node.wait_address(VIP)
    assert wait_until(lambda: (51, 150) in node.adverts(), 10)
    os.kill(node.heartbeat.pid, signal.SIGKILL)
    node.wait_log("resigned for VI_1", 10)
    assert (51, 0) in node.adverts()
    node.wait_log("Entering MASTER STATE", 30, times=2)
    node.namespace.ip("address", "del", "192.0.2.1/24", "dev", NEAR)
    node.wait_log("this node does not have 192.0.2.1", 10)
    node.namespace.ip("address", "add", "192.0.2.1/24", "dev", NEAR)
    node.wait_log("Entering MASTER STATE", 30, times=3)
    assert node.stop() == 0
