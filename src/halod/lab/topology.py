"""What a lab consists of: hosts, their addresses and their interface. Values only.

Must not know namespaces, processes or files of the machine.
"""

import re
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Interface

from halod.lab.errors import unknown_name

NAME = re.compile(r"[a-z][a-z0-9]{0,13}")
"""Host names become interface names of the switch, which the kernel limits to 15 bytes."""


class Role(Enum):
    """What a host is there for."""

    BALANCER = "balancer"
    WEB = "web"
    CLIENT = "client"


@dataclass(frozen=True)
class Host:
    """One machine of the lab, attached to the switch by one interface."""

    name: str
    """Lower-case letters and digits, at most 14 bytes, unique in its topology."""

    address: IPv4Interface
    """Its own address with the prefix length of the LAN; never a VIP."""

    role: Role
    """What it is there for: a client has the prober, a balancer is watched for VIPs."""

    interface: str = "ens33"
    """Name of its interface, as the configurations name it; at most 15 bytes."""

    def __post_init__(self) -> None:
        if NAME.fullmatch(self.name) is None:
            raise ValueError(f"host name {self.name!r} does not match {NAME.pattern}")


@dataclass(frozen=True)
class Topology:
    """Hosts on one switch."""

    hosts: tuple[Host, ...]
    """All of them; names and addresses are unique."""

    def __post_init__(self) -> None:
        names = [host.name for host in self.hosts]
        addresses = [host.address.ip for host in self.hosts]
        if len(set(names)) != len(names) or "switch" in names:
            raise ValueError(f"host names are not unique, or one is 'switch': {names}")
        if len(set(addresses)) != len(addresses):
            raise ValueError("two hosts have one address")

    def host(self, name: str) -> Host:
        """The host of that name; LabError with a suggestion when there is none."""
        for host in self.hosts:
            if host.name == name:
                return host
        raise unknown_name("host", name, [host.name for host in self.hosts])

    def with_role(self, role: Role) -> tuple[Host, ...]:
        """The hosts of that role, in the order of the topology."""
        return tuple(host for host in self.hosts if host.role is role)

    @property
    def client(self) -> Host:
        """The first client: where probers run."""
        return self.with_role(Role.CLIENT)[0]


VIP_1 = IPv4Address("192.168.178.3")
"""The tutorial's VIP of VI_1; the client resolves www.chaoge.com to it."""

VIP_2 = IPv4Address("192.168.178.4")
"""The tutorial's VIP of VI_2; the client resolves bbs.chaoge.com to it."""


def tutorial_topology() -> Topology:
    """The five machines of the tutorial: one LAN, interface ens33, /24."""

    def host(name: str, last: int, role: Role) -> Host:
        return Host(name, IPv4Interface(f"192.168.178.{last}/24"), role)

    return Topology(
        (
            host("lb01", 130, Role.BALANCER),
            host("lb02", 131, Role.BALANCER),
            host("web01", 121, Role.WEB),
            host("web02", 122, Role.WEB),
            host("client", 1, Role.CLIENT),
        )
    )
