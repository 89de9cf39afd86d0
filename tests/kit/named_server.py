"""A server that answers with its name: HTTP/1.1 with keep-alive over TCP, a datagram over UDP.

Run as a program: NAME PORT…
"""

from __future__ import annotations

import asyncio
import socket
import sys

NAME = sys.argv[1].encode()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(NAME), NAME)


class Http(asyncio.Protocol):
    def __init__(self) -> None:
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        asked = self._read.count(b"\r\n\r\n")
        if asked:
            self._read = self._read.rpartition(b"\r\n\r\n")[2]
            self._transport.write(ANSWER * asked)


def answer_datagrams(listening: socket.socket) -> None:
    _, ancillary, _, peer = listening.recvmsg(2048, 256)
    # From the address that was asked: of DR that is not the first of the link.
    listening.sendmsg([NAME], [a for a in ancillary if a[1] == socket.IPV6_PKTINFO], 0, peer)


async def main() -> None:
    loop = asyncio.get_running_loop()
    for port in map(int, sys.argv[2:]):
        both = socket.create_server(
            ("::", port), family=socket.AF_INET6, backlog=4096, dualstack_ipv6=True
        )
        await loop.create_server(Http, sock=both)
        listening = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        listening.setblocking(False)
        listening.bind(("::", port))
        loop.add_reader(listening, answer_datagrams, listening)
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
