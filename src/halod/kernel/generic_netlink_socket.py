"""Requests to one family of generic netlink.

Knows how a family is found by its name. Must not know what it does.
"""

from __future__ import annotations

import errno

from halod.kernel.netlink_socket import NetlinkSocket
from halod.wire.generic_netlink import (
    CONTROLLER,
    Command,
    decode_command,
    decode_family,
    encode_family_query,
)

__all__ = ["GenericNetlinkSocket", "find_family"]

_NETLINK_GENERIC = 16


def find_family(name: str, reply_deadline_s: float) -> int | None:
    """The number of a family, None where this kernel has none of that name now."""
    socket = NetlinkSocket(_NETLINK_GENERIC, name, reply_deadline_s)
    try:
        return decode_family(socket.ask(CONTROLLER, encode_family_query(name)))
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None
        raise
    finally:
        socket.close()


class GenericNetlinkSocket:
    """One socket to one family, for one thread."""

    def __init__(self, family: int, name: str, reply_deadline_s: float) -> None:
        self._family = family
        self._socket = NetlinkSocket(_NETLINK_GENERIC, name, reply_deadline_s)

    def close(self) -> None:
        self._socket.close()

    def change(self, payloads: list[bytes]) -> list[int]:
        """One errno for each payload, 0 where it was done; in their order."""
        return self._socket.change(self._family, 0, payloads)

    def ask(self, payload: bytes) -> Command:
        """The one answer; raises OSError."""
        return decode_command(self._socket.ask(self._family, payload))

    def dump(self, payload: bytes) -> list[Command]:
        """All answers; raises OSError."""
        return [decode_command(reply) for reply in self._socket.dump(self._family, payload)]

    def dump_payloads(self, payload: bytes) -> list[bytes]:
        """All answers, undecoded; raises OSError."""
        return [reply.payload for reply in self._socket.dump(self._family, payload)]
