"""Which virtual and which real server an operator means.

Knows how people write them. Must not know what is to be done with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from halod.model.endpoint import Endpoint
from halod.model.virtual_server import RealServer, VirtualServer

__all__ = ["UnknownServerError", "find_servers"]

T = TypeVar("T")
LISTED_MAX = 5
"""Names in an answer."""


class UnknownServerError(Exception):
    """Nobody is meant, or several: the text says who there is."""


def find_servers(
    servers: Sequence[VirtualServer], virtual: str, real: str
) -> tuple[VirtualServer, RealServer]:
    """Raises UnknownServerError."""
    names = [(each, each.title, set(_of_virtual(each))) for each in servers]
    found = _one(names, virtual, "virtual server")
    reals = [(each, str(each.endpoint), set(_of_real(each))) for each in found.real_servers]
    return found, _one(reals, real, f"real server of {found.title}")


def _one(known: Sequence[tuple[T, str, set[str]]], asked: str, what: str) -> T:
    wanted = " ".join(asked.split())
    found = [(each, shown) for each, shown, names in known if wanted in names]
    if len(found) == 1:
        return found[0][0]
    if found:
        several = ", ".join(repr(shown) for _, shown in found[:LISTED_MAX])
        raise UnknownServerError(f"{wanted!r} may be {several}: name one of them")
    everything = {name: shown for _, shown, names in known for name in names}
    # Here alone: what guesses is large, and seldom asked.
    from difflib import get_close_matches

    near = get_close_matches(wanted, everything, 1)
    if near:
        raise UnknownServerError(f"no {what} {wanted!r}: did you mean {everything[near[0]]!r}?")
    listed = ", ".join(repr(shown) for _, shown, _ in known[:LISTED_MAX]) or "none"
    more = len(known) - LISTED_MAX
    raise UnknownServerError(
        f"no {what} {wanted!r}: there is {listed}{f' and {more} more' if more > 0 else ''}"
    )


def _of_virtual(server: VirtualServer) -> Iterator[str]:
    yield from (server.title, server.name)
    kind, _, rest = server.name.partition(" ")
    if kind == "group":
        yield rest
    for key in server.services:
        yield str(key)
        if key.endpoint is not None:
            yield from _of_endpoint(key.endpoint)


def _of_real(server: RealServer) -> Iterator[str]:
    yield str(server.endpoint.address)
    yield from _of_endpoint(server.endpoint)


def _of_endpoint(endpoint: Endpoint) -> Iterator[str]:
    yield str(endpoint)
    yield f"{endpoint.address} {endpoint.port}"
    yield f"{endpoint.address}:{endpoint.port}"
