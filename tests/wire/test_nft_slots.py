"""Weights as slots: shares, order, and what a change moves."""

from __future__ import annotations

from collections import Counter
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.model.endpoint import Endpoint
from halod.model.nft_fitness import Choice
from halod.model.service_table import Destination
from halod.wire.nft_slots import MAGLEV_SLOTS, SLOTS_EACH_MIN, SLOTS_MAX, slots_of


def servers(*weights: int) -> list[tuple[int, Destination]]:
    return [
        (number, Destination(Endpoint(ip_address("10.0.0.1") + number, 80), weight))
        for number, weight in enumerate(weights, 1)
    ]


def turns(*weights: int) -> tuple[int, ...]:
    return slots_of(servers(*weights), Choice.TURNS, is_maglev=False)


def test_turns_are_interleaved() -> None:
    assert turns(1, 1, 1) == (1, 2, 3)
    assert turns(10, 20, 30) == turns(1, 2, 3)
    assert turns(1, 2, 3) == (3, 2, 1, 3, 2, 3)
    assert turns(0, 5) == (2,)
    assert turns(0) == ()


@given(st.lists(st.integers(0, 65_535), max_size=40))
def test_shares_are_as_the_weights(weights: list[int]) -> None:
    slots = turns(*weights)
    live = {number: weight for number, weight in enumerate(weights, 1) if weight}
    assert set(slots) == set(live)
    limit = max(SLOTS_MAX, SLOTS_EACH_MIN * len(live))
    assert len(slots) <= limit + len(live)
    counted, total = Counter(slots), sum(live.values())
    for number, weight in live.items():
        share = len(slots) * weight / total
        # Each is rounded by itself, and none is left out.
        assert abs(counted[number] - share) <= 2 + len(live) * share / limit


def test_the_heaviest_serves_alone() -> None:
    assert slots_of(servers(3, 9, 9), Choice.HEAVIEST, is_maglev=False) == (2,)


@pytest.mark.parametrize("choice", [Choice.FLOW, Choice.SOURCE, Choice.TARGET])
def test_a_hash_has_two_to_choose_from(choice: Choice) -> None:
    assert slots_of(servers(1), choice, is_maglev=False) == (1, 1)


def test_maglev_moves_only_what_a_server_had() -> None:
    before = slots_of(servers(1, 1, 1, 1), Choice.SOURCE, is_maglev=True)
    after = slots_of(servers(1, 1, 0, 1), Choice.SOURCE, is_maglev=True)
    assert len(before) == len(after) == MAGLEV_SLOTS
    moved = {old for old, new in zip(before, after, strict=True) if old != new}
    assert moved == {3}


def test_maglev_follows_weights() -> None:
    slots = Counter(slots_of(servers(1, 1, 2), Choice.SOURCE, is_maglev=True))
    assert slots[3] == pytest.approx(MAGLEV_SLOTS / 2, rel=0.2)
