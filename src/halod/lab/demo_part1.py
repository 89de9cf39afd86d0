"""Part 1 of the tutorial: one instance; start, stop, start again, and both hear each other.

Knows the steps and what must be seen; `play.py` has the tools.
"""

import time

from halod.lab.client import ArpEar, neighbour, pings
from halod.lab.patience import wait_until
from halod.lab.play import DOWN_INTERVAL_S, HANDOVER_S, MASTER_WITHIN_S, VIP1, VIP1_LINE, Play
from halod.lab.recording import Recording
from halod.lab.tutorial_lab import SINGLE

OVERLAP_S = 0.1
"""Seconds for which two nodes may both hold the VIP while the master hands it back: the lower one
lets go when it hears the higher one's first advert, and the packet takes its time."""


def play(play: Play) -> None:
    """The whole part, with its drawing."""
    lb01, lb02 = play.set_up(SINGLE)
    with play.lab.probing(VIP1) as recording:
        play.stage.step(f"start {lb01.program.name} on lb01")
        lb01.start()
        play.stage.tell("priority 150: it listens for 3.42 s before it becomes master")
        play.sees("lb01", VIP1_LINE)
        play.stage.step(f"start {lb02.program.name} on lb02")
        lb02.start()
        play.stage.tell(f"watching lb02 for longer than its down interval of {DOWN_INTERVAL_S} s")
        play.stays_without("lb02", VIP1, DOWN_INTERVAL_S + 0.4)
        stop_lb01(play, recording)
        start_lb01_again(play, recording)
        play.stage.step("do the two hear each other?")
        for host, other in (("lb01", "lb02"), ("lb02", "lb01")):
            address = str(play.lab.machine(other).host.address.ip)
            answered = pings(play.lab.machine(host), address)
            seen = f"{address} {'answers' if answered else 'does not answer'}"
            play.observe(f"{host} can ping {other}", seen, answered)
    play.timeline((VIP1,), recording)


def stop_lb01(play: Play, recording: Recording) -> None:
    """lb01's service is stopped: lb02 has the VIP and tells every client."""
    client = play.lab.machine("client")
    lb02_mac = play.lab.machine("lb02").hardware_address()
    ear = ArpEar(client)
    play.stage.step("stop the service on lb01")
    since_ns = time.monotonic_ns()
    play.lab.balancers["lb01"].stop()
    play.sees_no_vip("lb01", (VIP1,))
    play.sees("lb02", VIP1_LINE, HANDOVER_S)
    play.answers(recording, VIP1, "lb02", HANDOVER_S)
    heard = [arp for arp in ear.heard() if arp.address == VIP1]
    ear.close()
    from_lb02 = [arp for arp in heard if arp.hardware_address == lb02_mac]
    play.observe(
        f"lb02 has broadcast gratuitous ARP for {VIP1}",
        f"the client heard {len(from_lb02)} from {lb02_mac} (lb02)",
        bool(from_lb02),
    )
    wait_until(lambda: neighbour(client, VIP1) == lb02_mac, HANDOVER_S)
    cached = neighbour(client, VIP1)
    play.observe(
        "the client's cache points to lb02",
        f"{VIP1} lladdr {cached or 'unknown'}",
        cached == lb02_mac,
    )
    play.handover(recording, VIP1, since_ns, HANDOVER_S)


def start_lb01_again(play: Play, recording: Recording) -> None:
    """lb01 is back: it preempts, lb02 lets go."""
    play.stage.step("start lb01 again")
    since_ns = time.monotonic_ns()
    play.lab.balancers["lb01"].start()
    play.stage.tell("it hears lb02's lower priority and takes over when its own 3.42 s are over")
    play.sees("lb01", VIP1_LINE)
    play.sees_no_vip("lb02", (VIP1,))
    play.answers(recording, VIP1, "lb01", MASTER_WITHIN_S)
    report = play.report_since(recording, VIP1, since_ns)
    play.observe(
        f"lb02 lets go at once: both hold {VIP1} for less than {OVERLAP_S:g} s",
        f"both held it for {report.two_owners_s * 1000:.1f} ms; "
        f"no answer for {report.outage_s * 1000:.0f} ms",
        report.two_owners_s < OVERLAP_S,
    )
