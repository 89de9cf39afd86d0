"""Fixtures of the kernel's tests: each test has a host of its own."""

from collections.abc import Iterator

import pytest

from tests.kit.host import Host, make_host


@pytest.fixture
def host() -> Iterator[Host]:
    """A namespace with the link `ens33`, 192.168.178.130/24; the wire's other end is `far`."""
    with make_host() as made:
        yield made
