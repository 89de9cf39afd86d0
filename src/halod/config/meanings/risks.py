"""W3: what runs as written, and may hurt.

Knows what to tell an operator. Must not know how it is found.
"""

from __future__ import annotations

from halod.config.codes import Code, Meaning, Place
from halod.model.diagnostic import FindingSeverity

__all__ = ["RISKS"]

_AUTHENTICATION = "authentication {{\n    auth_type PASS\n    auth_pass {}\n}}"
_HEAD = "vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n"

RISKS: dict[Code, Meaning] = {
    Code.PREEMPT_CLEARED: Meaning(
        severity=FindingSeverity.RISK,
        title="`nopreempt` or `preempt_delay` without effect",
        meaning="A router that starts as MASTER, or owns the addresses (priority 255), takes over "
        "always. `preempt_delay` beside `nopreempt` delays what never happens. keepalived does the "
        "same.",
        why="After a repair the address moves back at once, though you asked for the contrary.",
        remedy="Write `state BACKUP` on every node: the priority decides who is MASTER.",
        example="state MASTER\n    nopreempt",
        instead="state BACKUP\n    nopreempt",
    ),
    Code.PASSWORD_TRUNCATED: Meaning(
        severity=FindingSeverity.RISK,
        title="a password of more than 8 bytes",
        meaning="VRRPv2 has room for 8 bytes of password (RFC 2338, 5.3.10). The rest is not sent.",
        why="keepalived cuts it in the same place; a router of another make may refuse it. In any "
        "case it is sent in the clear, and protects from slips, not from people.",
        remedy="Write 8 bytes at most, the same on all nodes.",
        example=_AUTHENTICATION.format("correcthorse"),
        instead=_AUTHENTICATION.format("correcth"),
    ),
    Code.NO_MASK: Meaning(
        severity=FindingSeverity.NOTE,
        title="an address without a mask",
        meaning="An address without a mask is held as a /32, as in keepalived.",
        why="With a /24 the kernel adds a route to the network as well; with a /32 it does not.",
        remedy="Write the prefix length that you mean.",
        example="192.0.2.10",
        instead="192.0.2.10/24",
        place=Place.ADDRESSES,
    ),
    Code.SAME_ADDRESS: Meaning(
        severity=FindingSeverity.RISK,
        title="an address stands twice",
        meaning="In one instance the second line has no effect. In two instances both hold it.",
        why="The kernel has the address once: when one instance lets go, the other loses it.",
        remedy="Give every address to one instance.",
        example="192.0.2.10/24\n        192.0.2.10/24",
        instead="192.0.2.10/24\n        192.0.2.11/24",
        place=Place.ADDRESSES,
    ),
    Code.NO_AUTHENTICATION: Meaning(
        severity=FindingSeverity.RISK,
        title="an authentication without password",
        meaning="`auth_type PASS` and `auth_pass` work only together. Adverts carry no password.",
        why="A peer that has one drops these adverts: both nodes are MASTER.",
        remedy="Add what is missing, or remove the block on all nodes.",
        example="authentication {\n    auth_type PASS\n}",
        instead=_AUTHENTICATION.format("1111"),
    ),
    Code.INTERVAL_ROUNDED: Meaning(
        severity=FindingSeverity.RISK,
        title="an interval that the version cannot say",
        meaning="VRRPv2 counts whole seconds, 1 at least (RFC 3768, 5.3.7). VRRPv3 counts "
        "hundredths, 40.95 s at most (RFC 9568, 5.2.7). The finding says what the value becomes, "
        "as in keepalived.",
        why="A takeover takes another time than you reckoned with.",
        remedy="Write a value that the version can say.",
        example="advert_int 0.5",
        instead="advert_int 1",
    ),
    Code.KEYWORD_TWICE: Meaning(
        severity=FindingSeverity.RISK,
        title="a keyword stands twice",
        meaning="The last one in the block counts; of commands the first, as in keepalived.",
        why="You may edit the first one and see no change.",
        remedy="Remove one of them.",
        example="priority 100\n    priority 150",
        instead="priority 150",
    ),
    Code.NO_ADDRESS: Meaning(
        severity=FindingSeverity.RISK,
        title="an instance without an address",
        meaning="The instance elects a master that holds nothing.",
        why="That is only of use with scripts or a sync group.",
        remedy="Add `virtual_ipaddress { ... }`.",
        example=_HEAD + "}\n",
        instead=_HEAD + "    virtual_ipaddress {\n        192.0.2.10/24\n    }\n}\n",
        place=Place.FILE,
    ),
    Code.PASSWORD_CUT: Meaning(
        severity=FindingSeverity.RISK,
        title="a comment begins inside a password",
        meaning="`!` and `#` begin a comment, in a password too: what stands before them counts.",
        why="The password is shorter than you think, and the same slip on all nodes hides it.",
        remedy="Put it in quotes.",
        example=_AUTHENTICATION.format("ab#cdefg"),
        instead=_AUTHENTICATION.format('"ab#cdefg"'),
    ),
}
