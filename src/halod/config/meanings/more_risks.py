"""W315 and on: addresses, scripts, groups and peers that run as written, and may hurt.

Knows what to tell an operator. Must not know how it is found.
"""

from __future__ import annotations

from halod.config.codes import Code, Meaning, Place
from halod.model.diagnostic import FindingSeverity

__all__ = ["MORE_RISKS"]

_SECURE = "global_defs {{\n    enable_script_security\n    script_user root\n}}\n"
_SCRIPT = _SECURE + (
    'vrrp_script chk_nginx {{\n    script "{}"\n}}\n'
    "vrrp_instance VI_1 {{\n    interface eth0\n    virtual_router_id 51\n"
    "    track_script {{\n        chk_nginx\n    }}\n"
    "    virtual_ipaddress {{\n        192.0.2.10/24\n    }}\n}}\n"
)


def _member(name: str, vrid: int, priority: int, more: str = "") -> str:
    return (
        f"vrrp_instance {name} {{\n    interface eth0\n    virtual_router_id {vrid}\n"
        f"    priority {priority}\n{more}"
        f"    virtual_ipaddress {{\n        192.0.2.{vrid}/24\n    }}\n}}\n"
    )


def _group(script: str, priority: int) -> str:
    track = "    track_script {\n        chk_nginx\n    }\n" if script else ""
    return (
        f"{script}vrrp_sync_group G1 {{\n    group {{\n        VI_1\n        VI_2\n    }}\n}}\n"
        f"{_member('VI_1', 51, 150, track)}{_member('VI_2', 52, priority)}"
    )


_TWO = _member("VI_1", 51, 150) + _member("VI_2", 52, 150)
_CHECK = _SECURE + 'vrrp_script chk_nginx {{\n    script "/usr/bin/pidof nginx"\n{}}}\n'

MORE_RISKS: dict[Code, Meaning] = {
    Code.NOT_A_HOST: Meaning(
        severity=FindingSeverity.RISK,
        title="an address that no host can have",
        meaning="The first address of a network is its name, and the last one its broadcast "
        "address (RFC 1122, 3.2.1.3). It is held as it stands.",
        why="Nobody answers on a broadcast address, and some clients take the first one for it.",
        remedy="Write the address of a host, or the prefix length that makes it one.",
        example="192.0.2.0/24",
        instead="192.0.2.10/24",
        place=Place.ADDRESSES,
    ),
    Code.OTHER_BROADCAST: Meaning(
        severity=FindingSeverity.RISK,
        title="a broadcast address that is not that of the network",
        meaning="`brd` names another address than the last one of the network. It is set as it "
        "stands.",
        why="Where it is the address itself, the kernel takes what is sent there for a broadcast, "
        "and no service answers.",
        remedy="Write `brd +`, which reckons it, or leave it out.",
        example="192.0.2.10/24 brd 192.0.2.10",
        instead="192.0.2.10/24 brd +",
        place=Place.ADDRESSES,
    ),
    Code.SHELL_SIGNS: Meaning(
        severity=FindingSeverity.RISK,
        title="a command for a shell, and no shell",
        meaning="A script is a program and its arguments. No shell reads the line: a pipe, a "
        "redirection, `&&`, `;` or `$?` are arguments like others. keepalived 2.2.7 does the same.",
        why="The check tests something else than you think, and mostly fails; or it succeeds "
        "whatever happens.",
        remedy="Put the line into a file that begins with `#!/bin/sh` and is executable, or let a "
        "shell read it.",
        example=_SCRIPT.format("/usr/bin/ss -lnt | grep -q :80"),
        instead=_SCRIPT.format("/bin/sh -c 'ss -lnt | grep -q :80'"),
        place=Place.FILE,
    ),
    Code.GROUP_WEIGHT: Meaning(
        severity=FindingSeverity.RISK,
        title="a weight in a sync group",
        meaning="An instance that is a member of a `vrrp_sync_group` tracks something with a "
        "weight. The line has no effect: the members of a group have to agree, and a weight would "
        "set them apart. keepalived 2.2.7 leaves such a script out, and says that it ignores the "
        "weight of an interface; it advertises that one, and the group does not move.",
        why="Whatever is checked, the group never moves.",
        remedy="Leave out the weight, so that a failure is FAULT for the whole group; or write the "
        "line in the group, where it counts for all members; or let the group have "
        "`sync_group_tracking_weight`, with the same lines on all members.",
        example=_group(_CHECK.format("    weight -20\n"), 150),
        instead=_group(_CHECK.format(""), 150),
        place=Place.FILE,
    ),
    Code.GROUP_PRIORITIES: Meaning(
        severity=FindingSeverity.NOTE,
        title="two priorities in one sync group",
        meaning="The members of a group move together, and on this node they have different "
        "priorities.",
        why="Where another node has them the other way round, each group sees one member that "
        "should win and one that should not, and the election does not end.",
        remedy="Give all members of a group one priority on a node.",
        example=_group("", 100),
        instead=_group("", 150),
        place=Place.FILE,
    ),
    Code.PEER_IS_SELF: Meaning(
        severity=FindingSeverity.RISK,
        title="a unicast peer that is the node itself",
        meaning="`unicast_peer` names the address in `unicast_src_ip`.",
        why="A node does not need its own adverts, and where it is the only peer nobody else "
        "hears them: every node is MASTER. One file for all nodes is the usual cause.",
        remedy="Name the other nodes, and not this one.",
        example="unicast_src_ip 192.0.2.1\n    unicast_peer {\n        192.0.2.1\n    }",
        instead="unicast_src_ip 192.0.2.1\n    unicast_peer {\n        192.0.2.2\n    }",
    ),
    Code.FEW_MEMBERS: Meaning(
        severity=FindingSeverity.RISK,
        title="a sync group of one, or of none",
        meaning="A group ties instances together, and this one has no two of them. One with a "
        "single member works; one without any is left out.",
        why="Mostly an instance was renamed, or its line was forgotten: it moves alone then.",
        remedy="Name two instances or more, or remove the group.",
        example="vrrp_sync_group G1 {\n    group {\n        VI_1\n    }\n}\n"
        + _member("VI_1", 51, 150),
        instead=_group("", 150),
        place=Place.FILE,
    ),
    Code.NOT_LINK_LOCAL: Meaning(
        severity=FindingSeverity.NOTE,
        title="the first IPv6 address is not link-local",
        meaning="RFC 9568, 5.2.9: the first address of an advert over IPv6 is the link-local one "
        "of the virtual router. keepalived mentions it, too, and goes on.",
        why="Hosts that learn their router by router advertisements use its link-local address: "
        "without one that moves they stay with a router that is dead. For a service it is of no "
        "matter. Other routers may drop such adverts.",
        remedy="Begin the list with a link-local address.",
        example="fd00::10/64",
        instead="fe80::10/64\n    fd00::10/64",
        place=Place.ADDRESSES,
    ),
    Code.NO_PREFERENCE: Meaning(
        severity=FindingSeverity.RISK,
        title="a rule without a preference",
        meaning="keepalived numbers such rules itself, from 16384 down, and so does halod.",
        why="What is written later is then looked at earlier, and a line that is added above moves "
        "all that stand below it.",
        remedy="Write `preference` and a number at each rule.",
        example="from 192.0.2.0/24 table 100",
        instead="from 192.0.2.0/24 table 100 preference 1000",
        place=Place.RULES,
    ),
    Code.SLOW_PACE: Meaning(
        severity=FindingSeverity.RISK,
        title="announcements that take long",
        meaning="`vrrp_garp_interval` or `vrrp_gna_interval` lets one announcement a link go at a "
        "time, and with this many addresses the last one waits for more than five seconds.",
        why="Until an address is announced, switches and clients send to the node that had it.",
        remedy="A shorter interval, fewer addresses on a link, or a virtual router of its own for "
        "those that must move first: addresses are announced in the order of the file.",
        example="global_defs {\n    vrrp_garp_interval 10\n}\n" + _TWO,
        instead="global_defs {\n    vrrp_garp_interval 0.01\n}\n" + _TWO,
        place=Place.FILE,
    ),
}
