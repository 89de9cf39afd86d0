"""Which tests share a worker of pytest-xdist: what computes must not crowd out what waits.

Knows the folders of the tests. Must not know a test. A test that plays nodes waits nearly all of
its time for timers of seconds, so many of them run at a time; one that computes wants a core for
itself, so there are as many rows of those as there are cores.
"""

import os
from zlib import crc32

from xdist.scheduler.loadscope import LoadScopeScheduling

__all__ = ["CoresAndWaiters", "niceness_of", "row_of"]

WAITING = (
    *(
        f"tests/{folder}/"
        for folder in ("daemon", "e2e", "interop", "kernel", "lab", "matrix", "realworld", "traces")
    ),
    "tests/cli/test_haloctl.py",
    "tests/cli/test_vrid.py",
)
"""Tests that play in the kernel; each of them is a row of its own."""

TOGETHER = (
    "tests/e2e/test_lease.py",
    "tests/daemon/test_control.py",
    "tests/cli/test_haloctl.py",
)
"""Files whose tests share what one of them has made: in two workers it would be made twice."""

MEASURED = "tests/e2e/test_beside_keepalived.py"
MEASURED_ROWS = 2
"""Faults that are measured at a time: each runs two labs, and they must not disturb each other."""

BOOTING = ("tests/kernel/test_ipvs.py", "tests/lab/test_uml.py")
BOOT_ROWS = 2
"""Kernels of their own at a time: each computes for 10 s and more, and stands among tests that
wait. In rows they begin early, and none of them is what the end of a run waits for."""

CORES = os.cpu_count() or 1


COMPUTING_NICENESS = 15
"""Of tests that compute, while others wait for timers: a command that holds the kernel's one rtnl
lock must not wait for the processor, for every address on the machine is put up under that lock."""


def niceness_of(test: str) -> int:
    """0 to 19, as nice(2)."""
    return 0 if test.startswith(WAITING) else COMPUTING_NICENESS


def row_of(test: str) -> str:
    """The tests of one row run one after the other in one worker."""
    number = crc32(test.encode())
    if test.startswith(MEASURED):
        return f"measured {number % MEASURED_ROWS}"
    if test.startswith(BOOTING):
        return f"boot {number % BOOT_ROWS}"
    if test.startswith(TOGETHER):
        return test.partition("::")[0]
    if test.startswith(WAITING):
        return test
    return f"core {number % CORES}"


class CoresAndWaiters(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Rows go to workers as these become free, the longest row first."""

    def _split_scope(self, nodeid: str) -> str:
        return row_of(nodeid)
