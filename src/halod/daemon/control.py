"""The control socket: operators ask, the supervisor answers from what children pushed.

Knows one line of JSON in, one line of JSON out, and who may ask. Must not know the answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from halod.daemon.control_path import CONTROL_SOCKET_NAME, socket_address

__all__ = ["ControlServer", "daemon_at"]

REQUEST_MAX = 64 * 1024
"""Bytes of one request (DESIGN, section 9)."""
DEADLINE_S = 5.0
"""A client that does not finish its question by then is cut off."""
CLIENTS_MAX = 16
"""At once: operators and one exporter. The next ones wait."""
WAITING_MAX = 48
"""Each is a descriptor, and a supervisor that has none cannot start a heartbeat: a runaway script
is turned away."""

Handler = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class ControlServer:
    """Serves one socket in the run directory, mode 0600 in a directory of mode 0700."""

    def __init__(self, run_dir: Path, handler: Handler) -> None:
        self._path = run_dir / CONTROL_SOCKET_NAME
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._places = asyncio.Semaphore(CLIENTS_MAX)
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Raises OSError where the socket cannot be made."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # Made under another name and renamed, so that it is never there with a wider mode.
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            temporary.unlink(missing_ok=True)
            with socket_address(temporary) as address:
                listener.bind(address)
            temporary.chmod(0o600)
            temporary.rename(self._path)
        except OSError:
            listener.close()
            raise
        self._server = await asyncio.start_unix_server(
            self._welcome, sock=listener, limit=REQUEST_MAX
        )

    async def stop(self) -> None:
        """No new clients, and those that are here are cut off; the socket's name goes."""
        if self._server is not None:
            self._server.close()
        with contextlib.suppress(OSError):
            # On a file system that is read-only by now; a socket without a listener hurts nobody.
            self._path.unlink()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= CLIENTS_MAX + WAITING_MAX:
            writer.write(_line({"error": "too many clients at once: ask again later"}))
            writer.close()
            return
        client = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with self._places, asyncio.timeout(DEADLINE_S):
                writer.write(_line(await self._answer(reader, writer)))
                await writer.drain()
            writer.close()
        except (OSError, TimeoutError, asyncio.CancelledError):
            # It went, or does not read, or we go: what waits for it waits no longer.
            writer.transport.abort()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> dict[str, Any]:
        if not _may_ask(writer.get_extra_info("socket")):
            return {"error": "only root and the user that runs halod may ask"}
        try:
            line = await reader.readline()
        except ValueError:
            return {"error": f"a request has at most {REQUEST_MAX} bytes"}
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            return {"error": "a request is one line of JSON"}
        if not isinstance(request, dict) or not isinstance(request.get("command"), str):
            return {"error": 'a request is an object with a "command"'}
        return await self._handler(request)


def _line(answer: dict[str, Any]) -> bytes:
    # ASCII alone: a path on the command line need not be text, and no encoding would take it.
    return json.dumps(answer).encode() + b"\n"


def daemon_at(run_dir: Path) -> int | None:
    """Process id of the daemon that listens in a run directory, a stopped one included."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as connection:
        try:
            with socket_address(run_dir / CONTROL_SOCKET_NAME) as address:
                connection.connect(address)
        except BlockingIOError:
            pass  # its queue is full: somebody owns that queue
        except OSError:
            return None
        return _peer(connection)[0]


def _may_ask(connection: socket.socket) -> bool:
    return _peer(connection)[1] in (0, os.geteuid())


def _peer(connection: socket.socket) -> tuple[int, int]:
    """(process id, user id) of the other end."""
    credentials = connection.getsockopt(
        socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")
    )
    pid, uid, _ = struct.unpack("3i", credentials)
    return pid, uid
