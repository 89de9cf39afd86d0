"""The difference between two sets of instances, as the least that must be done.

Knows which changes a running router can take. Must not know routers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from halod.model.address import VirtualAddress
from halod.model.routing import Routing
from halod.model.unicast import Unicast
from halod.model.vrrp import VrrpInstance

__all__ = ["ReloadPlan", "plan_reload"]

_IDENTITY = ("interface", "virtual_router_id", "version", "vmac", "address_vmacs")
"""Fields that make it another virtual router: it stops, and starts anew."""
_UNTOLD = {"garp": "gratuitous ARP", "notify": "notifications"}
"""Fields of many values, and what they are together."""
_UNSPOKEN = frozenset({"password", "ah_key"})
"""Fields whose values are never told."""


@dataclass(frozen=True, slots=True)
class ReloadPlan:
    """What a reload does, in this order."""

    removed: tuple[tuple[str, str], ...]
    """(name, why): these resign if MASTER, and go."""
    changed: tuple[tuple[VrrpInstance, str], ...]
    """(new configuration, what changed): these keep their state."""
    added: tuple[VrrpInstance, ...]
    """These start."""


def plan_reload(
    running: Mapping[str, VrrpInstance], wanted: tuple[VrrpInstance, ...]
) -> ReloadPlan:
    """Planning after the plan was carried out gives an empty plan."""
    names = {instance.name for instance in wanted}
    removed = [(n, "removed by the reload") for n in running if n not in names]
    changed: list[tuple[VrrpInstance, str]] = []
    added: list[VrrpInstance] = []
    for instance in wanted:
        old = running.get(instance.name)
        if old is None:
            added.append(instance)
            continue
        different = [
            f.name for f in fields(old) if getattr(old, f.name) != getattr(instance, f.name)
        ]
        identity = [name for name in different if name in _IDENTITY]
        if old.ip_version != instance.ip_version:
            identity.append("group")
        if identity:
            removed.append((instance.name, f"restarted: {_describe(old, instance, identity)}"))
            added.append(instance)
        elif different:
            changed.append((instance, f"reloaded: {_describe(old, instance, different)}"))
    return ReloadPlan(tuple(removed), tuple(changed), tuple(added))


def _describe(old: VrrpInstance, new: VrrpInstance, names: list[str]) -> str:
    return ", ".join(_describe_field(old, new, name) for name in names)


def _describe_field(old: VrrpInstance, new: VrrpInstance, name: str) -> str:
    words = name.replace("_", " ")
    if name in _UNSPOKEN:
        return f"{words} changed"
    if name in ("addresses", "excluded"):
        before: tuple[VirtualAddress, ...] = getattr(old, name)
        after: tuple[VirtualAddress, ...] = getattr(new, name)
        gone = [f"-{a.address}" for a in before if a not in after]
        come = [f"+{a.address}" for a in after if a not in before]
        what = "addresses" if name == "addresses" else "excluded addresses"
        return f"{what} {' '.join(gone + come) or 'reordered'}"
    if name == "trackers":
        lost = [f"-{t.tracker}" for t in old.trackers if t not in new.trackers]
        won = [f"+{t.tracker}" for t in new.trackers if t not in old.trackers]
        return f"trackers {', '.join(lost + won) or 'reordered'}"
    if name in _UNTOLD:
        return f"{_UNTOLD[name]} changed"
    if name == "routing":
        return _describe_routing(old.routing, new.routing)
    if name == "unicast":
        return _describe_unicast(old.unicast, new.unicast)
    return f"{words} {_show(getattr(old, name))} -> {_show(getattr(new, name))}"


def _describe_routing(old: Routing, new: Routing) -> str:
    gone, come = old.without(new), new.without(old)
    told = [f"-{each}" for each in (*gone.routes, *gone.rules)]
    told += [f"+{each}" for each in (*come.routes, *come.rules)]
    return f"routes and rules {', '.join(told) or 'reordered'}"


def _describe_unicast(old: Unicast | None, new: Unicast | None) -> str:
    if old is None or new is None:
        return "unicast -> multicast" if new is None else "multicast -> unicast"
    gone = [f"-{peer.address}" for peer in old.peers if new.peer(peer.address) is None]
    come = [f"+{peer.address}" for peer in new.peers if old.peer(peer.address) is None]
    return f"unicast peers {' '.join(gone + come)}" if gone or come else "unicast changed"


def _show(value: object) -> str:
    return str(getattr(value, "value", value))
