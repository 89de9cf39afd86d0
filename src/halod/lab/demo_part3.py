"""Part 3 of the tutorial: the service through nginx; lb01 goes, and the client notices nothing.

Knows the steps and what must be seen; `play.py` has the tools.
"""

import time
from dataclasses import dataclass

from halod.lab.client import page, server_of
from halod.lab.patience import wait_until
from halod.lab.play import HANDOVER_S, MASTER_WITHIN_S, VIP1, VIP1_LINE, Play
from halod.lab.recording import Recording
from halod.lab.report import Request
from halod.lab.tutorial_lab import SINGLE, WWW

STOP_WAIT_S = 1.5
"""Longest wait of a request on a clean stop: a SYN lost in the 0.61 s (skew) until lb02 is
master is repeated by the client's kernel after 1 s; a connection that was open to lb01 is given
up then."""

POWER_OFF_WAIT_S = 7.5
"""Longest wait when lb01 loses its power: lb02 is master after up to 3.61 s; a SYN that was lost
before is repeated after 1, 3 and 7 s."""

STEADY_S = 1.0
"""Seconds of requests before and after each fault."""


@dataclass(frozen=True)
class Phase:
    """A stretch of the part in which one thing happened."""

    title: str
    """What happened."""

    start_ns: int
    """When, monotonic nanoseconds; requests under way belong to it too."""

    end_ns: int
    """When the next began."""

    bound_s: float
    """Longest wait that a request may have."""


def play(play: Play) -> None:
    """The whole part, with its drawing."""
    lb01, lb02 = play.set_up(SINGLE)
    client = play.lab.machine("client")
    with play.lab.probing(VIP1) as recording:
        play.stage.step("start both nodes")
        lb01.start()
        lb02.start()
        play.sees("lb01", VIP1_LINE)
        seen = [server_of(page(client, WWW, VIP1)) for _ in range(4)]
        in_turn = seen in (["web01", "web02"] * 2, ["web02", "web01"] * 2)
        play.observe(f"{WWW} shows web01 and web02 in turn", ", ".join(seen), in_turn)
        with play.lab.requesting({WWW: VIP1}) as requesting:
            phases = lose_lb01_twice(play, recording)
            play.stage.tell("waiting for the requests that are still under way")
    requests = requesting.requests()
    for phase in phases:
        observe_phase(play, phase, requests)
    failed = [request for request in requests if request.error is not None]
    again = sum(request.again for request in requests)
    longest_s = max((request.wait_ns for request in requests), default=0) / 1e9
    errors = ", ".join(sorted({str(request.error) for request in failed}))
    play.observe(
        "the client notices nothing: every request succeeds",
        f"{len(requests) - len(failed)} of {len(requests)} requests succeeded, "
        f"the longest wait was {longest_s:.3f} s, sent again: {again}"
        + (f"; errors: {errors}" if errors else ""),
        bool(requests) and not failed,
        "a request whose connection broke, or was silent for 1 s, was sent again on a new one"
        if again
        else "",
    )
    play.timeline((VIP1,), recording, requests)


def lose_lb01_twice(play: Play, recording: Recording) -> list[Phase]:
    """First its service is stopped, later it loses its power, while the client goes on."""
    lb01 = play.lab.balancers["lb01"]
    play.stage.tell(f"the client now asks for {WWW} every 20 ms")
    steady(play, recording, "lb01")
    play.stage.step("stop the service on lb01")
    stopped_ns = time.monotonic_ns()
    lb01.stop()
    play.sees("lb02", VIP1_LINE, HANDOVER_S)
    play.answers(recording, VIP1, "lb02", HANDOVER_S)
    steady(play, recording, "lb02")
    play.handover(recording, VIP1, stopped_ns, HANDOVER_S)
    play.stage.step("start lb01 again")
    back_ns = time.monotonic_ns()
    lb01.start()
    play.stage.tell("waiting for lb01 to take the VIP back")
    play.sees("lb01", VIP1_LINE)
    steady(play, recording, "lb01")
    play.stage.step("power lb01 off")
    off_ns = time.monotonic_ns()
    play.lab.faults.power_off("lb01")
    play.stage.tell("nobody said goodbye: lb02 waits its down interval of 3.61 s")
    play.sees("lb02", VIP1_LINE)
    steady(play, recording, "lb02")
    end_ns = time.monotonic_ns()
    return [
        Phase("lb01's service stopped", stopped_ns, back_ns, STOP_WAIT_S),
        Phase("lb01 back", back_ns, off_ns, STOP_WAIT_S),
        Phase("lb01 powered off", off_ns, end_ns, POWER_OFF_WAIT_S),
    ]


def steady(play: Play, recording: Recording, host: str) -> None:
    """Let the client go on for a while, once the host answers."""
    play.answers(recording, VIP1, host, MASTER_WITHIN_S)
    end_ns = time.monotonic_ns() + int(STEADY_S * 1e9)
    wait_until(lambda: time.monotonic_ns() >= end_ns, STEADY_S + 1)


def observe_phase(play: Play, phase: Phase, requests: list[Request]) -> None:
    """The longest wait of the requests that the phase touched."""
    touched = [
        request
        for request in requests
        if request.sent_ns < phase.end_ns and request.sent_ns + request.wait_ns >= phase.start_ns
    ]
    longest_s = max((request.wait_ns for request in touched), default=0) / 1e9
    failed = sum(request.error is not None for request in touched)
    play.observe(
        f"{phase.title}: every request succeeds, the longest wait at most {phase.bound_s:g} s",
        f"{len(touched)} requests, {failed} failed, the longest wait {longest_s:.3f} s",
        bool(touched) and not failed and longest_s <= phase.bound_s,
    )
