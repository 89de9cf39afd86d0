"""Adverts over IPv6 in and out of a real link; what has no family stands in the file beside."""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv6Address
from typing import Any

import pytest

from halod.kernel.clock import boot_now
from halod.kernel.vrrp_socket import VrrpSockets
from halod.lab.patience import wait_until
from halod.model.address import Link
from halod.model.effect import SendAdvert
from halod.model.event import AdvertReceived
from halod.model.vrrp import GROUP_V6, VrrpInstance, VrrpVersion
from halod.wire import ipv6
from tests.kit.build import ETH, LB01, instance, unicast
from tests.kit.host import PEER_HARDWARE_ADDRESS, Host, WireEnd, ip_packet, wait_readable

pytestmark = pytest.mark.needs_netns

HERE, PEER = IPv6Address("fe80::130"), IPv6Address("fe80::131")
PAYLOAD = bytes.fromhex("3133960000640000")
ADVERT = SendAdvert("VI_6", ETH, HERE, GROUP_V6, PAYLOAD, 150)
GROUP_HARDWARE = bytes.fromhex("333300000012")


def of_v6(**changes: Any) -> VrrpInstance:
    base = instance(name="VI_6", version=VrrpVersion.V3, password=None, group=GROUP_V6)
    return replace(base, **changes)


class Node:
    def __init__(self, host: Host, *instances: VrrpInstance) -> None:
        self.host = host
        host.ip("address", "add", f"{HERE}/64", "dev", ETH, "nodad")
        self.sockets = VrrpSockets()
        self.sockets.listen_for(instances)
        self.wire = host.open(WireEnd)
        assert self.open() is None

    def open(self, *addresses: IPv6Address) -> str | None:
        link: Link = replace(self.host.link(), addresses=(LB01, *(addresses or (HERE,))))
        return self.host.call(lambda: self.sockets.open(link))

    def send(self, effect: SendAdvert) -> str | None:
        return self.host.call(lambda: self.sockets.send(effect))

    def hear(self, within_s: float = 0.05) -> list[AdvertReceived]:
        for descriptor in self.sockets.receivers():
            wait_readable(descriptor, within_s)
        return list(self.sockets.receive(self.sockets.receivers(), lambda *_: False, boot_now()))

    def come(self, packet: bytes, hardware: bytes = GROUP_HARDWARE) -> None:
        frame = hardware + PEER_HARDWARE_ADDRESS + b"\x86\xdd" + packet
        self.wire._socket.send(frame)


@pytest.fixture
def node(host: Host) -> Iterator[Node]:
    made = Node(host, of_v6())
    yield made
    made.sockets.close(ETH)


def went_out(node: Node) -> bytes:
    return node.wire.wait(lambda f: f.ethertype == 0x86DD and f.data[20] == 112).data


def packet(payload: bytes = PAYLOAD, hops: int = 255, destination: IPv6Address = GROUP_V6) -> bytes:
    return ipv6.datagram(PEER.packed, destination.packed, hops, payload)


def test_an_advert_leaves_for_the_group(node: Node) -> None:
    assert node.send(ADVERT) is None
    frame = went_out(node)
    assert frame[:6] == GROUP_HARDWARE
    assert (frame[14], frame[15] & 0xF0) == (0x6C, 0x00), "class 0xc0, as keepalived"
    assert frame[21] == 255, "RFC 9568, 5.1.2.3"
    assert (frame[22:38], frame[38:54]) == (HERE.packed, GROUP_V6.packed)
    assert frame[54:] == PAYLOAD


def test_an_advert_comes_in_with_what_its_header_said(node: Node) -> None:
    node.come(packet(hops=64))
    assert node.hear(5) == [AdvertReceived(ETH, PEER, GROUP_V6, 64, PAYLOAD)]


def test_unicast_comes_and_goes(node: Node) -> None:
    node.host.ip(
        "neighbour", "add", str(PEER), "lladdr", PEER_HARDWARE_ADDRESS.hex(":"), "dev", ETH
    )
    assert node.send(replace(ADVERT, destination=PEER, ttl=7)) is None
    frame = went_out(node)
    assert (frame[21], frame[38:54]) == (7, PEER.packed)
    node.come(packet(destination=HERE), node.host.link().hardware_address)
    assert [event.destination for event in node.hear(5)] == [HERE]


def test_strangers_are_set_aside(node: Node) -> None:
    for vrid in (50, 51, 52):
        node.come(packet(PAYLOAD[:1] + bytes([vrid]) + PAYLOAD[2:]))
    node.come(packet(b"!"))
    assert [event.payload[1] for event in node.hear(5)] == [51]
    others = [event.payload for event in node.sockets.receive_strangers()]
    assert [payload[1:2] for payload in others] == [b"\x32", b"\x34", b""]


def test_a_burst_of_both_families_is_heard_by_one_name(host: Host) -> None:
    both = Node(host, of_v6(), instance())
    both.come(packet())
    both.wire.send(ip_packet(bytes.fromhex("2133960101010000")))
    heard: list[AdvertReceived] = []

    def came() -> bool:
        heard.extend(both.hear())
        return len(heard) >= 2

    assert wait_until(came, 5)
    assert {(event.interface, event.source.version) for event in heard} == {(ETH, 4), (ETH, 6)}
    assert set(both.sockets.stats()) == {ETH}
    both.sockets.close(ETH)
    assert both.sockets.receivers() == {}


def test_without_a_link_local_address_there_are_no_sockets(node: Node) -> None:
    assert node.open(IPv6Address("fd00::1")) is None
    assert node.sockets.receivers() == {}


def test_a_group_of_its_own_is_joined_and_left(host: Host) -> None:
    group = IPv6Address("ff02::114")
    made = Node(host, of_v6(group=group))
    assert "ff02::114" in host.ip("maddress", "show", "dev", ETH)
    made.sockets.listen_for([of_v6(unicast=unicast(PEER))])
    assert "ff02::114" not in host.ip("maddress", "show", "dev", ETH)
    made.sockets.close(ETH)
