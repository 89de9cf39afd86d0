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

__all__ = ["CONTROL_SOCKET_NAME", "ControlServer", "daemon_at"]

CONTROL_SOCKET_NAME = "control.sock"
REQUEST_MAX = 64 * 1024
"""Bytes of one request (DESIGN, section 9)."""
DEADLINE_S = 5.0
"""A client that does not finish its question by then is cut off."""
CLIENTS_MAX = 16
"""At once: operators and one exporter; a runaway script waits."""

Handler = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class ControlServer:
    """Serves one socket in the run directory, mode 0600 in a directory of mode 0700."""

    def __init__(self, run_dir: Path, handler: Handler) -> None:
        self._path = run_dir / CONTROL_SOCKET_NAME
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._places = asyncio.Semaphore(CLIENTS_MAX)

    async def start(self) -> None:
        """Raises OSError where the socket cannot be made."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # Made under another name and renamed, so that it is never there with a wider mode.
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        temporary.unlink(missing_ok=True)
        listener.bind(str(temporary))
        temporary.chmod(0o600)
        temporary.rename(self._path)
        self._server = await asyncio.start_unix_server(
            self._serve, sock=listener, limit=REQUEST_MAX
        )

    async def stop(self) -> None:
        """No new clients; the socket's name goes."""
        if self._server is not None:
            self._server.close()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with self._places:
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(DEADLINE_S):
                    answer = await self._answer(reader, writer)
                    writer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
                    await writer.drain()
            writer.close()

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
        except ValueError:
            return {"error": "a request is one line of JSON"}
        if not isinstance(request, dict) or not isinstance(request.get("command"), str):
            return {"error": 'a request is an object with a "command"'}
        return await self._handler(request)


def daemon_at(run_dir: Path) -> int | None:
    """Process id of the daemon that listens in a run directory, a stopped one included."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as connection:
        try:
            connection.connect(str(run_dir / CONTROL_SOCKET_NAME))
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
