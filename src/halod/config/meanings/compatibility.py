"""W4: where keepalived would differ.

Knows what to tell an operator. Must not know how it is found.
"""

from __future__ import annotations

from halod.config.codes import Code, Meaning, Place
from halod.model.diagnostic import FindingSeverity

__all__ = ["COMPATIBILITY"]

COMPATIBILITY: dict[Code, Meaning] = {
    Code.PLANNED: Meaning(
        severity=FindingSeverity.IGNORED,
        title="a keyword that does nothing yet",
        meaning="keepalived knows the keyword; this version of halod does not act on it. The "
        "line, or the whole block, has no effect.",
        why="What it would do is not done: a script is not run, a server not checked.",
        remedy="Stay with keepalived where you need it, or do without.",
        example="use_ipvlan",
        instead="",
    ),
    Code.WITHOUT_EFFECT: Meaning(
        severity=FindingSeverity.NOTE,
        title="a keyword with nothing to do",
        meaning="The keyword is accepted, and there is nothing for it to do in halod. The finding "
        "says why.",
        why="What it asks for is always so. The file is clean with it.",
        remedy="Leave it, for a way back to keepalived.",
        example="debug 4",
        instead="",
    ),
    Code.NOT_YET: Meaning(
        severity=FindingSeverity.REFUSE,
        title="not supported yet, and not to be left out",
        meaning="halod cannot do this yet. To run without it would put other packets on the wire, "
        "or leave addresses without an owner: so the file is refused.",
        why="Both nodes could be MASTER.",
        remedy="Keep keepalived on this machine until halod can do it.",
        example="v3_checksum_as_v2",
        instead="",
    ),
    Code.BARE_OWN_KEYWORD: Meaning(
        severity=FindingSeverity.RISK,
        title="halod's own keyword without its prefix",
        meaning="The keyword works, but keepalived does not know it. It skips lines that begin "
        "with `@halod`.",
        why="One file serves both, and the way back to keepalived costs nothing.",
        remedy="Write `@halod` before it.",
        example="vip_lease off",
        instead="@halod vip_lease off",
    ),
    Code.BYTE_ORDER_MARK: Meaning(
        severity=FindingSeverity.RISK,
        title="a byte order mark",
        meaning="The file begins with the mark that editors on Windows write. halod skips it.",
        why="keepalived takes it for a part of the first word, and loses the first section.",
        remedy="Save the file as UTF-8 without a mark (BOM).",
        example="\ufeffvrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n"
        "    virtual_ipaddress {\n        192.0.2.10/24\n    }\n}\n",
        instead="vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n"
        "    virtual_ipaddress {\n        192.0.2.10/24\n    }\n}\n",
        place=Place.FILE,
    ),
}
