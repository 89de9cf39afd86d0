"""W31: risks of keywords that keepalived acts on and halod does not yet.

Knows what to tell an operator. Must not know how it is found.
"""

from __future__ import annotations

from halod.config.codes import Code, Meaning
from halod.model.diagnostic import FindingSeverity

__all__ = ["ELSEWHERE"]

ELSEWHERE: dict[Code, Meaning] = {
    Code.STRICT_BLOCKS: Meaning(
        severity=FindingSeverity.RISK,
        title="strict mode blocks the addresses",
        meaning="In strict mode a firewall rule drops whatever is sent to the addresses of a "
        "master that does not own them (priority 255), as RFC 9568 has it: they are for routing "
        "alone.",
        why="The address is there, and neither ping nor the service answers. keepalived's sample "
        "configuration has `vrrp_strict` in it.",
        remedy="Remove strict mode. In version 3 `accept` lets the addresses answer; version 2 has "
        "no such mode, and the keyword is taken back there.",
        example="strict_mode",
        instead="version 3\n    strict_mode\n    accept",
    ),
    Code.UNICAST_ALONE: Meaning(
        severity=FindingSeverity.RISK,
        title="unicast without a peer",
        meaning="A keyword of unicast stands there, and no address in `unicast_peer`. keepalived "
        "sends the adverts by multicast then.",
        why="Where multicast does not get through, in a cloud for example, every node is MASTER.",
        remedy="Name the other nodes in `unicast_peer`, or remove the keyword.",
        example="unicast_src_ip 192.0.2.1",
        instead="mcast_src_ip 192.0.2.1",
    ),
}
