"""auth_hmac between two real nodes: signed adverts, keys exchanged one by one, and strangers."""

import socket
from functools import partial

import pytest

from halod.lab.advert_ear import AdvertEar
from halod.lab.lab import Lab
from tests.kit.pair import LB01, NEEDS_LAB, VIP, WITHIN_S, changed, set_up_pair, start_pair

pytestmark = NEEDS_LAB

KEY = "hex:" + bytes(range(32)).hex()
OTHER = "a passphrase of at least thirty-two bytes".replace(" ", "-")

PASSWORD = """\
    authentication {
        auth_type PASS
        auth_pass 1111
    }
"""


def signed(*keys: str, active: int = 1, more: str = "") -> str:
    lines = "".join(f"        key {number} {key}\n" for number, key in enumerate(keys, start=1))
    return f"    auth_hmac {{\n{lines}        active_key {active}\n{more}    }}\n"


def config(block: str) -> tuple[str, str]:
    """In the place of the tutorial's password."""
    return PASSWORD, block


def test_a_signed_pair_hands_over_and_back(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod", changed(config(signed(KEY))))
    pair.lb02.log.silent_about("ignored")
    report = lab.probe(VIP, 1.5, during=pair.lb01.balancer.stop, until="lb02")
    assert report.answered_by == ["lb01", "lb02"]
    pair.lb02.expect_state("MASTER", rf"{LB01} resigned \(priority 0\)")
    pair.lb01.balancer.start()
    pair.lb01.expect_state("MASTER", r"192\.168\.178\.131 is MASTER with priority 100, below")
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)


def test_the_supervisor_signs_the_last_will(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod", changed(config(signed(KEY))))
    pair.lb01.balancer.kill_heartbeat()
    pair.lb02.expect_state("MASTER", rf"{LB01} resigned \(priority 0\)")
    # The next heartbeat is heard: its sequence is above the last one of the one that died.
    pair.lb01.expect_state("MASTER", r"192\.168\.178\.131 is MASTER with priority 100, below")
    pair.lb02.expect_state("BACKUP", rf"{LB01} is MASTER with priority 150, above")
    pair.lb02.log.silent_about("ignored")


def test_another_key_is_told_and_keys_are_exchanged_without_a_gap(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod", changed(config(signed(KEY))))
    for node, block in (
        (pair.lb02, signed(KEY, OTHER)),
        (pair.lb01, signed(KEY, OTHER, active=2)),
        (pair.lb02, signed(KEY, OTHER, active=2)),
    ):
        node.reload(partial(_replaced, block))
    report = lab.probe(VIP, 4.5)
    assert (report.answered_by, report.two_owners_s) == (["lb01"], 0)
    pair.lb02.expect_no_change()
    pair.lb02.log.silent_about("ignored")
    pair.lb01.reload(partial(_replaced, signed(OTHER)))
    pair.lb02.log.expect(rf"ignored an advert from {LB01} on ens33: the signature with key 1 is")
    pair.lb02.expect_state("MASTER", rf"no advert from {LB01} for 3\.[6-9]")


def _replaced(block: str, text: str) -> str:
    start = text.index("    auth_hmac {")
    end = text.index("    }\n", start) + len("    }\n")
    return text[:start] + block + text[end:]


@pytest.mark.parametrize(
    ("more", "told"),
    [("", "it is not signed, and `auth_hmac` is enforced here"), ("        mode permissive\n", "")],
)
def test_adverts_without_a_signature(lab: Lab, more: str, told: str) -> None:
    def of(host: str) -> str:
        block = signed(KEY, more=more) if host == "lb02" else ""
        return changed(config(block))(host)

    if not told:
        pair = start_pair(lab, "halod", "halod", of)
        # Longer than lb02 would wait for a master that it does not understand.
        report = lab.probe(VIP, 4.5)
        assert (report.answered_by, report.two_owners_s) == (["lb01"], 0)
        pair.lb02.expect_no_change()
        return
    # Neither hears the other: that is what enforcing means, and lb02 says it.
    pair = set_up_pair(lab, "halod", "halod", of)
    for node in (pair.lb01, pair.lb02):
        node.balancer.start()
    ignored = rf"ignored an advert from {LB01} on ens33: {told}"
    pair.lb02.log.expect(ignored, within_s=WITHIN_S)


def test_a_replay_after_a_restart_is_seen(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod", changed(config(signed(KEY))))
    web01 = lab.machine("web01")
    ear = AdvertEar(web01)
    captured = ear.wait(LB01, WITHIN_S)
    ear.close()
    assert captured is not None
    # From here on nothing but the replay reaches lb02.
    lab.faults.partition("lb01", "lb02")
    pair.lb02.balancer.kill_heartbeat()
    pair.lb02.log.expect("started: listening for a master first")
    frame = captured.frame.data
    sender = web01.namespace.call(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
    with sender:
        web01.namespace.call(lambda: sender.bind((web01.host.interface, 0)))
        # As if it came from web01, so that the switch keeps to know where lb01 is.
        sender.send(frame[:6] + bytes.fromhex("020000000042") + frame[12:])
    pair.lb02.log.expect(
        rf"ignored an advert from {LB01} on ens33: an advert that was heard before came again"
    )
