"""One attempt on its way: a coroutine, the one socket that it has open, and its deadline.

Knows how a coroutine waits for its socket, and that no wait outlasts the deadline. Must not know
what is asked. Whatever the peer does, a visit ends: each step has a deadline, and each turn of the
loop reads at most READ_MAX bytes of one peer.
"""

from __future__ import annotations

import contextlib
import errno
import select
import socket
import ssl
from collections.abc import Callable, Coroutine, Generator
from types import coroutine

from halod.checker.outcome import CannotAskError, Outcome, span
from halod.checker.reactor import IN, OUT, Reactor
from halod.checker.sockets import host_text, open_socket
from halod.model.check import Connection

__all__ = ["READ_MAX", "DeadlineError", "Visit"]

_ENDED = select.POLLERR | select.POLLHUP
READ_MAX = 65536
"""Bytes taken from one peer in one turn: others have theirs first."""


class DeadlineError(Exception):
    """The step that goes on took too long."""


@coroutine
def _come_back() -> Generator[None, None, None]:
    """Until it is woken."""
    yield


class Visit:
    """To one server. `within()` sets how long all that follows may take."""

    __slots__ = (
        "_armed_ns",
        "_coroutine",
        "_deadline_ns",
        "_done",
        "_is_fresh",
        "_limit_ns",
        "_reactor",
        "_ready",
        "_wanted",
        "began_ns",
        "sock",
        "step",
    )

    def __init__(self, reactor: Reactor) -> None:
        self._reactor = reactor
        self._coroutine: Coroutine[None, None, Outcome] | None = None
        self._done: Callable[[Outcome], None] | None = None
        self.sock: socket.socket | None = None
        self._ready = 0
        """What the socket has told and nobody used up: IN, OUT."""
        self._wanted = 0
        self._is_fresh = False
        """Whether nothing was read in this turn."""
        self.began_ns = 0
        self._deadline_ns = 0
        self._limit_ns = 0
        self._armed_ns = 0
        """When the reactor comes to look at the deadline; 0: it does not."""
        self.step = "answer"
        """What a deadline that passes says there was none of."""

    # ---- its life --------------------------------------------------------------------------

    def start(
        self, asking: Coroutine[None, None, Outcome], done: Callable[[Outcome], None]
    ) -> None:
        """Begins; `done` is called once, with what was found, be it at once."""
        self._coroutine, self._done = asking, done
        self.began_ns = self._reactor.clock()
        self._resume()

    def wake(self, events: int) -> None:
        """Of the reactor."""
        self._ready |= events & (IN | OUT)
        if self._coroutine is not None and (not events or self._ready & self._wanted):
            self._resume()

    def cancel(self) -> None:
        """Nobody wants to know any more: `done` is not called."""
        asking, self._coroutine, self._done = self._coroutine, None, None
        if asking is not None:
            asking.close()
        self.close()

    def _resume(self, error: Exception | None = None) -> None:
        asking = self._coroutine
        assert asking is not None
        self._is_fresh = True
        try:
            if error is None:
                asking.send(None)
            else:
                asking.throw(error)
        except StopIteration as end:
            done, self._coroutine, self._done = self._done, None, None
            self._deadline_ns = 0
            self.close()
            if done is not None:
                done(end.value)

    def _look_at_deadline(self) -> None:
        self._armed_ns = 0
        if self._coroutine is None or not self._deadline_ns:
            return
        deadline_ns = self._deadline_ns
        if self._reactor.clock() >= deadline_ns:
            self._look_once_more()
            if self._coroutine is None:
                return
            if self._deadline_ns == deadline_ns:
                self._resume(DeadlineError(f"no {self.step} within {span(self._limit_ns)}"))
                return
        self._arm()

    def _look_once_more(self) -> None:
        """What has come and was not looked at yet came in time: this process was late, not the
        peer. Once: who sends byte after byte does not win time."""
        if self.sock is not None:
            poller = select.poll()
            poller.register(self.sock, select.POLLIN | select.POLLOUT)
            for _, events in poller.poll(0):
                self.wake(events if not events & _ENDED else events | IN | OUT)

    def _arm(self) -> None:
        self._armed_ns = self._deadline_ns
        self._reactor.at(self._deadline_ns, self._look_at_deadline)

    @property
    def took_ns(self) -> int:
        """Since its start."""
        return self._reactor.clock() - self.began_ns

    # ---- what a checker does with it -------------------------------------------------------

    def within(self, limit_ns: int, step: str) -> None:
        """All that follows is over in that time, or DeadlineError is raised where it waits."""
        self.step, self._limit_ns = step, limit_ns
        self._deadline_ns = self._reactor.clock() + limit_ns
        # One that was set before comes earlier, and looks again.
        if not self._armed_ns:
            self._arm()

    def open(self, connection: Connection, kind: int, protocol: int = 0) -> socket.socket:
        """A socket bound as the file says, not connected yet. CannotAskError where none is."""
        self.close()
        self.sock = open_socket(connection, kind, protocol)
        self._ready = 0
        return self.sock

    async def connect(self, connection: Connection) -> None:
        """A TCP connection. OSError where it is refused."""
        self.within(connection.timeout.ns, "connection")
        sock = self.open(connection, socket.SOCK_STREAM)
        code = sock.connect_ex((host_text(connection.to.address), connection.to.port))
        if code == 0:
            self._reactor.attend(sock.fileno(), self)
            self._ready = OUT
            return
        if code != errno.EINPROGRESS:
            raise OSError(code, "")
        self._reactor.attend(sock.fileno(), self)
        await self._wait(OUT)
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, "")

    def attend(self) -> None:
        """From now on the socket that was opened can be waited for."""
        assert self.sock is not None
        self._reactor.attend(self.sock.fileno(), self)

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> None:
        """A handshake. ssl.SSLError where it fails."""
        assert self.sock is not None
        self.step = "TLS handshake"
        try:
            secured = context.wrap_socket(
                self.sock,
                do_handshake_on_connect=False,
                server_hostname=server_name or None,
            )
        except (UnicodeError, ValueError) as error:
            raise CannotAskError(f"{server_name!r} cannot be a server name: {error}") from None
        self.sock = secured
        while True:
            try:
                secured.do_handshake()
            except ssl.SSLWantReadError:
                await self._used_up(IN)
            except ssl.SSLWantWriteError:
                await self._used_up(OUT)
            else:
                return

    async def send(self, data: bytes) -> None:
        """All of it."""
        sock = self.sock
        assert sock is not None
        while data:
            try:
                sent = sock.send(data)
            except (BlockingIOError, ssl.SSLWantWriteError):
                await self._used_up(OUT)
            except ssl.SSLWantReadError:
                await self._used_up(IN)
            else:
                if sent == len(data):
                    return
                data = data[sent:]

    async def receive(self, maximum: int = READ_MAX) -> bytes:
        """What there is, at least a byte; nothing at the end of the stream."""
        sock = self.sock
        assert sock is not None
        while True:
            if not self._is_fresh:
                # The rest in the next turn.
                self._wanted = IN
                self._reactor.again(self)
                await _come_back()
            if not self._ready & IN:
                await self._wait(IN)
            try:
                data = sock.recv(maximum)
            except (BlockingIOError, ssl.SSLWantReadError):
                await self._used_up(IN)
            except ssl.SSLWantWriteError:
                await self._used_up(OUT)
            else:
                self._is_fresh = False
                return data

    def say_goodbye(self) -> None:
        """TLS' closing alert (RFC 8446, 6.1), which is not waited for."""
        if isinstance(self.sock, ssl.SSLSocket):
            # Its answer has not come yet, or the peer is gone: both are no news.
            with contextlib.suppress(OSError, ValueError):
                self.sock.unwrap()

    def close(self) -> None:
        """The socket goes, be there one or not."""
        sock = self.sock
        if sock is not None:
            self.sock = None
            self._reactor.ignore(sock.fileno())
            sock.close()

    async def _wait(self, events: int) -> None:
        self._wanted = events
        while not self._ready & events:
            await _come_back()

    async def _used_up(self, events: int) -> None:
        self._ready &= ~events
        await self._wait(events)
