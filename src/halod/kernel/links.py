"""The links of this network namespace at one moment, read anew.

Knows two dumps. The heartbeat follows changes by `monitor`; this is for those who look once.
"""

from __future__ import annotations

from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.model.address import IpAddress, Link
from halod.wire import rtnetlink
from halod.wire.netlink import DecodeError, Message
from halod.wire.rtnetlink import AddressMessage, LinkMessage, Type

__all__ = ["read_links"]


def read_links(
    requests: RtnetlinkSocket, virtual_addresses: frozenset[IpAddress]
) -> dict[str, Link]:
    """By name; `addresses` without the virtual ones."""
    own: dict[int, list[IpAddress]] = {}
    for message in requests.dump(Type.GETADDR):
        value = _decode(message)
        if not isinstance(value, AddressMessage):
            continue
        if value.is_ready and value.address not in virtual_addresses:
            own.setdefault(value.index, []).append(value.address)
    links = {}
    for message in requests.dump(Type.GETLINK):
        value = _decode(message)
        if isinstance(value, LinkMessage):
            links[value.name] = Link(
                value.name,
                value.index,
                value.running,
                value.hardware_address,
                tuple(own.get(value.index, ())),
            )
    return links


def _decode(message: Message) -> object:
    try:
        return rtnetlink.decode(message)
    except DecodeError:
        return None
