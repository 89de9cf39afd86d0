"""Moves into a network namespace that has a name (ip-netns(8)).

Knows setns(2). Must not know why. A thread moves alone, and takes along what it starts afterwards:
sockets, threads and processes. Sockets that are open stay where they were made.
"""

from __future__ import annotations

import ctypes
import errno
import os
import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["call_inside", "enter"]

T = TypeVar("T")

FOLDER = "/run/netns"
"""Where `ip netns` keeps the names."""
_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def enter(name: str, keyword: str = "net_namespace") -> str | None:
    """Moves the calling thread; the reason where it stayed outside, for the one who named it by
    this keyword."""
    path = f"{FOLDER}/{name}"
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return f"{keyword} {name}: there is no {path}; `ip netns add {name}` makes it"
    except OSError as error:
        return f"{keyword} {name}: {path}: {error.strerror}"
    try:
        if os.path.samestat(os.fstat(descriptor), os.stat("/proc/thread-self/ns/net")):
            return None  # somebody has put us there: `NetworkNamespacePath=`, `ip netns exec`
        # os.setns comes with Python 3.12.
        if _libc.setns(descriptor, _CLONE_NEWNET) == 0:
            return None
        why = _why(ctypes.get_errno(), path, all_of_it=keyword == "net_namespace")
        return f"{keyword} {name}: {why}"
    finally:
        os.close(descriptor)


def _why(number: int, path: str, *, all_of_it: bool) -> str:
    """`all_of_it`: the whole daemon moves, as a service manager can have it."""
    if number == errno.EPERM:
        needs = "to enter it needs CAP_SYS_ADMIN"
        return (
            f"{needs}; in a systemd unit `NetworkNamespacePath={path}` does without"
            if all_of_it
            else f"{needs}, which a systemd unit adds to its CapabilityBoundingSet"
        )
    if number == errno.EINVAL:
        return f"{path} is no network namespace"
    return os.strerror(number)


def call_inside(name: str, function: Callable[[], T]) -> T:
    """Calls it in a thread that has moved; OSError where that could not."""
    answers: list[T] = []
    errors: list[BaseException] = []

    def move_and_call() -> None:
        try:
            reason = enter(name)
            if reason is None:
                answers.append(function())
            else:
                errors.append(OSError(reason))
        except BaseException as error:  # noqa: BLE001 - handed to the caller below
            errors.append(error)

    thread = threading.Thread(target=move_and_call)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return answers[0]
