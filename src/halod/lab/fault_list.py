"""Every fault by the name that operators use, and what it does, in words and in deed.

Knows faults of the network (`faults.py`) and of nodes (`balancer.py`); nothing of command lines.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from halod.lab.diary import write_deed
from halod.lab.errors import LabError, unknown_name
from halod.lab.faults import thaw_if_running
from halod.lab.lab import Lab


@dataclass(frozen=True)
class Fault:
    """One thing that can be done to a lab."""

    help: str
    """What happens, a few words."""

    act: Callable[[Lab, str, str], None]
    """Does it: the lab, the host, the other host ("" unless `hosts` is 2)."""

    hosts: int = 1
    """How many hosts must be named: 0, 1 or 2."""


def of_node(method: str) -> Callable[[Lab, str, str], None]:
    """A fault that is a method of the host's node."""

    def act(lab: Lab, host: str, _other: str) -> None:
        if host not in lab.balancers:
            names = ", ".join(lab.balancers) or "none yet"
            raise LabError(f"{host} has no VRRP node", f"hosts that have one: {names}")
        getattr(lab.balancers[host], method)()

    return act


def of_network(method: str) -> Callable[[Lab, str, str], None]:
    """A fault that is a method of the lab's network faults and wants one host."""
    return lambda lab, host, _other: getattr(lab.faults, method)(host)


def power_on(lab: Lab, host: str, _other: str) -> None:
    """The machine boots and its services start."""
    lab.faults.power_on(host)
    balancer = lab.balancers.get(host)
    if balancer is not None and balancer.parent is None:
        balancer.start()


def heal(lab: Lab, _host: str, _other: str) -> None:
    """Everything that is not a dead process works again."""
    lab.faults.heal()
    for balancer in lab.balancers.values():
        thaw_if_running(balancer)


FAULTS: Mapping[str, Fault] = {
    "stop": Fault("the node's service is stopped (SIGTERM)", of_node("stop")),
    "start": Fault("the node's service is started", of_node("start")),
    "reload": Fault("the node reads its configuration again (SIGHUP)", of_node("reload")),
    "kill": Fault("all processes of the node die (SIGKILL)", of_node("kill_all")),
    "kill-heartbeat": Fault("its process that speaks VRRP dies", of_node("kill_heartbeat")),
    "kill-parent": Fault("its first process dies", of_node("kill_parent")),
    "freeze": Fault("all processes of the node hang (SIGSTOP)", of_node("freeze_all")),
    "freeze-heartbeat": Fault("its process that speaks VRRP hangs", of_node("freeze_heartbeat")),
    "thaw": Fault("a frozen node goes on (SIGCONT)", of_node("thaw")),
    "unplug": Fault("the cable is pulled: no carrier", of_network("unplug")),
    "plug": Fault("the cable is put back", of_network("plug")),
    "link-down": Fault("`ip link set ens33 down` on the host", of_network("link_down")),
    "link-up": Fault("`ip link set ens33 up` on the host", of_network("link_up")),
    "power-off": Fault("all its processes die and its cable is dead", of_network("power_off")),
    "power-on": Fault("it boots: nginx and the node start", power_on),
    "isolate": Fault("nobody hears it, it hears nobody", of_network("isolate")),
    "firewall": Fault("its firewall drops VRRP", of_network("firewall")),
    "partition": Fault(
        "two hosts no longer hear each other; others hear both",
        lambda lab, host, other: lab.faults.partition(host, other),
        hosts=2,
    ),
    "one-way": Fault(
        "the second host no longer hears the first",
        lambda lab, host, other: lab.faults.one_way(host, other),
        hosts=2,
    ),
    "heal": Fault("cables in, links up, no frame dropped, nothing frozen", heal, hosts=0),
}
"""Every fault, in the order in which help shows them."""


def perform(lab: Lab, name: str, host: str | None, other: str | None) -> str:
    """Do a fault by name; what was done, a sentence. LabError when the names do not fit."""
    if name not in FAULTS:
        raise unknown_name("fault", name, list(FAULTS))
    fault = FAULTS[name]
    named = [given for given in (host, other) if given is not None]
    for given in named:
        lab.topology.host(given)
    if len(named) != fault.hosts:
        wanted = ("no host", "one host", "two hosts")[fault.hosts]
        example = " ".join(["lab break", name, *["lb01", "lb02"][: fault.hosts]])
        raise LabError(f"{name} wants {wanted}, {len(named)} given", f"for example: {example}")
    begun_ns = time.monotonic_ns()
    if fault.hosts == 2 and host == other:
        raise LabError(f"{name} wants two hosts, {host} is given twice")
    fault.act(lab, host or "", other or "")
    write_deed(lab.directory.path, " ".join([name, *named]), begun_ns)
    return f"{' and '.join(named) or 'everything'}: {fault.help}"
