"""A socket of a check, bound as the file says, and what its errors mean.

Knows socket options and errno. Must not know what is asked over it.
"""

from __future__ import annotations

import errno
import os
import socket

from halod.checker.outcome import CannotAskError
from halod.model.address import IpAddress
from halod.model.check import Connection

__all__ = ["host_text", "is_of_the_server", "open_socket", "words_of"]

_BIND_ADDRESS_NO_PORT = 24
"""IP_BIND_ADDRESS_NO_PORT (ip(7)): the port is chosen when the peer is known, so that one source
address has 28,000 ports for each peer and not for all."""

_OF_THE_SERVER = frozenset(
    {
        errno.ECONNREFUSED,
        errno.ECONNRESET,
        errno.ECONNABORTED,
        errno.EPIPE,
        errno.ENETUNREACH,
        errno.EHOSTUNREACH,
        errno.EHOSTDOWN,
        errno.ENETDOWN,
        errno.ETIMEDOUT,
        errno.EPROTO,
        errno.ENOPROTOOPT,
    }
)
"""Errors that say something of the server or of the way to it; all others are of this machine."""

WRITTEN_MAX = 100_000
"""Addresses of either family whose text is kept: more than the largest known file has."""
_WRITTEN: dict[int, dict[int, str]] = {4: {}, 6: {}}

_WORDS = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset by the server",
    errno.EPIPE: "connection closed by the server",
    errno.ENETUNREACH: "no route to its network",
    errno.EHOSTUNREACH: "no route to the host",
    errno.ETIMEDOUT: "no answer to the connection",
}


def host_text(address: IpAddress) -> str:
    """As connect(2) takes it. Kept: to write one costs as much as a tenth of an attempt."""
    if address.version == 6 and address.scope_id:
        return str(address)
    written = _WRITTEN[address.version]
    number = int(address)
    text = written.get(number)
    if text is None:
        if len(written) >= WRITTEN_MAX:
            written.clear()
        text = written[number] = str(address)
    return text


def is_of_the_server(error: OSError) -> bool:
    """Whether a server is to blame for it; else it could not be asked at all."""
    return error.errno in _OF_THE_SERVER


def words_of(error: OSError) -> str:
    """Half a sentence."""
    number = error.errno or 0
    return _WORDS.get(number) or (os.strerror(number).lower() if number else str(error))


def open_socket(connection: Connection, kind: int, protocol: int = 0) -> socket.socket:
    """Not connected, and it never waits. CannotAskError where this machine refuses it."""
    version = connection.to.address.version
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    try:
        sock = socket.socket(family, kind | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, protocol)
    except OSError as error:
        raise CannotAskError(f"no socket: {words_of(error)}") from None
    if connection.mark or connection.interface or connection.source or connection.source_port:
        try:
            _bind(sock, connection)
        except BaseException:
            sock.close()
            raise
    return sock


def _bind(sock: socket.socket, connection: Connection) -> None:
    step = ""
    try:
        if connection.mark:
            step = f"fwmark {connection.mark}"
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, connection.mark)
        if connection.interface:
            step = f"bind_if {connection.interface}"
            name = os.fsencode(connection.interface)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, name)
        if connection.source is not None or connection.source_port:
            v4 = connection.to.address.version == 4
            source = connection.source or ("0.0.0.0" if v4 else "::")  # noqa: S104 - any of ours
            step = f"bindto {source}" if connection.source else "bind_port"
            if connection.source_port:
                step += f" port {connection.source_port}"
                # The connection of the check before still waits for its last packets.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            else:
                sock.setsockopt(socket.IPPROTO_IP, _BIND_ADDRESS_NO_PORT, 1)
            sock.bind((str(source), connection.source_port))
    except OSError as error:
        raise CannotAskError(f"{step}: {words_of(error)}") from None
