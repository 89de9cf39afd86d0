"""Keywords of `vrrp_track_process` and of `track_file`.

Knows types, ranges, levels. Defaults stand in the model, at the field that a keyword sets.
"""

from __future__ import annotations

from halod.config.keywords.kinds import Choice, Flag, Integer, Keyword, Seconds, Section, Text
from halod.config.keywords.kinds import Weight as WeightKind
from halod.config.keywords.known import KNOWN
from halod.model.track_process import ParameterMatch
from halod.model.units import ZERO, Duration

__all__ = ["TRACK_FILE", "VRRP_TRACK_FILE", "VRRP_TRACK_PROCESS"]

WORDS_MAX = 64
"""Parameters of a process that are compared: more than a command line that people read."""
COUNT_MAX = 65535
_DELAY = Seconds(ZERO, Duration.seconds(3600), fractions=True)

VRRP_TRACK_PROCESS = Section(
    name="vrrp_track_process",
    known=KNOWN["vrrp_track_process"],
    keywords={
        "process": Keyword(
            kind=Text(words=WORDS_MAX), sets="VrrpTrackProcess.command", default="it is left out"
        ),
        "param_match": Keyword(
            kind=Choice({each.value: each for each in ParameterMatch if each.value != "exact"}),
            sets="VrrpTrackProcess.match",
            default="parameters are compared as they stand",
        ),
        "full_command": Keyword(kind=Flag(), sets="VrrpTrackProcess.full_command"),
        "weight": Keyword(kind=WeightKind(), sets="VrrpTrackProcess.weight", default="0 counts"),
        "quorum": Keyword(
            kind=Integer(1, COUNT_MAX), sets="VrrpTrackProcess.quorum", default="1 counts"
        ),
        "quorum_max": Keyword(
            kind=Integer(0, COUNT_MAX),
            sets="VrrpTrackProcess.quorum_max",
            default="any number counts",
        ),
        "fork_delay": Keyword(
            kind=_DELAY, sets="VrrpTrackProcess.fork_delay", default="no delay counts"
        ),
        "terminate_delay": Keyword(
            kind=_DELAY, sets="VrrpTrackProcess.terminate_delay", default="no delay counts"
        ),
        "delay": Keyword(
            kind=_DELAY, sets="VrrpTrackProcess.fork_delay", default="no delay counts"
        ),
    },
)

_OF_FILE = {
    "file": Keyword(kind=Text(), sets="VrrpTrackFile.path", default="it is left out"),
    "weight": Keyword(kind=WeightKind(), sets="VrrpTrackFile.weight", default="1 counts"),
    "init_file": Keyword(
        kind=Text(words=2), sets="VrrpTrackFile.init_value", default="0 is written"
    ),
}
TRACK_FILE = Section(name="track_file", known=KNOWN["track_file"], keywords=_OF_FILE)
VRRP_TRACK_FILE = Section(name="vrrp_track_file", known=KNOWN["vrrp_track_file"], keywords=_OF_FILE)
