"""The tutorial's machines as an LVS: two directors share the VIP and balance, web servers answer.

Knows what each host has to be for that, with NAT and with DR. Must not know the steps of a play.

With DR (`lb_kind DR`) a director hands on the frame and the web server answers the client itself:
it has the VIP on its loopback, and must not say so when somebody asks who has it. With NAT the
answers must come back through the director that translated: the web servers reach the client over
an address that moves along with the VIP.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from ipaddress import IPv4Interface

from halod.lab import nginx
from halod.lab.balancer import Balancer
from halod.lab.lab import Lab
from halod.lab.machine import Machine
from halod.lab.topology import VIP_1, Host, Role, Topology, tutorial_topology
from halod.lab.tutorial_files import tutorial_bytes
from halod.lab.tutorial_lab import WWW

__all__ = ["GATEWAY", "LVS_NAMES", "VIP", "Method", "director_config", "lvs_topology"]
__all__ += ["set_up_directors", "set_up_lvs"]

VIP = str(VIP_1)
GATEWAY = "192.168.178.5"
"""Where web servers behind NAT send their answers; it moves along with the VIP."""
LVS_NAMES: Mapping[str, str] = {WWW: VIP}

DELAY_LOOP_S = 1
"""Between two checks of a web server; a failed one is done once more after RETRY_S."""
RETRY_S = 0.2


class Method(Enum):
    """How packets reach a web server, in keepalived's word."""

    NAT = "nat"
    DR = "dr"


def lvs_topology() -> Topology:
    """The tutorial's hosts, and a third web server: when one is out two go on."""
    third = Host("web03", IPv4Interface("192.168.178.123/24"), Role.WEB)
    return Topology((*tutorial_topology().hosts, third))


def director_config(
    name: str, method: Method, webs: Sequence[Host], *, of_server: str = "", of_globals: str = ""
) -> str:
    """The whole file of lb01 or lb02: VI_1 of the tutorial, and the site as a virtual server."""
    state, priority = ("MASTER", 150) if name == "lb01" else ("BACKUP", 100)
    gateway = f"        {GATEWAY}/24 dev ens33\n" if method is Method.NAT else ""
    servers = "".join(
        f"""    real_server {web.address.ip} 80 {{
        weight 1
        HTTP_GET {{
            url {{
                path /
                status_code 200
            }}
            connect_timeout 1
            retry 1
            delay_before_retry {RETRY_S}
        }}
    }}
"""
        for web in webs
    )
    return f"""global_defs {{
    router_id {name}
{of_globals}}}

vrrp_instance VI_1 {{
    state {state}
    interface ens33
    virtual_router_id 51
    priority {priority}
    advert_int 1
    authentication {{
        auth_type PASS
        auth_pass 1111
    }}
    virtual_ipaddress {{
        {VIP}/24 dev ens33 label ens33:3
    }}
    virtual_ipaddress_excluded {{
{gateway}    }}
}}

virtual_server {VIP} 80 {{
    delay_loop {DELAY_LOOP_S}
    lb_algo rr
    lb_kind {method.name}
    protocol TCP
{of_server}{servers}}}
"""


def set_up_lvs(lab: Lab, method: Method, programs: Mapping[str, str]) -> list[Balancer]:
    """Everything but the directors' nodes runs; they are set up and not started."""
    for web in lab.topology.with_role(Role.WEB):
        _start_web(lab.machine(web.name))
    return set_up_directors(lab, method, programs)


def set_up_directors(lab: Lab, method: Method, programs: Mapping[str, str]) -> list[Balancer]:
    """The same where web servers run already."""
    webs = lab.topology.with_role(Role.WEB)
    for web in webs:
        _make_real_server(lab.machine(web.name), method, str(lab.topology.client.address.ip))
    for host in lab.topology.with_role(Role.BALANCER):
        _make_director(lab.machine(host.name))
    return [
        lab.balancer(host.name, programs[host.name], director_config(host.name, method, webs))
        for host in lab.topology.with_role(Role.BALANCER)
    ]


def _start_web(machine: Machine) -> None:
    """The tutorial's server, with a page that says which one it is."""
    page = tutorial_bytes("web01/index.html").replace(b"web01", machine.name.encode())
    nginx.start_web_server(machine, tutorial_bytes("web01/nginx-server.conf"), page)


def _make_real_server(machine: Machine, method: Method, client: str) -> None:
    space = machine.namespace
    if method is Method.NAT:
        space.ip("route", "add", f"{client}/32", "via", GATEWAY, "dev", machine.host.interface)
        return
    # Silent about the VIP: who asks for it must hear the director alone.
    for scope in ("all", machine.host.interface):
        space.set_kernel_value(f"net/ipv4/conf/{scope}/arp_ignore", "1")
        space.set_kernel_value(f"net/ipv4/conf/{scope}/arp_announce", "2")
    space.ip("address", "add", f"{VIP}/32", "dev", "lo")


def _make_director(machine: Machine) -> None:
    space = machine.namespace
    space.set_kernel_value("net/ipv4/ip_forward", "1")
    # Client and servers are on one link: they must not be told of the way past the director.
    for scope in ("all", machine.host.interface):
        space.set_kernel_value(f"net/ipv4/conf/{scope}/send_redirects", "0")
