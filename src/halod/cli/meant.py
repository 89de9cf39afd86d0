"""What an operator means by a name: instances and servers, by their names and by their addresses.

Knows the daemon's answer and how people write addresses. Must not print.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Meant", "meant_by", "nothing_meant"]

LISTED_MAX = 5
"""Names in an error."""
View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Meant:
    """Everything that has this name; an address may be an instance's and a virtual server's."""

    instances: list[View]
    virtual_servers: list[View]
    """Meant as a whole."""
    real_servers: list[tuple[View, View]]
    """Each behind its virtual server, which is not meant itself."""

    def __bool__(self) -> bool:
        return bool(self.instances or self.virtual_servers or self.real_servers)


def meant_by(answer: View, name: str) -> Meant:
    """`answer`: of `status`."""
    wanted = " ".join(name.split())
    servers = answer["virtual_servers"]
    virtual = [each for each in servers if wanted in _of_virtual(each)]
    return Meant(
        [each for each in answer["instances"] if wanted in _of_instance(each)],
        virtual,
        [
            (each, real)
            for each in servers
            if each not in virtual
            for real in each["real_servers"]
            if wanted in _of_endpoint(real["address"])
        ],
    )


def nothing_meant(answer: View, name: str) -> str:
    """Why there is nothing, with what is nearest."""
    servers = answer["virtual_servers"]
    reals = [real for each in servers for real in each["real_servers"]]
    known = [n for each in answer["instances"] for n in _of_instance(each)]
    known += [n for each in servers for n in _of_virtual(each)]
    known += [n for real in reals for n in _of_endpoint(real["address"])]
    near = difflib.get_close_matches(name, known, 1)
    if near:
        return f"nothing here is called {name}: did you mean {near[0]}?"
    names = [each["name"] for each in (*answer["instances"], *servers)]
    more = len(names) - LISTED_MAX
    listed = ", ".join(names[:LISTED_MAX]) or "none"
    return (
        f"nothing here is called {name}: there is {listed}{f' and {more} more' if more > 0 else ''}"
    )


def _of_instance(view: View) -> Iterator[str]:
    yield view["name"]
    for address in (*view["addresses"], *view["excluded_addresses"]):
        prefix = address.split()[0]
        yield prefix
        yield prefix.partition("/")[0]


def _of_virtual(server: View) -> Iterator[str]:
    """`192.0.2.9 80 tcp`, `[192.0.2.9]:tcp:80`, `192.0.2.9:80`, `192.0.2.9 80`, `192.0.2.9`."""
    yield server["name"]
    kind, _, rest = server["name"].partition(" ")
    if kind == "group":
        yield rest
    for service in server["services"]:
        yield service
        address, _, rest = service.removeprefix("[").partition("]:")
        protocol, _, port = rest.partition(":")
        if port:
            yield f"{address} {port} {protocol}"
            yield from _of_endpoint(f"[{address}]:{port}")


def _of_endpoint(shown: str) -> Iterator[str]:
    """`10.0.0.9:80`, `10.0.0.9 80` and `10.0.0.9` for `[10.0.0.9]:80`."""
    yield shown
    address, _, port = shown.removeprefix("[").partition("]:")
    yield f"{address}:{port}"
    yield f"{address} {port}"
    yield address
