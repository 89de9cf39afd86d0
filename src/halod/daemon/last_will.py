"""The last words of a heartbeat that died: priority 0 for what it was MASTER of, and its addresses.

Knows what a clean stop would have done. Must not run while the heartbeat lives: it would speak for
somebody who can still speak.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path

from halod.kernel.addresses import Addresses
from halod.kernel.links import read_links
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.kernel.state_file import StateFile
from halod.kernel.vrrp_socket import VrrpSockets
from halod.model.address import VirtualAddress
from halod.model.configuration import Configuration
from halod.model.effect import SendAdvert
from halod.vrrp.message import resignation

__all__ = ["execute_last_will", "release_addresses"]


def kernel_keeps_tags() -> bool:
    """Whether addresses carry who made them: IFA_PROTO came with Linux 5.18."""
    version = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return version is not None and (int(version[1]), int(version[2])) >= (5, 18)


def execute_last_will(masters: Collection[str], configuration: Configuration, run_dir: str) -> str:
    """Resigns for `masters` (names of instances), then removes what is ours; says what was done."""
    resigned = [_resign(configuration, name) for name in masters]
    released, failed = release_addresses(configuration, run_dir)
    words = [f"resigned for {', '.join(filter(None, resigned))}" if any(resigned) else ""]
    words.append(f"removed {', '.join(released)}" if released else "")
    words.append(f"could not remove {', '.join(failed)}" if failed else "")
    return "; ".join(filter(None, words)) or "it held nothing"


def _resign(configuration: Configuration, name: str) -> str:
    instance = next(i for i in configuration.instances if i.name == name)
    requests = RtnetlinkSocket()
    sockets = VrrpSockets()
    virtual = frozenset(a.address for i in configuration.instances for a in i.addresses)
    try:
        link = read_links(requests, virtual).get(instance.interface)
        if link is None or not link.addresses or sockets.open(link) is not None:
            return ""
        effect: SendAdvert = resignation(instance, link.addresses[0])
        return "" if sockets.send(effect) else name
    finally:
        sockets.close(instance.interface)
        requests.close()


def release_addresses(
    configuration: Configuration | None, run_dir: str
) -> tuple[list[str], list[str]]:
    """Removes addresses with our tag that the state file lists or that are configured.

    On a kernel without tags the state file's word is enough. Returns (removed, failed).
    What is somebody else's stays.
    """
    listed, _ = StateFile(Path(run_dir)).read()
    requests = RtnetlinkSocket()
    try:
        addresses = Addresses(requests)
        links = read_links(requests, frozenset())
        addresses.indexes = {name: link.index for name, link in links.items()}
        tagged = set(addresses.tagged())
        keeps_tags = kernel_keeps_tags()
        configured = configuration.instances if configuration else ()
        wanted: list[VirtualAddress] = list(listed)
        wanted += [a for i in configured for a in i.addresses if a not in wanted]
        ours = [
            a
            for a in wanted
            if a.interface in links
            and (
                (links[a.interface].index, a.address, a.prefix_length) in tagged
                or (not keeps_tags and a in listed)
            )
        ]
        failed = addresses.revoke(ours)
    finally:
        requests.close()
    StateFile(Path(run_dir)).write(a for a, _ in failed)
    return [str(a) for a in ours if a not in dict(failed)], [f"{a} ({r})" for a, r in failed]
