"""A second network between hosts of a lab: the other side of a router, or a cable between two.

Knows a bridge in the switch's namespace and the interface that each host has on it. Must not know
what a test does with it.
"""

from halod.lab.lab import Lab

BRIDGE = "second"
ETH1 = "eth1"
"""Name of the interface on each host."""


class SecondLan:
    """Gone with the lab."""

    def __init__(self, lab: Lab, addresses: dict[str, str], interface: str = ETH1) -> None:
        """`addresses`: host to its own address there, with its prefix length."""
        self._lab = lab
        self._interface = interface
        self._switch = lab.switch.namespace
        self._switch.ip_batch(
            [
                f"link add name {BRIDGE} type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
                f"link set {BRIDGE} up",
            ]
        )
        for host, address in addresses.items():
            self._plug(host, address)

    def _plug(self, host: str, address: str) -> None:
        namespace, port = self._lab.machine(host).namespace, _port(host)
        self._switch.ip_batch(
            [
                f"link add name {self._interface} netns {namespace.name} type veth peer {port}",
                f"link set {port} master {BRIDGE}",
                f"link set {port} up",
            ]
        )
        namespace.ip_batch(
            [f"address add {address} dev {self._interface}", f"link set {self._interface} up"]
        )

    def carrier(self, host: str, *, there: bool) -> None:
        """Plugs the cable of one host in or out; the others see nothing of it."""
        self._switch.ip("link", "set", _port(host), "up" if there else "down")

    def darken(self) -> None:
        """Nothing goes through any more, and every carrier stays."""
        self._switch.ip("link", "set", BRIDGE, "down")

    def holds(self, host: str, address: str) -> bool:
        """Whether the address stands on that host's interface."""
        shown = self._lab.machine(host).namespace.ip(
            "-4", "address", "show", "dev", self._interface
        )
        return f" {address}/" in shown


def _port(host: str) -> str:
    return f"{host}-2"
