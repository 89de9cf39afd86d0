"""Arithmetic on time."""

from hypothesis import given
from hypothesis import strategies as st

from halod.model.units import ZERO, Duration, Instant

spans = st.integers(-(10**12), 10**12).map(Duration)
instants = st.integers(0, 10**15).map(Instant)


@given(instants, spans, spans)
def test_instants_and_spans(now: Instant, one: Duration, other: Duration) -> None:
    assert (now + one) - now == one
    assert (now + one) - one == now
    assert now + (one + other) == (now + one) + other
    assert one - one == ZERO


@given(st.integers(0, 10**6))
def test_units_are_exact(number: int) -> None:
    assert Duration.seconds(number) == Duration.milliseconds(number) * 1000
    assert Duration.milliseconds(number * 10) == Duration.centiseconds(number)
    assert Duration.seconds(number).whole_seconds == number


def test_a_person_reads_milliseconds() -> None:
    assert str(Duration(3_609_375_000)) == "3.609 s"
