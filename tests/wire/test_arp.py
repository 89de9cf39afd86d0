"""Gratuitous ARP: RFC 826 and RFC 5227, 3, read by scapy."""

from ipaddress import IPv4Address

from hypothesis import given
from hypothesis import strategies as st

from halod.wire import arp
from tests.wire.oracles import ARP, Ether

HARDWARE = bytes.fromhex("020000000001")
VIP = IPv4Address("192.168.178.3")

hardware_addresses = st.binary(min_size=6, max_size=6)


def test_the_frame_is_keepaliveds() -> None:
    assert arp.gratuitous(HARDWARE, VIP).hex(" ") == (
        "ff ff ff ff ff ff 02 00 00 00 00 01 08 06 "
        "00 01 08 00 06 04 00 01 02 00 00 00 00 01 c0 a8 b2 03 "
        "ff ff ff ff ff ff c0 a8 b2 03"
    )


@given(hardware_addresses, st.ip_addresses(v=4))
def test_scapy_reads_a_request_that_asks_for_itself(hardware: bytes, vip: IPv4Address) -> None:
    frame = Ether(arp.gratuitous(hardware, vip))
    text = hardware.hex(":")
    assert (frame.dst, frame.src) == ("ff:ff:ff:ff:ff:ff", text)
    assert (frame[ARP].op, frame[ARP].hwsrc, frame[ARP].hwdst) == (1, text, "ff:ff:ff:ff:ff:ff")
    assert frame[ARP].psrc == frame[ARP].pdst == str(vip)


@given(hardware_addresses, st.ip_addresses(v=4))
def test_round_trip(hardware: bytes, vip: IPv4Address) -> None:
    assert arp.decode(arp.gratuitous(hardware, vip)) == arp.ArpFrame(
        b"\xff" * 6, hardware, 1, hardware, vip, b"\xff" * 6, vip
    )


def test_a_reply_is_read_with_its_padding() -> None:
    made = Ether(src=HARDWARE.hex(":"), dst="02:00:00:00:00:02") / ARP(
        op=2,
        hwsrc=HARDWARE.hex(":"),
        psrc=str(VIP),
        hwdst="02:00:00:00:00:02",
        pdst="192.168.178.9",
    )
    read = arp.decode(bytes(made) + bytes(18))
    assert read is not None
    assert (read.operation, read.sender, read.sender_hardware) == (2, VIP, HARDWARE)
    assert read.target == IPv4Address("192.168.178.9")


@given(st.binary(max_size=80))
def test_any_bytes_are_a_frame_or_none(frame: bytes) -> None:
    read = arp.decode(frame)
    assert read is None or frame[12:20] == bytes.fromhex("0806000108000604")


@given(st.integers(0, 41))
def test_a_truncated_frame_is_none(length: int) -> None:
    assert arp.decode(arp.gratuitous(HARDWARE, VIP)[:length]) is None
