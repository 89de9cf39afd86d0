"""A child may be taken over: whatever it says is checked, and nothing raises."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.daemon.hearing import Fact, Nonsense, Ready, Reloaded, Trouble, View, understand
from halod.daemon.notice_message import notice_message
from halod.model.fact import Severity
from halod.model.notice import Notice
from halod.model.occasion import Occasion, Subject

NOTICE = Notice(Subject.INSTANCE, "VI_1", Occasion.MASTER, 150, "because")
FIELDS = {"fact": "StateChanged", "instance": "VI_1"}
WORDS = st.sampled_from(["type", "severity", "text", "fields", "generation", "instances"])
KINDS = st.sampled_from(["fact", "view", "ready", "reloaded", "trouble"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | KINDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            {"type": "fact", "severity": 5, "text": "Entering", "fields": FIELDS},
            Fact(Severity.NOTICE, "Entering", FIELDS),
        ),
        ({"type": "ready"}, Ready()),
        ({"type": "reloaded", "generation": 3}, Reloaded(3)),
        ({"type": "trouble", "subject": "memory", "text": ""}, Trouble("memory", "")),
        (notice_message(NOTICE), NOTICE),
        (
            view := {"type": "view", "instances": [], "messages_dropped": 0},
            View(view),
        ),
    ],
)
def test_what_halod_sends_is_understood(message: dict[str, Any], said: object) -> None:
    assert understand(message) == said


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"type": "dance"},
        {"type": "fact", "severity": 99, "text": "x", "fields": FIELDS},
        {"type": "fact", "severity": "loud", "text": "x", "fields": FIELDS},
        {"type": "fact", "severity": 5, "text": "x", "fields": 7},
        {"type": "reloaded", "generation": None},
        {"type": "view", "instances": "none"},
        {"type": "trouble", "subject": ["list"], "text": "x"},
        {**notice_message(NOTICE), "occasion": "DANCE"},
        {**notice_message(NOTICE), "subject": "NOBODY"},
        {**notice_message(NOTICE), "priority": 256},
        {**notice_message(NOTICE), "priority": "150"},
        {**notice_message(NOTICE), "name": "x" * 2000},
    ],
)
def test_what_halod_does_not_send_is_nonsense(message: dict[str, Any]) -> None:
    assert isinstance(understand(message), Nonsense)


@given(st.dictionaries(WORDS, JSON, max_size=6))
def test_nothing_raises_and_nothing_is_quoted_at_length(message: dict[str, Any]) -> None:
    said = understand(message)
    if isinstance(said, Nonsense):
        assert len(said.text) <= 80


def test_a_trouble_is_kept_and_so_it_is_short() -> None:
    said = understand({"type": "trouble", "subject": "s" * 10_000, "text": "t" * 10_000})
    assert said == Trouble("s" * 64, "t" * 1000)
