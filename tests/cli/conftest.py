"""What the tests of running daemons share. Knows one fixture."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kit.node import Node, make_node


@pytest.fixture
def node() -> Iterator[Node]:
    """A host of its own, with no daemon on it yet."""
    with make_node() as made:
        yield made
