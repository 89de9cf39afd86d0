"""One instance as keepalived's dumps show it: the configuration beside what the heartbeat said.

Knows which figure of the view stands for which of keepalived. Must not know a file format. The view
comes from a child, which is less trusted: a figure that is none counts as 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from halod.model.configuration import Configuration
from halod.model.drop import DropReason
from halod.model.vrrp import VrrpInstance

__all__ = ["COUNTERS", "STATES", "Counters", "Figures", "figures_of"]

STATES = {"INIT": 0, "BACKUP": 1, "MASTER": 2, "FAULT": 3}
"""keepalived's numbers."""

COUNTERS: Mapping[str, tuple[str | DropReason, ...]] = {
    "advert_rcvd": ("adverts_received",),
    "advert_sent": ("adverts_sent",),
    "become_master": ("term",),
    "release_master": ("masterships_ended",),
    "packet_len_err": (DropReason.TOO_SHORT, DropReason.TOO_LONG),
    "advert_interval_err": (DropReason.INTERVAL_MISMATCH, DropReason.INTERVAL_ZERO),
    "ip_ttl_err": (DropReason.BAD_TTL,),
    "invalid_type_rcvd": (DropReason.BAD_TYPE,),
    # An advert with another list counts here, as with keepalived from 2.3.3 on: it is no error.
    "addr_list_err": (),
    # A type that nobody has is told as a mismatch.
    "invalid_authtype": (),
    "authtype_mismatch": (DropReason.AUTH_TYPE_MISMATCH,),
    "auth_failure": (DropReason.AUTH_FAILED, DropReason.BAD_CHECK_VALUE),
    "pri_zero_rcvd": ("resignations_received",),
    "pri_zero_sent": ("resignations_sent",),
}
"""keepalived's name -> figures of the view, or reasons to drop, that are summed."""

SECONDS_MAX = 1e9
"""About 30 years: more than a machine runs, and no date that cannot be written."""

Counters = dict[str, int]
"""By keepalived's names, in its order."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One instance at the moment of a dump."""

    config: VrrpInstance
    state: str
    """INIT, BACKUP, MASTER or FAULT."""
    priority_effective: int
    master_address: str
    """The master that is followed; empty where there is none."""
    master_priority: int
    """Of the master that is followed; 0 where there is none."""
    master_interval_s: float
    """Between its adverts."""
    master_down_s: float
    """Until Master_Down_Timer fires; 0: it is not armed."""
    own_address: str
    holds_addresses: bool
    changed_at_s: float
    """Seconds since 1970 when it came into its state."""
    counters: Counters


def figures_of(
    configuration: Configuration,
    view: Mapping[str, Any],
    cleared: Mapping[str, Counters],
    now_s: float,
) -> tuple[Figures, ...]:
    """Every instance, in the order of the file; `now_s`: seconds since 1970.

    `cleared`: counters at the last SIGRTMAX-1, by instance, which count as 0.
    """
    shown = {_word(each.get("name")): each for each in _mappings(view.get("instances"))}
    return tuple(
        _figures(instance, shown.get(instance.name, {}), cleared.get(instance.name, {}), now_s)
        for instance in configuration.instances
    )


def _figures(
    config: VrrpInstance, shown: Mapping[str, Any], cleared: Counters, now_s: float
) -> Figures:
    state = shown.get("state")
    follows = state != "MASTER"
    interval = _number(shown.get("master_interval_s")) if follows else 0
    return Figures(
        config=config,
        state=state if isinstance(state, str) and state in STATES else "INIT",
        priority_effective=_count(shown.get("priority")) or config.priority,
        master_address=_word(shown.get("master")) if follows else "",
        master_priority=_count(shown.get("master_priority")) if follows else 0,
        master_interval_s=interval or config.advert_interval.as_seconds(),
        master_down_s=_number(shown.get("master_down_in_s")),
        own_address=_word(shown.get("own_address")),
        holds_addresses=shown.get("holds_addresses") is True,
        changed_at_s=now_s - _number(shown.get("in_state_s")),
        counters=_since(_counters(shown), cleared),
    )


def _counters(shown: Mapping[str, Any]) -> Counters:
    dropped = shown.get("adverts_dropped")
    by_reason = dropped if isinstance(dropped, dict) else {}
    return {
        name: sum(
            _count(by_reason.get(part.value) if isinstance(part, DropReason) else shown.get(part))
            for part in parts
        )
        for name, parts in COUNTERS.items()
    }


def _since(counters: Counters, cleared: Counters) -> Counters:
    """Those of a router that was restarted meanwhile are smaller: all of them count."""
    return {
        name: count - before if count >= (before := cleared.get(name, 0)) else count
        for name, count in counters.items()
    }


def _mappings(found: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(found, Sequence):
        yield from (each for each in found if isinstance(each, dict))


def _word(found: object) -> str:
    return found if isinstance(found, str) else ""


def _count(found: object) -> int:
    return found if isinstance(found, int) and found >= 0 else 0


def _number(found: object) -> float:
    """Seconds, of which none is more than a life: else there is no such date."""
    return found if isinstance(found, int | float) and 0 <= found < SECONDS_MAX else 0
