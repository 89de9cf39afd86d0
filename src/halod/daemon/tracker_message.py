"""The word of a tracker as a message: from the runner to the supervisor, and on to the heartbeat.

Knows its fields. Whoever hears it from below checks it (`hearing`); from above it may be believed.
"""

from __future__ import annotations

from halod.daemon.channel import Message
from halod.model.event import TrackerReported
from halod.model.tracking import TrackerId, TrackerKind

__all__ = ["tracker_message", "tracker_of"]


def tracker_message(report: TrackerReported) -> Message:
    """For the channel."""
    return {
        "type": "tracker",
        "kind": report.tracker.kind.value,
        "name": report.tracker.name,
        "up": report.up,
        "value": report.value,
        "detail": report.detail,
    }


def tracker_of(message: Message) -> TrackerReported:
    """What the supervisor handed on."""
    tracker = TrackerId(TrackerKind(message["kind"]), message["name"])
    return TrackerReported(tracker, message["up"], message["value"], message["detail"])
