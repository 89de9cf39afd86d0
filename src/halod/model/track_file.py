"""A file whose number moves the priority of the instances that mind it.

Knows what was asked for. Must not know how a file is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from halod.model.tracking import TrackerId, TrackerKind

__all__ = ["VrrpTrackFile", "number_in"]

NUMBER_MAX = 2**31 - 1
_NUMBER = re.compile(r"\s*([+-]?[0-9]{1,20})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class VrrpTrackFile:
    """One `track_file`, or `vrrp_track_file`."""

    name: str
    """Name of the block, unique in a file."""
    path: str
    """`file`: the file, which need not exist: then its number is 0."""
    weight: int = 1
    """-253 to 253, for the instances that track it without a weight of their own: the number times
    this is added to the priority; below -253 it is FAULT. 0: any number but 0 is FAULT.
    Default 1."""
    reverse: bool = False
    """`weight N reverse`. Default: as it stands."""
    init_value: int | None = None
    """`init_file [VALUE]`: written into the file at the start, where there is no such file.
    Default: none; of `init_file` alone 0."""
    overwrites: bool = False
    """`init_file ... overwrite`: written whether there is such a file or not. Default: not."""

    @property
    def tracker(self) -> TrackerId:
        """By this name instances track it."""
        return TrackerId(TrackerKind.FILE, self.name)


def number_in(text: str) -> int:
    """The number at the beginning; 0 where there is none (keepalived 2.2.7: `12x` is 12, `abc` is
    0, an empty file too)."""
    match = _NUMBER.match(text)
    return max(-NUMBER_MAX, min(NUMBER_MAX, int(match[1]))) if match else 0
