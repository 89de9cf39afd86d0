"""A namespace that is held stays itself, whatever becomes of its name."""

import os

import pytest

from halod.lab.namespace import Namespace

pytestmark = pytest.mark.needs_netns

OTHERS = 30
"""Enough for the kernel to give a freed number again: it takes the lowest one."""


def test_nobody_gets_the_number_of_one_that_is_held() -> None:
    """Ending a lab once killed programs of another that had just begun."""
    ended = Namespace(f"halod-ended-{os.getpid()}")
    ended.create()
    others = [Namespace(f"halod-other-{os.getpid()}-{number}") for number in range(OTHERS)]
    with ended.held() as identity:
        ended.delete()
        assert ended.identity() is None
        try:
            for other in others:
                other.create()
            assert identity is not None
            assert identity not in [other.identity() for other in others]
        finally:
            for other in others:
                other.delete()


def test_what_does_not_exist_cannot_be_held() -> None:
    with Namespace("halod-nosuch").held() as identity:
        assert identity is None
