"""Part 4, the tutorial's second pillar: lb01 balances by itself; a web server dies and comes back.

Knows the steps; `lvs_play.py` has what is done and seen. Direct routing: a web server answers the
client itself.
"""

from halod.lab.director import wait_until_ready
from halod.lab.lvs_lab import LVS_NAMES, VIP, Method, set_up_directors
from halod.lab.lvs_play import answer_in_turn, kill_and_heal, observe_no_failure
from halod.lab.play import VIP1_LINE, Play
from halod.lab.topology import Role

__all__ = ["play"]


def play(play: Play) -> None:
    """The whole part, with its drawing."""
    if set(play.programs.values()) != {"halod"}:
        play.stage.tell("for halod alone: the lab runs keepalived with VRRP and nothing else")
        return
    if not play.lab.switch.port_is_up("lb01"):
        # Part 3 ends without it.
        play.lab.faults.power_on("lb01")
    webs = [host.name for host in play.lab.topology.with_role(Role.WEB)]
    directors = set_up_directors(play.lab, Method.DR, play.programs)
    with play.lab.probing(VIP) as recording:
        play.stage.step("start both nodes, with web01 and web02 as real servers of the VIP")
        for director in directors:
            director.start()
        for director in directors:
            wait_until_ready(director.machine)
        play.sees("lb01", VIP1_LINE)
        with play.lab.requesting(dict(LVS_NAMES)) as requesting:
            answer_in_turn(play, requesting, webs)
            bounds = kill_and_heal(play, requesting, webs)
    requests = requesting.requests()
    for what, start_ns, end_ns in bounds:
        observe_no_failure(play, requests, what, start_ns, end_ns)
    play.timeline((VIP,), recording, requests)
