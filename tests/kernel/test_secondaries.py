"""`promote_secondaries` on a real link: set, followed by a reload, and put back as it was."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from halod.kernel.secondaries import Secondaries
from halod.lab.namespace import Namespace

pytestmark = pytest.mark.needs_netns


@pytest.fixture
def namespace() -> Iterator[Namespace]:
    made = Namespace(f"halod-promote-{os.getpid()}")
    made.create()
    try:
        made.ip_batch(["link add eth0 type veth peer name eth1"])
        yield made
    finally:
        made.delete()


def settings(namespace: Namespace) -> list[str]:
    root = "/proc/sys/net/ipv4/conf"
    paths = [f"{root}/{link}/promote_secondaries" for link in ("eth0", "eth1")]
    return namespace.run("cat", *paths).split()


def test_it_is_put_back_as_it_was(namespace: Namespace, tmp_path: Path) -> None:
    namespace.set_kernel_value("net/ipv4/conf/eth1/promote_secondaries", "1")
    held = Secondaries(str(tmp_path))
    assert namespace.call(lambda: held.hold(["eth0", "eth1", "eth9"])) is None
    assert settings(namespace) == ["1", "1"]
    # A reload that asks for it no longer, but keeps the other.
    assert namespace.call(lambda: held.hold(["eth1"])) is None
    assert settings(namespace) == ["0", "1"]
    assert namespace.call(lambda: held.hold(["eth0", "eth1"])) is None
    # A daemon that was killed leaves it to the next one, which knows by its file.
    assert namespace.call(lambda: Secondaries(str(tmp_path)).restore()) is None
    assert settings(namespace) == ["0", "1"]
