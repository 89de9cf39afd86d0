"""The lease by nftables, where BPF is refused: a thread that writes what adverts have earned.

nftables knows relative timeouts alone, and writing one may wait for a mutex that others hold long.
So adverts only leave a token here, and a thread writes. The newest token of an instance wins, and
one older than half an interval is void. What is written is what is left until the deadline. That
must not be reckoned long before the kernel takes it in, or the lease would be prolonged by the
wait, or by a SIGSTOP between the two. Therefore each write deletes an element of TOKEN_MS that was
added before the clock was read: a write that comes later than that fails as a whole.

    ┌ add token, TOKEN_MS ┐   read the clock   ┌ delete token; delete, add lease (what is left) ┐

To renew is to delete and to add in one batch. The kernel refuses to delete what has lapsed, and so
a lease that is over stays over: the router is told, and steps down. A new term adds first.

Knows terms, tokens, and what a refusal means. Must not know interfaces nor addresses.
"""

from __future__ import annotations

import errno
import os
import queue
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from halod.kernel.clock import boot_now
from halod.kernel.nfnetlink_socket import Change, NfnetlinkSocket
from halod.kernel.nft_table import NftTable, Repair, lease_changes
from halod.kernel.process_setup import prepare_worker
from halod.model.event import Event, GateLapsed
from halod.model.lateness import Lateness
from halod.model.units import Duration, Instant
from halod.model.vrrp import VrrpInstance
from halod.wire.gate_rules import TOKENS
from halod.wire.lease_elements import Element, encode_elements
from halod.wire.netlink import Flag
from halod.wire.nfnetlink import NftFamily, NftMessage

__all__ = ["TOKEN_MS", "NftGate", "NftGateStats"]

TOKEN_MS = 50
"""How long a write may take; `vrrp.lease` reckons with it. 0.1 ms idle, 24 ms beside huge sets."""
WRITE_MAX = 64
"""Leases in one batch: the more, the longer it holds the mutex itself."""
TRIES_MAX = 3
"""Writes for one round of tokens: after leases that lapsed are left out, after a repair."""
LOOK_EVERY = Duration.seconds(1)
"""Between two looks whether the rules still stand: somebody may have flushed them."""
_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class _Token:
    """What one advert has earned."""

    instance: str
    slot: int
    term: int
    since: Instant
    until: Instant
    void_after: Instant

    def left_ms(self, now: Instant) -> int:
        """Timeout to be written at `now`; 0: nothing may be."""
        return (self.until - now).ns // _NS_PER_MS if now < self.void_after else 0


@dataclass(frozen=True, slots=True)
class _Shut:
    slot: int


@dataclass(frozen=True, slots=True)
class _Restore:
    """The tables were made anew, and no lease is in them."""


_Order = _Token | _Shut | _Restore | None
"""None: the end."""


@dataclass(slots=True)
class NftGateStats:
    """Figures for status; times in seconds."""

    writes: int = 0
    tokens_void: int = 0
    """Came too late to count: the next advert renews."""
    lapses: int = 0
    write_max_s: float = 0.0
    """Longest from reading the clock to the kernel's answer."""


class NftGate:
    """One slot an instance. Numbers are never given twice: what one silenced may still stand."""

    renews_at_once = False

    def __init__(self, table: NftTable) -> None:
        self.table = table
        self.stats = NftGateStats()
        self.renewals = Lateness()
        """From a token to its write; the thread counts."""
        self.report: Callable[[Event], None] = lambda _event: None
        """Where lapses go; set before `start`."""
        self.repaired: Callable[[Repair | OSError], None] = lambda _result: None
        """Told of each look at the rules that found something; set before `start`."""
        self._slots: dict[str, int] = {}
        self._patience: dict[str, Duration] = {}
        self._next = 0
        # Its `put` takes no lock that a thread of ordinary priority could hold.
        self._orders: queue.SimpleQueue[_Order] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="nft lease", daemon=True)
        self._socket: NfnetlinkSocket | None = None
        self._live: dict[int, tuple[_Token, int]] = {}
        """Slot -> what was written last, and into which generation of the tables."""
        self._lapsed: dict[int, int] = {}
        """Slot -> the term that is over."""
        self._token = 0
        self._looked = Instant(0)

    # ---- the advert path -------------------------------------------------------------------

    def start(self) -> None:
        """The thread, which does nothing before the first token."""
        self._thread.start()

    def adopt(self, instances: Collection[VrrpInstance]) -> None:
        """Slots for these; the table gets those that are new with its next repair."""
        names = [instance.name for instance in instances]
        slots = {name: slot for name, slot in self._slots.items() if name in names}
        for name in names:
            if name not in slots:
                slots[name] = self._next
                self._next += 1
        self._patience = {i.name: i.advert_interval // 2 for i in instances}
        # Both replaced, never changed: other threads read them.
        self._slots = slots
        self.table.want(slots.values())

    def open(self, instance: str, term: int, until: Instant) -> None:
        """Leaves a token for the thread."""
        slot = self._slots.get(instance)
        if slot is not None:
            since = boot_now()
            void_after = since + self._patience[instance]
            self._orders.put(_Token(instance, slot, term, since, until, void_after))

    def shut(self, instance: str) -> None:
        """Silences it as soon as the thread gets the mutex; the tokens before are void."""
        slot = self._slots.get(instance)
        if slot is not None:
            self._orders.put(_Shut(slot))

    # ---- the worker ------------------------------------------------------------------------

    def slot(self, instance: str) -> int | None:
        """The slot of an instance; None for one that a reload removed."""
        return self._slots.get(instance)

    def restore(self) -> None:
        """The tables were put back: the leases that are not over go in again."""
        self._orders.put(_Restore())

    def stop(self, seconds: float) -> bool:
        """Ends after the orders that are queued; whether it did in time."""
        self._orders.put(None)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    # ---- the thread ------------------------------------------------------------------------

    def _run(self) -> None:
        prepare_worker()
        ending = False
        while not ending:
            orders = [self._orders.get()]
            while not self._orders.empty():
                orders.append(self._orders.get())
            ending = None in orders
            try:
                self._perform(orders)
            except OSError as error:
                self.repaired(error)
        if self._socket is not None:
            self._socket.close()

    def _perform(self, orders: Sequence[_Order]) -> None:
        newest: dict[int, _Token] = {}
        shut: dict[int, None] = {}
        for order in orders:
            if isinstance(order, _Token):
                newest[order.slot] = order
            elif isinstance(order, _Shut):
                newest.pop(order.slot, None)
                shut[order.slot] = None
        for slot in shut:
            self._silence(slot)
        tokens = list(newest.values())
        for start in range(0, len(tokens), WRITE_MAX):
            some = tokens[start : start + WRITE_MAX]
            self._earn(some)
            done = boot_now()
            for token in some:
                budget = token.void_after - token.since
                self.renewals.add((done - token.since).ns, budget.ns)
        self._look()

    def _silence(self, slot: int) -> None:
        """The end of a term; that its lease lapsed meanwhile is no failure."""
        self._lapsed.pop(slot, None)
        if self._live.pop(slot, None) is not None:
            self._write(lease_changes(NftMessage.DELSETELEM, self.table.name, slot, None))

    def _earn(self, tokens: Sequence[_Token]) -> None:
        """Writes what these have earned, in one batch where nothing is amiss."""
        for _ in range(TRIES_MAX):
            tokens = [t for t in tokens if self._lapsed.get(t.slot) != t.term]
            if not tokens:
                return
            token = self._add_token()
            now = boot_now()
            due = [t for t in tokens if t.left_ms(now) > 0]
            self.stats.tokens_void += len(tokens) - len(due)
            if not due:
                return
            generation = self.table.generation
            changes, owners = self._batch(due, now, token, generation)
            failed = self._write(changes)
            self.stats.write_max_s = max(self.stats.write_max_s, (boot_now() - now).as_seconds())
            if not failed:
                self.stats.writes += 1
                self._live |= {t.slot: (t, generation) for t in due}
                return
            if any(error != errno.ENOENT for error in failed.values()):
                error = next(iter(failed.values()))
                raise OSError(error, f"nftables took no lease: {os.strerror(error)}")
            self._heed_refusal({owners[position] for position in failed} - {None}, generation)
            tokens = due
        self.stats.tokens_void += len(tokens)

    def _batch(
        self, due: Sequence[_Token], now: Instant, token: bytes, generation: int
    ) -> tuple[list[Change], list[_Token | None]]:
        """The changes, and for each whose lease it concerns."""
        changes = list(self._token_changes(NftMessage.DELSETELEM, token, None))
        owners: list[_Token | None] = [None] * len(changes)
        for one in due:
            steps = [NftMessage.DELSETELEM, NftMessage.NEWSETELEM]
            if not self._is_live(one, generation):
                # First a new term, so that there is something to delete.
                steps.insert(0, NftMessage.NEWSETELEM)
            for step in steps:
                timeout = one.left_ms(now) if step is NftMessage.NEWSETELEM else None
                mine = list(lease_changes(step, self.table.name, one.slot, timeout))
                changes += mine
                owners += [one] * len(mine)
        return changes, owners

    def _heed_refusal(self, refused: Collection[_Token | None], generation: int) -> None:
        """ENOENT: the tables are gone, or a slot is not made yet, or these leases have lapsed."""
        repair = self.table.ensure()
        if repair is Repair.PUT_BACK:
            self.repaired(repair)
        if self.table.generation != generation:
            return
        for token in refused:
            if token is not None and self._is_live(token, generation):
                del self._live[token.slot]
                self._lapsed[token.slot] = token.term
                self.stats.lapses += 1
                self.report(GateLapsed(token.instance, token.term))

    def _is_live(self, token: _Token, generation: int) -> bool:
        """Whether elements of the same term were written into the tables as they stand."""
        last = self._live.get(token.slot)
        return last is not None and (last[0].term, last[1]) == (token.term, generation)

    def _look(self) -> None:
        """Looks now and then whether the rules stand; into new ones goes what was earned."""
        now = boot_now()
        if self._live and now - self._looked >= LOOK_EVERY:
            self._looked = now
            repair = self.table.ensure()
            if repair is Repair.PUT_BACK:
                self.repaired(repair)
        generation = self.table.generation
        stale = [token for token, made in self._live.values() if made != generation]
        for start in range(0, len(stale), WRITE_MAX):
            some = stale[start : start + WRITE_MAX]
            # The deadline is what the advert earned: no wait can make it longer.
            self._earn([replace(token, void_after=token.until) for token in some])

    def _add_token(self) -> bytes:
        self._token = (self._token + 1) % (1 << 32)
        key = self._token.to_bytes(4, "big")
        self._write(self._token_changes(NftMessage.NEWSETELEM, key, TOKEN_MS))
        return key

    def _token_changes(self, type_: NftMessage, key: bytes, timeout_ms: int | None) -> list[Change]:
        flags = Flag.CREATE if type_ is NftMessage.NEWSETELEM else 0
        element = Element(key, timeout_ms)
        payloads = encode_elements(NftFamily.INET, self.table.name, TOKENS, [element])
        return [(type_, flags, payload) for payload in payloads]

    def _write(self, changes: Iterable[Change]) -> dict[int, int]:
        if self._socket is None:
            self._socket = NfnetlinkSocket()
        return self._socket.change(changes)
