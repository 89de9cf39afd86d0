"""The queue of one instance's programs."""

from halod.model.command import Command
from halod.telling.lane import WAITING_MAX, Lane


def command(number: int) -> Command:
    return Command(("/n.sh", str(number)))


def test_first_in_first_out() -> None:
    lane = Lane()
    assert [lane.add(command(number)) for number in range(3)] == [None] * 3
    assert [lane.take() for _ in range(4)] == [command(0), command(1), command(2), None]


def test_the_oldest_goes_where_too_many_wait() -> None:
    lane = Lane()
    for number in range(WAITING_MAX):
        assert lane.add(command(number)) is None
    assert lane.add(command(WAITING_MAX)) == command(0)
    assert (len(lane), lane.lost) == (WAITING_MAX, 1)
    assert lane.take() == command(1)
