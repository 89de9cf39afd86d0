"""What the instances of one file have in common while they are lowered.

Knows scripts, the numbers of rules, and where other files are read. Must not know an instance.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from halod.config.language.surroundings import SourceLoader
from halod.config.lowering.observed import Observed
from halod.config.lowering.rule import Preferences
from halod.config.lowering.script import Scripts
from halod.config.lowering.vmac import VmacNames

__all__ = ["Shared"]


@dataclass(frozen=True, slots=True)
class Shared:
    """One of a file."""

    loader: SourceLoader
    """Reads key files."""
    scripts: Scripts
    """What `track_script` may name."""
    observed: Observed
    """What `track_process` and `track_file` may name."""
    vmac_names: VmacNames = field(default_factory=VmacNames)
    """Of the links with a virtual MAC."""
    preferences: Preferences = field(default_factory=Preferences)
    """Of rules that name none."""
