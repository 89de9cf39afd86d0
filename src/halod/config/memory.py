"""What one reading of a file leaves for the next: blocks that say what they said are passed over.

Knows what an answer depends on: the lines of a block, the words behind its keyword, and all that
holds for every virtual server of the file. Must not know what a line says, nor that a file changed.
"""

from __future__ import annotations

from halod.config.body import Bodies, Body
from halod.config.tree import Statement, Unread
from halod.model.virtual_server import VirtualServer

__all__ = ["Memory"]

_Key = tuple[Body, tuple[str, ...]]
"""The lines of a block, and the words behind its keyword."""


class Memory:
    """Of one daemon, for one file after the other."""

    def __init__(self) -> None:
        self.bodies = Bodies()
        self._around: object = None
        self._old: dict[_Key, VirtualServer] = {}
        self._met: dict[_Key, VirtualServer] = {}

    def begin(self) -> None:
        """A reading. What the one before did not meet is forgotten; one that broke off before
        its virtual servers costs nothing."""
        self.bodies.age()
        if self._met:
            self._old, self._met = self._met, {}

    def around(self, everything: object) -> None:
        """All that virtual servers depend on beside their own lines; where it is other than before
        nothing that was remembered of them holds."""
        if everything != self._around:
            self._old = {}
            self._around = everything

    def server(self, block: Statement) -> VirtualServer | None:
        """What a block became, and nothing was told of it; None: it is to be read."""
        if block.body is None:
            return None
        key = _key(block, block.body)
        found = self._old.get(key)
        if found is not None:
            self._met[key] = found
            if isinstance(block.children, Unread):
                # One whose lines were taken apart is large.
                self.bodies.keep(block)
        return found

    def keep(self, block: Statement, server: VirtualServer) -> None:
        """What a block became, of which nothing was told."""
        if block.body is not None:
            self._met[_key(block, block.body)] = server


def _key(block: Statement, body: Body) -> _Key:
    return body, tuple([word.text for word in block.arguments])
