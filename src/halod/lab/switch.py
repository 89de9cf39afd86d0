"""The lab's LAN: a bridge in a namespace of its own, one port a host, and frames that it drops.

Knows ports by the names of hosts. Must not know what runs on them. Everything stands in the lab's
own namespaces, so no interface of the machine is ever created, changed or bridged.
"""

import json
from dataclasses import dataclass

from halod.lab.command import CommandError
from halod.lab.namespace import Namespace
from halod.lab.topology import Host

BRIDGE = "switch"
"""Name of the bridge; no host may have this name."""

TABLE = "halod_lab"
"""The nftables table of the lab, in the switch's and in hosts' namespaces."""


@dataclass(frozen=True)
class Switch:
    """The bridge that joins the hosts."""

    namespace: Namespace
    """Where the bridge and the hosts' peer ends live."""

    def create(self) -> None:
        """Make the bridge: forwarding at once, and flooding multicast as a plain switch does."""
        self.namespace.ip_batch(
            [
                f"link add name {BRIDGE} type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
                f"link set {BRIDGE} up",
            ]
        )

    def plug(self, host: Host, namespace: Namespace) -> None:
        """Join a host: its interface, its address, its port, all up."""
        self.namespace.ip_batch(
            [
                # Made inside the two namespaces at once, never in the machine's own.
                f"link add name {host.interface} netns {namespace.name} type veth peer {host.name}",
                f"link set {host.name} master {BRIDGE}",
                f"link set {host.name} up",
            ]
        )
        namespace.ip_batch(
            [
                f"address add {host.address} brd + dev {host.interface}",
                f"link set {host.interface} up",
            ]
        )

    def set_port(self, host: str, up: bool) -> None:
        """Plug the cable in or out: the host sees its carrier come or go."""
        self.namespace.ip("link", "set", host, "up" if up else "down")

    def port_is_up(self, host: str) -> bool:
        """Whether the cable is in."""
        links = json.loads(self.namespace.ip("-j", "link", "show", host))
        return "UP" in links[0]["flags"]

    def drop(self, source: str, target: str) -> None:
        """Lose every frame that enters at one host's port and would leave at the other's."""
        apply_rules(
            self.namespace,
            "bridge",
            {"forward": [[match_interface("iifname", source), match_interface("oifname", target)]]},
        )

    def heal(self) -> None:
        """Lose no frame any more."""
        forget_rules(self.namespace, "bridge")

    def dropped(self) -> set[tuple[str, str]]:
        """The pairs (source, target) whose frames are lost by rule."""
        if not has_rules(self.namespace, "bridge"):
            return set()
        shown = self.namespace.run("nft", "-j", "list", "table", "bridge", TABLE)
        rules = [
            entry["rule"]["expr"] for entry in json.loads(shown)["nftables"] if "rule" in entry
        ]
        return {(rule[0]["match"]["right"], rule[1]["match"]["right"]) for rule in rules}


Expression = dict[str, object]
"""One nftables expression as JSON."""


def match_interface(key: str, name: str) -> Expression:
    """The expression `iifname NAME` or `oifname NAME`."""
    return {"match": {"op": "==", "left": {"meta": {"key": key}}, "right": name}}


def apply_rules(
    namespace: Namespace, family: str, chains: dict[str, list[list[Expression]]]
) -> None:
    """Add rules that drop what matches to filter chains named like their hooks."""
    commands: list[object] = [{"add": {"table": {"family": family, "name": TABLE}}}]
    for hook, rules in chains.items():
        chain = {
            "family": family,
            "table": TABLE,
            "name": hook,
            "type": "filter",
            "hook": hook,
            "prio": 0,
            "policy": "accept",
        }
        commands.append({"add": {"chain": chain}})
        for matches in rules:
            rule = {
                "family": family,
                "table": TABLE,
                "chain": hook,
                "expr": [*matches, {"drop": None}],
            }
            commands.append({"add": {"rule": rule}})
    namespace.run("nft", "-j", "-f", "-", text_in=json.dumps({"nftables": commands}))


def forget_rules(namespace: Namespace, family: str) -> None:
    """Delete the lab's table; one that is not there is no error."""
    # Adding first makes the deletion safe on every nft version (`destroy` came with 1.0.7).
    table = {"table": {"family": family, "name": TABLE}}
    commands = {"nftables": [{"add": table}, {"delete": table}]}
    namespace.run("nft", "-j", "-f", "-", text_in=json.dumps(commands))


def has_rules(namespace: Namespace, family: str) -> bool:
    """Whether the lab's table stands there."""
    try:
        namespace.run("nft", "list", "table", family, TABLE)
    except CommandError:
        return False
    return True
