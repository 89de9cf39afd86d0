"""Every check at its time: starts attempts, and hands what they found to the check's machine.

Knows which checks there are, which are on their way, and how late they began. Must not know what is
asked, nor when a result counts: that is `balance/health.py`. One heap for all of them, and an
object for an attempt alone while it is on its way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from halod.balance.health import CheckHealth
from halod.balance.health import Outcome as Told
from halod.balance.inheritance import same_checks
from halod.checker.attempt import NetworkCheck, begin
from halod.checker.outcome import Outcome
from halod.checker.reactor import Reactor
from halod.checker.visit import Visit
from halod.model.check import Check, FileCheck, MiscCheck
from halod.model.endpoint import Endpoint
from halod.model.lateness import Lateness
from halod.model.units import NS_PER_MILLISECOND, NS_PER_SECOND, Instant
from halod.model.virtual_server import VirtualServer

__all__ = ["LATE_BUDGET_NS", "Schedule"]

LATE_BUDGET_NS = 200 * NS_PER_MILLISECOND
"""An attempt that begins later than this is counted: ten thousand checks at 5 s keep it."""
_NEVER = 1 << 63

Pool = dict[Endpoint, tuple["_Checking", ...]]
"""Checks of one virtual server, by real server."""


class _Checking:
    """One check, as long as the file has it."""

    __slots__ = (
        "armed_ns",
        "check",
        "failures",
        "found",
        "found_ns",
        "health",
        "is_waiting",
        "runs",
        "schedule",
        "suspended",
        "visit",
    )

    def __init__(self, schedule: Schedule, name: str, check: NetworkCheck) -> None:
        self.schedule: Schedule | None = schedule
        """None: it is no more."""
        self.check = check
        self.health = CheckHealth(name, check)
        self.visit: Visit | None = None
        """The attempt that is on its way."""
        self.armed_ns = _NEVER
        """When it begins next; what else the heap holds of it is void."""
        self.is_waiting = False
        """Due, and too many others are on their way."""
        self.suspended = False
        self.found: Outcome | None = None
        """What the last attempt found."""
        self.found_ns = 0
        self.runs = self.failures = 0

    def arm(self) -> None:
        """For when it is due."""
        schedule = self.schedule
        assert schedule is not None
        self.armed_ns = self.health.due.ns
        schedule.reactor.at(self.armed_ns, self.fire)

    def fire(self) -> None:
        """A moment came that was asked for, maybe long ago."""
        schedule = self.schedule
        if schedule is None or self.is_waiting or self.armed_ns > schedule.reactor.clock():
            return
        schedule.late.add(schedule.reactor.clock() - self.armed_ns, LATE_BUDGET_NS)
        self.armed_ns = _NEVER
        schedule.due(self)

    def begin(self) -> None:
        """One attempt."""
        schedule = self.schedule
        assert schedule is not None
        visit = begin(schedule.reactor, self.check, self.finished, self.health.page)
        # It may be over already.
        if self.armed_ns == _NEVER:
            self.visit = visit

    def finished(self, found: Outcome) -> None:
        """Of the visit."""
        schedule = self.schedule
        assert schedule is not None
        self.visit = None
        self.runs += 1
        self.found = found
        now_ns = self.found_ns = schedule.reactor.clock()
        if found.up is None:
            # Nothing is known of the server: it stays what it was, and is asked at its next turn.
            self.health.due = Instant(now_ns + self.check.timing.delay_loop.ns)
        else:
            if not found.up:
                self.failures += 1
            # A detail is written for who reads it: not for the next of a thousand successes.
            health = self.health
            is_news = not found.up or not (health.up and health.known)
            told = health.finished(
                found.up, found.detail if is_news else "", Instant(now_ns), weight=found.weight
            )
            if told is not None:
                schedule.tell(told)
        self.arm()
        schedule.ended(self, is_asked=found.up is not None)

    def stop(self) -> None:
        """No attempt, now or later."""
        self.armed_ns = _NEVER
        visit, self.visit = self.visit, None
        if visit is not None:
            visit.cancel()


class Schedule:
    """Of one configuration after the other."""

    def __init__(
        self,
        reactor: Reactor,
        random_fraction: Callable[[], float],
        tell: Callable[[Told], None],
        under_way_max: int,
    ) -> None:
        """`random_fraction`: from 0 to 1. `tell`: hears verdicts and facts. `under_way_max`: how
        many attempts may be on their way at once, each of which holds a descriptor."""
        self.reactor = reactor
        self.tell = tell
        self.late = Lateness()
        self._random_fraction = random_fraction
        self._under_way_max = under_way_max
        self._under_way = 0
        self._waiting: deque[_Checking] = deque()
        self._admits = False
        self._pools: dict[str, Pool] = {}
        """By title."""
        self._old: dict[str, VirtualServer] = {}
        self._unasked: dict[str, str] = {}
        """Checks that could not be asked, with the reason."""
        self.crowded = 0
        """Attempts that waited for another to end, since the start."""

    # ---- which checks ----------------------------------------------------------------------

    def adopt(
        self, servers: Sequence[VirtualServer], known: Mapping[str, bool] | None = None
    ) -> None:
        """A configuration: checks that did not change go on undisturbed. `known`: what each was
        when somebody else asked."""
        before, self._pools = self._pools, {}
        wanted = {server.title: server for server in servers}
        for title, server in wanted.items():
            old, pool = self._old.get(title), before.pop(title, {})
            if old is not server and old != server:
                pool = self._adopt_one(title, server, pool, known or {})
            self._pools[title] = pool
        for each in _all_of(before):
            self._end(each)
        self._old = wanted

    def _adopt_one(
        self, title: str, server: VirtualServer, before: Pool, known: Mapping[str, bool]
    ) -> Pool:
        """`before`: what becomes of it is settled here."""
        pool: Pool = {}
        wanted: dict[Endpoint, list[tuple[str, NetworkCheck]]] = {
            real.endpoint: [] for real in server.real_servers
        }
        for check_name, real, check in server.checks():
            if is_of_network(check):
                wanted[real.endpoint].append((check_name, check))
        for endpoint, checks in wanted.items():
            old = before.pop(endpoint, ())
            inherits = same_checks([each.check for each in old], [check for _, check in checks])
            goes_on = {number: old[at] for number, at in inherits.items()}
            for at, each in enumerate(old):
                if at not in inherits.values():
                    self._end(each)
            pool[endpoint] = tuple(
                self._go_on(goes_on[number], check_name, check)
                if number in goes_on
                else self._begin(check_name, check, known.get(check_name))
                for number, (check_name, check) in enumerate(checks)
            )
        for each in _all_of({title: before}):
            self._end(each)
        return pool

    def _begin(self, name: str, check: NetworkCheck, up: bool | None) -> _Checking:
        made = _Checking(self, name, check)
        if up is not None:
            made.health.resume(up=up)
        made.health.first_due(Instant(self.reactor.clock()), self._random_fraction())
        made.arm()
        return made

    def _go_on(self, one: _Checking, name: str, check: NetworkCheck) -> _Checking:
        self._unasked.pop(one.health.name, None)
        one.check = check
        one.health.adopt(name, check, Instant(self.reactor.clock()))
        if one.visit is None and not one.suspended and one.health.due.ns < one.armed_ns < _NEVER:
            one.arm()
        return one

    def _end(self, one: _Checking) -> None:
        self._unasked.pop(one.health.name, None)
        self._halt(one)
        one.schedule = None

    def suspend(self, titles: Collection[str]) -> None:
        """Virtual servers that are not to be checked now; all others are."""
        now_ns = self.reactor.clock()
        for title, pool in self._pools.items():
            suspended = title in titles
            for each in _all_of({title: pool}):
                if each.suspended == suspended:
                    continue
                each.suspended = suspended
                if suspended:
                    self._halt(each)
                    continue
                # Spread, like the first ones: they all come back at once.
                spread = int(each.check.timing.delay_loop.ns * self._random_fraction())
                each.health.due = Instant(now_ns + spread)
                each.arm()

    def _halt(self, one: _Checking) -> None:
        if one.visit is not None:
            self._under_way -= 1
        one.stop()
        self._admit()

    # ---- attempts --------------------------------------------------------------------------

    def due(self, one: _Checking) -> None:
        """It begins, or waits until another has ended."""
        if self._under_way >= self._under_way_max:
            self.crowded += 1
            one.is_waiting = True
            self._waiting.append(one)
            return
        self._under_way += 1
        one.begin()

    def ended(self, one: _Checking, *, is_asked: bool) -> None:
        """An attempt is over."""
        self._under_way -= 1
        if not is_asked:
            assert one.found is not None
            self._unasked[one.health.name] = one.found.words
        elif self._unasked:
            self._unasked.pop(one.health.name, None)
        self._admit()

    def _admit(self) -> None:
        # Attempts that end at once end within this: the outermost one goes on.
        if self._admits:
            return
        self._admits = True
        while self._waiting and self._under_way < self._under_way_max:
            one = self._waiting.popleft()
            one.is_waiting = False
            if one.schedule is not None and not one.suspended and one.visit is None:
                self._under_way += 1
                one.armed_ns = _NEVER
                one.begin()
        self._admits = False

    def close(self) -> None:
        """No attempt goes on."""
        self._waiting.clear()
        for each in _all_of(self._pools):
            each.stop()

    # ---- what is shown ---------------------------------------------------------------------

    @property
    def names(self) -> Iterable[str]:
        """Of all checks."""
        return (each.health.name for each in _all_of(self._pools))

    @property
    def trouble(self) -> str:
        """What keeps checks from being done: nothing that a server has done; empty: nothing."""
        if not self._unasked:
            return ""
        name, why = next(iter(self._unasked.items()))
        rest = len(self._unasked) - 1
        more = f" (and {rest} more checks)" if rest else ""
        return f"check {name} cannot be done, and its server stays what it was: {why}{more}"

    def view(self, first: int, count: int) -> list[dict[str, Any]]:
        """So many checks from there on, in the order of the file. Times are seconds."""
        every = list(_all_of(self._pools))
        now_ns = self.reactor.clock()
        return [_view(each, now_ns) for each in every[first : first + count]]

    @property
    def count(self) -> int:
        return sum(len(checks) for pool in self._pools.values() for checks in pool.values())

    def figures(self) -> dict[str, Any]:
        """Of all of them together."""
        late = self.late.view()
        return {
            "checks": self.count,
            "under_way": self._under_way,
            "crowded": self.crowded,
            "not_asked": len(self._unasked),
            "attempts": late.count,
            "late_p50_s": late.p50_s,
            "late_p99_s": late.p99_s,
            "late_max_s": late.max_s,
            "late_over_budget": late.over_budget,
        }


def _all_of(pools: Mapping[str, Pool]) -> Iterator[_Checking]:
    """In the order of the file."""
    return (each for pool in pools.values() for checks in pool.values() for each in checks)


def is_of_network(check: Check) -> TypeGuard[NetworkCheck]:
    """Whether it is asked here; MISC_CHECK and FILE_CHECK are the runner's."""
    return not isinstance(check, MiscCheck | FileCheck)


def _view(one: _Checking, now_ns: int) -> dict[str, Any]:
    found = one.found
    return {
        "name": one.health.name,
        "up": one.health.up if one.health.known else None,
        "last": "" if found is None else found.detail,
        "last_up": None if found is None else found.up,
        "last_ago_s": None if found is None else round((now_ns - one.found_ns) / NS_PER_SECOND, 3),
        "runs": one.runs,
        "failures": one.failures,
        "suspended": one.suspended,
    }
