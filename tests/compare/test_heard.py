"""What adverts of a link are to a file: a peer, another cluster, or noise."""

from dataclasses import replace
from ipaddress import IPv4Address

from halod.compare.heard import heard_routers
from halod.model.address import VirtualAddress
from halod.model.units import Duration
from halod.model.vrrp import Password, VrrpVersion
from tests.kit.build import ETH, LB01, LB02, LB03, PLAIN, instance, received

FOREIGN = VirtualAddress(IPv4Address("192.168.178.77"), 24, ETH)


def test_routers_are_told_by_vrid_and_sender() -> None:
    other = instance(virtual_router_id=7)
    packets = [
        (received(PLAIN, LB02, 150), False),
        (received(other, LB03), False),
        (received(PLAIN, LB02, 150), False),
        (received(PLAIN, LB01, 100), True),
    ]
    found = heard_routers(packets, [PLAIN])
    assert [(r.virtual_router_id, r.source, r.count, r.relation) for r in found] == [
        (7, LB03, 1, ""),
        (51, LB01, 1, "VI_1: this machine"),
        (51, LB02, 2, "VI_1: a peer"),
    ]
    assert not any(router.collides for router in found)
    assert found[2].advert is not None
    assert found[2].advert.priority == 150


def test_other_addresses_are_another_cluster() -> None:
    """RFC 9568, 1.7: a VRID names one virtual router on a link."""
    (found,) = heard_routers([(received(instance(addresses=(FOREIGN,))), False)], [PLAIN])
    assert found.collides
    assert found.relation == "collides with VI_1: other addresses, so another cluster's"


def test_a_peer_that_would_be_dropped_collides_and_says_why() -> None:
    for changed, why in (
        (instance(password=Password(b"s3cret")), "another password: compare `auth_pass`"),
        (instance(password=None), "authentication no authentication, wanted PASS"),
        (instance(advert_interval=Duration.seconds(2)), "advert interval 2 s, wanted 1 s"),
        (instance(version=VrrpVersion.V3, password=None), "VRRP version 3, wanted 2"),
    ):
        (found,) = heard_routers([(received(changed), False)], [PLAIN])
        assert found.collides
        assert why in found.relation
        assert "s3cret" not in repr(found)


def test_a_resignation_is_a_peers() -> None:
    """RFC 9568, 5.2.4: priority 0."""
    (found,) = heard_routers([(received(PLAIN, LB02, 0), False)], [PLAIN])
    assert (found.relation, found.collides) == ("VI_1: a peer that resigns", False)


def test_without_a_file_everything_is_listed() -> None:
    (found,) = heard_routers([(received(PLAIN), False)], [])
    assert (found.relation, found.collides) == ("", False)


def test_what_is_no_advert_is_told_as_such() -> None:
    broken = received(PLAIN)
    broken = replace(broken, payload=broken.payload[:-1] + b"x")
    (found,) = heard_routers([(broken, False)], [])
    assert (found.advert, found.fault) == (None, "bad checksum")
    (found,) = heard_routers([(replace(broken, payload=b"\x95\x07"), False)], [])
    assert (found.virtual_router_id, found.fault) == (7, "VRRP version 9")
    assert heard_routers([(replace(broken, payload=b"\x21"), False)], []) == []
