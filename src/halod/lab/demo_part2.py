"""Part 2 of the tutorial: two instances, each node master of one; either can carry both.

Knows the steps and what must be seen; `play.py` has the tools.
"""

import time

from halod.lab.client import page, server_of
from halod.lab.play import HANDOVER_S, VIP1, VIP1_LINE, VIP2, VIP2_LINE, VIP2_LINE_LB01, Play
from halod.lab.recording import Recording
from halod.lab.tutorial_lab import BBS, DUAL, WWW


def play(play: Play) -> None:
    """The whole part, with its drawing."""
    lb01, lb02 = play.set_up(DUAL)
    with play.lab.probing(VIP1, VIP2) as recording:
        play.stage.step("start both with the dual file")
        lb01.start()
        lb02.start()
        play.stage.tell("each waits 3.42 s for the instance that it is to be master of")
        each_has_one(play)
        both_names(play, "with both nodes up")
        play.stage.step("stop the service on lb01")
        since_ns = time.monotonic_ns()
        lb01.stop()
        play.sees("lb02", VIP1_LINE, HANDOVER_S)
        play.sees("lb02", VIP2_LINE, HANDOVER_S)
        after_stop(play, recording, VIP1, "lb02", since_ns)
        both_names(play, "through lb02 alone")
        play.stage.step("start lb01 again")
        lb01.start()
        play.stage.tell("waiting for lb01 to take its own VIP back")
        each_has_one(play)
        play.stage.step("stop the service on lb02")
        since_ns = time.monotonic_ns()
        lb02.stop()
        play.sees("lb01", VIP1_LINE, HANDOVER_S)
        play.sees("lb01", VIP2_LINE_LB01, HANDOVER_S)
        after_stop(play, recording, VIP2, "lb01", since_ns)
        both_names(play, "through lb01 alone")
        play.stage.step("start lb02 again")
        lb02.start()
        play.stage.tell("waiting for lb02 to take its own VIP back")
        each_has_one(play)
    play.timeline((VIP1, VIP2), recording)


def each_has_one(play: Play) -> None:
    """lb01 shows .3 and not .4, lb02 the other way round."""
    play.sees("lb01", VIP1_LINE)
    play.sees("lb02", VIP2_LINE)
    play.sees_no_vip("lb01", (VIP2,))
    play.sees_no_vip("lb02", (VIP1,))


def after_stop(play: Play, recording: Recording, vip: str, host: str, since_ns: int) -> None:
    """How long the stopped node's VIP did not answer."""
    play.answers(recording, vip, host, HANDOVER_S)
    play.handover(recording, vip, since_ns, HANDOVER_S)


def both_names(play: Play, when: str) -> None:
    """Both sites through both VIPs, each a page of one of the web servers."""
    client = play.lab.machine("client")
    for name, vip in ((WWW, VIP1), (BBS, VIP2), (WWW, VIP2), (BBS, VIP1)):
        seen = server_of(page(client, name, vip))
        play.observe(
            f"{when}: {name} through {vip} shows web01 or web02", seen, seen in ("web01", "web02")
        )
