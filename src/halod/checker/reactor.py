"""The loop under the checkers: one epoll, one heap of moments, coroutines that wait for a socket.

Knows descriptors and time. Must not know what is asked of a server. Not asyncio: a check of two
packets costs three times as much there (docs/adr/0042).

The order in one turn: answers first, then deadlines, then who watches other descriptors. A process
that was away finds answers waiting, and they must count before a deadline that says "no answer".
"""

from __future__ import annotations

import heapq
import select
import time
from collections.abc import Callable
from typing import Protocol

__all__ = ["EVENTS_MAX", "IN", "OUT", "Reactor", "Waiting"]

IN, OUT = select.EPOLLIN, select.EPOLLOUT
_ENDED = select.EPOLLERR | select.EPOLLHUP | select.EPOLLRDHUP
EVENTS_MAX = 512
"""Answers taken in one turn: what is due meanwhile waits no longer than they take, about 20 ms."""
LONGEST_WAIT_S = 1.0
"""Of one turn, where nothing is due."""


class Waiting(Protocol):
    """Who waits for a socket."""

    def wake(self, events: int) -> None:
        """These events came: IN, OUT."""


class Reactor:
    """Of one thread."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._waiting: dict[int, Waiting] = {}
        self._watched: dict[int, Callable[[], None]] = {}
        self._moments: list[tuple[int, int, Callable[[], None]]] = []
        self._serial = 0
        """Of moments, so that no two of them compare further."""
        self._again: list[Waiting] = []
        self.clock = time.monotonic_ns
        """Stands still while the machine sleeps: nothing is late for it."""

    def close(self) -> None:
        self._epoll.close()

    def at(self, when_ns: int, act: Callable[[], None]) -> None:
        """Calls once, when the clock is there."""
        self._serial += 1
        heapq.heappush(self._moments, (when_ns, self._serial, act))

    def watch(self, descriptor: int, act: Callable[[], None]) -> None:
        """Calls in each turn in which it can be read."""
        self._watched[descriptor] = act
        self._epoll.register(descriptor, IN)

    def attend(self, descriptor: int, who: Waiting) -> None:
        """Wakes at each change of a socket (edge-triggered: registered once, and gone with its
        descriptor)."""
        self._waiting[descriptor] = who
        self._epoll.register(descriptor, IN | OUT | select.EPOLLRDHUP | select.EPOLLET)

    def ignore(self, descriptor: int) -> None:
        """It is about to be closed."""
        self._waiting.pop(descriptor, None)

    def again(self, who: Waiting) -> None:
        """Wakes in the next turn: it had its share of this one."""
        self._again.append(who)

    def turn(self, longest_s: float = LONGEST_WAIT_S) -> None:
        """Waits for what comes next, and lets it happen."""
        watched: list[Callable[[], None]] = []
        for descriptor, events in self._epoll.poll(self._wait_s(longest_s), EVENTS_MAX):
            who = self._waiting.get(descriptor)
            if who is not None:
                who.wake(events if not events & _ENDED else events | IN | OUT)
            elif descriptor in self._watched:
                watched.append(self._watched[descriptor])
        again, self._again = self._again, []
        for each in again:
            each.wake(0)
        moments = self._moments
        now_ns = self.clock()
        while moments and moments[0][0] <= now_ns:
            heapq.heappop(moments)[2]()
        # Last: these may close sockets whose events would otherwise go to their successors.
        for act in watched:
            act()

    def _wait_s(self, longest_s: float) -> float:
        if self._again:
            return 0
        if self._moments:
            left_s = (self._moments[0][0] - self.clock()) / 1e9
            return max(0.0, min(left_s, longest_s))
        return longest_s
