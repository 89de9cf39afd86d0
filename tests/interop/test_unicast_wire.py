"""The same file with unicast peers, the same bytes: halod and keepalived side by side."""

from ipaddress import IPv4Address
from pathlib import Path

import pytest

from tests.interop.test_wire import Spoken, listen_to_both
from tests.interop.unicast_files import unicast_config
from tests.kit.pair import LB02, NEEDS_KEEPALIVED, changed

pytestmark = NEEDS_KEEPALIVED

WEB01 = "192.168.178.121"
"""Where the ear is: one of the peers."""
TO_WEB01 = f"        {WEB01}\n"

UNICAST = {
    "v2": unicast_config(2, more_peers=TO_WEB01),
    "v3": unicast_config(3, more_peers=TO_WEB01),
    "v2, a TTL": unicast_config(2, more_peers=TO_WEB01, more="    unicast_ttl 64\n"),
    "v3, a TTL": unicast_config(3, more_peers=TO_WEB01, more="    unicast_ttl 1\n"),
    "v3, old checksum": unicast_config(3, more_peers=TO_WEB01, more="    old_unicast_checksum\n"),
    "v3, never the old one": unicast_config(
        3, more_peers=TO_WEB01, more="    old_unicast_checksum never\n"
    ),
}
SOURCE = ("    advert_int 1", "    advert_int 1\n    mcast_src_ip 192.168.178.130")
MULTICAST = {
    "the address of the interface as source": changed(SOURCE),
    "another group": changed(("    advert_int 1", "    advert_int 1\n    mcast_dst_ip 224.0.0.99")),
    "another group for all": changed(
        ("global_defs {", "global_defs {\n    vrrp_mcast_group4 224.0.0.98")
    ),
}


def destinations(spoken: Spoken) -> set[str]:
    return {str(IPv4Address(header[-4:])) for header, _ in spoken.adverts}


@pytest.mark.parametrize("name", UNICAST)
def test_unicast(name: str, tmp_path: Path) -> None:
    halod, keepalived = listen_to_both(UNICAST[name], tmp_path)
    assert halod == keepalived
    # It must not be equal for being empty: an advert, a resignation, five frames of the address.
    assert len(halod.adverts) == 2
    assert halod.resignations == 1
    assert len(halod.announcements) == 5
    # What goes to the other peer is not heard here: the switch knows where that is.
    assert destinations(halod) == {WEB01}
    assert LB02 != WEB01


@pytest.mark.parametrize("name", MULTICAST)
def test_multicast(name: str, tmp_path: Path) -> None:
    halod, keepalived = listen_to_both(MULTICAST[name], tmp_path)
    assert halod == keepalived
    assert len(halod.adverts) == 2
    assert halod.resignations == 1
    groups = {"another group": "224.0.0.99", "another group for all": "224.0.0.98"}
    assert destinations(halod) == {groups.get(name, "224.0.0.18")}
