"""The combinations of peer, role, version, family, cast and preemption, and a file for each.

Knows what each peer can do and the text of a keepalived.conf. Must not run anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

__all__ = [
    "ABLE",
    "CASES",
    "FAMILIES",
    "OWN",
    "PEERS",
    "PRIORITIES",
    "UNABLE",
    "VIPS",
    "Case",
    "config_text",
]

PEERS = ("halod", "keepalived", "frr")
ROLES = ("master", "backup")
FAMILIES = (4, 6)
VIPS = {4: ("192.168.178.3/24",), 6: ("fe80::3/64", "fd00:178::3/64")}
OWN = {
    4: {"lb01": "192.168.178.130", "lb02": "192.168.178.131"},
    6: {"lb01": "fd00:178::130", "lb02": "fd00:178::131"},
}
"""Of the hosts; the IPv6 ones are put there for unicast peers alone."""
PRIORITIES = {"lb01": 150, "lb02": 100}
INTERVALS_S = {2: 1.0, 3: 0.1}
FRR_INTERVAL_S = 1.0


@dataclass(frozen=True, slots=True)
class Case:
    """One pair: lb01 is the stronger, and halod is one of them at least."""

    peer: str
    """`halod`, `keepalived` or `frr`."""
    role: str
    """What halod is while both live: `master` or `backup`."""
    version: int
    family: int
    unicast: bool
    preempt: bool

    @property
    def interval_s(self) -> float:
        """Between two adverts."""
        return FRR_INTERVAL_S if self.peer == "frr" else INTERVALS_S[self.version]

    @property
    def id(self) -> str:
        """As pytest shows it."""
        cast = "unicast" if self.unicast else "multicast"
        preempt = "preempt" if self.preempt else "nopreempt"
        return f"{self.peer}-{self.role}-v{self.version}-IPv{self.family}-{cast}-{preempt}"

    @property
    def programs(self) -> dict[str, str]:
        """By host."""
        first, second = ("halod", self.peer) if self.role == "master" else (self.peer, "halod")
        return {"lb01": first, "lb02": second}


def _unable(case: Case) -> str | None:
    """Why there can be no such pair."""
    if case.version == 2 and case.family == 6:
        return "VRRPv2 is for IPv4 alone (RFC 9568, 1)"
    if case.peer == "frr" and case.unicast:
        return "FRR's vrrpd has no unicast peers"
    if case.peer == "halod" and case.role == "backup":
        return "the same pair as in the other role"
    return None


def _all() -> Iterator[Case]:
    yes_no = (False, True)
    for peer, role, version, family in product(PEERS, ROLES, (2, 3), FAMILIES):
        for unicast, preempt in product(yes_no, reversed(yes_no)):
            yield Case(peer, role, version, family, unicast, preempt)


CASES = tuple(_all())
"""Every one that can be said."""
UNABLE = {case: why for case in CASES if (why := _unable(case)) is not None}
ABLE = tuple(case for case in CASES if case not in UNABLE)
"""Those that are played."""


def config_text(case: Case, host: str) -> str:
    """The file of a host on which halod or keepalived runs."""
    other = "lb02" if host == "lb01" else "lb01"
    lines = [
        "state BACKUP",
        "interface ens33",
        "virtual_router_id 51",
        f"version {case.version}",
        f"priority {PRIORITIES[host]}",
        f"advert_int {case.interval_s:g}",
    ]
    if not case.preempt:
        lines.append("nopreempt")
    if case.unicast:
        own = OWN[case.family]
        lines += [f"unicast_src_ip {own[host]}", f"unicast_peer {{\n        {own[other]}\n    }}"]
    vips = VIPS[case.family][:1] if case.peer == "frr" else VIPS[case.family]
    addresses = "\n".join(f"        {vip} dev ens33" for vip in vips)
    lines.append(f"virtual_ipaddress {{\n{addresses}\n    }}")
    first_lines = f"router_id {host}\n    vrrp_rt_priority 50\n    vrrp_rlimit_rttime 1000000"
    body = "\n    ".join(lines)
    return f"global_defs {{\n    {first_lines}\n}}\n\nvrrp_instance VI_1 {{\n    {body}\n}}\n"
