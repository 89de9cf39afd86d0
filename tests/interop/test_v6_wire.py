"""The same file over IPv6, the same bytes: adverts and neighbour advertisements, side by side.

Left out is what a host has of its own: its hardware address, the link-local address made of it,
checksums over that, and the flow label (RFC 6437).
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv6Address
from pathlib import Path

import pytest

from halod.lab.frame_ear import FrameEar
from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from halod.lab.topology import tutorial_topology
from halod.wire import vrrp3
from halod.wire.envelope import Envelope
from tests.interop.v6_files import own_address, v6_config, wait_for_owner
from tests.kit.pair import NEEDS_KEEPALIVED, WITHIN_S

pytestmark = NEEDS_KEEPALIVED

ETHERTYPE_IPV6, VRRP, ICMPV6, ADVERTISEMENT = 0x86DD, 112, 58, 136
CONFIGS = {
    "usual": v6_config(),
    "a tenth": v6_config(("advert_int 1", "advert_int 0.1")),
    "owner": v6_config(("priority 150", "priority 255")),
    "another group": v6_config(more="    mcast_dst_ip ff02::114\n"),
    "native": v6_config(vips=("fe80::3/64",), more="    native_ipv6\n"),
    "a router": v6_config(),
}


@dataclass(frozen=True)
class Spoken:
    """What a MASTER said from its takeover to its clean stop."""

    adverts: list[tuple[bytes, bytes, bytes]]
    """Ethernet target, IPv6 header and VRRP message, repetitions left out."""
    resignations: int
    announcements: list[bytes]
    """The first burst."""


def listen(program: str, name: str, config: Callable[[str], str], base: Path) -> Spoken:
    with Lab(tutorial_topology(), base=base / program) as lab:
        node = lab.balancer("lb01", program, config("lb01"))
        machine = lab.machine("lb01")
        if name == "a router":
            forwarding = "/proc/sys/net/ipv6/conf/all/forwarding"
            machine.namespace.run("sh", "-c", f"echo 1 > {forwarding}")
        mac = bytes.fromhex(machine.hardware_address().replace(":", ""))
        own = IPv6Address(own_address(lab, "lb01"))
        ear = FrameEar(lab.machine("web01"), ETHERTYPE_IPV6)
        node.start()
        frames: list[bytes] = []

        def heard(kind: Callable[[bytes], bool], number: int) -> bool:
            frames.extend(frame.data for frame in ear.frames())
            return sum(map(kind, frames)) >= number

        assert wait_until(lambda: heard(is_advert, 2), WITHIN_S)
        assert wait_until(lambda: heard(is_announcement, 5), WITHIN_S)
        node.stop()
        assert wait_until(lambda: heard(is_resignation, 1), WITHIN_S)
        ear.close()
    said = [normal(frame, own) for frame in frames if is_advert(frame)]
    announced = [f.replace(mac, bytes(6)) for f in frames if is_announcement(f)]
    burst = 5 * len(set(announced))
    return Spoken(
        list(dict.fromkeys(said)),
        sum(map(is_resignation, frames)),
        [frame[:56] + frame[58:] for frame in announced[:burst]],
    )


def is_advert(frame: bytes) -> bool:
    return frame[20] == VRRP


def is_resignation(frame: bytes) -> bool:
    return is_advert(frame) and frame[56] == 0


def is_announcement(frame: bytes) -> bool:
    """Of a virtual address: the kernel speaks of its own."""
    return frame[20] == ICMPV6 and frame[54] == ADVERTISEMENT


def normal(frame: bytes, own: IPv6Address) -> tuple[bytes, bytes, bytes]:
    header, message = frame[14:54], frame[54:]
    assert header[8:24] == own.packed, "from the link-local address (RFC 9568, 5.1.2.1)"
    envelope = Envelope(own, IPv6Address(header[24:40]))
    assert vrrp3.encode(vrrp3.decode(message, envelope), envelope) == message  # type: ignore[arg-type]
    flow_label = bytes([header[0], header[1] & 0xF0])
    return frame[:6], flow_label + header[4:8] + header[24:], message[:6] + message[8:]


@pytest.mark.parametrize("name", CONFIGS)
def test_one_instance(name: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        halod, keepalived = pool.map(
            lambda program: listen(program, name, CONFIGS[name], tmp_path),
            ("halod", "keepalived"),
        )
    assert halod == keepalived
    # It must not be equal for being empty.
    assert len(halod.adverts) == 2
    assert halod.resignations == 1
    assert len(halod.announcements) == 5 * (1 if name == "native" else 3)
    assert (halod.announcements[0][56] == 0xA0) == (name == "a router")
    target, header, _ = halod.adverts[0]
    group = "ff02::114" if name == "another group" else "ff02::12"
    assert IPv6Address(header[-16:]) == IPv6Address(group)
    assert target == b"\x33\x33" + IPv6Address(group).packed[-4:], "RFC 2464, 7"
    assert header[5] == 255, "hop limit: RFC 9568, 5.1.2.3"


@pytest.mark.parametrize("program", ["halod", "keepalived"])
def test_addresses_are_up_without_a_search_for_duplicates(program: str, tmp_path: Path) -> None:
    """Both alike: at once usable, and one of 128 bits is no source of connections."""
    with Lab(tutorial_topology(), base=tmp_path) as lab:
        lab.balancer("lb01", program, v6_config()("lb01")).start()
        wait_for_owner(lab, "lb01")
        shown = lab.machine("lb01").namespace.ip("-6", "-o", "address", "show", "dev", "ens33")
    flags = {
        line.split()[3]: {word for word in ("nodad", "deprecated", "tentative") if word in line}
        for line in shown.splitlines()
    }
    assert flags["fd00:178::3/64"] == {"nodad"}
    assert flags["fe80::3/64"] == {"nodad"}
    assert flags["fd00:178::5/128"] == {"nodad", "deprecated"}
