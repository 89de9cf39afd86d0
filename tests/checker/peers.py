"""Servers that a test's checks ask: real sockets on this machine, well-behaved or not.

Knows asyncio's streams. Must not know how they are asked.
"""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address

from halod.model.check import CheckTiming, Connection, HttpCheck, HttpPage, TcpCheck, TlsIdentity
from halod.model.endpoint import Endpoint
from halod.model.units import Duration

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

TIMING = CheckTiming()
SHORT = Duration.milliseconds(300)
"""Of checks that are to run into their deadline."""
LONG = Duration.seconds(20)
"""Of all others: a busy machine must not fail a test."""


@contextmanager
def peer(
    talk: Talk, context: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[int]:
    """Listens; the port."""
    loop = asyncio.new_event_loop()
    ports: list[int] = []
    ready = threading.Event()
    stopping: list[asyncio.Event] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await talk(reader, writer)
                writer.close()
                await writer.wait_closed()
        finally:
            writer.transport.abort()

    async def live() -> None:
        server = await asyncio.start_server(serve, host, 0, ssl=context)
        ports.append(server.sockets[0].getsockname()[1])
        stopping.append(asyncio.Event())
        ready.set()
        await stopping[0].wait()
        server.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        # A transport says its last word in the turns after.
        for _ in range(3):
            await asyncio.sleep(0)

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()))
    thread.start()
    assert ready.wait(20)
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(stopping[0].set)
        thread.join(20)
        loop.close()


def says(data: bytes, *, reads_first: bool = True) -> Talk:
    """Answers so, and closes."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if reads_first:
            await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        await writer.drain()

    return talk


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes everything and says nothing."""
    while await reader.read(65536):
        pass


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A page without an end."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 1_000_000)
        await writer.drain()


async def endless_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A head without an end."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Field: value\r\n" * 1000)
        await writer.drain()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One byte after the other, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


def to(port: int, *, host: str = "127.0.0.1", timeout: Duration = LONG) -> Connection:
    """A connection there."""
    return Connection(to=Endpoint(ip_address(host), port), timeout=timeout)


def tcp_check(port: int, *, timeout: Duration = LONG) -> TcpCheck:
    return TcpCheck(timing=TIMING, connection=to(port, timeout=timeout))


def http_check(
    port: int,
    *pages: HttpPage,
    timeout: Duration = LONG,
    tls: bool = False,
    identity: TlsIdentity | None = None,
    version: str = "1.0",
) -> HttpCheck:
    return HttpCheck(
        timing=TIMING,
        connection=to(port, timeout=timeout),
        pages=pages or (HttpPage(),),
        tls=tls,
        identity=identity,
        version=version,
    )
