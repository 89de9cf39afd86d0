"""The IPv4 header of a raw socket: RFC 791, 3.1, against scapy."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from halod.model.event import AdvertReceived
from halod.wire import ipv4
from tests.kit.build import ETH, GROUP, LB01
from tests.wire.oracles import IP

events = st.builds(
    AdvertReceived,
    interface=st.just(ETH),
    source=st.ip_addresses(v=4),
    destination=st.ip_addresses(v=4),
    ttl=st.integers(0, 255),
    payload=st.binary(max_size=1400),
)
identifications = st.integers(0, 0xFFFF)


@given(events, identifications)
def test_round_trip(event: AdvertReceived, identification: int) -> None:
    packet = ipv4.encode(event, identification)
    assert ipv4.decode(ETH, packet) == event
    assert packet[ipv4.SAYING] == ipv4.saying(event)
    assert packet[ipv4.TOTAL_LENGTH] == ipv4.total_length(event)


@given(events, identifications)
def test_scapy_reads_what_we_write(event: AdvertReceived, identification: int) -> None:
    packet = ipv4.encode(event, identification)
    read = IP(packet)
    assert (read.version, read.ihl, read.proto) == (4, 5, 112)
    assert (read.src, read.dst) == (str(event.source), str(event.destination))
    assert (read.ttl, read.id, read.len) == (event.ttl, identification, len(packet))
    del read.chksum
    assert bytes(read)[:20] == packet[:20], "scapy sums the header up to the same"


@given(events, st.binary(min_size=4, max_size=40).filter(lambda o: len(o) % 4 == 0))
def test_options_and_padding_are_cut_off(event: AdvertReceived, options: bytes) -> None:
    plain = ipv4.encode(event)
    total = (len(plain) + len(options)).to_bytes(2, "big")
    head = bytes([0x40 | 5 + len(options) // 4]) + plain[1:2] + total + plain[4:20]
    assert ipv4.decode(ETH, head + options + plain[20:] + bytes(9)) == event


@given(events, st.data())
def test_a_truncated_datagram_is_none(event: AdvertReceived, data: st.DataObject) -> None:
    packet = ipv4.encode(event)
    assert ipv4.decode(ETH, packet[: data.draw(st.integers(0, len(packet) - 1))]) is None


@given(st.binary(max_size=100))
def test_any_bytes_are_a_datagram_or_none(packet: bytes) -> None:
    event = ipv4.decode(ETH, packet)
    assert event is None or len(event.payload) <= len(packet) - 20


def test_two_that_say_the_same_differ_in_nothing_that_is_compared() -> None:
    event = AdvertReceived(ETH, LB01, GROUP, 255, b"said")
    one, other = ipv4.encode(event, 1), ipv4.encode(event, 2)
    assert one != other
    for part in (ipv4.TOTAL_LENGTH, ipv4.SAYING):
        assert one[part] == other[part]
    assert (one[0], one[ipv4.TTL]) == (other[0], other[ipv4.TTL]) == (ipv4.PLAIN, 255)
