"""The control socket works in any run directory, however long its path is."""

import asyncio
from pathlib import Path
from typing import Any

from halod.cli.ask import ask
from halod.daemon.control import ControlServer, daemon_at

SUN_PATH_BYTES = 108
"""What an address of a Unix socket has room for (unix(7))."""


def test_a_run_directory_longer_than_a_socket_address(tmp_path: Path) -> None:
    run_dir = tmp_path / ("r" * 80) / ("s" * 80)
    run_dir.mkdir(parents=True)
    assert len(str(run_dir)) > SUN_PATH_BYTES

    async def answer(request: dict[str, Any]) -> dict[str, Any]:
        return {"heard": request["command"]}

    async def play() -> tuple[dict[str, Any], int | None]:
        server = ControlServer(run_dir, answer)
        await server.start()
        try:
            pid = await asyncio.to_thread(daemon_at, run_dir)
            return await asyncio.to_thread(ask, str(run_dir), "status"), pid
        finally:
            await server.stop()

    heard, pid = asyncio.run(play())
    assert heard == {"heard": "status"}
    assert pid is not None
    assert list(run_dir.iterdir()) == []
    assert daemon_at(run_dir) is None
