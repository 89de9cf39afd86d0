"""Runs a program to its end, or to its time limit, while the loop goes on.

Knows the limit and what comes after it: SIGTERM, and SIGKILL a little later. Must not know what the
program is for.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence

from halod.kernel.account import Account
from halod.kernel.program import Program, ProgramEnd, start_program
from halod.model.units import Duration

__all__ = ["GRACE", "run_program"]

GRACE = Duration.seconds(2)
"""From SIGTERM to SIGKILL, as in keepalived."""


async def run_program(
    words: Sequence[str],
    account: Account,
    limit: Duration,
    extra: Mapping[str, str] | None = None,
) -> ProgramEnd:
    """How it ended. Whoever cancels this ends the program, at once and with all that it started."""
    try:
        program = start_program(words, account, extra)
    except OSError as error:
        return ProgramEnd(None, f"could not be started: {error.strerror}", was_tried=False)
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(program.fileno(), gone.set)
    try:
        return await _to_its_end(program, gone, limit)
    except asyncio.CancelledError:
        program.kill()
        program.reap()
        raise
    finally:
        loop.remove_reader(program.fileno())


async def _to_its_end(program: Program, gone: asyncio.Event, limit: Duration) -> ProgramEnd:
    if await _within(gone, limit):
        return program.reap()
    program.terminate()
    await _within(gone, GRACE)
    # Its leader may have obeyed, and what it started not.
    program.kill()
    await gone.wait()
    program.reap()
    return ProgramEnd(None, f"timed out after {limit}")


async def _within(gone: asyncio.Event, span: Duration) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(span.as_seconds()):
            await gone.wait()
    return gone.is_set()
