"""The clock that the engine is given, and a timer on it.

Knows CLOCK_BOOTTIME and timerfd(2). Must not know what a deadline means. asyncio's timers wait in
whole milliseconds; this one is exact, and it also counts while the machine sleeps.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable
from functools import partial

from halod.model.units import NS_PER_SECOND, Instant

__all__ = ["Timer", "boot_now", "boot_ns"]

_TFD_TIMER_ABSTIME = 1


class _TimeSpec(ctypes.Structure):
    _fields_ = (("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long))


class _ITimerSpec(ctypes.Structure):
    _fields_ = (("it_interval", _TimeSpec), ("it_value", _TimeSpec))


_libc = ctypes.CDLL(None, use_errno=True)
_libc.timerfd_settime.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


boot_ns: Callable[[], int] = partial(time.clock_gettime_ns, time.CLOCK_BOOTTIME)
"""CLOCK_BOOTTIME in nanoseconds, as a bare number for what is noted of each advert: no function of
Python's, for a call of one costs as much as the clock."""


def boot_now() -> Instant:
    """The same for the engine."""
    return Instant(boot_ns())


class Timer:
    """One timerfd; readable once its deadline has passed."""

    def __init__(self) -> None:
        # os.timerfd_create comes with Python 3.13.
        flags = os.O_NONBLOCK | os.O_CLOEXEC
        self._descriptor: int = _libc.timerfd_create(time.CLOCK_BOOTTIME, flags)
        if self._descriptor < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self.armed: Instant | None = None
        """When it fires; None: it does not."""
        self._spec = _ITimerSpec()
        self._value = self._spec.it_value
        self._pointer = ctypes.byref(self._spec)

    def fileno(self) -> int:
        return self._descriptor

    def arm(self, deadline: Instant | None) -> None:
        """Absolute; one in the past fires at once; None disarms. Unchanged: no system call."""
        if deadline == self.armed:
            return
        self.armed = deadline
        # A zero value would disarm: the first nanosecond of the clock is long past anyway.
        ns = 0 if deadline is None else max(1, deadline.ns)
        self._value.tv_sec, self._value.tv_nsec = divmod(ns, NS_PER_SECOND)
        if _libc.timerfd_settime(self._descriptor, _TFD_TIMER_ABSTIME, self._pointer, None):
            raise OSError(ctypes.get_errno(), "timerfd_settime")

    def acknowledge(self) -> Instant | None:
        """After it fired: not readable any more, and to be armed anew. When it was to fire; None
        where it did not."""
        armed, self.armed = self.armed, None
        try:
            os.read(self._descriptor, 8)
        except BlockingIOError:
            return None
        return armed

    def close(self) -> None:
        os.close(self._descriptor)
