"""The difference between two sets of instances, as the least that must be done.

Knows which changes a running router can take. Must not know routers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from halod.model.vrrp import VrrpInstance

__all__ = ["ReloadPlan", "plan_reload"]

_IDENTITY = ("interface", "virtual_router_id", "version")
"""Fields that make it another virtual router: it stops, and starts anew."""
_UNSPOKEN = frozenset({"password"})
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
    if name == "addresses":
        gone = [f"-{a.address}" for a in old.addresses if a not in new.addresses]
        come = [f"+{a.address}" for a in new.addresses if a not in old.addresses]
        return f"addresses {' '.join(gone + come) or 'reordered'}"
    if name == "garp":
        return "gratuitous ARP changed"
    return f"{words} {_show(getattr(old, name))} -> {_show(getattr(new, name))}"


def _show(value: object) -> str:
    return str(getattr(value, "value", value))
