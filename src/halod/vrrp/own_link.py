"""The interface of an instance as that instance sees it: its addresses are sources of its adverts.

Knows which addresses of a host may be the source. Must not know states.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from halod.model.address import IpAddress, Link
from halod.model.vrrp import ANY_LINK, VrrpInstance

__all__ = ["may_speak", "own_link"]


def own_link(config: VrrpInstance, links: Mapping[str, Link]) -> Link | None:
    """Its link, with the addresses that it may speak from, the best first; None: no such link.

    `links`: all of the host, by name.
    """
    if config.interface == ANY_LINK:
        anywhere = Link(ANY_LINK, 0, True, b"", ())
        return replace(anywhere, addresses=_sources(config, anywhere, links))
    link = links.get(config.interface)
    if link is None:
        return None
    sources = _sources(config, link, links)
    return link if sources == link.addresses else replace(link, addresses=sources)


def _sources(config: VrrpInstance, link: Link, links: Mapping[str, Link]) -> tuple[IpAddress, ...]:
    if config.source is not None:
        # On any interface: peers of unicast may know this node by the address of another one.
        here = any(config.source in each.addresses for each in links.values())
        return (config.source,) if here else ()
    return tuple(a for a in link.addresses if may_speak(a, config.ip_version))


def may_speak(address: IpAddress, ip_version: int) -> bool:
    """Whether it is a source of adverts that nobody has to name: for IPv6 the link-local one (RFC
    9568, 5.1.2.1)."""
    return address.version == ip_version and (ip_version == 4 or address.is_link_local)
