"""AH between halod and keepalived: each hears the other, whoever was started anew."""

import pytest

from halod.lab.lab import Lab
from tests.interop.unicast_files import unicast_config
from tests.kit.pair import (
    LB01,
    MIXED,
    NEEDS_KEEPALIVED,
    SILENT,
    VIP,
    WITHIN_S,
    Pair,
    changed,
    set_up_pair,
    start_pair,
)

pytestmark = NEEDS_KEEPALIVED

AH = ("auth_type PASS", "auth_type AH")
PREEMPTED = r"192\.168\.178\.131 is MASTER with priority 100, below"


def heard_each_other(pair: Pair) -> None:
    """Neither has refused anything: halod says so by itself, keepalived in these words."""
    for node in (pair.lb01, pair.lb02):
        node.log.silent_about(
            r"ignored an advert|already processed|invalid IPSEC|received a \d auth"
        )


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_they_hand_over_and_back(lab: Lab, lb01: str, lb02: str) -> None:
    pair = start_pair(lab, lb01, lb02, changed(AH))
    # Longer than lb02 would wait for a master that it does not understand.
    report = lab.probe(VIP, 4.5)
    assert (report.answered_by, report.two_owners_s) == (["lb01"], 0)
    pair.lb02.expect_no_change()
    pair.lb01.balancer.stop()
    pair.lb02.expect_state("MASTER", rf"{LB01} resigned \(priority 0\)")
    pair.lb01.balancer.start()
    # Its counter begins anew, and one advert of lb02 is enough to go on behind it.
    pair.lb01.expect_state("MASTER", PREEMPTED)
    pair.lb02.expect_state("BACKUP", rf"{LB01} is MASTER with priority 150, above")
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    heard_each_other(pair)
    if lb01 == "halod":
        # What a supervisor says for a heartbeat that died goes on behind it too.
        pair.lb01.balancer.kill_heartbeat()
        pair.lb02.expect_state("MASTER", "")
        pair.lb01.expect_state("MASTER", PREEMPTED)
        heard_each_other(pair)
        [instance] = pair.lb01.haloctl_json()["instances"]
        assert instance["signs_with"] == "AH"


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_unicast_with_a_ttl_of_its_own(lab: Lab, lb01: str, lb02: str) -> None:
    """TTL may change on the way there, so the check value leaves it out; to a group it does not."""
    plain = unicast_config(2, more="    unicast_ttl 64\n")
    pair = start_pair(lab, lb01, lb02, lambda host: plain(host).replace(*AH))
    report = lab.probe(VIP, 4.5)
    assert (report.answered_by, report.two_owners_s) == (["lb01"], 0)
    pair.lb02.expect_no_change()
    heard_each_other(pair)


def owner_and_backup(lab: Lab, lb01: str, lb02: str) -> Pair:
    owner, backup = changed(AH, ("priority 150", "priority 255")), changed(AH)
    pair = set_up_pair(lab, lb01, lb02, lambda host: (owner if host == "lb01" else backup)(host))
    pair.lb02.balancer.start()
    pair.lb02.expect_state("BACKUP", "started: listening for a master first")
    pair.lb01.balancer.start()
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    lab.probe(VIP, 2.5)  # adverts enough that the counter has gone on
    return pair


def test_a_keepalived_owner_that_begins_at_one_again(lab: Lab) -> None:
    """It is MASTER at once, and halod refuses what looks like a replay, as another keepalived does,
    until it has taken over and said something itself: from there on both go on."""
    pair = owner_and_backup(lab, "keepalived", "halod")
    pair.lb01.balancer.kill_heartbeat()
    pair.lb02.log.expect(
        rf"ignored an advert from {LB01} on ens33: its sequence \d+ is not above \d+, which was "
        "heard or sent: a replay, or its sender was started anew",
        within_s=WITHIN_S,
    )
    pair.lb02.expect_state("MASTER", SILENT)
    pair.lb02.expect_state("BACKUP", rf"{LB01} is MASTER with priority 255, above")
    assert lab.owners(VIP) == ["lb01"]


def _refused(pair: Pair) -> int:
    return len([line for line in pair.lb02.log.lines() if "already processed" in line])


def test_a_halod_owner_goes_on_where_it_was(lab: Lab) -> None:
    pair = owner_and_backup(lab, "halod", "keepalived")
    pair.lb01.balancer.kill_heartbeat()
    pair.lb01.expect_state("MASTER", "")
    pair.lb01.expect_state("MASTER", "")
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    # Longer than lb02 would wait for a master whose adverts it refuses. While the next heartbeat is
    # on its way lb02 may take over and use the next sequences first: then those after them count.
    report = lab.probe(VIP, 4.5)
    assert report.answered_by[-1] == "lb01"
    refused = _refused(pair)
    lab.probe(VIP, 2.5)
    assert _refused(pair) == refused, "two more adverts have come since"


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_another_key_is_refused_and_counted(lab: Lab, lb01: str, lb02: str) -> None:
    of_lb02 = changed(AH, ("auth_pass 1111", "auth_pass 1112"))
    pair = set_up_pair(lab, lb01, lb02, lambda h: of_lb02(h) if h == "lb02" else changed(AH)(h))
    for node in (pair.lb01, pair.lb02):
        node.balancer.start()
    halod, keepalived = (pair.lb01, pair.lb02) if lb01 == "halod" else (pair.lb02, pair.lb01)
    keepalived.log.expect("invalid IPSEC HMAC-MD5 value", within_s=WITHIN_S)
    halod.log.expect(
        rf"ignored an advert from {keepalived.address} on ens33: the check value of its "
        "authentication header is wrong: compare `auth_pass`",
        within_s=WITHIN_S,
    )
    [instance] = halod.haloctl_json()["instances"]
    assert set(instance["adverts_dropped"]) == {"bad_check_value"}
    # Each is master for itself: that is what a wrong key does, and no address is to blame.
    assert sorted(lab.owners(VIP)) == ["lb01", "lb02"]


def test_a_reload_from_a_password_opens_what_hears_it(lab: Lab) -> None:
    """One node after the other, as an operator does it: in between halod tells what it misses."""
    pair = start_pair(lab, "keepalived", "halod")
    pair.lb02.reload(lambda text: text.replace(*AH))
    pair.lb02.log.expect(
        rf"ignored an advert from {LB01} on ens33: it has no authentication header, as AH has"
    )
    pair.lb01.edit(lambda text: text.replace(*AH))
    pair.lb01.balancer.reload()
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    report = lab.probe(VIP, 4.5)
    assert report.answered_by[-1] == "lb01"
    assert pair.lb02.haloctl_json()["instances"][0]["state"] == "BACKUP"
