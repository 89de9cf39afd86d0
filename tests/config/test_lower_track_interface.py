"""Links that an instance minds: what the file says, and what keepalived adds to it."""

from halod.config.compile import compile_text
from halod.model.tracking import Tracked, TrackerId, TrackerKind
from halod.model.vrrp import VrrpInstance


def lowered(block: str, addresses: str = "192.0.2.10/24") -> VrrpInstance:
    text = (
        "vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\n"
        f"{block}\nvirtual_ipaddress {{\n{addresses}\n}}\n}}\n"
    )
    configuration = compile_text("keepalived.conf", text).configuration
    assert configuration is not None
    return configuration.instances[0]


def link(name: str, weight: int = 0, *, reverse: bool = False) -> Tracked:
    return Tracked(TrackerId(TrackerKind.INTERFACE, name), weight, reverse)


def test_a_line_is_a_name_a_weight_and_its_sign() -> None:
    block = "track_interface {\neth1\neth2 weight -60\neth3 weight 20 reverse\n}"
    assert lowered(block).trackers == (
        link("eth1"),
        link("eth2", -60),
        link("eth3", 20, reverse=True),
    )


def test_two_blocks_are_one_list() -> None:
    blocks = "track_interface {\neth1\n}\ntrack_interface {\neth2\n}"
    assert lowered(blocks).trackers == (link("eth1"), link("eth2"))


def test_the_own_interface_is_minded_anyway_and_never_by_weight() -> None:
    """keepalived 2.2.7: "Ignoring track_interface eth0 since own interface"."""
    instance = lowered("track_interface {\neth0 weight -20\n}")
    assert (instance.trackers, instance.minds_own_link) == ((), True)
    instance = lowered("dont_track_primary\ntrack_interface {\neth0\n}")
    assert (instance.trackers, instance.minds_own_link) == ((), False)


def test_a_weight_beyond_253_is_253() -> None:
    """keepalived 2.2.7: "cannot be +/-254. Setting to +/-253"."""
    assert lowered("track_interface {\neth1 weight 254\n}").trackers == (link("eth1", 253),)
    assert lowered("track_interface {\neth1 weight -999\n}").trackers == (link("eth1", -253),)


def test_a_link_that_carries_an_address_is_minded() -> None:
    addresses = "192.0.2.10/24\n198.51.100.10/24 dev eth1\n203.0.113.10/24 dev eth2 no_track"
    instance = lowered("", addresses)
    assert instance.trackers == (link("eth1"),)
    assert [address.is_tracked for address in instance.addresses] == [True, True, False]


def test_a_link_that_carries_an_excluded_address_is_minded_too() -> None:
    excluded = "virtual_ipaddress_excluded {\n198.51.100.10/24 dev eth1\n}"
    assert lowered(excluded).trackers == (link("eth1"),)


def test_a_link_that_carries_an_address_has_no_weight() -> None:
    """keepalived 2.2.7: FAULT when eth1 goes down, whatever weight its line has."""
    block = "track_interface {\neth1 weight -20\n}"
    assert lowered(block, "198.51.100.10/24 dev eth1").trackers == (link("eth1"),)
    assert lowered(block, "198.51.100.10/24 dev eth1 no_track").trackers == (link("eth1", -20),)
