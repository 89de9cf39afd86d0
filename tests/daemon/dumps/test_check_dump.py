"""keepalived_check.data: the lines that keepalived 2.2.7 was seen to write, and no secret."""

from dataclasses import replace

from halod.daemon.dumps.check_dump import check_dump
from halod.model.command import Command
from halod.model.configuration import Configuration
from halod.model.units import Duration
from halod.model.virtual_server import SorryServer
from tests.kit.servers import endpoint, real_server, virtual_server

SEEN = """\
------< Global definitions >------
 Router ID = lb01
------< LVS Topology >------
 System is compiled with LVS v1.2.1
 ------< Virtual server >------
 VS VIP = 10.9.0.100, VPORT = 80
   Address family = inet
   delay_loop = 60.000000
   lvs_sched = rr
   One packet scheduling = disabled
   persistence timeout = 50
   protocol = TCP
   alpha is OFF
   omega is OFF
   quorum = 1, hysteresis = 0
   Using smtp notification = no
   sorry server = [10.9.1.9]:tcp:80
     forwarding method = NAT
     Inhibit on failure is OFF
   alive = 1
   quorum_state_up = 1
   ------< Real server >------
   RIP = 127.0.0.1, RPORT = 80, WEIGHT = 1 EFF WEIGHT = 3
   forwarding method = NAT
   connection limit range = 0 -> 0
   Inhibit on failure is OFF
   Using smtp notification = no
   initial weight = 1
   effective weight = 3
   alive = 1
   RS set = 1
"""


def test_it_has_keepalived_s_lines() -> None:
    real = real_server("127.0.0.1", notify_down=Command(("/bin/tell", "secret")))
    server = replace(
        virtual_server("10.9.0.100", real),
        scheduler="rr",
        persistence=Duration.seconds(50),
        sorry_server=SorryServer(endpoint=endpoint("10.9.1.9")),
    )
    view = {
        "name": server.title,
        "state": "UP",
        "real_servers": [
            {"address": "[127.0.0.1]:80", "state": "UP", "weight": 3, "weight_effective": 3}
        ],
    }
    configuration = Configuration(router_id="lb01", virtual_servers=(server,))
    assert check_dump(configuration, [view]).decode() == SEEN


def test_before_anything_is_known_nothing_is_up() -> None:
    group = replace(virtual_server("10.0.0.1", real_server("10.0.0.9")), name="group web")
    server = replace(group, services=())
    text = check_dump(Configuration(virtual_servers=(server,)), []).decode()
    assert " VS group web\n" in text
    assert "quorum_state_up = 0" in text
    assert "   alive = 0\n   RS set = 0\n" in text
