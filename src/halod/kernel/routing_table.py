"""Routes and rules of an instance in the kernel: set and removed, each kind in one batch.

Knows what is ours: it carries our protocol number. Must not decide when. A route is put in front of
an equal one that stands already, and taken away again alone, as keepalived does: an operator's own
route is neither replaced nor removed.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping

from halod.kernel.route_tables import TableNames
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.model.routing import Route, Routing, Rule, RuleAction
from halod.wire.netlink import Flag
from halod.wire.route_message import encode_route, encode_rule
from halod.wire.rtnetlink import Type

__all__ = ["RoutingTable"]

_GONE = (errno.ESRCH, errno.ENOENT, errno.ENODEV, errno.EADDRNOTAVAIL)
"""Of a removal: it went with its interface or its source, or was never there."""

Encoded = list[tuple[str, bytes]]
"""In words, and as a payload."""


class RoutingTable:
    """The adapter, for one thread."""

    def __init__(self, requests: RtnetlinkSocket, indexes: Mapping[str, int]) -> None:
        """`indexes`: interface name to index; kept by the caller."""
        self._requests = requests
        self._indexes = indexes
        self.tables = TableNames()
        """What names of tables mean."""

    def install(self, routing: Routing) -> list[str]:
        """Sets what does not stand; idempotent. What the kernel refuses, with its reason."""
        routes, refused = self._encode_routes(routing.routes)
        rules, unknown = self._encode_rules(routing.rules)
        # Rules last: what they lead to stands by then.
        refused += self._change(Type.NEWROUTE, Flag.CREATE, routes, (errno.EEXIST,))
        # Two equal rules may stand side by side, but for EXCL.
        exclusive = Flag.CREATE | Flag.EXCL
        refused += self._change(Type.NEWRULE, exclusive, rules, (errno.EEXIST,))
        return refused + unknown

    def remove(self, routing: Routing) -> list[str]:
        """Removes ours; what is gone already is no failure."""
        routes, _ = self._encode_routes(routing.routes)
        rules, _ = self._encode_rules(routing.rules)
        refused = self._change(Type.DELRULE, 0, rules, _GONE)
        # Last to first: one may be the way to the gateway of another.
        return refused + self._change(Type.DELROUTE, 0, routes[::-1], _GONE)

    def _change(
        self, type_: Type, flags: int, encoded: Encoded, harmless: tuple[int, ...]
    ) -> list[str]:
        if not encoded:
            return []
        errors = self._requests.change(type_, flags, [payload for _, payload in encoded])
        return [
            f"{words}: {os.strerror(error)}"
            for (words, _), error in zip(encoded, errors, strict=True)
            if error and error not in harmless
        ]

    def _encode_routes(self, routes: Iterable[Route]) -> tuple[Encoded, list[str]]:
        encoded: Encoded = []
        refused = []
        for route in routes:
            table = self.tables.number(route.table)
            if table is None:
                refused.append(f"{route}: no routing table has the name {route.table}")
                continue
            try:
                encoded.append((str(route), encode_route(route, table, self._indexes)))
            except KeyError as error:
                refused.append(f"{route}: no interface {error.args[0]}")
        return encoded, refused

    def _encode_rules(self, rules: Iterable[Rule]) -> tuple[Encoded, list[str]]:
        encoded: Encoded = []
        refused = []
        for rule in rules:
            table = None if rule.table is None else self.tables.number(rule.table)
            if rule.action is RuleAction.TABLE and table is None and not rule.master:
                refused.append(f"{rule}: no routing table has the name {rule.table}")
                continue
            encoded.append((str(rule), encode_rule(rule, table)))
        return encoded, refused
