"""The tutorial's second pillar, played: directors take sick web servers out and well ones back in.

Knows the steps and what must be seen; `play.py` has the tools, `lvs_lab.py` the machines.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from halod.lab import nginx
from halod.lab.director import real_server, status_of, wait_until_ready
from halod.lab.errors import LabError
from halod.lab.lab import Lab
from halod.lab.lvs_lab import LVS_NAMES, VIP, Method, lvs_topology, set_up_lvs
from halod.lab.page_file import now_in_words, prepare_page, write_page
from halod.lab.patience import wait_until
from halod.lab.picture.story import Story
from halod.lab.play import VIP1_LINE, Play
from halod.lab.recording import Recording
from halod.lab.report import Request
from halod.lab.stage import Stage
from halod.lab.topology import Role
from halod.lab.unprivileged import WORSE, in_users_namespace

__all__ = ["answer_in_turn", "kill_and_heal", "observe_no_failure", "play_lvs", "play_part"]

OUT_WITHIN_S = 10.0
"""A dead web server is found by the next check, at most 1 s later, and one more 0.2 s after that;
the rest is for a busy machine."""
BALANCED_WITHIN_S = 10.0
"""Who balances reaches every web server with the next three requests; that the client's own program
starts, and that a new path is learnt, takes time on a busy machine."""
STEADY_S = 1.0
DRAIN_S = 4
"""Longer than it takes to see that the drained one gets nothing."""
ORDERED_WITHIN_S = 60.0
"""For `haloctl` from its start to its end: 0.3 s, and 12 on a quarter of a slow processor."""


def play_lvs(
    console: Console, programs: Mapping[str, str], methods: tuple[Method, ...], page: Path
) -> bool:
    """Play each method in a lab of its own and write the page; whether every observation held."""
    prepare_page(page)
    stage = Stage(console)
    nodes = ", ".join(f"{host} runs {program}" for host, program in programs.items())
    if in_users_namespace():
        stage.tell(WORSE)
    for method in methods:
        with Lab(lvs_topology()) as lab:
            stage.part(f"Virtual servers by {method.name}: two directors, three web servers")
            play_part(Play(lab, stage, programs), method)
    stage.conclude()
    story = Story("halod: virtual servers", nodes, now_in_words(), tuple(stage.scenes))
    write_page(story, page)
    stage.tell_page(page)
    return stage.held


def play_part(play: Play, method: Method) -> None:
    """One method from the start to the death of a director, with its drawing."""
    for director in set_up_lvs(play.lab, method, play.programs):
        director.machine.reap()
    lb01, lb02 = play.lab.balancers["lb01"], play.lab.balancers["lb02"]
    webs = [host.name for host in play.lab.topology.with_role(Role.WEB)]
    with play.lab.probing(VIP) as recording:
        play.stage.step("start both directors")
        lb01.start()
        lb02.start()
        for director in (lb01, lb02):
            wait_until_ready(director.machine)
        play.sees("lb01", VIP1_LINE)
        _tells_engine(play)
        with play.lab.requesting(dict(LVS_NAMES)) as requesting:
            answer_in_turn(play, requesting, webs)
            bounds = [
                *kill_and_heal(play, requesting, webs),
                *_drain(play, requesting, webs),
            ]
            _lose_director(play, requesting, webs)
            play.stage.tell("waiting for the requests that are still under way")
    requests = requesting.requests()
    for what, start_ns, end_ns in bounds:
        observe_no_failure(play, requests, what, start_ns, end_ns)
    failed = [request for request in requests if request.error is not None]
    longest_s = max((request.wait_ns for request in requests), default=0) / 1e9
    play.observe(
        "the client is always answered in the end",
        f"{len(requests) - len(failed)} of {len(requests)} requests succeeded, the longest wait "
        f"was {longest_s:.3f} s",
        bool(requests) and not failed,
    )
    play.timeline((VIP,), recording, requests)


Bound = tuple[str, int, int]
"""A stretch of time in which no request may fail: what it was, and from when to when."""


def _tells_engine(play: Play) -> None:
    engine = status_of(play.lab.machine("lb01")).get("lvs_engine", {})
    play.observe(
        "lb01 says what balances",
        f"{engine.get('name')}, for {engine.get('why')}",
        engine.get("name") in ("ipvs", "nft"),
    )


def answer_in_turn(play: Play, requesting: Recording, webs: list[str]) -> None:
    """Through the VIP all web servers are reached in turn."""
    play.stage.tell(f"the client asks for {VIP} every 20 ms")
    since_ns = time.monotonic_ns()
    wait_until(lambda: _servers(requesting, since_ns) == set(webs), BALANCED_WITHIN_S)
    steady(STEADY_S)
    found = [r for r in requesting.requests() if r.sent_ns >= since_ns and r.server]
    counts = {web: sum(r.server == web for r in found) for web in webs}
    shown = ", ".join(f"{web} {count}" for web, count in counts.items())
    fair = max(counts.values()) - min(counts.values()) <= max(3, len(found) // 5)
    play.observe("all web servers answer in turn (rr)", shown, min(counts.values()) > 0 and fair)


def kill_and_heal(play: Play, requesting: Recording, webs: list[str]) -> list[Bound]:
    """One web server's program dies, and comes back."""
    victim = webs[0]
    machine = play.lab.machine(victim)
    play.stage.step(f"nginx on {victim} is killed")
    killed_ns = time.monotonic_ns()
    for process in machine.namespace.members():
        process.send(signal.SIGKILL)
    out = wait_until(lambda: _of_web(play, victim).get("state") == "DOWN", OUT_WITHIN_S)
    out_ns = time.monotonic_ns()
    took_s = (out_ns - killed_ns) / 1e9
    why = _of_web(play, victim).get("why")
    play.observe(f"lb01 takes {victim} out", f"out after {took_s:.2f} s: {why}", out)
    steady(STEADY_S)
    play.stage.step(f"nginx on {victim} is started again")
    healed_ns = time.monotonic_ns()
    nginx.restart(machine)
    back = wait_until(lambda: victim in _servers(requesting, healed_ns), OUT_WITHIN_S)
    took_s = (time.monotonic_ns() - healed_ns) / 1e9
    play.observe(f"{victim} answers again through the VIP", f"after {took_s:.2f} s", back)
    return [(f"since lb01 had taken {victim} out, until it was back", out_ns, healed_ns)]


def _drain(play: Play, requesting: Recording, webs: list[str]) -> list[Bound]:
    """An operator takes one out of service in peace, for a while."""
    drained = webs[1]
    address = str(play.lab.topology.host(drained).address.ip)
    order = ("server", "drain", f"{VIP}:80", address, "--for", f"{DRAIN_S}s")
    play.stage.step(f"haloctl {' '.join(order)}")
    begun_ns = time.monotonic_ns()
    asking = start_haloctl(play, "lb01", *order)

    def drains() -> bool:
        return _of_web(play, drained).get("admin") == "draining"

    wait_until(lambda: drains() or asking.poll() is not None, ORDERED_WITHIN_S)
    ordered_ns = time.monotonic_ns()
    steady(STEADY_S)
    until_ns = time.monotonic_ns()
    lasted = drains()
    end_haloctl(asking)
    within = [r for r in requesting.requests() if ordered_ns <= r.sent_ns < until_ns]
    served = [request for request in within if request.server == drained]
    play.observe(
        f"no new request reaches {drained}",
        f"{len(served)} of {len(within)} that began after the order"
        + ("" if lasted else ", which ended meanwhile"),
        lasted and bool(within) and not served,
    )
    back = wait_until(lambda: drained in _servers(requesting, until_ns), OUT_WITHIN_S)
    back_ns = time.monotonic_ns()
    play.observe(
        f"{drained} is back by itself", f"after {(back_ns - ordered_ns) / 1e9:.2f} s", back
    )
    # What began until then ends before the next fault.
    steady(STEADY_S)
    return [(f"while {drained} was drained", begun_ns, back_ns)]


def _lose_director(play: Play, requesting: Recording, webs: list[str]) -> None:
    """lb01 loses its power; lb02 has checked all the time and serves at once."""
    play.stage.step("power lb01 off")
    off_ns = time.monotonic_ns()
    play.lab.faults.power_off("lb01")
    play.stage.tell("nobody said goodbye: lb02 waits its down interval of 3.61 s")
    play.sees("lb02", VIP1_LINE)
    moved_ns = time.monotonic_ns()
    served = wait_until(lambda: _servers(requesting, moved_ns) == set(webs), BALANCED_WITHIN_S)
    took_s = (time.monotonic_ns() - off_ns) / 1e9
    play.observe("lb02 balances over all web servers", f"{took_s:.2f} s after the death", served)
    steady(STEADY_S)


def observe_no_failure(
    play: Play, requests: list[Request], what: str, start_ns: int, end_ns: int
) -> None:
    begun = [r for r in requests if start_ns <= r.sent_ns < end_ns]
    broken = [r for r in begun if r.error is not None or r.again]
    longest_s = max((r.wait_ns for r in begun), default=0) / 1e9
    play.observe(
        f"{what}: no request that began fails",
        f"{len(begun)} requests, {len(broken)} failed at first, the longest wait {longest_s:.3f} s",
        bool(begun) and not broken,
    )


# ---- looking -----------------------------------------------------------------------------------


def steady(seconds: float) -> None:
    """Let everything go on for a while."""
    end_ns = time.monotonic_ns() + int(seconds * 1e9)
    wait_until(lambda: time.monotonic_ns() >= end_ns, seconds + 1)


def start_haloctl(play: Play, director: str, *words: str) -> subprocess.Popen[str]:
    """`haloctl` of this environment on a director."""
    machine = play.lab.machine(director)
    program = os.path.join(sys.prefix, "bin", "haloctl")
    command = [*machine.namespace.prefix, program, *words]
    return subprocess.Popen(
        [*command, "--run-dir", str(machine.run_directory)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def end_haloctl(asking: subprocess.Popen[str]) -> None:
    """Waits for its end; LabError where that is no success."""
    said, _ = asking.communicate(timeout=ORDERED_WITHIN_S)
    if asking.returncode != 0:
        raise LabError(f"`haloctl` ended with {asking.returncode}: {said.strip()}")


def _of_web(play: Play, web: str) -> dict[str, object]:
    """What lb01 says of a web server."""
    return real_server(play.lab.machine("lb01"), str(play.lab.topology.host(web).address.ip))


def _servers(requesting: Recording, since_ns: int) -> set[str]:
    """Who has answered requests that began since then."""
    found = (r.server for r in requesting.requests() if r.sent_ns >= since_ns)
    return {server for server in found if server is not None}
