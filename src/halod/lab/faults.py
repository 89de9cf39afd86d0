"""Breaking a lab: cables, power, links between two hosts, firewalls. Everything can be mended.

Knows machines and the switch. Faults of a node's processes are in `balancer.py`; the list of all
faults with their names is in `fault_list.py`.
"""

import signal

from halod.lab import nginx
from halod.lab.balancer import Balancer
from halod.lab.errors import LabError
from halod.lab.machine import Machine
from halod.lab.process import ProcessId
from halod.lab.switch import Expression, Switch, apply_rules, forget_rules, has_rules

GONE_WITHIN_S = 5.0
"""Seconds within which killed processes must be gone."""

VRRP_PROTOCOL = 112
"""IP protocol number (RFC 9568 section 5.1.1.4)."""


class Faults:
    """What can go wrong between and below the programs of a lab."""

    def __init__(self, switch: Switch, machines: dict[str, Machine]) -> None:
        self._switch = switch
        self._machines = machines

    def unplug(self, host: str) -> None:
        """Pull the cable: the host loses its carrier, its interface stays up."""
        self._switch.set_port(host, up=False)

    def plug(self, host: str) -> None:
        """Put the cable back."""
        self._switch.set_port(host, up=True)

    def link_down(self, host: str) -> None:
        """An administrator's `ip link set ens33 down` on the host."""
        self._set_link(host, "down")

    def link_up(self, host: str) -> None:
        """`ip link set ens33 up` on the host."""
        self._set_link(host, "up")

    def power_off(self, host: str) -> None:
        """All processes of the host die at once, unheard, and its cable is dead."""
        machine = self._machines[host]
        self._switch.set_port(host, up=False)
        victims: list[ProcessId] = machine.namespace.members()
        for victim in victims:
            victim.send(signal.SIGKILL)
        late = [victim.pid for victim in victims if not victim.wait_gone(GONE_WITHIN_S)]
        if late:
            raise LabError(f"processes of {host} do not die: {late}")
        machine.reap()

    def power_on(self, host: str) -> None:
        """The host as after its boot: own address alone, no rules, nginx runs if it had one.

        The node is not started: do that with `Balancer.start`. LabError for a host that is on.
        """
        machine = self._machines[host]
        if machine.namespace.members():
            raise LabError(f"{host} is on: programs run there", "switch it off first: power-off")
        interface = machine.host.interface
        machine.namespace.ip("addr", "flush", "dev", interface, "scope", "global")
        machine.namespace.ip("addr", "add", str(machine.host.address), "brd", "+", "dev", interface)
        machine.namespace.ip("link", "set", interface, "up")
        forget_rules(machine.namespace, "inet")
        machine.empty_run_directory()
        self._switch.set_port(host, up=True)
        nginx.restart(machine)

    def partition(self, one: str, other: str) -> None:
        """Two hosts no longer hear each other; everybody else hears both."""
        self._switch.drop(one, other)
        self._switch.drop(other, one)

    def one_way(self, source: str, target: str) -> None:
        """`target` no longer hears `source`, which still hears `target`."""
        self._switch.drop(source, target)

    def isolate(self, host: str) -> None:
        """Nobody hears the host and it hears nobody, yet its carrier stays."""
        for other in self._machines:
            if other != host:
                self.partition(host, other)

    def firewall(self, host: str) -> None:
        """The host's own firewall drops VRRP in both directions."""
        rule: list[Expression] = [
            {
                "match": {
                    "op": "==",
                    "left": {"meta": {"key": "l4proto"}},
                    "right": VRRP_PROTOCOL,
                }
            }
        ]
        apply_rules(self._machines[host].namespace, "inet", {"input": [rule], "output": [rule]})

    def heal(self) -> None:
        """Cables in, links up, no rule left; processes stay as they are."""
        self._switch.heal()
        for host, machine in self._machines.items():
            self.plug(host)
            self.link_up(host)
            forget_rules(machine.namespace, "inet")

    def standing(self) -> list[str]:
        """The faults that stand now, one sentence each."""
        dropped = self._switch.dropped()
        found = []
        for source, target in sorted(dropped):
            if (target, source) not in dropped:
                found.append(f"{target} does not hear {source}")
            elif source < target:
                found.append(f"{source} and {target} do not hear each other")
        for host, machine in self._machines.items():
            if not self._switch.port_is_up(host):
                found.append(f"{host}: cable out or power off")
            if has_rules(machine.namespace, "inet"):
                found.append(f"{host}: firewall drops VRRP")
        return found

    def _set_link(self, host: str, state: str) -> None:
        machine = self._machines[host]
        machine.namespace.ip("link", "set", machine.host.interface, state)


def thaw_if_running(balancer: Balancer) -> None:
    """Let a frozen node go on; one that does not run is left alone."""
    if balancer.parent is not None:
        balancer.thaw()
