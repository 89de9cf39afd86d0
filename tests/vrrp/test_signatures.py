"""Signatures in virtual time: freshness, replay, keys, and clocks that are set."""

import struct
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

import pytest

from halod.model.advert import Advert
from halod.model.drop import DropReason
from halod.model.effect import SendAdvert
from halod.model.event import AdvertReceived
from halod.model.hmac_policy import AntiReplay, HmacKey, HmacMode, HmacPolicy
from halod.model.units import Duration, Instant
from halod.model.vrrp import VrrpVersion
from halod.vrrp.admission import Refusal, admit
from halod.vrrp.sequence_memory import SENDERS_MAX, VolatileMemory
from halod.vrrp.signatures import Signatures, WallClock
from halod.wire.checksum import internet_checksum
from tests.kit.build import instance

MESSAGE = bytes.fromhex("3133c80100644402c0000264")
SOURCE, OTHER = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.2")
UTC = Duration.seconds(1_800_000_000)
T0 = Instant(0) + Duration.seconds(1000)
S = Duration.seconds(1)
ONE = HmacKey(1, bytes(range(32)))
TWO = HmacKey(2, bytes(range(32, 64)))
POLICY = HmacPolicy(keys=(ONE,), active=1, window=S * 5)
ORDER = replace(POLICY, anti_replay=AntiReplay.MONOTONIC)


def node(offset: Duration = UTC) -> Signatures:
    return Signatures(WallClock(offset), VolatileMemory)


def sent(sender: Signatures, at: Instant = T0, policy: HmacPolicy = POLICY) -> bytes:
    """The trailer alone."""
    return sender.sign(policy, MESSAGE, SOURCE, at)


def heard(
    receiver: Signatures, trailer: bytes, at: Instant = T0, policy: HmacPolicy = POLICY
) -> DropReason | None:
    return receiver.verify(policy, MESSAGE, trailer, SOURCE, at).refused


@pytest.mark.parametrize("policy", [POLICY, ORDER])
def test_each_advert_counts_once(policy: HmacPolicy) -> None:
    sender, receiver = node(), node()
    for second in range(5):
        trailer = sent(sender, T0 + S * second, policy)
        assert heard(receiver, trailer, T0 + S * second, policy) is None
        assert heard(receiver, trailer, T0 + S * second, policy) is DropReason.REPLAYED


def test_several_in_the_same_instant_have_an_order() -> None:
    sender, receiver = node(), node()
    trailers = [sent(sender) for _ in range(3)]
    assert len(set(trailers)) == 3
    assert heard(receiver, trailers[0]) is None
    assert heard(receiver, trailers[2]) is None
    assert heard(receiver, trailers[1]) is DropReason.REPLAYED, "overtaken"


@pytest.mark.parametrize("apart_s", [-5.5, 5.5])
def test_clocks_too_far_apart(apart_s: float) -> None:
    trailer = sent(node(UTC + Duration(int(apart_s * 1e9))))
    verdict = node().verify(POLICY, MESSAGE, trailer, SOURCE, T0)
    assert verdict.refused is DropReason.STALE
    when = "after" if apart_s > 0 else "before"
    assert f"signed 5.5 s {when} our time, and 5 s are allowed" in verdict.detail
    assert heard(node(), trailer, policy=ORDER) is None, "the order alone knows no time"


def test_a_skew_of_half_the_window_is_told_and_counts() -> None:
    for apart, told in ((S * 2, None), (S * 3, S * 3), (S * -3, S * -3)):
        trailer = sent(node(UTC + apart))
        verdict = node().verify(POLICY, MESSAGE, trailer, SOURCE, T0)
        assert verdict.refused is None
        assert verdict.skew == told


def test_keys_are_exchanged_one_node_after_the_other() -> None:
    both = replace(POLICY, keys=(ONE, TWO))
    next_one = replace(both, active=2)
    assert heard(node(), sent(node(), policy=next_one), policy=both) is None
    assert heard(node(), sent(node(), policy=next_one)) is DropReason.UNKNOWN_KEY
    forged = replace(POLICY, keys=(HmacKey(1, TWO.secret),))
    assert heard(node(), sent(node(), policy=forged)) is DropReason.BAD_HMAC


@pytest.mark.parametrize(
    ("mode", "unsigned"),
    [
        (HmacMode.ENFORCE, DropReason.UNSIGNED),
        (HmacMode.PERMISSIVE, None),
        (HmacMode.RECEIVE_ONLY, None),
    ],
)
def test_modes(mode: HmacMode, unsigned: DropReason | None) -> None:
    policy = replace(POLICY, mode=mode)
    assert heard(node(), b"", policy=policy) is unsigned
    assert heard(node(), b"x", policy=policy) is DropReason.TRAILER_MALFORMED
    assert heard(node(), bytes(28), policy=policy) is DropReason.TRAILER_MALFORMED
    forged = sent(node(), policy=replace(POLICY, keys=(HmacKey(1, TWO.secret),)))
    assert heard(node(), forged, policy=policy) is DropReason.BAD_HMAC


def test_a_sender_whose_clock_is_set_back() -> None:
    clock = WallClock(UTC)
    memory = VolatileMemory()
    sender, receiver = Signatures(clock, lambda: memory), node()
    assert heard(receiver, sent(sender)) is None
    clock.offset = UTC - S * 2
    # Within the window it counts on from where it was.
    assert heard(receiver, sent(sender)) is None
    clock.offset = UTC - S * 1000
    # Beyond it the clock counts again: else it would be stale to all for a thousand seconds.
    assert heard(node(UTC - S * 1000), sent(sender)) is None
    last = memory.sent()
    assert sent(sender, policy=ORDER)
    assert last is not None
    assert memory.sent() == last + 1, "the order never goes back"


def test_a_mark_outside_of_the_window_expires() -> None:
    clock = WallClock(UTC + S * 1000)
    receiver = Signatures(clock, VolatileMemory)
    assert heard(receiver, sent(node(UTC + S * 1000))) is None
    clock.offset = UTC
    assert heard(receiver, sent(node())) is None, "both clocks were set back"


def test_memory_survives_its_process() -> None:
    memory = VolatileMemory()
    trailer = sent(node(), policy=ORDER)
    assert heard(Signatures(WallClock(UTC), lambda: memory), trailer, policy=ORDER) is None
    again = Signatures(WallClock(UTC), lambda: memory)
    assert heard(again, trailer, policy=ORDER) is DropReason.REPLAYED


def test_senders_are_bounded_and_only_those_with_a_key_count() -> None:
    memory = VolatileMemory()
    receiver = Signatures(WallClock(UTC), lambda: memory)
    for number in range(SENDERS_MAX + 2):
        source = IPv4Address(int(SOURCE) + number)
        trailer = node().sign(POLICY, MESSAGE, source, T0)
        assert receiver.verify(POLICY, MESSAGE, trailer, source, T0).refused is None
        forged = receiver.verify(POLICY, MESSAGE, trailer, OTHER, T0 + S)
        assert forged.refused in (DropReason.BAD_HMAC, DropReason.REPLAYED)
    known = [memory.heard(IPv4Address(int(SOURCE) + number)) for number in range(SENDERS_MAX + 2)]
    assert [mark is None for mark in known] == [True, True, *[False] * SENDERS_MAX]


def test_a_key_is_never_shown() -> None:
    assert "***" in repr(POLICY)
    assert repr(ONE.secret) not in repr(POLICY)


def test_the_checksum_of_ipv6_covers_the_signature() -> None:
    """As the kernel sums what keepalived sends (RFC 8200, 8.1)."""
    source, group = IPv6Address("fe80::10"), IPv6Address("ff02::12")
    message = bytes.fromhex("3133c8010064a2e9fe800000000000000000000000000100")
    advert = SendAdvert("VI_1", "ens33", source, group, message, 200)
    sent = node().attach(POLICY, advert, T0).payload
    assert len(sent) == len(message) + 28
    pseudo = source.packed + group.packed + struct.pack("!II", len(sent), 112)
    assert internet_checksum(pseudo + sent) == 0
    # The signature itself covers no checksum: it is that of the message before.
    assert node().attach(POLICY, advert, T0).payload[len(message) :] == sent[len(message) :]
    config = instance(
        version=VrrpVersion.V3, password=None, group=group, auth_hmac=POLICY, source=source
    )
    heard_here = AdvertReceived("ens33", source, group, 255, sent)
    assert isinstance(admit(config, IPv6Address("fe80::20"), heard_here), Advert)
    damaged = replace(heard_here, payload=sent[:-1] + bytes([sent[-1] ^ 1]))
    refused = admit(config, IPv6Address("fe80::20"), damaged)
    assert isinstance(refused, Refusal)
    assert refused.reason is DropReason.BAD_CHECKSUM
