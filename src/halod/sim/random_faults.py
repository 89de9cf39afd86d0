"""What goes wrong in a drawn scenario.

Knows which faults are worth drawing, how often, and how long they last at which pace. Must not know
the cluster beyond its names and interfaces, nor how a fault is done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from halod.model.units import Duration
from halod.sim.fault import (
    AdvertsRefused,
    Crash,
    Cut,
    DeleteAddresses,
    Fault,
    GateRefused,
    GateTaken,
    HeartbeatDies,
    KernelRefuses,
    LinkDown,
    OneWay,
    Pause,
    PauseAt,
    PauseMachine,
    Reload,
    Restart,
    SlowKernel,
    Stop,
)

__all__ = ["Pace", "Targets", "draw_faults", "draw_span", "pace_of"]


@dataclass(frozen=True, slots=True)
class Pace:
    """A cluster whose adverts come often is played for a shorter time."""

    faults_from: Duration
    """Most clusters have a master by then."""
    faults_span_ms: int
    lasts_ms: tuple[tuple[int, int], ...]
    """Shorter than an advert, about a lease, or long."""
    holds_back: bool
    """Whether to draw what makes a node wait for a minute: some 3000 adverts of the fastest."""


_SLOW = Pace(Duration.seconds(8), 12_000, ((20, 900), (900, 4500), (4500, 12_000)), True)
_QUICK = Pace(Duration.seconds(2), 3000, ((5, 90), (90, 450), (450, 3000)), True)
_QUICKEST = Pace(Duration.seconds(1), 1500, ((1, 18), (18, 90), (90, 1500)), False)


def pace_of(interval_min: Duration, interval_max: Duration) -> Pace:
    """From the shortest and the longest interval between adverts."""
    if interval_max >= Duration.seconds(1):
        return _SLOW
    return _QUICK if interval_min >= Duration.milliseconds(100) else _QUICKEST


@dataclass(frozen=True, slots=True)
class Targets:
    """What faults can be done to."""

    names: tuple[str, ...]
    interfaces: tuple[str, ...]
    pace: Pace


def draw_faults(random: Random, targets: Targets) -> tuple[Fault, ...]:
    """None to six, one or a few faults each, in the order of time."""
    drawn = _DRAWN + (_DRAWN_PATIENTLY if targets.pace.holds_back else ())
    found = []
    for _ in range(random.choice((0, 1, 1, 2, 2, 3, 4, 6))):
        at = _begins(random, targets)
        found += random.choice(drawn)(random, targets, at)
    return tuple(sorted(found, key=lambda fault: fault.at))


def draw_span(random: Random, targets: Targets) -> tuple[Duration, Duration]:
    """When a fault begins, and how long it lasts."""
    return _begins(random, targets), _lasts(random, targets)


def _begins(random: Random, targets: Targets) -> Duration:
    into = Duration.milliseconds(random.randrange(targets.pace.faults_span_ms))
    return targets.pace.faults_from + into


def _lasts(random: Random, targets: Targets) -> Duration:
    low, high = random.choice(targets.pace.lasts_ms)
    return Duration.milliseconds(random.randint(low, high))


def _perhaps_restart(random: Random, targets: Targets, node: str, at: Duration) -> list[Fault]:
    return [Restart(node, at + _lasts(random, targets))] if random.random() < 0.7 else []


def _crash(random: Random, targets: Targets, at: Duration) -> list[Fault]:
    node = random.choice(targets.names)
    return [Crash(node, at), *_perhaps_restart(random, targets, node, at)]


def _stop(random: Random, targets: Targets, at: Duration) -> list[Fault]:
    node = random.choice(targets.names)
    return [Stop(node, at), *_perhaps_restart(random, targets, node, at)]


def _restart(random: Random, targets: Targets, at: Duration) -> list[Fault]:
    return [Restart(random.choice(targets.names), at)]


def _heartbeat(random: Random, targets: Targets, at: Duration) -> list[Fault]:
    return [HeartbeatDies(random.choice(targets.names), at, hangs=random.random() < 0.5)]


def _pause(random: Random, targets: Targets, at: Duration) -> list[Fault]:
    where = random.choice((PauseAt.ANYWHERE, PauseAt.ANYWHERE, *PauseAt))
    return [Pause(random.choice(targets.names), at, _lasts(random, targets), where)]


def _pause_machine(random: Random, targets: Targets, at: Duration) -> list[Fault]:
    runs_on = random.random() < 0.5
    return [
        PauseMachine(
            random.choice(targets.names), at, _lasts(random, targets), clock_runs_on=runs_on
        )
    ]


def _cut(random: Random, targets: Targets, at: Duration) -> list[Fault]:
    """Between two, or around one."""
    first, *others = random.sample(targets.names, len(targets.names))
    lasts = _lasts(random, targets)
    return [Cut(first, other, at, lasts) for other in others[: random.randint(1, len(others))]]


def _one_way(random: Random, targets: Targets, at: Duration) -> list[Fault]:
    source, target = random.sample(targets.names, 2)
    return [OneWay(source, target, at, _lasts(random, targets))]


def _link(random: Random, targets: Targets, at: Duration) -> list[Fault]:
    return [LinkDown(random.choice(targets.names), at, _lasts(random, targets))]


def _slow(random: Random, targets: Targets, at: Duration) -> list[Fault]:
    wait_max = Duration.milliseconds(random.choice((200, 800, 5000)))
    return [SlowKernel(random.choice(targets.names), at, _lasts(random, targets), wait_max)]


def _refuse(random: Random, targets: Targets, at: Duration) -> list[Fault]:
    return [KernelRefuses(random.choice(targets.names), at, _lasts(random, targets))]


def _delete(random: Random, targets: Targets, at: Duration) -> list[Fault]:
    node = random.choice(targets.names)
    gap = Duration.milliseconds(random.choice((50, 700)))
    return [DeleteAddresses(node, at + gap * index) for index in range(random.choice((1, 2, 5)))]


def _reload(random: Random, targets: Targets, at: Duration) -> list[Fault]:
    return [
        Reload(random.choice(targets.names), at, random.choice((1, 100, random.randint(1, 254))))
    ]


def _mute(random: Random, targets: Targets, at: Duration) -> list[Fault]:
    return [AdvertsRefused(random.choice(targets.names), at, _lasts(random, targets))]


def _gate(random: Random, targets: Targets, at: Duration) -> list[Fault]:
    """Taken and put back, or gone for a while; and often a death soon after."""
    node, interface = random.choice(targets.names), random.choice(targets.interfaces)
    if random.random() < 0.5:
        found: list[Fault] = [GateTaken(node, at, interface)]
    else:
        found = [GateRefused(node, at, _lasts(random, targets), interface)]
    if random.random() < 0.3:
        found.append(Crash(node, at + Duration.microseconds(random.randrange(50_000))))
    return found


_Drawer = Callable[[Random, Targets, Duration], list[Fault]]

_DRAWN: tuple[_Drawer, ...] = (
    _crash,
    _crash,
    _stop,
    _restart,
    _heartbeat,
    _pause,
    _pause,
    _pause_machine,
    _cut,
    _cut,
    _one_way,
    _link,
    _reload,
    _gate,
)
_DRAWN_PATIENTLY: tuple[_Drawer, ...] = (_slow, _refuse, _delete, _mute)
"""After these a node may hold back for a minute."""
