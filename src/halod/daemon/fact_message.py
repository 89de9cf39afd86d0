"""What a child says for the log, as a message to the supervisor.

Knows its fields, which `hearing` checks. Must not know what is worth a line.
"""

from __future__ import annotations

from typing import Protocol

from halod.daemon.channel import Message
from halod.daemon.fault import cause_of
from halod.model.fact import Fact, Severity

__all__ = ["fact_message", "last_words", "line_message"]


class Line(Protocol):
    """A fact of another kind than those of VRRP, which alone the heartbeat loads."""

    @property
    def severity(self) -> Severity: ...
    @property
    def instance(self) -> str: ...
    def sentence(self) -> str: ...


def fact_message(fact: Fact | Line) -> Message:
    """One line."""
    return _message(fact.severity, fact.sentence(), type(fact).__name__, fact.instance)


def line_message(severity: Severity, text: str) -> Message:
    """One line that is about no instance."""
    return _message(severity, text, "Told", "")


def last_words(process: str, error: Exception) -> Message:
    """Of a child that ends with a fault of its own."""
    text = f"the {process} broke: {cause_of(error)}"
    return _message(Severity.ALERT, text, f"{process.capitalize()}Broke", "")


def _message(severity: Severity, text: str, fact: str, instance: str) -> Message:
    return {
        "type": "fact",
        "severity": int(severity),
        "text": text,
        "fields": {"fact": fact, "instance": instance},
    }
