"""The patient client: what it tries again, and when it gives up waiting on one connection."""

import asyncio

from halod.lab import http_prober
from halod.lab.http_prober import fetch_patiently

PAGE = b"HTTP/1.1 200 OK\r\n\r\nweb01"


async def ask(behaviours: list[str]) -> tuple[bytes, int]:
    """Ask a server whose connections behave so, one after the other; the last one answers."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        behaviour = behaviours.pop(0)
        if behaviour == "silent":
            await reader.read()
        elif behaviour == "reset":
            writer.transport.abort()
        elif behaviour == "answer":
            writer.write(PAGE)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        return await asyncio.wait_for(fetch_patiently("www", "127.0.0.1", port), 10)


def test_an_answer_at_once_is_not_asked_again() -> None:
    assert asyncio.run(ask(["answer"])) == (PAGE, 0)


def test_broken_closed_and_silent_connections_are_tried_again() -> None:
    assert asyncio.run(ask(["reset", "close", "silent", "answer"])) == (PAGE, 3)


def test_silence_is_shorter_than_the_deadline() -> None:
    assert http_prober.SILENCE_S + http_prober.PAUSE_S < http_prober.DEADLINE_S
