"""The nodes of a cluster, and which of their instances are one virtual router.

Knows files and how instances belong together. Must not judge what differs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from halod.config.compile import Compiled
from halod.config.places import instance_block, last_of
from halod.config.tree import Statement
from halod.model.address import IpAddress
from halod.model.configuration import Configuration
from halod.model.diagnostic import Span
from halod.model.vrrp import VrrpInstance
from halod.sim.cluster_of_files import nodes_of

__all__ = ["Node", "Router", "Seat", "node_names", "routers_of"]

TRACK_BLOCKS = ("track_script", "track_interface")
ADDRESS_BLOCKS = ("virtual_ipaddress", "virtual_ipaddress_excluded")


@dataclass(frozen=True, slots=True)
class Node:
    """One machine and its file."""

    name: str
    compiled: Compiled
    configuration: Configuration
    """That of the file: it is not refused."""

    def block(self, instance: str) -> Statement | None:
        """Where an instance is written; None: its name is no plain text."""
        return instance_block(self.compiled.tree, instance)


@dataclass(frozen=True, slots=True)
class Seat:
    """An instance of one node."""

    node: Node
    instance: VrrpInstance

    def place(self, *keywords: str) -> Span:
        """Where the first of these keywords stands in its block, or else the instance."""
        block = self.node.block(self.instance.name)
        if block is None:
            return Span(self.node.compiled.file, 1, 1, 1)
        for keyword in keywords:
            found = last_of(block, keyword)
            if found is not None:
                return found
        return block.keyword.span

    def place_of(self, address: IpAddress) -> Span:
        """Where an address of it is written, or else its list."""
        block = self.node.block(self.instance.name)
        for child in () if block is None else block.children:
            for entry in child.children if child.name in ADDRESS_BLOCKS else ():
                if entry.name.partition("/")[0] == str(address):
                    return entry.keyword.span
        return self.place("virtual_ipaddress")

    def place_of_tracker(self, name: str) -> Span:
        """Where a tracker of it is written, or else its list."""
        block = self.node.block(self.instance.name)
        for child in () if block is None else block.children:
            for entry in child.children if child.name in TRACK_BLOCKS else ():
                if entry.name == name:
                    return entry.keyword.span
        return self.place(*TRACK_BLOCKS)


@dataclass(frozen=True, slots=True)
class Router:
    """One virtual router: the instances that elect one master among them."""

    virtual_router_id: int
    segment: str
    """Name of an interface on it."""
    seats: tuple[Seat, ...]
    """At most one a node, in the order of the nodes."""


def node_names(paths: Sequence[str], configurations: Sequence[Configuration]) -> list[str]:
    """A short name for each file: its router_id, else its own name, else its path."""
    for names in (
        [configuration.router_id for configuration in configurations],
        [os.path.splitext(os.path.basename(path))[0] for path in paths],
    ):
        if all(names) and len(set(names)) == len(names):
            return names
    return list(paths)


def routers_of(nodes: Sequence[Node]) -> tuple[Router, ...]:
    """Every virtual router (RFC 9568, 1.7: a VRID on a link), in the order of the files."""
    segments = {
        (options.name, link.interface): link.segment
        for options in nodes_of({node.name: node.configuration for node in nodes})
        for link in options.links
    }
    seats: dict[tuple[str, int], list[Seat]] = {}
    for seat in _seats(nodes):
        segment = segments[seat.node.name, seat.instance.interface]
        seats.setdefault((segment, seat.instance.virtual_router_id), []).append(seat)
    return tuple(
        Router(vrid, segment, tuple(one))
        for (segment, vrid), each in seats.items()
        for one in _by_family(each)
    )


def _by_family(seats: Sequence[Seat]) -> Iterator[Sequence[Seat]]:
    """IPv4 and IPv6 have VRIDs of their own (RFC 9568, 1.7). Where a node has one instance alone a
    family that differs is the mistake."""
    if len({seat.node.name for seat in seats}) == len(seats):
        yield seats
        return
    for version in (4, 6):
        if found := [seat for seat in seats if seat.instance.ip_version == version]:
            yield found


def _seats(nodes: Sequence[Node]) -> Iterator[Seat]:
    for node in nodes:
        for instance in node.configuration.instances:
            yield Seat(node, instance)
