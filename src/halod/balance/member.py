"""A real server of one virtual server: what its checks say, what an operator orders, its weight.

Knows one server. Must not know how many of them it takes, nor what the kernel holds.
"""

from __future__ import annotations

from halod.model.balance_event import Admin, Verdict
from halod.model.check import Check, FileCheck
from halod.model.units import Instant
from halod.model.virtual_server import RealServer

__all__ = ["WEIGHT_MAX", "CheckState", "Member"]

WEIGHT_MAX = 2**31 - 1
"""The kernel's weight is a signed number of 32 bits."""


class CheckState:
    """What is known of one check."""

    __slots__ = ("check", "detail", "known", "moved", "up", "weight")

    def __init__(self, check: Check) -> None:
        self.check = check
        self.up = not check.timing.alpha or isinstance(check, FileCheck)
        """Whether it counts as well."""
        self.known = False
        """Whether there was a verdict."""
        self.weight: int | None = None
        """Of its last verdict: absolute, or of FILE_CHECK what is added."""
        self.moved = 0
        """By how much it moves the server's weight."""
        self.detail = ""
        """What its last verdict found."""

    def move(self, configured: int) -> None:
        """Works out `moved`; `configured`: the server's weight in the file."""
        if self.weight is None or not self.up:
            self.moved = 0
        elif isinstance(self.check, FileCheck):
            self.moved = self.weight
        else:
            self.moved = self.weight - configured


class Member:
    """One real server."""

    __slots__ = (
        "admin",
        "admin_ends",
        "checks",
        "config",
        "failing",
        "last_failure",
        "last_failure_at",
        "moved",
        "name",
        "since",
        "told_down",
        "was_alive",
    )

    def __init__(self, config: RealServer, name: str) -> None:
        """`name`: as keepalived writes it."""
        self.config = config
        self.name = name
        self.checks = [CheckState(check) for check in config.checks]
        self.failing = 0
        """How many checks count as not well."""
        self.moved = 0
        """By how much checks move its weight."""
        self.admin = Admin.ENABLED
        self.admin_ends: Instant | None = None
        self.since: Instant | None = None
        """When it came up or went down."""
        self.last_failure = ""
        self.last_failure_at: Instant | None = None
        self.was_alive = False
        """What it was when its pool last looked."""
        self.told_down = False
        """Whether programs know that it is down: it may begin so, and then nobody is told yet."""
        self.count()

    def count(self) -> None:
        """Anew from its checks, after any of them was set from outside."""
        self.failing = sum(not state.up for state in self.checks)
        self.moved = sum(state.moved for state in self.checks)

    @property
    def alive(self) -> bool:
        """Whether it may serve: all checks are well, and no operator took it out."""
        return not self.failing and self.admin is not Admin.DISABLED

    @property
    def weight(self) -> int:
        """As the file and its checks say."""
        return min(max(self.config.weight + self.moved, 0), WEIGHT_MAX)

    @property
    def counted(self) -> int:
        """Its share of the quorum: one that is drained takes no new connections."""
        return self.weight if self.alive and self.admin is Admin.ENABLED else 0

    @property
    def is_known(self) -> bool:
        """Whether every check came to a verdict."""
        return all(state.known for state in self.checks)

    def why(self) -> str:
        """Why it is in the state in which it is: a sentence."""
        if self.admin is Admin.DISABLED:
            return "an operator disabled it"
        found = next((state.detail for state in self.checks if not state.up), None)
        if found is not None:
            return found or "down until its checks succeed (`alpha`)"
        if self.admin is Admin.DRAINING:
            return "an operator drains it"
        if not self.checks:
            return "it has no checks"
        if not self.is_known:
            return "not checked yet"
        return "; ".join(state.detail for state in self.checks if state.detail) or "checks succeed"

    # ---- what happens to it ------------------------------------------------------------------

    def take(self, number: int, verdict: Verdict, now: Instant) -> bool:
        """A verdict of check `number`; whether the check changed sides."""
        state = self.checks[number]
        changed = state.up != verdict.up
        if changed:
            self.failing += -1 if verdict.up else 1
        state.up, state.known = verdict.up, True
        state.weight, state.detail = verdict.weight, verdict.detail
        before = state.moved
        state.move(self.config.weight)
        self.moved += state.moved - before
        if not verdict.up:
            self.last_failure, self.last_failure_at = verdict.detail, now
        return changed

    def order(self, admin: Admin, ends: Instant | None) -> None:
        """What an operator orders."""
        self.admin, self.admin_ends = admin, ends

    def begin_as_down(self) -> None:
        """A reload: what begins pessimistically and has not run does not count as well."""
        for state in self.checks:
            if not state.known and state.check.timing.alpha:
                state.up = isinstance(state.check, FileCheck)
        self.count()
