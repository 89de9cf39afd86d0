"""H5: what this machine says to a configuration; told by `haloctl check --host` alone.

Knows what to tell an operator. Must not know how it is found. No examples: they would be machines.
"""

from __future__ import annotations

from halod.config.codes import Code, Meaning
from halod.model.diagnostic import FindingSeverity

__all__ = ["HOST"]


def _risk(title: str, meaning: str, why: str, remedy: str) -> Meaning:
    return Meaning(
        severity=FindingSeverity.RISK,
        title=title,
        meaning=meaning,
        why=why,
        remedy=remedy,
        example="",
        instead="",
    )


HOST: dict[Code, Meaning] = {
    Code.NO_SUCH_INTERFACE: _risk(
        "no such interface here",
        "This machine has no interface of that name at the moment.",
        "The instance waits in FAULT until it comes. keepalived leaves the instance out, and on a "
        "reload it dies.",
        "Correct the name, or check the file on the machine that it is for.",
    ),
    Code.LINK_NOT_READY: _risk(
        "an interface that is not ready",
        "The interface is down, has no carrier, or has no IPv4 address of its own.",
        "The instance waits in FAULT: this node is no backup for anybody.",
        "Bring the link up and give it an address.",
    ),
    Code.ADDRESS_STANDS: _risk(
        "a virtual address stands here already",
        "The address stands on a link of this machine without halod's tag. It is the operator's, "
        "or another daemon holds it.",
        "An address that is configured for good is held by both nodes whoever is master. halod "
        "never leases, changes or removes it.",
        "Take it out of the network's configuration. Beside a running keepalived it is as it "
        "should be.",
    ),
    Code.SCRIPT_MISSING: _risk(
        "a script that is not there",
        "The program is not on this machine, or not on the path.",
        "The script is left out, as keepalived does: no instance minds it, and a notification does "
        "not happen.",
        "Correct the path, or install it; then reload.",
    ),
    Code.SCRIPT_NOT_EXECUTABLE: _risk(
        "a script that is not executable",
        "The file is there and may not be executed.",
        "The script is left out, as keepalived does: no instance minds it, and a notification does "
        "not happen.",
        "Make it executable: chmod 755; then reload.",
    ),
    Code.SCRIPT_WRITABLE: _risk(
        "a script that others can change",
        "Somebody besides root can change the script, or a folder above it.",
        "It often runs as root: who can change it is root. With `enable_script_security` it "
        "is not run.",
        "Let root own it and every folder above it, writable by root alone.",
    ),
    Code.FIREWALL_DROPS: _risk(
        "the firewall drops adverts",
        "A rule of nftables, or the policy of a chain, surely drops IP protocol 112 to 224.0.0.18 "
        "on this link. Rules that cannot be judged from outside are not told.",
        "Nodes that do not hear each other are all master: the commonest split brain.",
        "Accept protocol 112 (vrrp) on the link, both ways.",
    ),
    Code.OTHER_DAEMON: _risk(
        "another daemon runs this virtual router",
        "A keepalived that runs here has one of the file's VRIDs on the same interface.",
        "halod refuses to start beside it: two daemons on one machine would fight.",
        "Stop it before halod starts; halod's systemd unit does so.",
    ),
    Code.SOURCE_NOT_HERE: _risk(
        "a source address that is not on this machine",
        "`unicast_src_ip` or `mcast_src_ip` names an address that no link of this machine has.",
        "keepalived stays in FAULT, or sends nothing: this node is no backup for anybody. Often "
        "the file of another node was copied.",
        "Write an address of this machine, or leave the keyword out.",
    ),
}
