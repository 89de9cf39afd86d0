"""An advert from a virtual MAC as a frame: where it goes, from whom, and what is in it."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest

from halod.model.event import AdvertReceived
from halod.wire import ip
from halod.wire.advert_frame import advert_frame, frame_of, group_mac
from halod.wire.checksum import internet_checksum

MAC = bytes.fromhex("00005e000133")
MESSAGE = bytes.fromhex("3133960100640000c0000201")


@pytest.mark.parametrize(
    ("group", "mac"),
    [
        ("224.0.0.18", "01005e000012"),
        ("239.255.255.18", "01005e7fff12"),
        ("ff02::12", "333300000012"),
        ("ff02::1:ff00:1234", "3333ff001234"),
    ],
)
def test_the_mac_of_a_group(group: str, mac: str) -> None:
    """RFC 1112, 6.4; RFC 2464, 7."""
    assert group_mac(ip_address(group)).hex() == mac


def test_a_frame_of_ipv4() -> None:
    """RFC 9568, 7.3: from the virtual MAC; 5.1.1.3: TTL 255."""
    source, group = IPv4Address("192.0.2.77"), IPv4Address("224.0.0.18")
    frame = advert_frame(MAC, source, group, 255, MESSAGE)
    assert frame[:14].hex() == "01005e000012" + MAC.hex() + "0800"
    assert frame[15] == 0xC0
    assert internet_checksum(frame[14:34]) == 0
    assert ip.decode("ens33", frame[14:]) == AdvertReceived("ens33", source, group, 255, MESSAGE)
    assert frame_of(MAC, group, frame[14:]) == frame


def test_a_frame_of_ipv6() -> None:
    """RFC 9568, 5.1.2.3: hop limit 255."""
    source, group = IPv6Address("fe80::1"), IPv6Address("ff02::12")
    frame = advert_frame(MAC, source, group, 255, MESSAGE)
    assert frame[:14].hex() == "333300000012" + MAC.hex() + "86dd"
    assert frame[14:16].hex() == "6c00"
    assert ip.decode("ens33", frame[14:]) == AdvertReceived("ens33", source, group, 255, MESSAGE)
