"""Reads all links and addresses in a thread of its own: a dump waits for the kernel's rtnl lock.

Knows one question at a time. Must not know what changed: the monitor compares. 400 links take 30 ms
to read and to decode, and an advert may be due in each of them.
"""

from __future__ import annotations

import os
import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from halod.kernel.process_setup import prepare_worker
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.model.address import IpAddress
from halod.wire import rtnetlink
from halod.wire.netlink import DecodeError, Message
from halod.wire.rtnetlink import AddressMessage, LinkMessage, Type

__all__ = ["SeenLink", "Table", "TableReader", "values_of"]


@dataclass(slots=True)
class SeenLink:
    """One interface as the kernel tells it."""

    name: str
    running: bool
    hardware_address: bytes
    addresses: dict[tuple[IpAddress, int], bool] = field(default_factory=dict)
    """All of them with their prefix lengths, in the kernel's order, virtual ones too; whether each
    may be used yet. A takeover of a thousand is a thousand pieces of news: each must be found at
    once."""

    def has(self, address: IpAddress) -> bool:
        """Whether it stands here, with whatever prefix length."""
        lengths = range(address.max_prefixlen + 1)
        return any((address, length) in self.addresses for length in lengths)


Table = dict[int, SeenLink]
"""By the interface's index."""


class TableReader:
    """A socket, a thread, and the last answer."""

    def __init__(self) -> None:
        self._requests = RtnetlinkSocket()
        self._questions: queue.SimpleQueue[bool] = queue.SimpleQueue()
        """True: read; False: the end."""
        self._answers: deque[Table] = deque()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._thread: threading.Thread | None = None

    def fileno(self) -> int:
        """Readable when an answer is there."""
        return self._wake

    def start(self) -> None:
        """Before the process gives its scheduling up for its children: the thread takes it over."""
        self._thread = threading.Thread(target=self._run, name="tables", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread, and waits until it has let go of the socket."""
        if self._thread is not None:
            self._questions.put(False)
            self._thread.join()
        self._requests.close()
        os.close(self._wake)

    def ask(self) -> None:
        """Has the tables read; never waits."""
        self._questions.put(True)

    def take(self) -> Table | None:
        """The answer to the last question, or None while there is none."""
        try:
            os.eventfd_read(self._wake)
        except BlockingIOError:
            return None
        return self._answers.popleft()

    def read(self) -> Table:
        """Reads them here and now: for the start, when nothing is due yet."""
        links: Table = {}
        for value in values_of(self._requests.dump(Type.GETLINK)):
            if isinstance(value, LinkMessage):
                links[value.index] = SeenLink(value.name, value.running, value.hardware_address)
        for value in values_of(self._requests.dump(Type.GETADDR)):
            if isinstance(value, AddressMessage) and value.index in links:
                links[value.index].addresses[value.address, value.prefix_length] = value.is_ready
        return links

    def _run(self) -> None:
        prepare_worker()
        while self._questions.get():
            self._answers.append(self.read())
            os.eventfd_write(self._wake, 1)


def values_of(batch: Iterable[Message]) -> Iterator[object]:
    """What messages say; those that say nothing intelligible are left out."""
    for message in batch:
        try:
            yield rtnetlink.decode(message)
        except DecodeError:
            continue
