"""One check of one real server: when it is done next, and what its results make of the server.

Knows counting and time. Must not know how anything is asked, nor what else is checked.

The rules are keepalived's, with the first result told apart from all later ones:

- The first result counts at once: `retry` gives a second chance to what was well, not to what
  nobody knows. SMTP_CHECK alone takes its retries from the beginning, and while it is down.
- Pages of HTTP_GET are attempts of their own, `delay_loop` apart. A server is up when all of them
  were well in a row; one that failed is asked for until it is well, and then all of them once more.
- What is down is asked again after `delay_loop` (a page: after `delay_before_retry` where that is
  longer), and one success brings it up, or `rise` of them.

Small and without garbage: ten thousand of these take two thousand results a second.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from halod.model.balance_event import Verdict
from halod.model.balance_fact import CheckFailed, CheckHeldDown
from halod.model.check import Check, FileCheck, HttpCheck, MiscCheck, SmtpCheck
from halod.model.units import Duration, Instant

__all__ = ["CheckHealth", "Outcome", "file_verdict"]

FAULT = -(2**31)
"""Product of number and weight at which FILE_CHECK takes a server down, as in keepalived."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is worth telling of one result."""

    verdict: Verdict | None = None
    """It is another one than before, or the first."""
    fact: CheckFailed | CheckHeldDown | None = None
    """A line for the log."""


class CheckHealth:
    """The machine of one check. `due` and `page` say what is to be done next."""

    __slots__ = (
        "_asks_anew",
        "_failed_page",
        "_failures",
        "_falls",
        "_fast",
        "_from_start",
        "_held_until",
        "_pages",
        "_successes",
        "_timing",
        "_weight",
        "due",
        "known",
        "name",
        "page",
        "up",
    )

    def __init__(self, name: str, check: Check) -> None:
        """`name`: as `VirtualServer.checks()` has it. Not for FILE_CHECK: see `file_verdict`."""
        assert not isinstance(check, FileCheck), "a file is read when it changes, not in a loop"
        self.name = name
        self.up = not check.timing.alpha
        """What it counts as now."""
        self.known = False
        """Whether there was a verdict."""
        self.page = 0
        """HTTP_GET and SSL_GET: which of `pages` the next attempt asks for."""
        self.due = Instant(0)
        """When the next attempt begins: means something after `first_due` or `finished`."""
        self._failed_page = -1
        self._successes = 0
        self._weight: int | None = None
        self._held_until = 0
        self._falls: deque[int] | None = None
        self._adopt(check)
        # One failure is enough as long as nothing is known.
        self._failures = 0 if self._asks_anew else self._timing.retry

    def _adopt(self, check: Check) -> None:
        self._timing = check.timing
        self._pages = len(check.pages) if isinstance(check, HttpCheck) else 0
        self._fast = isinstance(check, HttpCheck) and check.fast_recovery
        self._asks_anew = isinstance(check, SmtpCheck)
        self._from_start = isinstance(check, MiscCheck)
        if self._timing.flap_limit and self._falls is None:
            self._falls = deque(maxlen=self._timing.flap_limit + 1)

    def first_due(self, now: Instant, random_fraction: float) -> Instant:
        """The first attempt: somewhere within `warmup`. `random_fraction`: 0 to 1."""
        warmup = int(self._timing.warmup.ns * random_fraction)
        self.due = Instant(now.ns + warmup)
        return self.due

    def resume(self, *, up: bool) -> None:
        """It was known to be so before this process began: then the first result is none."""
        self.up, self.known = up, True
        self._failures = 0
        if not up and self._pages:
            self._failed_page = 0

    def adopt(self, name: str, check: Check, now: Instant) -> None:
        """A reload: the same check (see `inheritance`), maybe with other times."""
        self.name = name
        self._adopt(check)
        if not self._asks_anew:
            # What failed already counts, and one more failure is needed to be down.
            retry = self._timing.retry
            self._failures = min(self._failures, retry) if self.known else retry
        self._successes = 0
        if not self._timing.flap_limit:
            self._held_until = 0
        # A shorter loop counts from now, so that nobody waits out the old one.
        self.due = min(self.due, now + self._timing.delay_loop)

    def finished(
        self,
        success: bool,
        detail: str,
        now: Instant,
        *,
        began: Instant | None = None,
        weight: int | None = None,
    ) -> Outcome | None:
        """One attempt ended; `due` and `page` say what is next. None: nothing to tell.

        `detail`: what was expected and what came. `began`: when it began; MISC_CHECK needs it, for
        its loop counts from there. `weight`: of MISC_CHECK with `misc_dynamic`.
        """
        outcome = self._succeeded(detail, now, weight) if success else self._failed(detail, now)
        base = began if began is not None and self._from_start else now
        # At once, but never in the past: a loop shorter than the attempt must not spin.
        self.due = Instant(max(base.ns + self._delay(success=success), now.ns))
        return outcome

    # ---- when -------------------------------------------------------------------------------

    def _delay(self, *, success: bool) -> int:
        timing = self._timing
        if self._pages:
            if self._fast and success and not self._at_rest:
                return 0
            if not success and self._failed_page >= 0:
                return max(timing.delay_before_retry.ns, timing.delay_loop.ns)
            return timing.delay_loop.ns if success else timing.delay_before_retry.ns
        retrying = not success and 0 < self._failures <= timing.retry
        return timing.delay_before_retry.ns if retrying else timing.delay_loop.ns

    @property
    def _at_rest(self) -> bool:
        """Whether it is up, or a round was well and that is not enough: there is no hurry."""
        return (self.up and self.known) or (self._successes > 0 and self.page == 0)

    # ---- what -------------------------------------------------------------------------------

    def _succeeded(self, detail: str, now: Instant, weight: int | None) -> Outcome | None:
        if self._pages and not self._went_round():
            # The rest of the pages is to be had; until something is known one failure is enough.
            self._failures = 0 if self.known else self._timing.retry
            return None
        self._failures = 0
        if self.up and self.known:
            if weight == self._weight:
                return None
            self._weight = weight
            return Outcome(Verdict(self.name, True, weight, detail))
        self._successes += 1
        if not self.up and self._successes < self._timing.rise:
            return None
        if now.ns < self._held_until:
            return None
        self._held_until = self._successes = 0
        self.up = self.known = True
        self._weight = weight
        return Outcome(Verdict(self.name, True, weight, detail))

    def _went_round(self) -> bool:
        """A page was well: whether all are. Says which is next."""
        if self._failed_page >= 0:
            self._failed_page, self.page = -1, 0
            return False
        self.page = (self.page + 1) % self._pages
        return self.page == 0

    def _failed(self, detail: str, now: Instant) -> Outcome | None:
        self._successes = 0
        if self.known and not self.up:
            self._failures = self._failures_of_the_dead()
            return None
        if self._failures < self._timing.retry:
            self._failures += 1
            if not self._timing.log_all_failures:
                return None
            left = self._timing.retry - self._failures + 1
            return Outcome(fact=CheckFailed(self.name, detail, left))
        if self._failures and self.known:
            detail += f", {self._failures + 1} times in a row"
        self._failures, self._weight = 0, None
        self._failed_page = self.page if self._pages else -1
        self.up, self.known = False, True
        held = self._held(now)
        if held is not None:
            detail += f"; stays down for {held.hold.as_seconds():g} s, for it flaps"
        return Outcome(Verdict(self.name, False, None, detail), held)

    def _failures_of_the_dead(self) -> int:
        """SMTP_CHECK asks quickly again even where it is down; nothing else does."""
        if not self._asks_anew:
            return 0
        return self._failures + 1 if self._failures < self._timing.retry else 0

    def _held(self, now: Instant) -> CheckHeldDown | None:
        """It went down: once too often?"""
        if self._falls is None:
            return None
        timing, falls = self._timing, self._falls
        if falls.maxlen != timing.flap_limit + 1:
            falls = self._falls = deque(falls, maxlen=timing.flap_limit + 1)
        falls.append(now.ns)
        if len(falls) <= timing.flap_limit or now.ns - falls[0] > timing.flap_window.ns:
            return None
        self._held_until = now.ns + timing.flap_hold.ns
        span = Duration(now.ns - falls[0])
        return CheckHeldDown(self.name, len(falls), span, timing.flap_hold)


def file_verdict(name: str, check: FileCheck, number: int) -> Verdict:
    """What the number in a file makes of a server. The caller tells it when it changes."""
    if check.weight == 0:
        up = (number != 0) == check.reverse
        return Verdict(name, up, None, f"{number} in the file {check.file}")
    moved = number * (-check.weight if check.reverse else check.weight)
    if moved <= FAULT:
        return Verdict(name, False, None, f"{number} in the file {check.file} moves it by {moved}")
    return Verdict(name, True, moved, f"{number} in the file {check.file}")
