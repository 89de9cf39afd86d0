"""A kernel that tells more than can be heard: interfaces by the hundred beside a master of 50 VIPs.

Each of them takes the rtnl lock, which renewals of addresses wait for, and tells all who listen.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from socket import SO_RCVBUF, SOL_SOCKET
from threading import Thread

import pytest

from halod.lab.advert_ear import AdvertEar
from halod.lab.lab import Lab
from tests.kit.fast_pair import FAST_S, fast_config, start_fast_pair
from tests.kit.foreign_descriptor import netlink_subscription
from tests.kit.pair import LB01, NEEDS_LAB, VIP, Pair

pytestmark = [*NEEDS_LAB, pytest.mark.timeout(180)]

VETHS = 400
LATE_S = 0.020
"""What the storm may add to the gap between two adverts."""
VIP_LINE = "192.168.178.3/24 dev ens33 label ens33:3"
MORE = [f"192.168.178.{last}" for last in range(150, 199)]
FIFTY = fast_config(
    FAST_S, (VIP_LINE, "\n".join([VIP_LINE, *(f"{vip}/24 dev ens33" for vip in MORE)]))
)
STORM_S = 1.0
"""A storm that is shorter disturbs nothing."""


def storm(pair: Pair) -> None:
    """Makes the interfaces on the master's host and takes them away again."""
    namespace = pair.lab.machine("lb01").namespace
    names = [f"storm{number}" for number in range(VETHS)]
    namespace.ip_batch([f"link add {name} type veth peer {name}p" for name in names])
    namespace.ip_batch([f"link set {name} up" for name in names])
    namespace.ip_batch([f"link del {name}" for name in names])


@contextmanager
def in_a_storm(pair: Pair) -> Iterator[None]:
    """Watches the pair while the kernel is busy, from the block's begin to the storm's end."""
    ear = AdvertEar(pair.lab.machine("web01"))
    thread = Thread(target=storm, args=(pair,))
    with pair.lab.probing(VIP, *MORE) as recording:
        thread.start()
        yield
        thread.join()
        pair.lab.probe(VIP, 0.5)
    adverts = [advert for advert in ear.heard() if advert.source == LB01]
    ear.close()
    gaps_s = [(after.at_ns - before.at_ns) / 1e9 for before, after in pairwise(adverts)]
    print(json.dumps({"storm s": round(sum(gaps_s), 2), "longest gap ms": max(gaps_s) * 1000}))
    assert sum(gaps_s) > STORM_S
    assert max(gaps_s) < FAST_S + LATE_S
    for vip in (VIP, *MORE):
        report = pair.lab.report(recording, vip)
        assert report.answered_by == ["lb01"]
        assert (report.two_owners_s, report.no_owner_s) == (0, 0)
    for node in (pair.lb01, pair.lb02):
        node.expect_no_change()
        node.log.silent_about("Traceback|broke|removed|put back")


def test_interfaces_by_the_hundred_delay_no_advert(lab: Lab) -> None:
    pair = start_fast_pair(lab, "halod", "halod", FIFTY)
    with in_a_storm(pair):
        pass
    assert pair.lb01.haloctl_json()["instances"][0]["term"] == 1


def test_an_overrun_of_the_kernels_news_is_mended_in_place(lab: Lab) -> None:
    """netlink(7), ENOBUFS: what was lost is looked up, and nothing else happens."""
    pair = start_fast_pair(lab, "halod", "halod", FIFTY)
    heartbeat = pair.lb01.balancer.heartbeat
    assert heartbeat is not None
    with netlink_subscription(heartbeat) as subscription:
        subscription.setsockopt(SOL_SOCKET, SO_RCVBUF, 0)
    assert pair.lb01.haloctl_json()["netlink_overruns"] == 0
    with in_a_storm(pair):
        pass
    status = pair.lb01.haloctl_json()
    assert status["netlink_overruns"] > 0
    assert status["instances"][0]["term"] == 1
