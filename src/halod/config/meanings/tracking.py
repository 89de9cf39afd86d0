"""W31: risks of what an instance tracks.

Knows what to tell an operator. Must not know how it is found.
"""

from __future__ import annotations

from halod.config.codes import Code, Meaning, Place
from halod.model.diagnostic import FindingSeverity

__all__ = ["TRACKING"]


_SECURITY = "global_defs {\n    enable_script_security\n    script_user root\n}\n"


def _tracked(script: str, instance: str) -> str:
    return (
        f"{_SECURITY}"
        'vrrp_script chk_nginx {\n    script "/usr/bin/pidof nginx"\n'
        f"{script}}}\n"
        "vrrp_instance VI_1 {\n    state BACKUP\n    interface eth0\n    virtual_router_id 51\n"
        f"{instance}    track_script {{\n        chk_nginx\n    }}\n"
        "    virtual_ipaddress {\n        192.0.2.10/24\n    }\n}\n"
    )


TRACKING: dict[Code, Meaning] = {
    Code.SMALL_WEIGHT: Meaning(
        severity=FindingSeverity.NOTE,
        title="a weight that may not change who is MASTER",
        meaning="A check with a weight moves the priority while it succeeds (weight above 0) or "
        "while it fails (below 0). It moves an address only where that carries one node past the "
        "other. Where the file alone proves that nothing moves, it is a risk.",
        why="The service is dead on the master, the check has noticed, and the address stays.",
        remedy="Choose a weight that is greater than the difference of the priorities, or leave "
        "it out: then a failure is FAULT. `haloctl compare` reckons it from all files.",
        example=_tracked("    weight 2\n", "    priority 150\n"),
        instead=_tracked("    weight 60\n", "    priority 150\n"),
        place=Place.FILE,
    ),
    Code.ZERO_WEIGHT: Meaning(
        severity=FindingSeverity.RISK,
        title="`weight 0` means FAULT",
        meaning="A check without weight, or with weight 0, puts the instance into FAULT when it "
        "fails: it lets its addresses go, whatever the priorities are.",
        why="Written out, it is often meant as `just watch`. Where the check fails on all nodes, "
        "nobody holds the addresses.",
        remedy="Remove it if FAULT is meant, or give the check a weight.",
        example=_tracked("    weight 0\n", ""),
        instead=_tracked("", ""),
        place=Place.FILE,
    ),
    Code.WEIGHT_NOPREEMPT: Meaning(
        severity=FindingSeverity.RISK,
        title="a weight beside `nopreempt`",
        meaning="With `nopreempt` a backup leaves a master alone even if its priority has fallen "
        "below the backup's own (RFC 9568, 6.4.2).",
        why="The check lowers the priority of the master, and no backup takes over.",
        remedy="Leave out the weight: a failure is FAULT then, and the master falls silent.",
        example=_tracked("    weight -60\n", "    nopreempt\n"),
        instead=_tracked("", "    nopreempt\n"),
        place=Place.FILE,
    ),
    Code.NO_SCRIPT_SECURITY: Meaning(
        severity=FindingSeverity.RISK,
        title="scripts without `enable_script_security`",
        meaning="A script that others than root can change, itself or a folder above it, is run "
        "all the same. `-t` answers 6, as keepalived's does.",
        why="Who can change a script that root runs is root.",
        remedy="Write `enable_script_security` into `global_defs`: such a script is left out, and "
        "the part of its path that is open is named. Without `script_user` nobody runs scripts "
        "then but `keepalived_script`, if there is such a user.",
        example=_tracked("", "").removeprefix(_SECURITY),
        instead=_tracked("", ""),
        place=Place.FILE,
    ),
    Code.NOT_TRACKED: Meaning(
        severity=FindingSeverity.NOTE,
        title="a script that nobody tracks",
        meaning="No instance has the script in its `track_script`. It is not run.",
        why="The check that you rely on does not take place.",
        remedy="Name it in the `track_script` of an instance, or remove it.",
        example=_tracked("", "").replace("        chk_nginx\n", ""),
        instead=_tracked("", ""),
        place=Place.FILE,
    ),
}
