"""A check script of nginx, as most published pairs have it: nginx dies, and the other node takes
over; nginx comes back, and so does the address. With halod, and with halod beside keepalived.
"""

from __future__ import annotations

import signal

import pytest

from halod.lab import nginx
from halod.lab.lab import Lab
from halod.lab.tutorial_lab import start_web
from tests.kit.pair import LB02, MIXED, NEEDS_KEEPALIVED, NEEDS_LAB, VIP, Pair, changed, set_up_pair

WITHIN_S = 20.0
"""Until a check has noticed, 1 s, and a takeover is over, 3.6 s; on a busy machine."""
CHECK = """vrrp_script chk_nginx {{
    script "/bin/bash -c '</dev/tcp/127.0.0.1/80'"
    interval 1
    timeout 3
    fall 2
    rise 2
    {weight}
}}

vrrp_instance VI_1"""
"""A connection to nginx in the host's own network: the process table is everybody's."""


def with_check(lab: Lab, lb01: str, lb02: str, weight: str) -> Pair:
    start_web(lab)
    text = CHECK.format(weight=weight)
    track = "    track_script {\n        chk_nginx\n    }\n    authentication {"
    config = changed(("vrrp_instance VI_1", text), ("    authentication {", track))
    pair = set_up_pair(lab, lb01, lb02, config)
    for node in (pair.lb01, pair.lb02):
        node.balancer.start()
        node.log.expect(r"\(VI_1\) Entering BACKUP STATE", within_s=WITHIN_S)
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    return pair


def stop_nginx(lab: Lab, name: str) -> None:
    program = lab.machine(name).program(nginx.NGINX)
    assert program is not None
    program.send(signal.SIGTERM)
    assert program.wait_gone(WITHIN_S)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("weight", ["weight -60", "weight 60", ""], ids=["minus", "plus", "fault"])
@pytest.mark.parametrize(
    ("lb01", "lb02"),
    [
        pytest.param("halod", "halod", id="halod", marks=NEEDS_LAB),
        *(pytest.param(*each.values, id=str(each.id), marks=NEEDS_KEEPALIVED) for each in MIXED),
    ],
)
def test_the_address_follows_nginx(lab: Lab, lb01: str, lb02: str, weight: str) -> None:
    pair = with_check(lab, lb01, lb02, weight)
    stop_nginx(lab, "lb01")
    lab.wait_for_owner(VIP, "lb02", WITHIN_S)
    if pair.lb01.is_halod:
        pair.lb01.log.expect(r"VRRP_Script\(chk_nginx\) failed \(exit 1\)", within_s=WITHIN_S)
        told = pair.lb01.haloctl("why").stdout
        assert "script chk_nginx failed (exit 1)" in told
        if weight:
            moved = "150 -> 90" if weight == "weight -60" else "stays 150"
            assert f"Priority {moved}" in told
        else:
            assert "is FAULT" in told
    nginx.restart(lab.machine("lb01"))
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    if pair.lb01.is_halod:
        pair.lb01.log.expect(r"VRRP_Script\(chk_nginx\) succeeded", within_s=WITHIN_S)
        if weight:
            pair.lb01.expect_state("MASTER", rf"{LB02} is MASTER with priority \d+, below")
