"""Gratuitous ARP on a real link, byte for byte."""

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

import pytest

from halod.kernel.packet_socket import Burst, PacketSocket
from halod.lab.patience import wait_until
from halod.model.address import IpAddress, Link
from tests.kit.build import ETH, VIP, VIP2
from tests.kit.host import Frame, Host, WireEnd

pytestmark = pytest.mark.needs_netns

ARP = 0x0806


@pytest.fixture
def packets(host: Host) -> PacketSocket:
    return host.open(PacketSocket)


@pytest.fixture
def wire(host: Host) -> WireEnd:
    return host.open(WireEnd)


def announce(
    packets: PacketSocket, link: Link, addresses: Sequence[IpAddress], repeat: int
) -> str | None:
    """The last reason; each address once, then all again."""
    burst = Burst(link, addresses)
    return [packets.send(burst) for _ in range(repeat)][-1]


def heard(wire: WireEnd, number: int) -> list[Frame]:
    """That many ARP frames, and no more."""
    found: list[Frame] = []

    def enough() -> bool:
        found.extend(frame for frame in wire.frames() if frame.ethertype == ARP)
        return len(found) >= number

    assert wait_until(enough, 5, 0.001)
    enough()
    assert len(found) == number
    return found


def test_a_frame_is_the_one_that_keepalived_sends(
    host: Host, packets: PacketSocket, wire: WireEnd
) -> None:
    link = host.link()
    assert announce(packets, link, [VIP.address], 1) is None
    mac, vip = link.hardware_address, VIP.address.packed
    # RFC 826, and RFC 5227, 3: a request whose sender and target are the same.
    expected = b"\xff" * 6 + mac + bytes.fromhex("0806 0001 0800 06 04 0001")
    assert heard(wire, 1)[0].data == expected + mac + vip + b"\xff" * 6 + vip


def test_all_addresses_once_then_all_again(
    host: Host, packets: PacketSocket, wire: WireEnd
) -> None:
    assert announce(packets, host.link(), [VIP.address, VIP2.address], 2) is None
    senders = [frame.data[28:32] for frame in heard(wire, 4)]
    assert senders == [VIP.address.packed, VIP2.address.packed] * 2


def test_a_thousand_addresses_all_go_out(host: Host, packets: PacketSocket, wire: WireEnd) -> None:
    addresses = [IPv4Address("10.1.0.0") + number for number in range(1000)]
    assert announce(packets, host.link(), addresses, 1) is None
    assert [frame.data[28:32] for frame in heard(wire, 1000)] == [a.packed for a in addresses]


def test_what_arp_cannot_announce_is_left_out(
    host: Host, packets: PacketSocket, wire: WireEnd
) -> None:
    assert announce(packets, host.link(), [IPv6Address("fd00::3"), VIP.address], 1) is None
    assert heard(wire, 1)[0].data[28:32] == VIP.address.packed


def test_a_link_that_is_down_is_told(host: Host, packets: PacketSocket) -> None:
    link = host.link()
    host.ip("link", "set", ETH, "down")
    assert announce(packets, link, [VIP.address], 1) == f"gratuitous ARP on {ETH}: Network is down"


def test_a_link_that_is_gone_is_told(host: Host, packets: PacketSocket) -> None:
    link = replace(host.link(), name="ens99")
    assert announce(packets, link, [VIP.address], 1) == "gratuitous ARP on ens99: No such device"


def test_it_hears_nothing(host: Host, packets: PacketSocket, wire: WireEnd) -> None:
    """Protocol 0: an idle socket that heard frames would cost on every packet of the host."""
    listening = host.namespace.run("cat", "/proc/net/packet").splitlines()[1:]
    protocols = {line.split()[3] for line in listening}
    assert protocols == {"0000", "0003"}, "ours, and the test's own at the wire's far end"
