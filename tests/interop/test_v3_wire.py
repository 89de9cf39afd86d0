"""The same file in VRRPv3, the same bytes: adverts with their checksum, and gratuitous ARP."""

from pathlib import Path

import pytest

from halod.wire.checksum import internet_checksum
from halod.wire.vrrp import PROTOCOL
from tests.interop.test_wire import VIP_LINE, Spoken, listen_to_both
from tests.kit.fast_pair import FAST_S, fast_config
from tests.kit.pair import NEEDS_KEEPALIVED

pytestmark = NEEDS_KEEPALIVED

THREE = f"192.168.178.200/24 dev ens33\n{VIP_LINE}\n10.9.8.7/32 dev ens33"
CONFIGS = {
    "a tenth": fast_config(),
    "a fiftieth": fast_config(0.02),
    "a second": fast_config(1),
    "an odd one": fast_config(0.37),
    "several addresses": fast_config(FAST_S, (VIP_LINE, THREE)),
    "owner": fast_config(FAST_S, ("priority 150", "priority 255"), only="lb01"),
    "other numbers": fast_config(FAST_S, ("virtual_router_id 51", "virtual_router_id 255")),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_one_instance(name: str, tmp_path: Path) -> None:
    halod, keepalived = listen_to_both(CONFIGS[name], tmp_path)
    assert halod == keepalived
    # It must not be equal for being empty: an advert, a resignation, five frames an address.
    assert len(halod.adverts) == 2
    assert halod.resignations == 1
    assert len(halod.announcements) == 5 * (3 if name == "several addresses" else 1)
    assert sums(halod) == [0, 0]


def sums(spoken: Spoken) -> list[int]:
    """RFC 9568, 5.2.8: the checksum covers the pseudo-header of RFC 8200, so that the sum over both
    is 0."""
    found = []
    for header, payload in spoken.adverts:
        source, target = header[-8:-4], header[-4:]
        pseudo = source + target + bytes([0, PROTOCOL]) + len(payload).to_bytes(2, "big")
        found.append(internet_checksum(pseudo + payload))
    return found
