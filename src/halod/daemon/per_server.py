"""What was worked out of each virtual server, as long as there is that very object.

Knows that a reload keeps the objects of what did not change. Must not know what is worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from halod.model.virtual_server import VirtualServer

__all__ = ["PerServer"]

T = TypeVar("T")


class PerServer(Generic[T]):
    """One answer a virtual server: of thousands that stay, none is worked out again."""

    def __init__(self, work_out: Callable[[VirtualServer], T]) -> None:
        self._work_out = work_out
        self._known: dict[int, tuple[VirtualServer, T]] = {}
        """By the object's number, which none other has as long as the object is kept beside it."""

    def of(self, servers: Iterable[VirtualServer]) -> list[T]:
        """In their order. What is not among them is forgotten."""
        before, self._known = self._known, {}
        for server in servers:
            known = before.get(id(server))
            self._known[id(server)] = known or (server, self._work_out(server))
        return [answer for _, answer in self._known.values()]
