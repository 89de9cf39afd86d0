"""The thread that writes leases into nftables: the same tokens and refusals as in the daemon.

A model of `halod.kernel.nft_gate` in virtual time. Knows what makes a token void, that a write may
wait, and that it counts from when the kernel takes it in. Must not know addresses.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from halod.model.event import Event, GateLapsed
from halod.model.units import NS_PER_MILLISECOND, Duration, Instant
from halod.model.vrrp import LeaseMode
from halod.sim.gate import Gate
from halod.sim.machine import Machine

__all__ = ["NftLease"]

TOKEN = Duration.milliseconds(50)
"""How long a write may take from reading the clock, as in the daemon."""
TRIES_MAX = 3


@dataclass(frozen=True, slots=True)
class _Token:
    """What one advert has earned."""

    instance: str
    term: int
    until: Instant
    void_after: Instant

    def left_ms(self, now: Instant) -> int:
        """Timeout to be written at `now`; 0: nothing may be."""
        return (self.until - now).ns // NS_PER_MILLISECOND if now < self.void_after else 0


class NftLease:
    """One thread: one batch at a time."""

    def __init__(self, machine: Machine, report: Callable[[Event], None]) -> None:
        self._machine = machine
        self._report = report
        self._patience: dict[str, Duration] = {}
        self._orders: deque[_Token | str] = deque()
        """A name alone: to be shut."""
        self._live: dict[str, int] = {}
        """Instance to the term whose lease was written last."""
        self._lapsed: dict[str, int] = {}
        self._busy = False
        self._dead = False
        self._stopped: list[Callable[[], None]] | None = None
        """While the process stands still: what the thread has yet to do."""
        self.stop_here: Callable[[], None] | None = None
        """Stops the process between the thread's next look at the clock and its write."""

    # ---- the advert path -------------------------------------------------------------------

    def adopt(self, patience: dict[str, Duration]) -> None:
        """Half an interval for each instance: a token that is older is void."""
        self._patience = patience

    def open(self, instance: str, term: int, until: Instant) -> None:
        """Leaves a token for the thread."""
        void_after = self._now() + self._patience[instance]
        self._orders.append(_Token(instance, term, until, void_after))
        self._next()

    def shut(self, instance: str) -> None:
        """Silences it as soon as the thread gets the lock; the tokens before are void."""
        self._orders.append(instance)
        self._next()

    # ---- the process -----------------------------------------------------------------------

    def kill(self) -> None:
        """The thread ends; what the kernel has begun it finishes."""
        self._dead = True

    def pause(self) -> None:
        self._stopped = []

    def resume(self) -> None:
        waiting, self._stopped = self._stopped or [], None
        for act in waiting:
            act()
        self._next()

    # ---- the thread ------------------------------------------------------------------------

    def _next(self) -> None:
        if self._busy or self._dead or self._stopped is not None or not self._orders:
            return
        newest: dict[str, _Token] = {}
        shut: dict[str, None] = {}
        for order in self._orders:
            if isinstance(order, _Token):
                newest[order.instance] = order
            else:
                newest.pop(order, None)
                shut[order] = None
        self._orders.clear()
        tokens = tuple(newest.values())
        if shut:
            self._ask_kernel(lambda: self._silence(shut), lambda: self._earn(tokens, TRIES_MAX))
        else:
            self._earn(tokens, TRIES_MAX)

    def _silence(self, instances: dict[str, None]) -> None:
        for instance in instances:
            self._lapsed.pop(instance, None)
            if self._live.pop(instance, None) is not None:
                self._gate.shut(instance)

    def _earn(self, tokens: Sequence[_Token], tries: int) -> None:
        """Adds an element that lives TOKEN, reads the clock, and writes what is left."""
        tokens = [t for t in tokens if self._lapsed.get(t.instance) != t.term]
        if not tokens or not tries:
            self._next()
            return
        added_ns: list[int] = []

        def written() -> None:
            now = self._now()
            due = [token for token in tokens if token.left_ms(now) > 0]
            if due:
                self._write(due, now, added_ns[0], tries)
            else:
                self._next()

        self._ask_kernel(lambda: added_ns.append(self._machine.ticks.now_ns), written)

    def _write(self, due: Sequence[_Token], now: Instant, added_ns: int, tries: int) -> None:
        refused: list[_Token] = []
        late: list[bool] = []

        def write() -> None:
            late.append(self._machine.ticks.now_ns - added_ns >= TOKEN.ns)
            refused.extend(
                t for t in due if self._is_live(t) and not self._gate.is_open(t.instance)
            )
            if not late[0] and not refused:
                for token in due:
                    left_ns = token.left_ms(now) * NS_PER_MILLISECOND
                    self._gate.open(token.instance, self._machine.ticks.now_ns + left_ns)

        def answered() -> None:
            if not late[0] and not refused:
                self._live |= {token.instance: token.term for token in due}
                self._next()
                return
            for token in refused:
                del self._live[token.instance]
                self._lapsed[token.instance] = token.term
                self._report(GateLapsed(token.instance, token.term))
            self._earn(due, tries - 1)

        self._ask_kernel(write, answered, stoppable=True)

    def _ask_kernel(
        self, change: Callable[[], None], then: Callable[[], None], *, stoppable: bool = False
    ) -> None:
        """The kernel finishes `change` even for the dead; `then` is for the living."""
        self._busy = True

        def answered() -> None:
            self._busy = False
            then()

        def changed() -> None:
            change()
            if self._stopped is not None:
                self._stopped.append(answered)
            elif not self._dead:
                answered()

        if stoppable and self.stop_here is not None:
            stop, self.stop_here = self.stop_here, None
            stop()
        if self._stopped is not None:
            self._stopped.append(lambda: self._machine.change_rules(changed))
        else:
            self._machine.change_rules(changed)

    def _is_live(self, token: _Token) -> bool:
        """Whether elements of the same term were written."""
        return self._live.get(token.instance) == token.term

    @property
    def _gate(self) -> Gate:
        return self._machine.gates[LeaseMode.NFT]

    def _now(self) -> Instant:
        return Instant(self._machine.boot.now_ns)
