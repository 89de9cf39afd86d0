"""What was seen of this machine, as values.

Knows what the rules of H5 ask for. Must not know how it was seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from halod.model.address import IpAddress, Link

__all__ = ["HostFacts", "ScriptFacts", "StandingAddress"]


@dataclass(frozen=True, slots=True)
class StandingAddress:
    """An address on a link of this machine."""

    interface: str
    address: IpAddress
    ours: bool
    """Whether it carries halod's tag."""


@dataclass(frozen=True, slots=True)
class ScriptFacts:
    """A program that a configuration names."""

    path: str
    """Where it was found, or where it should be."""
    missing: bool = False
    executable: bool = True
    open_to: str = ""
    """Who besides root can change it, and by which part of its path; empty: nobody."""


@dataclass(frozen=True, slots=True)
class HostFacts:
    """Everything that was looked at."""

    links: Mapping[str, Link] = field(default_factory=dict)
    """By name."""
    standing: tuple[StandingAddress, ...] = ()
    scripts: Mapping[str, ScriptFacts] = field(default_factory=dict)
    """By the program as the file names it."""
    ruleset: tuple[Mapping[str, Any], ...] = ()
    """nftables, as `nft -j list ruleset` has it."""
    collision: str | None = None
    """Another daemon that runs one of the file's virtual routers: a sentence."""
    unseen: tuple[str, ...] = ()
    """What could not be looked at, and why."""
