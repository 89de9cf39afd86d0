"""Whatever comes to the VRRP socket is used, or counted by its reason and changes nothing.

RFC 9568, 7.1 and RFC 3768, 7.1: a packet that fails a check is discarded.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.engine.ready import Ready
from halod.model.drop import DropReason
from halod.model.event import AdvertReceived
from halod.model.fact import AdvertsDropped
from halod.model.hmac_policy import HmacKey, HmacPolicy
from halod.model.units import Duration, Instant
from halod.model.view import EngineView
from halod.model.vrrp import AhKey, Password, VrrpVersion
from halod.vrrp.message import advert_of
from halod.vrrp.sequence_memory import VolatileMemory
from halod.vrrp.signatures import Signatures, WallClock
from halod.wire import auth_header, ipv4
from halod.wire.checksum import internet_checksum
from halod.wire.envelope import Envelope
from tests.kit.build import (
    ETH,
    GROUP,
    LB01,
    LB02,
    LB03,
    MS,
    S,
    at,
    instance,
    link,
    received,
    unicast,
)
from tests.kit.driver import Driver, Node
from tests.wire.test_vrrp3 import with_checksum

GOOD = received(instance(priority=150), LB01)
"""What a master with the priority 150 sends: without a fault it would win against either state."""


def following() -> tuple[Driver, Node]:
    """A backup, half a second after it heard its master."""
    driver = Driver()
    node = driver.add("lb02", LB02, instance())
    driver.tell(node, received(instance(priority=150), LB01))
    driver.run(MS * 500)
    return driver, node


def mastering() -> tuple[Driver, Node]:
    """A master between two adverts."""
    driver = Driver()
    node = driver.add("lb02", LB02, instance())
    driver.run(S * 4)
    return driver, node


def faulty() -> tuple[Driver, Node]:
    """An instance whose link is down."""
    driver, node = following()
    driver.see_link(node, link(LB02, running=False))
    return driver, node


def following_v3() -> tuple[Driver, Node]:
    """A backup that speaks version 3."""
    driver = Driver()
    node = driver.add("lb02", LB02, V3)
    driver.tell(node, received(V3, LB01, 150))
    driver.run(MS * 500)
    return driver, node


def following_unicast() -> tuple[Driver, Node]:
    """A backup whose only peer is lb03, and that looks at the source."""
    driver = Driver()
    config = instance(unicast=unicast(LB03, check_source=True))
    node = driver.add("lb02", LB02, config)
    driver.run(MS * 500)
    return driver, node


def following_signed() -> tuple[Driver, Node]:
    """A backup that takes only what is signed."""
    driver = Driver()
    node = driver.add("lb02", LB02, SIGNED)
    driver.tell(node, signed(at(0)))
    driver.run(MS * 500)
    return driver, node


def following_behind_header() -> tuple[Driver, Node]:
    """BACKUP that has heard a master with AH."""
    driver = Driver()
    node = driver.add("lb02", LB02, BEHIND_HEADER)
    driver.tell(node, behind_header(1))
    driver.run(MS * 500)
    return driver, node


def owning_deaf() -> tuple[Driver, Node]:
    """The owner of the addresses, which hears nobody."""
    driver = Driver()
    node = driver.add("lb02", LB02, instance(priority=255, ignores_adverts=True))
    driver.run(MS * 500)
    assert node.engine.view(driver.now).instances[0].state == "MASTER"
    return driver, node


BEHIND_HEADER = instance(password=None, ah_key=AhKey(b"1111"))


def behind_header(sequence: int, next_header: bytes = b"", key: bytes = b"1111") -> AdvertReceived:
    """An advert of the master with AH; `next_header`: in the place of the right one."""
    message = advert_of(BEHIND_HEADER, LB01, 150).payload
    packet = auth_header.datagram(LB01, GROUP, 255, sequence, message, key)
    event = ipv4.decode(ETH, packet[:20] + next_header + packet[20 + len(next_header) :])
    assert event is not None
    return event


POLICY = HmacPolicy(keys=(HmacKey(1, bytes(range(32))),), active=1, window=S * 5)
SIGNED = instance(password=None, auth_hmac=POLICY)


def signed(now: Instant, policy: HmacPolicy = POLICY) -> AdvertReceived:
    """An advert of the master, signed at that time."""
    sent = received(SIGNED, LB01, 150)
    trailer = Signatures(WallClock(), VolatileMemory).sign(policy, sent.payload, LB01, now)
    return replace(sent, payload=sent.payload + trailer)


def of_key(identifier: int) -> HmacPolicy:
    return replace(POLICY, keys=(HmacKey(identifier, bytes(32)),), active=identifier)


V3 = instance(version=VrrpVersion.V3, password=None)
SITUATIONS = {
    "BACKUP": following,
    "MASTER": mastering,
    "FAULT": faulty,
    "BACKUP v3": following_v3,
    "BACKUP unicast": following_unicast,
    "BACKUP signed": following_signed,
    "BACKUP behind a header": following_behind_header,
    "MASTER deaf": owning_deaf,
}


def counts(view: EngineView) -> dict[str, int]:
    """Everything that was dropped so far, by reason."""
    total = dict(view.link_drops)
    for shown in view.instances:
        for reason, count in shown.adverts_dropped.items():
            total[reason] = total.get(reason, 0) + count
    return total


def without_counts(view: EngineView) -> EngineView:
    """The view without what drops may change: numbers, the hint of `why`, an alarm."""
    instances = tuple(
        replace(
            shown,
            adverts_dropped={},
            alarm=None,
            why=shown.why.partition(". It ignores adverts from ")[0],
        )
        for shown in view.instances
    )
    return replace(view, instances=instances, link_drops={}, unknown_virtual_router_ids={})


def dropped(situation: str, event: AdvertReceived) -> str:
    """Lets it come, holds that nothing changed, and answers with the reason that was counted."""
    driver, node = SITUATIONS[situation]()
    before, deadline = node.engine.view(driver.now), node.engine.deadline()
    ready = node.engine.handle(event, driver.now)
    after = node.engine.view(driver.now)
    assert ready == Ready((), ready.facts), "something would have been done"
    assert all(isinstance(fact, AdvertsDropped) for fact in ready.facts)
    assert len(ready.facts) <= 1
    assert node.engine.deadline() == deadline
    assert without_counts(after) == without_counts(before)
    new = {r: n - counts(before).get(r, 0) for r, n in counts(after).items()}
    [reason] = [reason for reason, count in new.items() if count]
    assert new[reason] == 1
    return reason


def flipped(payload: bytes, bit: int) -> bytes:
    changed = bytearray(payload)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


situations = st.sampled_from(["BACKUP", "MASTER"])
length = len(GOOD.payload)


@given(situations, st.binary(max_size=300))
def test_any_bytes(situation: str, payload: bytes) -> None:
    dropped(situation, replace(GOOD, payload=payload))


@given(situations, st.binary(max_size=300))
def test_any_bytes_for_our_virtual_router(situation: str, body: bytes) -> None:
    dropped(situation, replace(GOOD, payload=b"\x21\x33" + body))


@given(situations, st.binary(min_size=12, max_size=60), st.integers(0, 255))
def test_any_bytes_behind_a_right_checksum(situation: str, body: bytes, priority: int) -> None:
    """Type 1 authentication and an interval of 1 s, so that the password alone is wrong."""
    count = (len(body) - 8) // 4
    body = body[: count * 4 + 8]
    head = bytes([0x21, 0x33, priority, count, 1, 1])
    checksum = internet_checksum(head + b"\0\0" + body).to_bytes(2, "big")
    if body[-8:] == b"1111\0\0\0\0":
        body = body[:-1] + b"\1"
    reason = dropped(situation, replace(GOOD, payload=head + checksum + body))
    assert reason in ("auth_failed", "bad_checksum")


@given(situations, st.integers(0, length - 1))
def test_truncated(situation: str, cut: int) -> None:
    assert dropped(situation, replace(GOOD, payload=GOOD.payload[:cut])) == "too_short"


@given(situations, st.binary(min_size=1, max_size=1500))
def test_oversized(situation: str, more: bytes) -> None:
    assert dropped(situation, replace(GOOD, payload=GOOD.payload + more)) == "too_long"


@given(situations, st.integers(0, length * 8 - 1))
def test_one_flipped_bit(situation: str, bit: int) -> None:
    dropped(situation, replace(GOOD, payload=flipped(GOOD.payload, bit)))


@given(situations, st.binary(min_size=1, max_size=8).filter(lambda s: s.rstrip(b"\0") != b"1111"))
def test_wrong_password(situation: str, secret: bytes) -> None:
    event = received(instance(priority=150, password=Password(secret)), LB01)
    assert dropped(situation, event) == "auth_failed"


@given(situations, st.integers(2, 255))
def test_wrong_interval(situation: str, seconds: int) -> None:
    event = received(instance(priority=150, advert_interval=Duration.seconds(seconds)), LB01)
    assert dropped(situation, event) == "interval_mismatch"


@given(situations, st.integers(0, 254))
def test_wrong_ttl(situation: str, ttl: int) -> None:
    # RFC 9568, 5.1.1.3.
    assert dropped(situation, replace(GOOD, ttl=ttl)) == "bad_ttl"


@given(situations, st.ip_addresses(v=4).filter(lambda address: address != GROUP))
def test_wrong_destination(situation: str, destination: IPv4Address) -> None:
    assert dropped(situation, replace(GOOD, destination=destination)) == "wrong_destination"


@given(situations, st.integers(0, 255))
def test_own_source_address(situation: str, priority: int) -> None:
    assert dropped(situation, received(instance(), LB02, priority)) == "own_source"


@given(st.sampled_from(["BACKUP", "MASTER", "FAULT"]), st.integers(0, 255))
def test_another_virtual_router(situation: str, vrid: int) -> None:
    payload = GOOD.payload[:1] + bytes([vrid if vrid != 51 else 52]) + GOOD.payload[2:]
    assert dropped(situation, replace(GOOD, payload=payload)) == "no_instance"


@given(situations)
def test_another_interface(situation: str) -> None:
    assert dropped(situation, replace(GOOD, interface="ens34")) == "no_instance"


@given(st.binary(max_size=300))
def test_any_bytes_for_version_3(body: bytes) -> None:
    dropped("BACKUP v3", replace(GOOD, payload=b"\x31\x33" + body))


def interval_zero() -> AdvertReceived:
    """A v3 advert that is well-formed but for its interval."""
    sent = received(V3, LB01, 150)
    zeroed = sent.payload[:4] + bytes(4) + sent.payload[8:]
    return replace(sent, payload=with_checksum(zeroed, Envelope(sent.source, sent.destination)))


REASONS = {
    DropReason.TOO_SHORT: ("BACKUP", replace(GOOD, payload=b"")),
    DropReason.TOO_LONG: ("BACKUP", replace(GOOD, payload=GOOD.payload + b"\0")),
    DropReason.BAD_TTL: ("BACKUP", replace(GOOD, ttl=254)),
    DropReason.BAD_VERSION: ("BACKUP", replace(GOOD, payload=b"\x31" + GOOD.payload[1:])),
    DropReason.BAD_TYPE: ("BACKUP", replace(GOOD, payload=b"\x22" + GOOD.payload[1:])),
    DropReason.BAD_CHECKSUM: ("BACKUP", replace(GOOD, payload=flipped(GOOD.payload, 48))),
    DropReason.NO_INSTANCE: ("BACKUP", replace(GOOD, interface="ens34")),
    DropReason.AUTH_TYPE_MISMATCH: ("BACKUP", received(instance(password=None), LB01)),
    DropReason.AUTH_FAILED: ("BACKUP", received(instance(password=Password(b"1112")), LB01)),
    DropReason.INTERVAL_MISMATCH: ("BACKUP", received(instance(advert_interval=S * 2), LB01)),
    DropReason.INTERVAL_ZERO: ("BACKUP v3", interval_zero()),
    DropReason.OWN_SOURCE: ("BACKUP", received(instance(), LB02)),
    DropReason.NOT_RUNNING: ("FAULT", GOOD),
    DropReason.WRONG_DESTINATION: ("BACKUP", replace(GOOD, destination=LB02)),
    DropReason.AUTH_HEADER_MALFORMED: ("BACKUP behind a header", behind_header(2, b"\x11")),
    DropReason.BAD_CHECK_VALUE: ("BACKUP behind a header", behind_header(2, key=b"1112")),
    DropReason.UNSIGNED: ("BACKUP signed", received(SIGNED, LB01)),
    DropReason.TRAILER_MALFORMED: (
        "BACKUP signed",
        replace(signed(at(1)), payload=signed(at(1)).payload + b"\0"),
    ),
    DropReason.STALE: ("BACKUP signed", signed(at(60))),
    DropReason.UNKNOWN_KEY: ("BACKUP signed", signed(at(1), of_key(2))),
    DropReason.BAD_HMAC: ("BACKUP signed", signed(at(1), of_key(1))),
    DropReason.REPLAYED: ("BACKUP signed", signed(at(0))),
    DropReason.OWNER_IGNORES: ("MASTER deaf", GOOD),
    DropReason.NOT_A_PEER: ("BACKUP unicast", replace(GOOD, destination=LB02)),
}


@pytest.mark.parametrize("reason", [r for r in DropReason if r is not DropReason.QUARANTINED])
def test_every_reason_can_be_counted(reason: DropReason) -> None:
    """QUARANTINED is counted before the engine is asked: it is why the engine died."""
    situation, event = REASONS[reason]
    assert dropped(situation, event) == reason.value


@pytest.mark.parametrize("situation", ["BACKUP", "MASTER"])
def test_the_good_one_would_have_changed_something(situation: str) -> None:
    """Without this the others would prove nothing."""
    driver, node = SITUATIONS[situation]()
    before = node.engine.view(driver.now)
    node.engine.handle(GOOD, driver.now)
    assert without_counts(node.engine.view(driver.now)) != without_counts(before)


def test_foreign_virtual_routers_are_told_by_link_and_number_and_never_logged() -> None:
    driver, node = following()
    for vrid in (7, 7, 8):
        payload = GOOD.payload[:1] + bytes([vrid]) + GOOD.payload[2:]
        assert node.engine.handle(replace(GOOD, payload=payload), driver.now) == Ready()
    view = node.engine.view(driver.now)
    assert view.unknown_virtual_router_ids == {f"{ETH}/7": 2, f"{ETH}/8": 1}


def test_a_flood_of_foreign_virtual_routers_fills_no_memory() -> None:
    driver, node = following()
    for number in range(4):
        for vrid in range(256):
            payload = GOOD.payload[:1] + bytes([vrid]) + GOOD.payload[2:]
            event = replace(GOOD, interface=f"x{number}", payload=payload)
            node.engine.handle(event, driver.now)
    view = node.engine.view(driver.now)
    assert len(view.unknown_virtual_router_ids) == 256
    assert view.link_drops == {"no_instance": 1024}
