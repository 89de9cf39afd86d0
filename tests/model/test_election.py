"""Timers and the order of priorities, to the nanosecond, against formulas in fractions."""

from fractions import Fraction
from ipaddress import IPv4Address
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.model.election import address_lease, is_stronger, master_down_interval, skew_time
from halod.model.units import ZERO, Duration
from halod.model.vrrp import VrrpVersion

V2, V3 = VrrpVersion.V2, VrrpVersion.V3
S = Duration.seconds(1)
LOW, HIGH = IPv4Address("192.168.178.130"), IPv4Address("192.168.178.131")

intervals_v2 = st.integers(1, 255).map(Duration.seconds)
intervals_v3 = st.integers(1, 4095).map(Duration.centiseconds)


@pytest.mark.parametrize("priority", range(1, 256))
def test_v2_skew_of_each_priority(priority: int) -> None:
    # RFC 3768, 6.1: Skew_Time = ((256 - Priority) / 256) seconds. A whole number of nanoseconds.
    seconds = Fraction(256 - priority, 256)
    assert skew_time(V2, priority, S) == Duration(int(seconds * 10**9))
    assert (seconds * 10**9).denominator == 1


@given(st.integers(1, 255), intervals_v2)
def test_v2_skew_does_not_depend_on_the_interval(priority: int, interval: Duration) -> None:
    assert skew_time(V2, priority, interval) == skew_time(V2, priority, S)


@given(st.integers(1, 255), intervals_v3)
def test_v3_skew(priority: int, interval: Duration) -> None:
    # RFC 9568, 6.1: (256 - Priority) * Active_Adver_Interval / 256.
    exact = Fraction(256 - priority, 256) * interval.ns
    assert skew_time(V3, priority, interval).ns == floor(exact)


@given(st.sampled_from(VrrpVersion), st.integers(1, 255), intervals_v2, st.integers(1, 100))
def test_master_down_interval(
    version: VrrpVersion, priority: int, interval: Duration, adverts: int
) -> None:
    # RFC 3768, 6.1 and RFC 9568, 6.1: three intervals and Skew_Time.
    down = master_down_interval(version, priority, interval, adverts)
    assert down.ns == adverts * interval.ns + skew_time(version, priority, interval).ns


@pytest.mark.parametrize(
    ("priority", "seconds"), [(150, "3.414"), (100, "3.609"), (255, "3.004"), (1, "3.996")]
)
def test_master_down_interval_as_keepalived_shows_it(priority: int, seconds: str) -> None:
    assert str(master_down_interval(V2, priority, S)) == f"{seconds} s"


@given(st.integers(1, 254), intervals_v3)
def test_of_two_backups_the_higher_priority_is_first(priority: int, interval: Duration) -> None:
    # What Skew_Time is for; at 1 cs and 254 steps there is still no tie.
    assert master_down_interval(V3, priority + 1, interval) < master_down_interval(
        V3, priority, interval
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "stronger"),
    [
        ((101, LOW), (100, HIGH), True),
        ((100, HIGH), (101, LOW), False),
        ((100, HIGH), (100, LOW), True),
        ((100, LOW), (100, HIGH), False),
        ((100, LOW), (100, LOW), False),
    ],
)
def test_priority_then_address(
    ours: tuple[int, IPv4Address], theirs: tuple[int, IPv4Address], stronger: bool
) -> None:
    # RFC 9568, 6.4.3.
    assert is_stronger(*ours, *theirs) is stronger


@given(
    st.tuples(st.integers(0, 255), st.ip_addresses(v=4)),
    st.tuples(st.integers(0, 255), st.ip_addresses(v=4)),
)
def test_of_two_different_masters_exactly_one_wins(
    one: tuple[int, IPv4Address], other: tuple[int, IPv4Address]
) -> None:
    assert (is_stronger(*one, *other) + is_stronger(*other, *one)) == (one != other)


@pytest.mark.parametrize(
    ("interval_s", "adverts", "lease_s"), [(1, 3, 2), (2, 3, 5), (10, 3, 29), (255, 100, 25499)]
)
def test_the_lease_is_a_second_less_than_the_silence(
    interval_s: int, adverts: int, lease_s: int
) -> None:
    assert address_lease(S * interval_s, adverts) == S * lease_s


@given(intervals_v2, st.integers(1, 100))
def test_a_lease_outlasts_an_interval_and_ends_before_the_silence(
    interval: Duration, adverts: int
) -> None:
    """But where the silence is too short for that, it outlasts the wait for its renewal."""
    lease = address_lease(interval, adverts)
    renewed_by = interval + interval // 2
    assert lease >= renewed_by
    assert lease < interval * adverts or lease < renewed_by + S


@given(st.integers(1, 99).map(Duration.centiseconds), st.integers(1, 100))
def test_below_adverts_of_a_second_there_is_no_lease(interval: Duration, adverts: int) -> None:
    assert address_lease(interval, adverts) == ZERO
