"""Two masters on purpose: what each of them says while it lasts, and when it is over."""

from functools import partial

from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from tests.kit.pair import LB01, LB02, NEEDS_LAB, SILENT, VIP, WITHIN_S, Node, start_pair

pytestmark = NEEDS_LAB


def test_one_that_is_not_heard_is_told_by_the_one_that_hears(lab: Lab) -> None:
    """A firewall on lb02 that lets adverts out and none in."""
    pair = start_pair(lab, "halod", "halod")
    lab.faults.one_way("lb01", "lb02")
    pair.lb02.expect_state("MASTER", SILENT)
    pair.lb01.log.expect(rf"two masters: {LB02} advertises priority 100 beside our 150")
    status = pair.lb01.haloctl("status")
    assert status.returncode == 1
    sentence = (
        f"VI_1 is MASTER on ens33: but {LB02} is MASTER too, with priority 100 (ours 150): "
        "it does not hear us, or does not understand us"
    )
    assert f"alarm: {sentence}\n" in status.stdout
    assert pair.lb01.haloctl("why").stdout == f"{sentence}.\n"
    lab.faults.heal()
    pair.lb02.expect_state("BACKUP", rf"{LB01} is MASTER with priority 150, above")
    pair.lb01.log.expect(rf"one master again: {LB02} gave way")
    assert pair.lb01.haloctl("status").returncode == 0
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)


def test_another_password_is_told_by_both(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod")
    pair.lb02.reload(changed_password)
    pair.lb02.expect_state("MASTER", SILENT)
    for node, other in ((pair.lb01, LB02), (pair.lb02, LB01)):
        node.log.skip()
        assert wait_until(partial(needs_a_person, node), 3.0)
        words = f"It ignores adverts from {other}: another password: compare `auth_pass`"
        assert "alarm: VI_1 is MASTER on ens33: " in node.haloctl("status").stdout
        assert words in node.haloctl("why").stdout
    pair.lb02.reload(lambda text: text.replace("2222", "1111"))
    pair.lb02.expect_state("BACKUP", rf"{LB01} is MASTER with priority 150, above")
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)


def needs_a_person(node: Node) -> bool:
    return node.haloctl("status").returncode == 1


def changed_password(text: str) -> str:
    return text.replace("1111", "2222")


def test_a_fail_back_is_no_alarm(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod")
    pair.lb01.balancer.stop()
    lab.wait_for_owner(VIP, "lb02", WITHIN_S)
    pair.lb01.log.skip()
    pair.lb01.balancer.start()
    pair.lb01.expect_state("MASTER", rf"{LB02} is MASTER with priority 100, below")
    pair.lb02.expect_state("BACKUP", rf"{LB01} is MASTER with priority 150, above")
    wait_until(lambda: False, 2.0)
    for node in (pair.lb01, pair.lb02):
        node.log.silent_about("two masters| alert | error ")
