"""Configurations of one cluster's nodes to nodes of a simulation.

Knows what a configuration does not say, and guesses it: own addresses, those by which unicast
peers know a node, and which interfaces hear each other. Must not read files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address

from halod.model.address import IpAddress
from halod.model.configuration import Configuration
from halod.model.tracking import TrackerKind
from halod.model.vrrp import VrrpInstance
from halod.sim.scenario import LinkOptions, NodeOptions

__all__ = ["nodes_of"]

FIRST_ADDRESS = IPv4Address("198.18.0.0")
"""Own addresses are made up from the range for tests of networks (RFC 2544)."""
FIRST_LINK_LOCAL = IPv6Address("fe80::")
"""From these IPv6 adverts come."""
NODES_MAX = 250
"""Nodes in a segment: each has an address of one /24."""


def nodes_of(configurations: Mapping[str, Configuration]) -> tuple[NodeOptions, ...]:
    """One node a configuration, in their order; a later one has the higher address."""
    assert len(configurations) <= NODES_MAX
    segments = _segments(configurations)
    numbers = {name: number for number, name in enumerate(dict.fromkeys(segments.values()))}
    return tuple(
        NodeOptions(
            name=name,
            instances=configuration.instances,
            groups=configuration.groups,
            links=tuple(
                LinkOptions(
                    interface=interface,
                    segment=segment,
                    address=FIRST_ADDRESS + 256 * numbers[segment] + index,
                    more=(
                        *(
                            _written(configuration, interface)
                            or _meant(name, segment, configurations, segments)
                        ),
                        FIRST_LINK_LOCAL + index,
                    ),
                )
                for (node, interface), segment in segments.items()
                if node == name
            ),
        )
        for index, (name, configuration) in enumerate(configurations.items(), 1)
    )


def _written(configuration: Configuration, interface: str) -> tuple[IpAddress, ...]:
    """Sources that stand in the file."""
    instances = (i for i in configuration.instances if i.interface == interface)
    return tuple(dict.fromkeys(i.source for i in instances if i.source is not None))


def _meant(
    name: str,
    segment: str,
    configurations: Mapping[str, Configuration],
    segments: Mapping[tuple[str, str], str],
) -> tuple[IpAddress, ...]:
    """The address by which its unicast peers know a node that does not say it itself: the one that
    they name, that it does not name, and that no other node says is its own."""

    def peers_of(node: str) -> set[IpAddress]:
        return {
            peer.address
            for instance in configurations[node].instances
            if instance.unicast is not None and segments[node, instance.interface] == segment
            for peer in instance.unicast.peers
        }

    written = {i.source for each in configurations.values() for i in each.instances}
    named = set().union(*(peers_of(node) for node in configurations if node != name))
    candidates = sorted(named - peers_of(name) - written, key=str)
    return tuple(candidates) if len(candidates) == 1 else ()


def _segments(configurations: Mapping[str, Configuration]) -> dict[tuple[str, str], str]:
    """(node, interface) to segment.

    Interfaces of one name are taken for one segment. Where no other node has the name, the one that
    carries the same VRID is meant.
    """
    carries: dict[tuple[str, str], set[int]] = {}
    for node, configuration in configurations.items():
        for instance in configuration.instances:
            vrids = carries.setdefault((node, instance.interface), set())
            vrids.add(instance.virtual_router_id)
            for other in _more_interfaces(instance):
                carries.setdefault((node, other), set())
    segments: dict[tuple[str, str], str] = {}
    for (node, interface), vrids in carries.items():
        namesakes = [other for other, name in carries if name == interface and other != node]
        like = [
            segment
            for (other, name), segment in segments.items()
            if other != node and carries[other, name] & vrids
        ]
        segments[node, interface] = like[0] if like and not namesakes else interface
    return segments


def _more_interfaces(instance: VrrpInstance) -> Iterator[str]:
    """Those that an instance has addresses on, or tracks: they work."""
    yield from (address.interface for address in instance.held)
    yield from (made.base for made in instance.address_vmacs)
    for tracked in instance.trackers:
        if tracked.tracker.kind is TrackerKind.INTERFACE:
            yield tracked.tracker.name
