"""The tutorial's five machines with everything running on them, VRRP nodes excepted or included.

Knows the tutorial's files and which host gets which. Must not know the demo's steps.
"""

from collections.abc import Mapping

from halod.lab import nginx
from halod.lab.balancer import Balancer
from halod.lab.lab import Lab
from halod.lab.topology import VIP_1, VIP_2, Role
from halod.lab.tutorial_files import tutorial_bytes, tutorial_text

SINGLE = "keepalived.conf"
"""Part 1 and 3: one instance, VI_1."""

DUAL = "keepalived-dual.conf"
"""Part 2: two instances, each node master of one."""

WWW = "www.chaoge.com"
BBS = "bbs.chaoge.com"

NAMES: Mapping[str, Mapping[str, str]] = {
    SINGLE: {WWW: str(VIP_1)},
    DUAL: {WWW: str(VIP_1), BBS: str(VIP_2)},
}
"""For each file, which VIP the client resolves a name to."""


def start_web(lab: Lab) -> None:
    """Run the tutorial's nginx on both web servers and both balancers."""
    for host in lab.topology.with_role(Role.WEB):
        nginx.start_web_server(
            lab.machine(host.name),
            tutorial_bytes(f"{host.name}/nginx-server.conf"),
            tutorial_bytes(f"{host.name}/index.html"),
        )
    for host in lab.topology.with_role(Role.BALANCER):
        nginx.start_proxy(lab.machine(host.name), tutorial_bytes(f"{host.name}/nginx.conf"))


def set_up_nodes(lab: Lab, programs: Mapping[str, str], file: str) -> list[Balancer]:
    """Give every balancer its node program (host -> program) and the tutorial's file."""
    return [
        lab.balancer(host.name, programs[host.name], tutorial_text(f"{host.name}/{file}"))
        for host in lab.topology.with_role(Role.BALANCER)
    ]
