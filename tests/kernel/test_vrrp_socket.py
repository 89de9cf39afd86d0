"""Adverts in and out of a real link, byte for byte."""

import os
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from halod.kernel.clock import boot_now
from halod.kernel.vrrp_socket import DRAIN_MAX, STRANGERS_MAX, VrrpSockets
from halod.lab.patience import wait_until
from halod.model.effect import SendAdvert
from halod.model.event import AdvertReceived
from halod.model.unicast import Unicast, UnicastPeer
from halod.wire.checksum import internet_checksum
from halod.wire.vrrp import GROUP_V4, PROTOCOL
from tests.kit.build import ETH, LB01, LB02, LB03, instance
from tests.kit.host import FAR, Frame, Host, WireEnd, ip_packet, wait_readable

pytestmark = pytest.mark.needs_netns

PAYLOAD = bytes.fromhex("21339601010172bbc0a8b2033131313100000000")
"""keepalived's advert of the tutorial."""
ADVERT = SendAdvert("VI_1", ETH, LB01, GROUP_V4, PAYLOAD, 150)


class Node:
    """The sockets of a host, and what they hear."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.sockets = VrrpSockets()
        self.wire = host.open(WireEnd)
        assert host.call(lambda: self.sockets.open(host.link())) is None

    def send(self, effect: SendAdvert) -> str | None:
        """In the namespace of the host: some sockets are opened when they are needed."""
        return self.host.call(lambda: self.sockets.send(effect))

    def hear(self, within_s: float = 0.05) -> list[AdvertReceived]:
        """One turn of the loop: waits a little for something, and takes what is there."""
        for descriptor in self.sockets.receivers():
            wait_readable(descriptor, within_s)
        return list(self.sockets.receive(self.sockets.receivers(), lambda *_: False, boot_now()))


@pytest.fixture
def node(host: Host) -> Iterator[Node]:
    made = Node(host)
    yield made
    for interface in made.sockets.receivers().values():
        made.sockets.close(interface)


# ---- out -----------------------------------------------------------------------------------


def test_an_advert_leaves_as_keepalived_sends_it(node: Node) -> None:
    assert node.sockets.send(ADVERT) is None
    frame = node.wire.wait(lambda frame: frame.is_vrrp)
    # RFC 1112, 6.4: the group's address on Ethernet. RFC 9568, 7.3 asks for a virtual source MAC;
    # keepalived without use_vmac and halod use the interface's own.
    assert frame.data[:6] == bytes.fromhex("01005e000012")
    assert frame.data[6:12] == node.host.link().hardware_address
    header = frame.ip_header
    assert header[0] == 0x45, "no options"
    assert header[1] == 0xC0, "internetwork control"
    assert header[6:8] == b"\0\0", "no DF, no fragment"
    assert header[8] == 255, "RFC 9568, 5.1.1.3"
    assert header[9] == PROTOCOL
    assert (header[12:16], header[16:20]) == (LB01.packed, GROUP_V4.packed)
    assert frame.ip_payload == PAYLOAD


def test_an_advert_without_a_socket_is_told(node: Node) -> None:
    assert node.sockets.send(replace(ADVERT, interface="ens34")) == "no socket on ens34"


def test_an_advert_on_a_link_that_is_down_is_told(node: Node) -> None:
    node.host.ip("link", "set", ETH, "down")
    assert node.sockets.send(ADVERT) == "Network is unreachable"


@pytest.mark.needs_nft
def test_an_advert_that_a_firewall_swallows_is_told(node: Node) -> None:
    rules = "add table t; add chain t c { type filter hook output priority 0; }"
    node.host.namespace.run("nft", f"{rules}; add rule t c ip protocol 112 drop")
    assert node.sockets.send(ADVERT) == "Operation not permitted"


def test_our_own_adverts_are_not_heard(node: Node) -> None:
    node.sockets.send(ADVERT)
    node.wire.wait(lambda frame: frame.is_vrrp)
    assert node.hear() == []


# ---- in ------------------------------------------------------------------------------------


def test_an_advert_comes_in_without_its_header(node: Node) -> None:
    node.wire.send(ip_packet(PAYLOAD))
    assert node.hear(5) == [AdvertReceived(ETH, LB02, GROUP_V4, 255, PAYLOAD)]
    assert node.hear() == []


def test_the_ttl_is_told_and_not_judged(node: Node) -> None:
    node.wire.send(ip_packet(PAYLOAD, ttl=64))
    assert [event.ttl for event in node.hear(5)] == [64]


def test_ip_options_are_cut_off_with_the_header(node: Node) -> None:
    """RFC 791, 3.1: IHL says how long the header is."""
    node.wire.send(ip_packet(PAYLOAD, options=b"\x01" * 40))
    assert [event.payload for event in node.hear(5)] == [PAYLOAD]


def test_ethernet_padding_is_no_payload(node: Node) -> None:
    """RFC 894: short packets are padded, and the IP length does not count the padding."""
    node.wire.send(ip_packet(b"\x21\x33") + bytes(24))
    assert [event.payload for event in node.hear(5)] == [b"\x21\x33"]


def test_a_payload_of_nothing_is_told(node: Node) -> None:
    node.wire.send(ip_packet(b""))
    assert [event.payload for event in node.hear(5)] == [b""]


def test_what_is_longer_than_any_advert_is_cut_and_dropped(node: Node) -> None:
    node.host.ip("link", "set", ETH, "mtu", "9000")
    node.host.ip("link", "set", FAR, "mtu", "9000")
    node.wire.send(ip_packet(bytes(8000)))
    node.wire.send(ip_packet(PAYLOAD))
    assert wait_until(lambda: [e.payload for e in node.hear()], 5) == [PAYLOAD]


def test_another_protocol_is_not_heard(node: Node) -> None:
    packet = bytearray(ip_packet(PAYLOAD))
    packet[9] = 17
    packet[10:12] = b"\0\0"
    node.wire.send(bytes(packet))
    node.wire.send(ip_packet(b"last"))
    assert [event.payload for event in node.hear(5)] == [b"last"]


def test_unicast_to_this_host_is_told_with_its_destination(node: Node) -> None:
    node.wire.send(ip_packet(PAYLOAD, destination=LB01), node.host.link().hardware_address)
    assert [event.destination for event in node.hear(5)] == [LB01]


# ---- interfaces ----------------------------------------------------------------------------


def test_the_group_is_joined_on_the_interface_and_left_with_the_socket(node: Node) -> None:
    def joined(interface: str) -> bool:
        return "224.0.0.18" in node.host.ip("maddress", "show", "dev", interface)

    assert joined(ETH)
    assert not joined(FAR)
    node.sockets.close(ETH)
    assert not joined(ETH)
    assert node.sockets.receivers() == {}


def test_another_interface_is_not_heard(node: Node) -> None:
    host = node.host
    host.ip("link", "add", "ens34", "type", "veth", "peer", "far2")
    host.ip("address", "add", "192.168.179.130/24", "dev", "ens34")
    for link in ("ens34", "far2"):
        host.ip("link", "set", link, "up")
    other = host.open(lambda: WireEnd("far2"))
    other.send(ip_packet(PAYLOAD))
    node.wire.send(ip_packet(b"here"))
    assert [event.payload for event in node.hear(5)] == [b"here"]
    second = IPv4Address("192.168.179.130")
    host.call(lambda: node.sockets.open(host.link("ens34", [second])))
    other.send(ip_packet(b"there", source=IPv4Address("192.168.179.131")))
    (heard,) = wait_until(node.hear, 5)
    assert (heard.interface, heard.payload) == ("ens34", b"there")
    node.sockets.send(replace(ADVERT, interface="ens34", source=second))
    frame = other.wait(lambda frame: frame.is_vrrp)
    assert frame.ip_header[12:16] == second.packed
    assert not [frame for frame in node.wire.frames() if frame.is_vrrp]


def test_an_unchanged_link_keeps_its_sockets(node: Node) -> None:
    before = node.sockets.receivers()
    node.wire.send(ip_packet(PAYLOAD))
    node.host.call(lambda: node.sockets.open(node.host.link()))
    assert node.sockets.receivers() == before
    assert node.hear(5), "what had come is not lost"


def test_another_source_address_opens_them_anew(node: Node) -> None:
    node.host.ip("address", "add", "192.168.178.140/24", "dev", ETH)
    second = IPv4Address("192.168.178.140")
    link = node.host.link(addresses=[second])
    node.host.call(lambda: node.sockets.open(link))
    node.sockets.send(replace(ADVERT, source=second))
    assert node.wire.wait(lambda frame: frame.is_vrrp).ip_header[12:16] == second.packed


def test_a_link_made_anew_is_heard(node: Node) -> None:
    host = node.host
    host.ip("link", "del", ETH)
    host.ip("link", "add", ETH, "type", "veth", "peer", FAR)
    host.ip("address", "add", f"{LB01}/24", "dev", ETH)
    for link in (ETH, FAR):
        host.ip("link", "set", link, "up")
    host.call(lambda: node.sockets.open(host.link()))
    node.wire = host.open(WireEnd)
    node.wire.send(ip_packet(PAYLOAD))
    assert node.hear(5)


def test_a_link_without_an_address_has_no_sockets(node: Node) -> None:
    assert node.host.call(lambda: node.sockets.open(node.host.link(addresses=[]))) is None
    assert node.sockets.receivers() == {}


def test_an_address_that_is_not_there_is_told_and_leaves_no_descriptor(node: Node) -> None:
    node.sockets.close(ETH)
    before = sorted(os.listdir("/proc/self/fd"))
    stranger = node.host.link(addresses=[IPv4Address("192.0.2.1")])
    reason = node.host.call(lambda: node.sockets.open(stranger))
    assert reason == "Cannot assign requested address"
    assert node.sockets.receivers() == {}
    assert sorted(os.listdir("/proc/self/fd")) == before


# ---- unicast and other groups -----------------------------------------------------------------

HERE_TOO = IPv4Address("192.168.178.140")
UNICAST = SendAdvert("VI_1", ETH, LB01, LB02, PAYLOAD, 150, ttl=64)


def neighbours(host: Host, *addresses: IPv4Address) -> None:
    """Peers whose hardware address is known: nobody at the far end answers ARP."""
    for address in addresses:
        host.ip("neighbour", "add", str(address), "lladdr", "02:00:00:00:01:31", "dev", ETH)


def test_unicast_leaves_with_its_ttl_to_each_peer(node: Node) -> None:
    neighbours(node.host, LB02, LB03)
    both = replace(UNICAST, others=((LB03, PAYLOAD[::-1]),))
    assert node.send(both) is None
    frames: list[Frame] = []

    def came() -> bool:
        frames.extend(frame for frame in node.wire.frames() if frame.is_vrrp)
        return len(frames) >= 2

    wait_until(came, 5)
    headers = [frame.ip_header for frame in frames]
    assert [header[16:20] for header in headers] == [LB02.packed, LB03.packed]
    assert {header[8] for header in headers} == {64}
    assert {(header[1], header[6:8], header[12:16]) for header in headers} == {
        (0xC0, b"\0\0", LB01.packed)
    }
    assert [frame.ip_payload for frame in frames] == [PAYLOAD, PAYLOAD[::-1]]


@pytest.mark.needs_nft
def test_one_peer_out_of_reach_is_no_failure_and_all_of_them_are(node: Node) -> None:
    neighbours(node.host, LB02)
    nowhere = IPv4Address("203.0.113.1")
    rules = "add table t; add chain t c { type filter hook output priority 0; }"
    node.host.namespace.run("nft", f"{rules}; add rule t c ip daddr {nowhere} drop")
    assert node.send(replace(UNICAST, others=((nowhere, PAYLOAD),))) is None
    assert node.send(replace(UNICAST, destination=nowhere)) == "Operation not permitted"


def test_a_peer_whose_daemon_is_down_is_no_failure(node: Node) -> None:
    """Its kernel answers "protocol unreachable" (RFC 1122, 3.2.2.1)."""
    neighbours(node.host, LB02)
    icmp_error = bytes([3, 2, 0, 0, 0, 0, 0, 0])
    for _ in range(3):
        assert node.send(UNICAST) is None
        sent = node.wire.wait(lambda frame: frame.is_vrrp)
        quoted = icmp_error + sent.data[14:42]
        checksum = internet_checksum(quoted).to_bytes(2, "big")
        answer = quoted[:2] + checksum + quoted[4:]
        node.wire.send(
            ip_packet(answer, destination=LB01, protocol=1), node.host.link().hardware_address
        )
    assert node.send(UNICAST) is None


def test_another_group_is_joined_and_left(host: Host) -> None:
    group = IPv4Address("224.0.0.99")

    def joined() -> set[str]:
        shown = host.ip("maddress", "show", "dev", ETH)
        return {name for name in ("224.0.0.18", "224.0.0.99") if name in shown}

    sockets = VrrpSockets()
    sockets.listen_for([instance(group=group)])
    assert host.call(lambda: sockets.open(host.link())) is None
    assert joined() == {"224.0.0.99"}
    wire = host.open(WireEnd)
    host.call(lambda: sockets.send(replace(ADVERT, destination=group)))
    assert wire.wait(lambda frame: frame.is_vrrp).ip_header[16:20] == group.packed
    sockets.listen_for([instance(unicast=Unicast(peers=(UnicastPeer(LB02),)))])
    assert joined() == set()
    sockets.listen_for([instance(), instance(name="VI_2", group=group)])
    assert joined() == {"224.0.0.18", "224.0.0.99"}
    sockets.close(ETH)


def test_a_source_of_another_interface_is_spoken_from(host: Host) -> None:
    neighbours(host, LB02)
    sockets = VrrpSockets()
    sockets.listen_for([instance(source=HERE_TOO)])
    host.ip("address", "add", f"{HERE_TOO}/32", "dev", "lo")
    host.ip("link", "set", "lo", "up")
    wire = host.open(WireEnd)
    assert host.call(lambda: sockets.open(host.link())) is None
    assert host.call(lambda: sockets.send(replace(UNICAST, source=HERE_TOO))) is None
    assert wire.wait(lambda frame: frame.is_vrrp).ip_header[12:16] == HERE_TOO.packed
    sockets.close(ETH)


# ---- floods --------------------------------------------------------------------------------


def test_a_flood_is_taken_in_portions(node: Node) -> None:
    for number in range(3 * DRAIN_MAX):
        node.wire.send(ip_packet(number.to_bytes(2, "big")))
    first = node.hear(5)
    assert len(first) == DRAIN_MAX, "a flood must not starve the timers"
    rest = [event for _ in range(2) for event in node.hear()]
    assert [int.from_bytes(e.payload, "big") for e in first + rest] == list(range(3 * DRAIN_MAX))


def test_a_burst_waits_for_a_process_that_is_held_up(node: Node) -> None:
    """Adverts of 255 instances for four seconds: none may be lost while we do not look."""
    for number in range(4 * 255):
        node.wire.send(ip_packet(number.to_bytes(2, "big")))
    heard = [event for _ in range(4 * 255 // DRAIN_MAX + 1) for event in node.hear()]
    assert len(heard) == 4 * 255


def test_a_socket_that_only_speaks_keeps_nothing(node: Node) -> None:
    (speaker,) = node.sockets._ends[ETH, 4]._speakers.values()
    for _ in range(100):
        node.wire.send(ip_packet(bytes(1000), destination=LB01), node.host.link().hardware_address)
    assert len(node.hear(5)) == DRAIN_MAX
    kept = 0
    while wait_readable(speaker.fileno(), 0):
        speaker.recv(2048)
        kept += 1
    assert kept <= 2


# ---- other clusters on the link --------------------------------------------------------------


def advert_of(vrid: int) -> bytes:
    return ip_packet(PAYLOAD[:1] + bytes([vrid]) + PAYLOAD[2:])


def vrids(events: list[AdvertReceived]) -> list[int]:
    return [event.payload[1] for event in events]


@pytest.fixture
def choosy(host: Host) -> Iterator[Node]:
    """A node that was told which virtual router is its own: 51."""
    made = Node(host)
    made.sockets.close(ETH)
    made.sockets.listen_for([instance()])
    assert host.call(lambda: made.sockets.open(host.link())) is None
    yield made
    made.sockets.close(ETH)


def test_strangers_wake_nobody_and_are_seen_when_looked_for(choosy: Node) -> None:
    for vrid in (50, 51, 52, 0):
        choosy.wire.send(advert_of(vrid))
    choosy.wire.send(ip_packet(b"!"))
    assert vrids(choosy.hear(5)) == [51]
    assert choosy.hear() == []
    seen = list(choosy.sockets.receive_strangers())
    assert vrids(seen[:3]) == [50, 52, 0]
    assert [event.payload for event in seen[3:]] == [b"!"], "no VRID, and counted as too short"


def test_a_reload_changes_who_is_a_stranger(choosy: Node) -> None:
    choosy.sockets.listen_for([instance(virtual_router_id=vrid) for vrid in (52, 255)])
    for vrid in (51, 52, 255):
        choosy.wire.send(advert_of(vrid))
    assert vrids(choosy.hear(5)) == [52, 255]
    assert vrids(list(choosy.sockets.receive_strangers())) == [51]


def test_a_flood_of_strangers_takes_no_room_from_ours_and_is_counted(choosy: Node) -> None:
    for _ in range(5000):
        choosy.wire.send(advert_of(52))
    choosy.wire.send(advert_of(51))
    assert vrids(choosy.hear(5)) == [51]
    seen = 0
    while portion := list(choosy.sockets.receive_strangers()):
        assert len(portion) <= STRANGERS_MAX
        seen += len(portion)
    stats = choosy.sockets.stats()[ETH]
    assert stats["lost"] == 0
    # Newer kernels look for room before they ask the program: ours may be among those.
    assert 5000 <= seen + stats["strangers_lost"] <= 5001


def test_what_finds_no_room_is_counted(choosy: Node) -> None:
    sent = 20_000
    for _ in range(sent):
        choosy.wire.send(advert_of(51))
    heard = 0
    while portion := choosy.hear():
        heard += len(portion)
    lost = choosy.sockets.stats()[ETH]["lost"]
    assert lost > 0
    assert heard + lost == sent
