"""The same file, the same bytes: what halod and keepalived put on the wire, side by side.

Left out is what the protocol leaves open: the IP identification (RFC 6864) with the header
checksum that follows from it, and the MAC address of the host.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from halod.lab.advert_ear import AdvertEar, HeardAdvert
from halod.lab.client import ArpEar
from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from halod.lab.topology import tutorial_topology
from halod.lab.tutorial_files import tutorial_text
from halod.lab.tutorial_lab import DUAL
from tests.kit.pair import NEEDS_KEEPALIVED, VIP, WITHIN_S, changed, tutorial_config

pytestmark = NEEDS_KEEPALIVED

VIP_LINE = "192.168.178.3/24 dev ens33 label ens33:3"
ONE_INSTANCE = {
    "tutorial": tutorial_config,
    "no authentication": changed(
        ("authentication {\n        auth_type PASS\n        auth_pass 1111\n    }", "")
    ),
    "eight letters": changed(("auth_pass 1111", "auth_pass s3cret!!")),
    "every two seconds": changed(("advert_int 1", "advert_int 2")),
    "several addresses": changed(
        (VIP_LINE, f"192.168.178.200/24 dev ens33\n{VIP_LINE}\n10.9.8.7/32 dev ens33")
    ),
    "owner": changed(("priority 150", "priority 255")),
    "other numbers": changed(("virtual_router_id 51", "virtual_router_id 255"), ("150", "254")),
}


@dataclass(frozen=True)
class Spoken:
    """What a MASTER said from its takeover to its clean stop, in its order."""

    adverts: list[tuple[bytes, bytes]]
    """Ethernet target with IPv4 header, and the VRRP message; repetitions left out."""
    resignations: int
    announcements: list[bytes]
    """Frames of gratuitous ARP of the first burst, sender's MAC zeroed."""


def normal_header(advert: HeardAdvert, mac: str) -> bytes:
    """Ethernet and IP header without what the protocol leaves open."""
    assert advert.frame.sender.hex(":") == mac
    header, target = advert.header, advert.frame.target
    if not target[0] & 1:
        target = b""  # unicast: another lab has other hardware addresses
    return target + header[:4] + header[6:10] + header[12:]


def listen(program: str, config: Callable[[str], str], base: Path) -> Spoken:
    """Runs lb01 alone from its start to its stop."""
    with Lab(tutorial_topology(), base=base / program) as lab:
        node = lab.balancer("lb01", program, config("lb01"))
        mac = lab.machine("lb01").hardware_address()
        adverts, arps = AdvertEar(lab.machine("web01")), ArpEar(lab.machine("web01"))
        node.start()
        lab.wait_for_owner(VIP, "lb01", WITHIN_S)
        heard: list[HeardAdvert] = []

        def two_adverts() -> bool:
            heard.extend(adverts.heard())
            return len(heard) >= 2

        assert wait_until(two_adverts, WITHIN_S)
        announced = [arp.frame.data for arp in arps.heard()]
        node.stop()
        heard += adverts.heard()
        adverts.close()
        arps.close()
    said = [(normal_header(advert, mac), advert.payload) for advert in heard]
    own = bytes.fromhex(mac.replace(":", ""))
    return Spoken(
        list(dict.fromkeys(said)),
        sum(advert.priority == 0 for advert in heard),
        [frame.replace(own, bytes(6)) for frame in announced],
    )


def listen_to_both(config: Callable[[str], str], base: Path) -> tuple[Spoken, Spoken]:
    """halod and keepalived at the same time, each in a lab of its own."""
    with ThreadPoolExecutor(2) as pool:
        halod, keepalived = pool.map(
            lambda program: listen(program, config, base), ("halod", "keepalived")
        )
    return halod, keepalived


@pytest.mark.parametrize("name", ONE_INSTANCE)
def test_one_instance(name: str, tmp_path: Path) -> None:
    halod, keepalived = listen_to_both(ONE_INSTANCE[name], tmp_path)
    assert halod == keepalived
    # It must not be equal for being empty: an advert, a resignation, five frames an address.
    assert len(halod.adverts) == 2
    assert halod.resignations == 1
    assert len(halod.announcements) == 5 * (3 if name == "several addresses" else 1)


def test_two_instances(tmp_path: Path) -> None:
    halod, keepalived = listen_to_both(lambda host: tutorial_text(f"{host}/{DUAL}"), tmp_path)
    assert sorted(halod.adverts) == sorted(keepalived.adverts)
    assert len({payload[1] for _, payload in halod.adverts}) == 2


def test_the_header_is_that_of_the_standard(tmp_path: Path) -> None:
    """RFC 3768, 5.2: TTL 255, protocol 112, 224.0.0.18; keepalived's: no DF, class 0xc0."""
    spoken = listen("halod", tutorial_config, tmp_path)
    for header, payload in spoken.adverts:
        target, ip = header[:6], header[6:]
        assert target.hex(":") == "01:00:5e:00:00:12"
        assert ip[:2] == bytes([0x45, 0xC0])
        assert int.from_bytes(ip[2:4], "big") == 20 + len(payload)
        assert ip[4:8] == bytes([0, 0, 255, 112])
        assert ip[8:] == bytes([192, 168, 178, 130, 224, 0, 0, 18])
