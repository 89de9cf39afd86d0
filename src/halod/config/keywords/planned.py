"""Sections that do nothing yet: which names may stand in them, and which blocks.

Knows names, so that a slip is told today. Must not know values: nothing acts on them.
"""

from __future__ import annotations

from collections.abc import Mapping

from halod.config.keywords.kinds import Section
from halod.config.keywords.known import KNOWN

__all__ = ["OF_TOP_LEVEL"]

OF_TOP_LEVEL: Mapping[str, Section] = {
    name: Section(name=name, keywords={}, known=KNOWN[name])
    for name in ("bfd_instance", "track_group")
}
"""Of the others, `static_routes` for one, the lines are no keywords."""
