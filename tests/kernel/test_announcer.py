"""Announcements beside the worker: their order, and that silence is silence."""

from __future__ import annotations

import time
from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest

from halod.kernel.announcer import FRAMES_AT_ONCE, Announcer
from halod.kernel.packet_socket import Burst, PacketSocket
from halod.lab.patience import wait_until
from halod.model.address import VirtualAddress
from halod.model.effect import AnnounceAddresses
from halod.model.pacing import NO_PACING, Pace, Pacing
from halod.model.units import Duration
from tests.kit.build import ETH, VIP, VIP2
from tests.kit.host import Host, WireEnd

pytestmark = pytest.mark.needs_netns

ARP = 0x0806
MANY = tuple(
    VirtualAddress(IPv4Address("10.1.0.0") + number, 32, ETH)
    for number in range(FRAMES_AT_ONCE * 2 + 1)
)


class Stage:
    """An announcer on a host, its wire, and what it told."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.told: list[tuple[str, str]] = []
        self.announcer = host.open(lambda: Announcer(lambda *news: self.told.append(news)))
        self.wire = host.open(WireEnd)

    def order(self, *addresses: VirtualAddress, name: str = "VI_1", repeat: int = 1) -> None:
        links = {ETH: self.host.link()}
        self.announcer.announce(AnnounceAddresses(name, 1, addresses, repeat), links)

    def start(self) -> None:
        self.host.call(self.announcer.start)

    def finish(self) -> list[bytes]:
        """Waits until all is out; the addresses that were announced, in order."""
        assert self.announcer.stop(5)
        return self.heard()

    def heard(self) -> list[bytes]:
        return [frame.data[28:32] for frame in self.wire.frames() if frame.ethertype == ARP]


@pytest.fixture
def stage(host: Host) -> Iterator[Stage]:
    made = Stage(host)
    yield made
    made.announcer.stop(5)


def packed(*addresses: VirtualAddress) -> list[bytes]:
    return [address.address.packed for address in addresses]


def test_every_burst_goes_out_once_before_any_goes_out_again(stage: Stage) -> None:
    stage.order(VIP, repeat=3)
    stage.order(VIP2, name="VI_2", repeat=2)
    stage.start()
    assert stage.finish() == packed(VIP, VIP2) * 2 + packed(VIP)


def test_a_burst_that_is_longer_than_one_call_is_whole_and_in_order(stage: Stage) -> None:
    stage.order(*MANY, repeat=2)
    stage.start()
    assert stage.finish() == packed(*MANY) * 2


def test_what_is_ordered_anew_takes_the_place_of_what_is_left(stage: Stage) -> None:
    """A conflict that is answered a hundred times a second must not pile up."""
    for _ in range(1000):
        stage.order(VIP, repeat=5)
    stage.start()
    assert stage.finish() == packed(VIP) * 5


def test_a_refresh_that_falls_into_a_burst_does_not_shorten_it(stage: Stage) -> None:
    """`garp_master_refresh` is due in the same moment as the second burst of five."""
    stage.order(VIP, repeat=5)
    stage.order(VIP, repeat=1)
    stage.start()
    assert stage.finish() == packed(VIP) * 5


def test_after_silence_nothing_of_that_instance_is_heard(stage: Stage) -> None:
    stage.order(*MANY, repeat=255)
    stage.order(VIP2, name="VI_2")
    stage.start()
    assert wait_until(stage.heard, 5, 0.001)
    stage.announcer.silence("VI_1")
    stage.heard()
    stage.order(VIP2, name="VI_2", repeat=2)
    after = stage.finish()
    assert set(after) == {*packed(VIP2)}


def test_after_silence_a_new_order_is_heard(stage: Stage) -> None:
    stage.order(VIP)
    stage.announcer.silence("VI_1")
    stage.order(VIP2)
    stage.start()
    assert stage.finish() == packed(VIP2)


def test_silence_waits_for_what_is_just_being_said(stage: Stage) -> None:
    stage.order(*MANY, repeat=50)
    stage.start()
    for _ in range(20):
        stage.announcer.silence("VI_1")
        stage.heard()
        assert not wait_until(stage.heard, 0.01, 0.001)
        stage.order(*MANY, repeat=50)
        assert wait_until(stage.heard, 5, 0.001)


def test_a_link_that_fails_and_works_again_is_told(stage: Stage) -> None:
    stage.host.ip("link", "set", ETH, "down")
    stage.order(VIP, repeat=5)
    stage.start()
    assert wait_until(lambda: bool(stage.told), 5)
    assert stage.told == [(ETH, f"gratuitous ARP on {ETH}: Network is down")], "and not again"
    stage.host.ip("link", "set", ETH, "up")
    stage.order(VIP)
    assert wait_until(lambda: stage.told[-1] == (ETH, ""), 5)


def test_no_address_makes_no_frame(host: Host) -> None:
    packets = host.open(PacketSocket)
    assert packets.send(Burst(host.link(), [])) is None


LONG = Pacing(Pace(Duration.seconds(3600)))
SHORT = Pacing(Pace(Duration.milliseconds(20)))


def test_a_paced_link_hears_the_first_at_once_and_the_others_in_their_turn(stage: Stage) -> None:
    stage.announcer.adopt(SHORT)
    stage.start()
    stage.order(*MANY[:4], repeat=5)
    begun = time.monotonic()
    heard: list[bytes] = []
    while len(heard) < 5 and time.monotonic() < begun + 10:
        heard += stage.heard()
    assert heard == packed(*MANY[:4], MANY[0])
    assert time.monotonic() - begun >= 4 * 0.02


def test_who_waits_is_silenced_and_another_has_the_turn(stage: Stage) -> None:
    stage.announcer.adopt(LONG)
    stage.start()
    stage.order(VIP, VIP2)
    assert wait_until(stage.heard, 5, 0.001)
    stage.announcer.silence("VI_1")
    stage.order(*MANY[:1], name="VI_2")
    stage.announcer.adopt(SHORT)
    stage.announcer.adopt(NO_PACING)
    stage.order(*MANY[1:2], name="VI_2")
    assert wait_until(lambda: packed(*MANY[1:2]) == stage.heard(), 5, 0.001)


def test_nobody_waits_for_turns_at_the_end(stage: Stage) -> None:
    stage.announcer.adopt(LONG)
    stage.start()
    stage.order(VIP, VIP2)
    assert stage.finish() == packed(VIP)
