"""Ends flows that connection tracking keeps with a server that was taken out.

Knows which they are. Must not know when. A client that sends datagrams from one port without a
pause would go to that server for ever: each packet renews what is remembered of the flow.
"""

from __future__ import annotations

import errno
import os

from halod.kernel.nfnetlink_socket import NfnetlinkSocket
from halod.model.endpoint import Endpoint
from halod.wire.conntrack import DELETE, GET, TrackedFlow, decode_flow, encode_end, encode_query
from halod.wire.netlink import DecodeError

__all__ = ["forget_flows"]


def forget_flows(
    connection: NfnetlinkSocket, asked: Endpoint | None, server: Endpoint, protocol: int
) -> int:
    """How many ended. `asked`: the service, its port 0 for any; None: whatever was asked. Raises
    OSError."""
    found: list[TrackedFlow] = []
    for message in connection.dump(GET, encode_query(server, protocol)):
        try:
            flow = decode_flow(message)
        except DecodeError:
            continue  # Of a protocol without ports: an older kernel tells of all.
        if flow.server == server and flow.protocol == protocol and _is_asked(flow, asked):
            found.append(flow)
    errors = connection.request(DELETE, [encode_end(flow) for flow in found])
    for error in errors:
        if error not in (0, errno.ENOENT):
            raise OSError(error, f"connection tracking keeps a flow: {os.strerror(error)}")
    return len(found)


def _is_asked(flow: TrackedFlow, asked: Endpoint | None) -> bool:
    if asked is None:
        return True
    return flow.asked.address == asked.address and asked.port in (0, flow.asked.port)
