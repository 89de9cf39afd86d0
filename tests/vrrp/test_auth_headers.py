"""The one counter of AH, in virtual time: replays, and nodes that are started anew."""

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from halod.model.auth_header import AuthHeader
from halod.model.drop import DropReason
from halod.model.event import AdvertReceived
from halod.model.units import Duration, Instant
from halod.model.vrrp import AhKey, VrrpInstance
from halod.vrrp.admission import Refusal, admit
from halod.vrrp.auth_headers import AuthHeaders
from halod.vrrp.message import advert_of
from halod.vrrp.sequence_memory import VolatileMemory
from halod.vrrp.signatures import Signatures, WallClock
from halod.wire import ip
from tests.kit.build import GROUP, LB01, LB02, LB03, S, instance, unicast

CONFIG = instance(password=None, ah_key=AhKey(b"1111"))
T0 = Instant(0) + Duration.seconds(1000)


class Node:
    """One end; `restart` is a new process with the memory of the old one."""

    def __init__(self, address: IPv4Address = LB01) -> None:
        self.address = address
        self.memory = VolatileMemory()
        self.restart()

    def restart(self) -> None:
        self.headers = AuthHeaders(lambda: self.memory)

    def boot(self) -> None:
        self.memory = VolatileMemory()
        self.restart()

    def says(self, config: VrrpInstance = CONFIG, at: Instant = T0) -> AdvertReceived:
        assert config.ah_key is not None
        sent = self.headers.attach(config.ah_key, advert_of(config, self.address, 100), at)
        assert sent.whole
        event = ip.decode(config.interface, sent.payload)
        assert event is not None
        return event

    def refuses(self, event: AdvertReceived, at: Instant = T0) -> DropReason | None:
        why = self.headers.verify(CONFIG, event, at)
        return None if why is None else why[0]


def sequence(event: AdvertReceived) -> int:
    assert event.auth_header is not None
    return event.auth_header.sequence


def test_the_first_is_one_and_each_counts_once() -> None:
    sender, receiver = Node(), Node(LB02)
    for expected in range(1, 6):
        event = sender.says()
        assert sequence(event) == expected
        assert receiver.refuses(event) is None
        assert receiver.refuses(event) is DropReason.REPLAYED


def test_a_master_goes_on_behind_what_it_heard() -> None:
    """keepalived's way: who was started anew is heard as soon as it has heard one advert."""
    old, new = Node(LB01), Node(LB02)
    for _ in range(7):
        assert new.refuses(old.says()) is None
    old.boot()
    taken_over = new.says()
    assert sequence(taken_over) == 8
    assert old.refuses(taken_over) is None
    assert sequence(old.says()) == 9


def test_all_sources_have_one_counter() -> None:
    """keepalived 2.2.7 counts for an instance, not for a source."""
    one, other, receiver = Node(LB01), Node(LB02), Node(LB03)
    for _ in range(3):
        assert receiver.refuses(one.says()) is None
    assert receiver.refuses(other.says()) is DropReason.REPLAYED


def test_what_is_not_genuine_moves_nothing() -> None:
    receiver, forger = Node(LB02), Node()
    high = replace(CONFIG, ah_key=AhKey(b"2222"))
    forged = [forger.says(high) for _ in range(5)]
    assert receiver.refuses(forged[-1]) is DropReason.BAD_CHECK_VALUE
    assert receiver.refuses(Node().says()) is None


def test_a_restart_sends_above_and_refuses_what_it_has_just_heard() -> None:
    sender, receiver = Node(), Node(LB02)
    captured = [sender.says() for _ in range(4)]
    assert all(receiver.refuses(event) is None for event in captured)
    receiver.restart()
    soon = T0 + S * 2
    assert receiver.refuses(captured[-1], soon) is DropReason.REPLAYED
    sender.restart()
    assert receiver.refuses(sender.says(), soon) is None


def test_a_restart_after_long_follows_a_peer_that_counts_anew() -> None:
    """Both were stopped, and a keepalived counts from 1 again: no second master for that."""
    sender, receiver = Node(), Node(LB02)
    for _ in range(9):
        assert receiver.refuses(sender.says()) is None
    sender.boot()
    receiver.restart()
    # Not before Master_Down_Interval: 3 s and 156/256 s (RFC 3768, 6.1).
    first, second = sender.says(), sender.says()
    assert receiver.refuses(first, T0 + S * 3) is DropReason.REPLAYED
    assert receiver.refuses(second, T0 + S * 4) is None
    # What it sends itself stays above all that anybody has heard.
    assert sequence(receiver.says(at=T0 + S * 5)) == 10


def test_what_auth_hmac_left_is_no_sequence_of_ours() -> None:
    node = Node()
    key = VolatileMemory()
    key.note_sent(0x6800_0000_8000_0000)
    node.memory = key
    assert sequence(node.says()) == 1


def test_the_counter_does_not_wrap() -> None:
    node = Node()
    node.memory.note_sent(0xFFFF_FFFE)
    assert [sequence(node.says()) for _ in range(2)] == [0xFFFF_FFFF, 0xFFFF_FFFF]


def test_one_sequence_for_all_peers() -> None:
    config = replace(CONFIG, unicast=unicast(LB02, LB03, ttl=64))
    assert config.ah_key is not None
    sent = Node().headers.attach(config.ah_key, advert_of(config, LB01, 100), T0)
    for peer, packet in sent.packets():
        event = ip.decode("ens33", packet)
        assert event is not None
        assert (event.destination, event.ttl, sequence(event)) == (peer, 64, 1)
        assert Node(LB02).refuses(event) is None


def header_of(event: AdvertReceived, at: int, value: bytes) -> AdvertReceived:
    assert event.auth_header is not None
    raw = event.auth_header.raw
    changed = raw[:at] + value + raw[at + len(value) :]
    return replace(event, auth_header=AuthHeader(event.auth_header.identification, changed))


@pytest.mark.parametrize(
    ("at", "value", "detail"),
    [
        (0, b"\x11", "next header 17, wanted 112, in its authentication header"),
        (1, b"\x05", "length 5, wanted 4, in its authentication header"),
        (4, b"\1\2\3\4", "SPI 01020304, wanted c0a8b282, in its authentication header"),
    ],
)
def test_a_header_of_another_form(at: int, value: bytes, detail: str) -> None:
    event = header_of(Node().says(), at, value)
    assert Node(LB02).headers.verify(CONFIG, event, T0) == (
        DropReason.AUTH_HEADER_MALFORMED,
        detail,
    )


def admitted(config: VrrpInstance, event: AdvertReceived) -> Refusal | None:
    signatures = Signatures(WallClock(), VolatileMemory)

    def verify(_: bytes, __: bytes) -> Refusal | None:
        why = signatures.headers.verify(config, event, T0)
        return None if why is None else Refusal(*why)

    found = admit(config, LB03, event, verify if config.ah_key else None)
    return found if isinstance(found, Refusal) else None


def test_both_ends_say_that_the_other_is_configured_otherwise() -> None:
    with_password = instance()
    sent = advert_of(with_password, LB01, 100)
    plain = AdvertReceived("ens33", LB01, GROUP, 255, sent.payload)
    assert admitted(CONFIG, Node().says()) is None
    assert admitted(CONFIG, plain) == Refusal(
        DropReason.AUTH_TYPE_MISMATCH, "it has no authentication header, as AH has"
    )
    assert admitted(with_password, Node().says()) == Refusal(
        DropReason.AUTH_TYPE_MISMATCH, "authentication AH, wanted PASS: compare `auth_type`"
    )


def test_a_verified_sequence_counts_whatever_else_is_wrong() -> None:
    """As with keepalived 2.2.7: another interval is refused, and its sequence is used up."""
    receiver = Node(LB02)

    def verify(_: bytes, __: bytes) -> Refusal | None:
        why = receiver.headers.verify(CONFIG, event, T0)
        return None if why is None else Refusal(*why)

    event = Node().says(replace(CONFIG, advert_interval=S * 2))
    refusal = admit(CONFIG, LB03, event, verify)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is DropReason.INTERVAL_MISMATCH
    assert receiver.refuses(event) is DropReason.REPLAYED
