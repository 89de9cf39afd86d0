"""Whether a link can carry the adverts of an instance.

Knows what an instance needs of its link. Must not know states.
"""

from __future__ import annotations

from halod.model.address import Link
from halod.model.cause import LinkUnusable, NoPeer, SourceMissing
from halod.model.vrrp import VrrpInstance

__all__ = ["LinkFault", "fault_of"]

LinkFault = LinkUnusable | SourceMissing | NoPeer


def fault_of(
    config: VrrpInstance, link: Link | None, *, minds_carrier: bool = True
) -> LinkFault | None:
    """Why the link cannot be used; None: it can. `link`: as `own_link` gives it.

    `minds_carrier`: whether one that is down is of no use, or only silent.
    """
    if link is None:
        return LinkUnusable(config.interface, "does not exist")
    if minds_carrier and not link.running:
        return LinkUnusable(config.interface, "is down or has no carrier")
    if config.unicast is not None and not config.unicast.peers:
        return NoPeer()
    if link.addresses:
        return None
    if config.source is not None:
        return SourceMissing(config.source)
    if config.ip_version == 6:
        return LinkUnusable(
            config.interface,
            "has no link-local IPv6 address yet: none, or one that is tentative (`ip -6 address`)",
        )
    return LinkUnusable(config.interface, "has no IPv4 address")
