"""Moves into a network namespace by its name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from halod.kernel.net_namespace import call_inside
from tests.kit.host import Host

pytestmark = pytest.mark.needs_netns


def inode() -> int:
    return os.stat("/proc/thread-self/ns/net").st_ino


def test_a_thread_moves_and_the_others_stay(host: Host) -> None:
    before = inode()
    assert call_inside(host.namespace.name, inode) == host.call(inode) != before
    assert inode() == before


def test_a_name_that_is_none_is_told_with_what_makes_it() -> None:
    with pytest.raises(OSError, match="there is no /run/netns/no-such; `ip netns add no-such`"):
        call_inside("no-such", inode)


def test_a_file_that_is_no_namespace_is_told() -> None:
    with pytest.raises(OSError, match=r"/dev/null is no network namespace"):
        call_inside("../../dev/null", inode)


def test_who_is_there_already_needs_no_right(host: Host) -> None:
    """systemd puts a unit there by `NetworkNamespacePath=`, and then it has no CAP_SYS_ADMIN."""
    assert host.call(lambda: call_inside(host.namespace.name, lambda: Path("/proc/self").exists()))
