"""Counts flows for who asks, beside what else the process does.

Knows the dumps that it takes. Must not know services. A hundred thousand flows take a second or
two: they are counted in a thread, and whoever asks waits a little, or gets what was counted last.
"""

from __future__ import annotations

import errno
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from halod.kernel.nfnetlink_socket import NfnetlinkSocket
from halod.wire import flow_tally
from halod.wire.conntrack import GET
from halod.wire.flow_tally import FlowEnds
from halod.wire.netlink import DecodeError
from halod.wire.nfnetlink import NftFamily, NftMessage, elements_query

__all__ = ["FlowTally", "Tally"]

PATIENCE_S = 0.2
"""Some ten thousand flows; verdicts wait as long."""
_VERSIONS = (4, 6)


@dataclass(frozen=True, slots=True)
class Tally:
    """Flows that are established, and the others."""

    translated: Mapping[FlowEnds, tuple[int, int]] = field(default_factory=dict)
    """Of NAT."""
    direct: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """Of DR, by the number of the server."""


class FlowTally:
    """Of the network namespace in which it is made; for one thread that asks."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._connection = NfnetlinkSocket()
        self._thread: threading.Thread | None = None
        self._wanted, self._done = threading.Event(), threading.Event()
        self._translated = self._direct = False
        self._is_over = False
        self._last: Tally | None = None
        self._failure: OSError | None = None

    def look(self, *, translated: bool, direct: bool) -> Tally | None:
        """What is there, of the kinds that are asked for, or what was there when it was last
        counted; None: it is being counted for the first time. Raises OSError."""
        self._translated, self._direct = translated, direct
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="flows", daemon=True)
            self._thread.start()
        if not self._wanted.is_set():
            self._done.clear()
            self._wanted.set()
        self._done.wait(PATIENCE_S)
        if self._failure is not None:
            raise self._failure
        return self._last

    def close(self) -> None:
        """A count that goes on is left to its end."""
        if self._thread is None:
            self._connection.close()
            return
        self._is_over = True
        self._wanted.set()

    # ---- the thread ------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            if self._is_over:
                self._connection.close()
                return
            self._failure = None
            try:
                self._last = Tally(
                    self._count_translated() if self._translated else {},
                    self._count_direct() if self._direct else {},
                )
            except DecodeError as error:
                self._failure = OSError(errno.EBADMSG, f"flows cannot be counted: {error}")
            except OSError as error:
                self._failure = error
            self._wanted.clear()
            self._done.set()

    def _count_direct(self) -> dict[int, tuple[int, int]]:
        counted: dict[bool, Counter[int]] = {True: Counter(), False: Counter()}
        for name, is_active in flow_tally.FLOW_MAPS:
            for version in _VERSIONS:
                query = elements_query(NftFamily.NETDEV, self._table, f"{name}{version}")
                for message in self._connection.dump_each(NftMessage.GETSETELEM, query):
                    flow_tally.count_direct(message.payload, counted[is_active])
        numbers = counted[True].keys() | counted[False].keys()
        return {number: (counted[True][number], counted[False][number]) for number in numbers}

    def _count_translated(self) -> dict[FlowEnds, tuple[int, int]]:
        counted: Counter[tuple[bytes, bool]] = Counter()
        for version in _VERSIONS:
            for message in self._connection.dump_each(GET, flow_tally.encode_translated(version)):
                flow_tally.count_translated(message.payload, counted)
        return {
            flow_tally.read_ends(key): (counted[key, True], counted[key, False])
            for key in {key for key, _ in counted}
        }
