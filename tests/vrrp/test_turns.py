"""Whose turn it is on links that may not be told too much at once, in virtual time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from halod.model.address import IpAddress
from halod.model.pacing import GarpGroup, Pace, Pacing
from halod.model.units import ZERO, Duration, Instant
from halod.vrrp.turns import Turns

MS = Duration.milliseconds(1)
PACE = Duration.milliseconds(200)
A, B, C = (IPv4Address(f"192.0.2.{number}") for number in (1, 2, 3))
A6 = IPv6Address("fd00::1")
START = Instant(10**12)


def made(arp: Duration = PACE, neighbour: Duration = ZERO, *groups: GarpGroup) -> Turns[str]:
    return Turns(Pacing(Pace(arp, neighbour), groups))


def play(turns: Turns[str], now: Instant = START) -> list[tuple[int, str, IpAddress]]:
    """Lets all go as soon as they may: milliseconds from the start, link, address."""
    heard = []
    while (deadline := turns.deadline()) is not None:
        now = max(now, deadline)
        turn = turns.next(now)
        assert turn is not None, "the deadline is when somebody may go"
        heard.append(((now - START).ns // MS.ns, turn.interface, turn.address))
        turns.sent(turn, now)
    return heard


def test_the_first_goes_at_once_and_the_others_one_by_one() -> None:
    """As many frames as keepalived 2.2.7 sends for `garp_master_repeat 5`: one more than there are
    addresses."""
    turns = made()
    turns.order("eth0", (A, B, C), 5, "", START)
    assert play(turns) == [
        (0, "eth0", A),
        (200, "eth0", B),
        (400, "eth0", C),
        (600, "eth0", A),
    ]


def test_without_a_repeat_each_is_told_once() -> None:
    turns = made()
    turns.order("eth0", (A, B), 1, "", START)
    assert play(turns) == [(0, "eth0", A), (200, "eth0", B)]


def test_links_of_a_group_take_turns_and_others_do_not_wait_for_them() -> None:
    shared = GarpGroup(("eth0", "eth1"), Pace(PACE))
    turns = made(Duration.milliseconds(50), ZERO, shared)
    turns.order("eth0", (A,), 1, "", START)
    turns.order("eth1", (B,), 1, "", START)
    turns.order("eth2", (A, B), 1, "", START)
    assert sorted(play(turns)) == [
        (0, "eth0", A),
        (0, "eth2", A),
        (50, "eth2", B),
        (200, "eth1", B),
    ]


def test_a_group_counts_instead_of_the_global_values_of_both_kinds() -> None:
    turns = made(PACE, PACE, GarpGroup(("eth0",), Pace(ZERO, MS)))
    assert not turns.is_paced("eth0", 4)
    assert turns.is_paced("eth0", 6)
    assert turns.is_paced("eth1", 4)


def test_arp_and_neighbour_advertisements_do_not_wait_for_each_other() -> None:
    turns = made(PACE, PACE)
    turns.order("eth0", (A, A6, B), 1, "", START)
    assert sorted(play(turns), key=str) == [(0, "eth0", A), (0, "eth0", A6), (200, "eth0", B)]


def test_a_second_burst_does_not_send_those_to_the_end_who_wait() -> None:
    """With a thousand addresses and a refresh each second the last would never be told."""
    turns = made()
    turns.order("eth0", (A, B, C), 1, "old", START)
    first = turns.next(START)
    assert first is not None
    turns.sent(first, START)
    turns.order("eth0", (A, B, C), 1, "new", START + MS)
    assert len(turns) == 3
    second = turns.next(START + PACE)
    assert second is not None
    assert (second.address, second.ticket) == (B, "new")


def test_who_is_not_wanted_any_more_costs_no_turn() -> None:
    turns = made()
    turns.order("eth0", (A, B), 5, "", START)
    assert turns.next(START) is not None
    dropped = turns.next(START)
    assert dropped is not None
    assert dropped.address == B


def test_a_reload_keeps_what_waits_and_the_time_of_the_last() -> None:
    turns = made()
    turns.order("eth0", (A, B), 1, "", START)
    first = turns.next(START)
    assert first is not None
    turns.sent(first, START)
    turns.adopt(Pacing(Pace(MS)))
    assert play(turns) == [(200, "eth0", B)]


ORDERS = st.lists(
    st.tuples(
        st.sampled_from(["eth0", "eth1", "eth2"]),
        st.lists(st.sampled_from([A, B, C, A6]), max_size=4, unique=True),
        st.integers(1, 5),
        st.integers(0, 1000),
    ),
    max_size=12,
)


@given(ORDERS)
def test_no_limit_is_broken_and_nobody_is_forgotten(
    orders: Iterable[tuple[str, list[IpAddress], int, int]],
) -> None:
    turns = made(PACE, Duration.milliseconds(70), GarpGroup(("eth0", "eth1"), Pace(PACE, PACE)))
    now, wanted, heard = START, Counter[tuple[str, IpAddress]](), []
    for link, addresses, repeat, later in orders:
        now = now + MS * later
        turns.order(link, addresses, repeat, "", now)
        wanted.update((link, address) for address in addresses)
        while (turn := turns.next(now)) is not None:
            heard.append(((now - START).ns // MS.ns, turn.interface, turn.address))
            turns.sent(turn, now)
    heard += play(turns, now)
    assert {(link, address) for _, link, address in heard} == set(wanted)
    for lane in (("eth0", "eth1"), ("eth2",)):
        for version, gap in ((4, 200), (6, 200 if len(lane) > 1 else 70)):
            at = [ms for ms, link, a in heard if link in lane and a.version == version]
            assert all(after - before >= gap for before, after in pairwise(at))
