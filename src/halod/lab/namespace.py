"""One network namespace: made, entered, looked into and deleted.

Knows the kernel's namespaces and iproute2's /run/netns. Must not know hosts, programs or labs.
"""

import ctypes
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from halod.lab.command import run
from halod.lab.process import ProcessId, all_processes

T = TypeVar("T")

NETNS_DIRECTORY = Path("/run/netns")
"""Where `ip netns` keeps the names."""

CLONE_NEWNET = 0x40000000
"""setns(2): the descriptor must be of a network namespace."""


@dataclass(frozen=True)
class Namespace:
    """A network namespace by its name, which need not exist yet."""

    name: str
    """As `ip netns list` shows it, at most 255 bytes."""

    @property
    def path(self) -> Path:
        """The file that holds the namespace open."""
        return NETNS_DIRECTORY / self.name

    def create(self) -> None:
        """Make it, with loopback up and without duplicate address detection."""
        run(["ip", "netns", "add", self.name])
        run(["ip", "-n", self.name, "link", "set", "lo", "up"])
        for scope in ("all", "default"):
            self.set_kernel_value(f"net/ipv6/conf/{scope}/accept_dad", "0")

    def delete(self) -> None:
        """Take the name away; the kernel frees the rest when the last process has left."""
        if self.path.exists():
            run(["ip", "netns", "del", self.name])

    def ip(self, *arguments: str) -> str:
        """Run `ip` inside; its output."""
        return run(["ip", "-n", self.name, *arguments])

    def ip_batch(self, lines: list[str]) -> None:
        """Run many `ip` commands in one process."""
        run(["ip", "-n", self.name, "-batch", "-"], "\n".join(lines) + "\n")

    def run(self, *argv: str, text_in: str = "") -> str:
        """Run a program inside to its end; its output, or CommandError."""
        return run([*self.prefix, *argv], text_in)

    @property
    def prefix(self) -> list[str]:
        """What stands before a command so that it runs inside (and sees its own /sys)."""
        return ["ip", "netns", "exec", self.name]

    def set_kernel_value(self, key: str, value: str) -> None:
        """Write /proc/sys/KEY as seen inside; a key that this kernel lacks is left alone."""
        path = Path("/proc/sys", key)

        def write() -> None:
            if path.exists():
                path.write_text(value)

        self.call(write)

    def call(self, function: Callable[[], T]) -> T:
        """Call in a short-lived thread that has entered: sockets it opens belong to this namespace.

        Only the thread moves, so the caller's own process never leaves the machine's namespace.
        """
        answers: list[T] = []
        errors: list[BaseException] = []

        def enter_and_call() -> None:
            try:
                enter(self.path)
                answers.append(function())
            except BaseException as error:  # noqa: BLE001 - handed to the caller below
                errors.append(error)

        thread = threading.Thread(target=enter_and_call, name=f"in {self.name}")
        thread.start()
        thread.join()
        if errors:
            raise errors[0]
        return answers[0]

    def identity(self) -> "Identity | None":
        """What the kernel knows it by, its name aside; None when the name does not exist."""
        try:
            own = os.stat(self.path)
        except FileNotFoundError:
            return None
        return own.st_dev, own.st_ino

    @contextmanager
    def held(self) -> Iterator["Identity | None"]:
        """Its identity, which is nobody else's inside the block; None when there is no such name.

        The kernel gives the number of a namespace that has ended to the next one that is made.
        """
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            yield None
            return
        try:
            own = os.fstat(descriptor)
            yield own.st_dev, own.st_ino
        finally:
            os.close(descriptor)

    def members(self) -> list[ProcessId]:
        """The processes inside now, whoever started them; none when the name does not exist."""
        identity = self.identity()
        return [] if identity is None else members_of(identity)

    def has(self, process: ProcessId) -> bool:
        """Whether the process is inside."""
        return identity_around(process) == self.identity() is not None


Identity = tuple[int, int]
"""Device and inode of a namespace: the same as long as a process is inside, named or not."""


def members_of(identity: Identity) -> list[ProcessId]:
    """The processes inside a namespace."""
    return [process for process in all_processes() if identity_around(process) == identity]


def identity_around(process: ProcessId) -> Identity | None:
    """The network namespace that a process is in; None when it has just ended."""
    try:
        its = os.stat(f"/proc/{process.pid}/ns/net")
    except OSError:
        return None
    return its.st_dev, its.st_ino


def enter(path: Path) -> None:
    """Move the calling thread into the namespace (os.setns exists from Python 3.12 only)."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.setns(descriptor, CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(path))
    finally:
        os.close(descriptor)
