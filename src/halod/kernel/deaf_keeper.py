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
from halod.kernel.process_setup import prepare_worker
from halod.model.address import VirtualAddress

__all__ = ["DeafKeeper"]

SUBJECT = "no_accept"
LOOK_EVERY_S = 1.0
"""Between two looks whether the rules still stand: somebody may have flushed them."""
START_WITHIN_S = 1.0
"""nft takes 3 ms. A start that waits longer would look like one that hangs."""
RETRY_EVERY_S = 10.0
"""After a refusal: a program that is missing may be installed."""

_Addresses = tuple[VirtualAddress, ...]


class DeafKeeper:
    """One thread, which does nothing before the first address that is to be kept deaf."""

    def __init__(self, table: DeafTable, trouble: Callable[[str, str], None]) -> None:
        """`trouble`: takes (subject, reason, empty where it works again), from any thread."""
        self._table = table
        self._trouble = trouble
        self._wanted: _Addresses = ()
        self._orders: queue.SimpleQueue[_Addresses | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="no_accept", daemon=True)
        self._looked = threading.Event()

    def start(self) -> None:
        """The rules stand when this returns, unless nft is slow or refuses.

        So no address is there before. Always a thread: one that begins later would have no part in
        the process's real time, and could keep the loop from the interpreter.
        """
        self._thread.start()
        if self._wanted:
            self._looked.wait(START_WITHIN_S)

    def want(self, addresses: _Addresses) -> None:
        """These answer nobody from soon on, and no others; never waits."""
        if addresses == self._wanted:
            return
        self._wanted = addresses
        self._orders.put(addresses)

    def stop(self, seconds: float) -> None:
        """Removes the rules, when the addresses are gone."""
        if self._thread.is_alive():
            self._orders.put(None)
            self._thread.join(seconds)

    # ---- the thread ------------------------------------------------------------------------

    def _run(self) -> None:
        prepare_worker()
        wait_s: float | None = None
        while True:
            try:
                order = self._orders.get(timeout=wait_s)
            except queue.Empty:
                order = self._wanted
            if order is None:
                break
            worked = self._look()
            self._looked.set()
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
