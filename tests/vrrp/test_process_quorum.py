"""When a number of processes counts."""

from halod.model.track_process import VrrpTrackProcess
from halod.vrrp.process_quorum import ProcessQuorum
from tests.kit.build import S, at

NGINX = VrrpTrackProcess(name="nginx", command="nginx", fork_delay=S * 2, terminate_delay=S)


def test_the_first_look_counts_at_once() -> None:
    assert ProcessQuorum(NGINX).take(0, at(0))
    quorum = ProcessQuorum(NGINX)
    assert quorum.take(1, at(0))
    assert quorum.up
    assert not quorum.take(1, at(1))


def test_what_somebody_else_saw_before_is_no_news() -> None:
    assert not ProcessQuorum(NGINX, before=True).take(1, at(0))
    assert not ProcessQuorum(NGINX, before=True).take(0, at(0))


def test_a_change_counts_when_it_has_lasted() -> None:
    quorum = ProcessQuorum(NGINX, before=True)
    assert [quorum.take(0, at(t)) for t in (0, 0.9, 1.0)] == [False, False, True]
    assert quorum.up is False
    assert [quorum.take(1, at(t)) for t in (2, 3.9, 4.0)] == [False, False, True]
    assert quorum.up


def test_one_that_is_back_in_time_was_never_away() -> None:
    quorum = ProcessQuorum(NGINX, before=True)
    for seconds, count in ((0, 0), (0.9, 1), (1.0, 0), (1.9, 1)):
        assert not quorum.take(count, at(seconds))
    assert quorum.up
