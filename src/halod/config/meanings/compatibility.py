"""W4: where keepalived would differ.

Knows what to tell an operator. Must not know how it is found.
"""

from __future__ import annotations

from halod.config.codes import Code, Meaning, Place
from halod.model.diagnostic import FindingSeverity

__all__ = ["COMPATIBILITY"]

_SCRIPT = 'vrrp_script chk {\n    script "/usr/bin/pidof nginx"\n    user root\n}\n'
_INSTANCE = (
    "global_defs {\n    enable_script_security\n    script_user root\n}\n"
    "vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n"
    "    virtual_ipaddress {\n        192.0.2.10/24\n    }\n"
    "    track_script {\n        chk\n    }\n}\n"
)
_SERVER = (
    "virtual_server 192.0.2.10 443 {\n    lvs_sched rr\n    lvs_method DR\n    protocol TCP\n"
    "    real_server 10.1.0.1 443 {\n        SSL_GET {\n            url {\n"
    "                path /\n            }\n        }\n    }\n}\n"
)

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
    Code.LATE_TRACKER: Meaning(
        severity=FindingSeverity.NOTE,
        title="a tracker whose block stands below",
        meaning="An instance or a sync group tracks what is defined further down in the file. "
        "halod tracks it; keepalived 2.2.7 reads from the top, does not find it, and leaves the "
        "line out.",
        why="Under keepalived a failure of it changes nothing, on this node or on a peer with the "
        "same file.",
        remedy="Move the `vrrp_script`, `track_file` or `vrrp_track_process` above the instance.",
        example=_INSTANCE + _SCRIPT,
        instead=_SCRIPT + _INSTANCE,
        place=Place.FILE,
    ),
    Code.CHAIN_VERIFIED: Meaning(
        severity=FindingSeverity.NOTE,
        title="certificates that halod verifies",
        meaning="With `ca` in `SSL` a server of an SSL_GET has to show a certificate that this "
        "authority signed. keepalived loads the file and takes any certificate.",
        why="A server that keepalived calls healthy may be down for halod: with a certificate that "
        "has expired, or that somebody else signed.",
        remedy="Give the servers such certificates, or leave `ca` out: then nothing is verified.",
        example="SSL {\n    ca /etc/keepalived/ca.pem\n}\n" + _SERVER,
        instead=_SERVER,
        place=Place.FILE,
    ),
}
