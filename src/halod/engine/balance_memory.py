"""What the balance engine remembers from one life to the next, as plain data for JSON.

Knows what is worth remembering: what would flap, or be told twice, if it were forgotten. Must not
know where it is kept. Instants are those of this boot (CLOCK_BOOTTIME): it must not outlive it.

Small where all is well: only checks that are not simply up are named, and a digest says which
checks the rest are.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from halod.balance.pool import Pool
from halod.model.balance_event import Admin
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.units import Instant

__all__ = [
    "Remembered",
    "digest_of",
    "key_data",
    "orders_data",
    "pool_data",
    "remembered",
    "restore",
]

VERSION = 1


@dataclass(frozen=True, slots=True)
class Remembered:
    """A memory that was understood."""

    made: frozenset[ServiceKey] = frozenset()
    """Services that halod made."""
    pools: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Title to `pool_data`."""
    orders: Mapping[tuple[str, Endpoint], tuple[Admin, Instant | None]] = field(
        default_factory=dict
    )
    """Title and server to what was ordered, and when it ends."""


def remembered(memory: Mapping[str, Any]) -> Remembered:
    """What `memory` says. What cannot be understood, of another version say, is nothing."""
    if memory.get("version") != VERSION:
        return Remembered()
    try:
        return Remembered(
            frozenset(map(_key_of, memory["made"])),
            {str(title): _checked(data) for title, data in memory["servers"].items()},
            dict(map(_order_of, memory["orders"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return Remembered()


def _checked(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises where it is not what `pool_data` makes."""
    for flag in ("quorum", "sorry", "told"):
        if not isinstance(data[flag], bool):
            raise TypeError(flag)
    if not isinstance(data["digest"], int):
        raise TypeError("digest")
    if not all(isinstance(name, str) for name in data["untold"]):
        raise TypeError("untold")
    for up, known, weight, detail in data["checks"].values():
        if not (isinstance(up, bool) and isinstance(known, bool) and isinstance(detail, str)):
            raise TypeError("checks")
        if weight is not None and not isinstance(weight, int):
            raise TypeError("weight")
    return data


def key_data(key: ServiceKey) -> list[Any]:
    """One service."""
    endpoint = key.endpoint
    return [
        key.family,
        key.protocol.value if key.protocol else 0,
        str(endpoint.address) if endpoint else "",
        endpoint.port if endpoint else 0,
        key.mark,
    ]


def _key_of(data: list[Any]) -> ServiceKey:
    family, protocol, address, port, mark = data
    endpoint = Endpoint(ip_address(address), int(port)) if address else None
    return ServiceKey(int(family), Protocol(protocol) if protocol else None, endpoint, int(mark))


def orders_data(pools: Iterable[Pool]) -> list[list[Any]]:
    """Every order in force."""
    return [
        [
            pool.title,
            str(endpoint.address),
            endpoint.port,
            member.admin.value,
            member.admin_ends.ns if member.admin_ends else None,
        ]
        for pool in pools
        for endpoint, member in pool.members.items()
        if member.admin is not Admin.ENABLED
    ]


def _order_of(data: list[Any]) -> tuple[tuple[str, Endpoint], tuple[Admin, Instant | None]]:
    title, address, port, order, ends = data
    place = str(title), Endpoint(ip_address(address), int(port))
    return place, (Admin(order), None if ends is None else Instant(int(ends)))


def pool_data(pool: Pool, digest: int) -> dict[str, Any]:
    """One virtual server; `digest`: that of `digest_of`."""
    checks: dict[str, list[Any]] = {}
    for endpoint, member in pool.members.items():
        for number, state in enumerate(member.checks):
            if not (state.up and state.known and state.weight is None):
                checks[f"{endpoint} {number}"] = [
                    state.up,
                    state.known,
                    state.weight,
                    state.detail,
                ]
    return {
        "quorum": pool.quorum_up,
        "sorry": pool.sorry_serves,
        "told": pool.told_down,
        "digest": digest,
        "checks": checks,
        "untold": [
            str(endpoint)
            for endpoint, member in pool.members.items()
            if not (member.was_alive or member.told_down)
        ],
    }


def digest_of(pool: Pool) -> int:
    """Of which servers and checks it has: it changes with the configuration alone."""
    names = [
        f"{endpoint} {number} {type(state.check).__name__}"
        for endpoint, member in pool.members.items()
        for number, state in enumerate(member.checks)
    ]
    return zlib.crc32("\n".join(names).encode())


def restore(pool: Pool, memory: Remembered) -> frozenset[Endpoint]:
    """Makes a new pool what it was; whose first state has been told before."""
    for endpoint, member in pool.members.items():
        order = memory.orders.get((pool.title, endpoint))
        if order is not None:
            member.order(*order)
    data = memory.pools.get(pool.title)
    if data is None:
        return frozenset()
    same = data["digest"] == digest_of(pool)
    for endpoint, member in pool.members.items():
        for number, state in enumerate(member.checks):
            found = data["checks"].get(f"{endpoint} {number}")
            if found is not None:
                state.up, state.known, state.weight, state.detail = found
            elif same:
                state.up = state.known = True
            if not state.up:
                member.last_failure = state.detail
            state.move(member.config.weight)
        member.count()
        member.was_alive = member.alive
        member.told_down = not member.alive and str(endpoint) not in data["untold"]
    pool.quorum_up, pool.told_down = data["quorum"], data["told"]
    pool.sorry_serves = data["sorry"] and pool.config.sorry_server is not None
    return frozenset(pool.members)
