"""What the parts of the notifier stand on in a test: accounts, clocks and ears."""

from __future__ import annotations

import asyncio
import os
import pwd
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from halod.kernel.account import Account, find_account
from halod.model.command import Command
from halod.model.fact import Severity
from halod.model.units import Instant

__all__ = ["Ground", "Told", "play", "script", "until"]

Told = list[tuple[Severity, str]]


def us() -> Account:
    found = find_account(pwd.getpwuid(os.geteuid()).pw_name)
    assert isinstance(found, Account)
    return found


@dataclass
class Ground:
    """Everything runs as who runs the tests."""

    told: Told = field(default_factory=list)
    troubles: list[tuple[str, str]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    """Program to the reason why it must not run."""

    def resolve(self, command: Command) -> tuple[tuple[str, ...], Account] | str:
        return self.refused.get(command.program) or (command.argv, us())

    def account(self, user: str, group: str) -> Account | str:
        return f"there is no user {user} on this machine" if user else us()

    def tell(self, severity: Severity, text: str) -> None:
        self.told.append((severity, text))

    def trouble(self, subject: str, text: str) -> None:
        self.troubles.append((subject, text))

    @property
    def clocks(self) -> tuple[Callable[[], Instant], Callable[[], float]]:
        return lambda: Instant(time.monotonic_ns()), time.time


def script(folder: Path, name: str, text: str) -> str:
    """A shell script; its path."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


async def until(condition: Callable[[], bool], within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.005)


def play(scene: Callable[[], Awaitable[None]]) -> None:
    """Runs it on a loop of its own."""

    async def run() -> None:
        await scene()

    asyncio.run(run())
