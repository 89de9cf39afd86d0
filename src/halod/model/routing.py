"""Routes and rules of policy routing, as the configuration names them.

Knows what `ip route` and `ip rule` tell apart, and how they word it. Must not know netlink.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network, IPv6Network

from halod.model.address import IpAddress

__all__ = [
    "METRIC_NAMES",
    "NO_ROUTING",
    "PROTOCOL_KEEPALIVED",
    "TABLE_MAIN",
    "IpNetwork",
    "NextHop",
    "PortRange",
    "Route",
    "RouteKind",
    "Routing",
    "Rule",
    "RuleAction",
    "Table",
]

IpNetwork = IPv4Network | IPv6Network
Table = int | str
"""Number of a routing table, or a name that the machine resolves (`/etc/iproute2/rt_tables`)."""

TABLE_MAIN = 254
"""RT_TABLE_MAIN (rtnetlink(7))."""
PROTOCOL_KEEPALIVED = 18
"""RTPROT_KEEPALIVED: who set a route or a rule, as `ip route` shows it. halod bears it too, so that
what looks for `proto keepalived` finds its routes."""


class RouteKind(Enum):
    """What the kernel does with a packet (rtnetlink(7), `rtm_type`): the value is its number."""

    __hash__ = object.__hash__

    UNICAST = 1
    LOCAL = 2
    BROADCAST = 3
    ANYCAST = 4
    MULTICAST = 5
    BLACKHOLE = 6
    UNREACHABLE = 7
    PROHIBIT = 8
    THROW = 9

    @property
    def needs_way(self) -> bool:
        """Whether it leads somewhere; the others end the search."""
        return self.value <= RouteKind.MULTICAST.value


METRIC_NAMES = {
    "mtu": 2,
    "window": 3,
    "rtt": 4,
    "rttvar": 5,
    "ssthresh": 6,
    "cwnd": 7,
    "advmss": 8,
    "reordering": 9,
    "hoplimit": 10,
    "initcwnd": 11,
    "rto_min": 13,
    "initrwnd": 14,
    "quickack": 15,
}
"""`ip route`'s words for numbers of a path, and RTAX_ of each (linux/rtnetlink.h)."""


@dataclass(frozen=True, slots=True)
class NextHop:
    """One way on."""

    gateway: IpAddress | None = None
    """`via`. Default: the destination is on the link itself."""
    interface: str | None = None
    """`dev`. Default: the link on which the kernel finds the gateway."""
    weight: int = 1
    """`weight`, 1 to 256, among several."""
    onlink: bool = False
    """`onlink`: the gateway is on the link, whatever its address says."""

    def __str__(self) -> str:
        words = [f"via {self.gateway}"] if self.gateway is not None else []
        words += [f"dev {self.interface}"] if self.interface is not None else []
        return " ".join([*words, *(["onlink"] if self.onlink else [])])


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One line of `virtual_routes` or `static_routes` (ip-route(8))."""

    destination: IpNetwork
    """`default` is 0.0.0.0/0, or ::/0."""
    kind: RouteKind = RouteKind.UNICAST
    """`blackhole` and its like. Default: unicast."""
    hops: tuple[NextHop, ...] = ()
    """One, or several of `nexthop`. None where the kind leads nowhere."""
    source: IpAddress | None = None
    """`src`: preferred source of what leaves by it. Default: the kernel chooses."""
    metric: int | None = None
    """`metric`, also `preference` and `priority`: the lowest of equal routes is used. Default 0,
    for IPv6 1024."""
    table: Table = TABLE_MAIN
    """`table`, a number or a name. Default: main."""
    scope: int | None = None
    """`scope` as a number, 0 to 255. Default: global, as keepalived (a `local` route: host)."""
    protocol: int = PROTOCOL_KEEPALIVED
    """`protocol` as a number, 0 to 255. Default 18, keepalived."""
    tos: int = 0
    """`tos`, also `dsfield`: 0 to 255. Default 0."""
    metrics: tuple[tuple[int, int], ...] = ()
    """(RTAX_ number, value) of `mtu`, `advmss` and their like."""
    locked: frozenset[int] = frozenset()
    """Those of them behind which `lock` stands: path MTU discovery leaves them alone."""
    tracked: bool = True
    """`no_track` makes it False: its interface may be down while the instance is MASTER."""

    def __str__(self) -> str:
        words = [] if self.kind is RouteKind.UNICAST else [self.kind.name.lower()]
        words.append("default" if self.destination.prefixlen == 0 else str(self.destination))
        if len(self.hops) > 1:
            words += [f"nexthop {hop} weight {hop.weight}" for hop in self.hops]
        else:
            words += map(str, self.hops)
        if self.source is not None:
            words.append(f"src {self.source}")
        if self.metric is not None:
            words.append(f"metric {self.metric}")
        if self.table != TABLE_MAIN:
            words.append(f"table {self.table}")
        return " ".join(filter(None, words))

    @property
    def interfaces(self) -> Iterator[str]:
        """Those that it names."""
        return (hop.interface for hop in self.hops if hop.interface is not None)


class RuleAction(Enum):
    """What a rule does (linux/fib_rules.h, FR_ACT_): the value is its number."""

    __hash__ = object.__hash__

    TABLE = 1
    GOTO = 2
    NOP = 3
    BLACKHOLE = 6
    UNREACHABLE = 7
    PROHIBIT = 8


PortRange = tuple[int, int]
"""First and last, both included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of `virtual_rules` or `static_rules` (ip-rule(8))."""

    preference: int
    """`preference`, also `priority` and `order`: rules are looked at from the lowest on. 0 to
    4294967295. Default as keepalived: 16384 for the first of a file without one, and one less for
    each after it."""
    is_ipv6: bool = False
    """Family, where no address tells it."""
    source: IpNetwork | None = None
    """`from`. Default: all."""
    destination: IpNetwork | None = None
    """`to`. Default: all."""
    inverted: bool = False
    """`not`: for what does not match."""
    action: RuleAction = RuleAction.TABLE
    """What is done with a match. Default: look into a table."""
    table: Table | None = None
    """`table`, also `lookup`."""
    target: int | None = None
    """`goto`: the preference to go on with."""
    incoming: str | None = None
    """`iif`, also `dev`."""
    outgoing: str | None = None
    """`oif`."""
    tos: int = 0
    """`tos`, also `dsfield`."""
    mark: int | None = None
    """`fwmark`."""
    mark_mask: int = 0xFFFFFFFF
    """Behind the mark and a slash."""
    realms: int | None = None
    """`realms FROM/TO`: FROM in the upper 16 bits."""
    suppress_prefix_length: int | None = None
    """`suppress_prefixlength`: a route found is not used when its prefix is not longer."""
    suppress_group: int | None = None
    """`suppress_ifgroup`."""
    tunnel: int | None = None
    """`tun_id`."""
    users: tuple[int, int] | None = None
    """`uidrange`."""
    protocol: int | None = None
    """`ipproto` as a number."""
    source_ports: PortRange | None = None
    """`sport`."""
    destination_ports: PortRange | None = None
    """`dport`."""
    master: bool = False
    """`l3mdev`: the table of the link's VRF."""
    tracked: bool = True
    """`no_track` makes it False."""

    def __str__(self) -> str:
        words = ["not"] if self.inverted else []
        for name, value in (
            ("from", "all" if self.source is None else self.source),
            ("to", self.destination),
            ("iif", self.incoming),
            ("oif", self.outgoing),
            ("fwmark", None if self.mark is None else hex(self.mark)),
            ("lookup", self.table),
            ("goto", self.target),
        ):
            words += [] if value is None else [f"{name} {value}"]
        if self.action not in (RuleAction.TABLE, RuleAction.GOTO):
            words.append(self.action.name.lower())
        return f"{' '.join(words)} preference {self.preference}"

    @property
    def interfaces(self) -> Iterator[str]:
        """Those that it names."""
        return (name for name in (self.incoming, self.outgoing) if name is not None)


@dataclass(frozen=True, slots=True)
class Routing:
    """What is set and removed together."""

    routes: tuple[Route, ...] = ()
    rules: tuple[Rule, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.routes or self.rules)

    def without(self, other: Routing) -> Routing:
        """What the other has not."""
        return Routing(
            tuple(route for route in self.routes if route not in other.routes),
            tuple(rule for rule in self.rules if rule not in other.rules),
        )

    def interfaces(self) -> Iterator[str]:
        """Those that must be up for it, in order: of what `no_track` does not exempt."""
        for route in self.routes:
            if route.tracked:
                yield from route.interfaces
        for rule in self.rules:
            if rule.tracked:
                yield from rule.interfaces


NO_ROUTING = Routing()
