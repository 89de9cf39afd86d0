"""Keeps the rules of `no_accept` standing: a thread that makes them, and looks now and then.

Knows when to look. Must not know the rules, nor which instance an address is of. What cannot be
done is told as a trouble: then the addresses answer, as under a keepalived without its firewall.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from halod.kernel.deaf_table import DeafTable
from halod.kernel.nft_table import Repair
from halod.model.address import VirtualAddress

__all__ = ["DeafKeeper"]

SUBJECT = "no_accept"
LOOK_EVERY_S = 1.0
"""Between two looks whether the rules still stand: somebody may have flushed them."""
RETRY_EVERY_S = 10.0
"""After a refusal: a program that is missing may be installed."""

_Addresses = tuple[VirtualAddress, ...]


class DeafKeeper:
    """Starts its thread when the first address is to be kept deaf."""

    def __init__(self, table: DeafTable, trouble: Callable[[str, str], None]) -> None:
        """`trouble`: takes (subject, reason, empty where it works again), from any thread."""
        self._table = table
        self._trouble = trouble
        self._wanted: _Addresses = ()
        self._orders: queue.SimpleQueue[_Addresses | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="no_accept", daemon=True)
        self._started = False

    def start(self) -> None:
        """The rules stand when this returns, or it was told why not: no address is there before.
        Waits for nft: before the first advert, never later."""
        self._started = True
        if self._wanted:
            self._look()
            self._thread.start()

    def want(self, addresses: _Addresses) -> None:
        """These answer nobody from soon on, and no others; never waits."""
        if addresses == self._wanted:
            return
        self._wanted = addresses
        if self._started:
            self._orders.put(addresses)
            if not self._thread.is_alive():
                self._thread.start()

    def stop(self, seconds: float) -> None:
        """Removes the rules, when the addresses are gone."""
        if self._thread.is_alive():
            self._orders.put(None)
            self._thread.join(seconds)

    # ---- the thread ------------------------------------------------------------------------

    def _run(self) -> None:
        wait_s: float | None = LOOK_EVERY_S
        while True:
            try:
                order = self._orders.get(timeout=wait_s)
            except queue.Empty:
                order = self._wanted
            if order is None:
                break
            worked = self._look()
            wait_s = (LOOK_EVERY_S if worked else RETRY_EVERY_S) if self._wanted else None
        try:
            self._table.remove()
        except OSError as error:
            self._trouble(SUBJECT, f"the rules stay ({error.strerror})")

    def _look(self) -> bool:
        try:
            repair = self._table.ensure(self._wanted)
        except OSError as error:
            self._trouble(SUBJECT, f"the addresses answer, for want of rules: {error.strerror}")
            return False
        removed = repair is Repair.PUT_BACK
        self._trouble(SUBJECT, "somebody removed the rules: they are back" if removed else "")
        return True
