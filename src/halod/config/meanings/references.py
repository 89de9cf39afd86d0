"""E2: what belongs together in a file.

Knows what to tell an operator. Must not know how it is found.
"""

from __future__ import annotations

from halod.config.codes import Code, Meaning, Place
from halod.model.diagnostic import FindingSeverity

__all__ = ["REFERENCES"]

_ADDRESSES = "    virtual_ipaddress {{\n        {}\n    }}\n}}\n"


def _instance(name: str, vrid: int, address: str) -> str:
    head = f"vrrp_instance {name} {{\n    interface eth0\n    virtual_router_id {vrid}\n"
    return head + _ADDRESSES.format(address)


_TWO_INSTANCES = _instance("VI_1", 51, "192.0.2.10/24") + _instance("VI_2", 52, "192.0.2.11/24")
_SCRIPT = (
    "global_defs {\n    enable_script_security\n    script_user root\n}\n"
    'vrrp_script chk_nginx {\n    script "/usr/bin/pidof nginx"\n}\n'
)
_TRACKED = (
    (
        "vrrp_instance VI_1 {{\n    interface eth0\n    virtual_router_id 51\n"
        "    track_script {{\n        {}\n    }}\n" + _ADDRESSES.format("192.0.2.10/24")
    )
    .replace("virtual_ipaddress {\n", "virtual_ipaddress {{\n")
    .replace("    }\n}\n", "    }}\n}}\n")
)


REFERENCES: dict[Code, Meaning] = {
    Code.SAME_VRID: Meaning(
        severity=FindingSeverity.REFUSE,
        title="one VRID for two instances of a link",
        meaning="Two instances have one `virtual_router_id` on one interface.",
        why="A VRID names a virtual router on a link (RFC 9568, 1.7). Each instance would take the "
        "other's adverts for those of its peer, and one of them would never be MASTER.",
        remedy="Give each instance of a link its own number, the same on all nodes.",
        example=_instance("VI_1", 51, "192.0.2.10/24") + _instance("VI_2", 51, "192.0.2.11/24"),
        instead=_instance("VI_1", 51, "192.0.2.10/24") + _instance("VI_2", 52, "192.0.2.11/24"),
        place=Place.FILE,
    ),
    Code.SAME_NAME: Meaning(
        severity=FindingSeverity.IGNORED,
        title="one name for two instances, or other sections of a kind",
        meaning="The second instance is left out, as keepalived does. Of other sections one alone "
        "is meant where the name is used.",
        why="The addresses of the second instance are held by nobody; a process or a file that "
        "you track is not watched. Often a block was copied and not renamed.",
        remedy="Give it another name.",
        example=_instance("VI_1", 51, "192.0.2.10/24") + _instance("VI_1", 52, "192.0.2.11/24"),
        instead=_instance("VI_1", 51, "192.0.2.10/24") + _instance("VI_2", 52, "192.0.2.11/24"),
        place=Place.FILE,
    ),
    Code.INCOMPLETE: Meaning(
        severity=FindingSeverity.REFUSE,
        title="an instance without interface or VRID",
        meaning="An instance needs an `interface` and a `virtual_router_id`. Nothing can stand in "
        "for them.",
        why="keepalived leaves the instance out; on a reload it dies and leaves its addresses "
        "behind.",
        remedy="Add the keyword. Peers have the same VRID.",
        example="vrrp_instance VI_1 {\n    interface eth0\n" + _ADDRESSES.format("192.0.2.10/24"),
        instead=_instance("VI_1", 51, "192.0.2.10/24"),
        place=Place.FILE,
    ),
    Code.NOTHING_TO_DO: Meaning(
        severity=FindingSeverity.REFUSE,
        title="nothing to do",
        meaning="The file is empty, or has no `vrrp_instance`.",
        why="A daemon that reloads an emptied file would drop every address: halod keeps what "
        "runs.",
        remedy="Add a `vrrp_instance`; `haloctl lab demo` plays a working pair.",
        example="global_defs {\n    router_id lb01\n}\n",
        instead=_instance("VI_1", 51, "192.0.2.10/24"),
        place=Place.FILE,
    ),
    Code.NO_SUCH_TRACKER: Meaning(
        severity=FindingSeverity.IGNORED,
        title="a script that is not there is tracked",
        meaning="A line of `track_script` names a `vrrp_script` that the file does not have, or "
        "that has no usable `script`.",
        why="The instance does not notice when the service dies.",
        remedy="Correct the name, or define the script.",
        example=_TRACKED.format("chk_nginx"),
        instead=_SCRIPT + _TRACKED.format("chk_nginx"),
        place=Place.FILE,
    ),
    Code.TOO_MANY_ADDRESSES: Meaning(
        severity=FindingSeverity.REFUSE,
        title="more addresses than an advert takes",
        meaning="An advert counts its addresses in one byte: 255 at most (RFC 9568, 5.2.5).",
        why="No peer could read the advert.",
        remedy="Spread them over several instances.",
        example="",
        instead="",
        place=Place.ADDRESSES,
    ),
    Code.NO_SUCH_INSTANCE: Meaning(
        severity=FindingSeverity.IGNORED,
        title="a sync group names an instance that is not there",
        meaning="A line of `group` names no `vrrp_instance` of the file. It is left out, as "
        "keepalived does.",
        why="The instance that was meant moves alone: its addresses may stand on one node, and "
        "those of the others on another.",
        remedy="Write the name as it stands behind `vrrp_instance`.",
        example="vrrp_sync_group VG_1 {\n    group {\n        VI_1\n        VI2\n    }\n}\n"
        + _TWO_INSTANCES,
        instead="vrrp_sync_group VG_1 {\n    group {\n        VI_1\n        VI_2\n    }\n}\n"
        + _TWO_INSTANCES,
        place=Place.FILE,
    ),
}
