"""Lives and deaths of a heartbeat, as its supervisor treats them."""

from halod.model.vrrp import LeaseMode
from halod.sim.fault import Crash, HeartbeatDies, Pause, Restart, SlowKernel, Stop
from halod.sim.observation import AdvertLeft, Life, LifeChanged, Observation
from halod.sim.play import play
from tests.sim.clusters import CALM_BEFORE, pair, seconds


class Lives:
    """What became of lb01's heartbeat, and when it resigned."""

    def __init__(self) -> None:
        self.lives: list[Life] = []
        self.resigned_ns: list[int] = []

    def see(self, observation: Observation) -> None:
        match observation:
            case LifeChanged(_, "lb01", life):
                self.lives.append(life)
            case AdvertLeft(at_ns, "lb01", _, 0):
                self.resigned_ns.append(at_ns)
            case _:
                pass


def test_a_dead_heartbeat_is_spoken_for_and_started_again() -> None:
    lives = Lives()
    assert not play(pair(HeartbeatDies("lb01", CALM_BEFORE)), watchers=[lives.see]).violations
    assert lives.lives == [Life.RUNNING, Life.DEAD, Life.RUNNING]
    assert len(lives.resigned_ns) == 1


def test_the_third_death_within_a_minute_is_the_last() -> None:
    deaths = tuple(HeartbeatDies("lb01", CALM_BEFORE + seconds(8 * n)) for n in range(3))
    lives = Lives()
    assert not play(pair(*deaths), watchers=[lives.see]).violations
    assert lives.lives == [Life.RUNNING, Life.DEAD] * 3
    lives = Lives()
    # A new supervisor counts anew.
    again = Restart("lb01", CALM_BEFORE + seconds(30))
    assert not play(pair(*deaths, again), watchers=[lives.see]).violations
    assert lives.lives == [Life.RUNNING, Life.DEAD] * 3 + [Life.RUNNING]


def test_nobody_speaks_for_a_crash() -> None:
    lives = Lives()
    assert not play(pair(Crash("lb01", CALM_BEFORE)), watchers=[lives.see]).violations
    assert lives.lives == [Life.RUNNING, Life.DEAD]
    assert lives.resigned_ns == []


def test_nobody_speaks_for_one_that_hangs_in_the_kernel() -> None:
    """Not dead within 100 ms: it might still speak, and its lease ends it."""
    slow = SlowKernel("lb01", CALM_BEFORE, seconds(20), seconds(1000))
    dies = HeartbeatDies("lb01", CALM_BEFORE + seconds(1.5))
    lives = Lives()
    # A lease that is renewed with each advert: it waits for the lock when it dies.
    play(pair(slow, dies, lease=LeaseMode.ADDRESS), watchers=[lives.see])
    assert lives.resigned_ns == []


def test_a_clean_stop_resigns_once_and_a_paused_daemon_cannot_stop() -> None:
    lives = Lives()
    stops = (Stop("lb01", CALM_BEFORE), Stop("lb01", CALM_BEFORE))
    assert not play(pair(*stops), watchers=[lives.see]).violations
    assert lives.lives == [Life.RUNNING, Life.DEAD]
    assert len(lives.resigned_ns) == 1
    lives = Lives()
    paused = (Pause("lb01", CALM_BEFORE, seconds(1)), Stop("lb01", CALM_BEFORE + seconds(0.5)))
    assert not play(pair(*paused), watchers=[lives.see]).violations
    assert lives.lives == [Life.RUNNING, Life.PAUSED, Life.RUNNING]
