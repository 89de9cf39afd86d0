"""Python's garbage collector while a great many objects are made that all stay.

Knows when it only costs. Must not know what is made.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["made_to_stay", "without_collector"]


@contextmanager
def without_collector() -> Iterator[None]:
    """Reading a file makes no circles, nor does handing one down, and passes over a million objects
    cost a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def made_to_stay() -> Iterator[None]:
    """The same, and no later pass looks at what was made, nor at what there was before."""
    # While there is little to look at: what is thrown away must not stay too.
    gc.collect()
    with without_collector():
        try:
            yield
        finally:
            gc.freeze()
