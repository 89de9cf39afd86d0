"""Clocks that are wrong, and what is planned on them."""

from hypothesis import given
from hypothesis import strategies as st

from halod.sim.machine_clock import Agenda, LocalAgenda, MachineClock

S = 10**9


@given(st.integers(-(10**18), 10**18), st.integers(-100_000, 100_000), st.integers(0, 10**15))
def test_the_first_instant_that_shows_a_time(offset_ns: int, ppm: int, local_ns: int) -> None:
    clock = MachineClock(offset_ns, ppm)
    true_ns = clock.true_ns(offset_ns + local_ns)
    assert clock.read_ns(true_ns) >= offset_ns + local_ns
    assert clock.read_ns(true_ns - 1) < offset_ns + local_ns


def test_a_clock_that_gains_fires_early() -> None:
    agenda = Agenda()
    fast = LocalAgenda(agenda, MachineClock(5 * S, 100))
    fired: list[int] = []
    fast.after(1000 * S, lambda: fired.append(agenda.now_ns))
    agenda.run(1000 * S)
    assert fired == [999_900_010_000]


def test_a_frozen_machine_does_at_its_own_time_what_was_planned() -> None:
    agenda = Agenda()
    stopped, running = (LocalAgenda(agenda, MachineClock(0, 0)) for _ in range(2))
    fired: list[tuple[str, int]] = []
    for name, local in (("stopped", stopped), ("running", running)):
        for second in (1, 3, 9):
            local.at(second * S, lambda name=name: fired.append((name, agenda.now_ns // S)))  # type: ignore[misc]
    agenda.run(2 * S)
    stopped.freeze(clock_runs_on=False)
    running.freeze(clock_runs_on=True)
    agenda.run(7 * S)
    assert (stopped.now_ns, running.now_ns) == (2 * S, 7 * S)
    for local in (stopped, running):
        local.thaw()
    agenda.run(20 * S)
    assert [at for name, at in fired if name == "stopped"] == [1, 8, 14]
    assert [at for name, at in fired if name == "running"] == [1, 7, 9]
