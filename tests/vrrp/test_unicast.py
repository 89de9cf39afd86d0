"""Adverts to named peers: what goes to each, and which of theirs count (keepalived's rules)."""

from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

import pytest

from halod.model.advert import Advert
from halod.model.drop import DropReason
from halod.model.event import AdvertReceived
from halod.model.unicast import OldChecksum, Unicast, UnicastPeer
from halod.model.vrrp import VrrpInstance, VrrpVersion
from halod.vrrp.admission import Refusal, admit, is_addressed
from halod.vrrp.message import LastAdvert, advert_of
from halod.wire import vrrp
from halod.wire.envelope import Envelope
from tests.kit.build import ETH, GROUP, LB01, LB02, LB03, instance, received, unicast

V2 = instance(unicast=unicast(LB02, LB03))
V3 = replace(V2, version=VrrpVersion.V3, password=None)
OURS = replace(V3, unicast=unicast(LB01))
"""Of lb02, whose peer is lb01."""


def to_lb02(config: VrrpInstance, *, ttl: int = 255, **how: Any) -> AdvertReceived:
    """What lb01 with this configuration sends to lb02."""
    sent = advert_of(config, LB01, 150, **how)
    payload = dict(sent.packets())[LB02]
    return AdvertReceived(ETH, LB01, LB02, ttl, payload)


# ---- out -----------------------------------------------------------------------------------


@pytest.mark.parametrize("config", [V2, V3], ids=["v2", "v3"])
def test_each_peer_gets_its_own_checksum(config: VrrpInstance) -> None:
    # RFC 5798, 5.2.8: the destination is a part of the pseudo-header of v3.
    sent = advert_of(config, LB01, 150)
    assert [destination for destination, _ in sent.packets()] == [LB02, LB03]
    for destination, payload in sent.packets():
        decoded = vrrp.decode(payload, config.version, Envelope(LB01, destination))
        assert isinstance(decoded, Advert)
        assert not decoded.old_checksum
    assert (sent.payload == sent.others[0][1]) == (config.version is VrrpVersion.V2)


def test_the_ttl_is_the_one_asked_for() -> None:
    assert advert_of(V3, LB01, 150).ttl == 255
    assert advert_of(replace(V3, unicast=unicast(LB02, ttl=64)), LB01, 150).ttl == 64


def test_the_group_is_the_one_asked_for() -> None:
    group = IPv4Address("224.0.0.99")
    sent = advert_of(instance(group=group), LB01, 150)
    assert sent.packets() == ((group, advert_of(instance(), LB01, 150).payload),)


def test_the_old_checksum_is_that_of_the_group() -> None:
    # keepalived up to 1.3.6.
    multicast = advert_of(replace(V3, unicast=None), LB01, 150)
    always = replace(V3, unicast=unicast(LB02, LB03, old_checksum=OldChecksum.ALWAYS))
    for sent in (advert_of(V3, LB01, 150, old_checksum=True), advert_of(always, LB01, 150)):
        assert sent.packets() == ((LB02, multicast.payload), (LB03, multicast.payload))


def test_what_was_made_is_forgotten_with_the_old_checksum() -> None:
    last = LastAdvert()
    assert last.make(V3, LB01, 150) == advert_of(V3, LB01, 150)
    last.speak_old()
    assert last.make(V3, LB01, 150) == advert_of(V3, LB01, 150, old_checksum=True)


# ---- in ------------------------------------------------------------------------------------


@pytest.mark.parametrize("ttl", [1, 64, 255])
def test_a_ttl_is_not_looked_at_without_limits(ttl: int) -> None:
    assert isinstance(admit(OURS, LB02, to_lb02(V3, ttl=ttl)), Advert)


def limited(**limits: int) -> VrrpInstance:
    return replace(OURS, unicast=Unicast(peers=(UnicastPeer(LB01, **limits),)))


@pytest.mark.parametrize(("ttl", "counts"), [(63, False), (64, True), (100, True), (101, False)])
def test_a_ttl_outside_its_limits_is_dropped(ttl: int, counts: bool) -> None:
    outcome = admit(limited(ttl_min=64, ttl_max=100), LB02, to_lb02(V3, ttl=ttl))
    refusal = Refusal(DropReason.BAD_TTL, f"TTL {ttl}, wanted 64 to 100")
    assert (outcome == refusal) is not counts
    assert isinstance(outcome, Advert) is counts


@pytest.mark.parametrize(
    "ours",
    [
        replace(V3, unicast=unicast(LB03, check_source=True)),
        replace(V3, unicast=Unicast(peers=(UnicastPeer(LB03, ttl_min=1),))),
    ],
    ids=["check_unicast_src", "min_ttl"],
)
def test_a_stranger_is_dropped_where_the_source_is_looked_at(ours: VrrpInstance) -> None:
    refusal = Refusal(DropReason.NOT_A_PEER, "192.168.178.130 is not in `unicast_peer`")
    assert admit(ours, LB02, to_lb02(V3)) == refusal


def test_a_stranger_counts_where_it_is_not() -> None:
    # As with keepalived.
    assert isinstance(admit(replace(V3, unicast=unicast(LB03)), LB02, to_lb02(V3)), Advert)


def test_multicast_is_dropped() -> None:
    refusal = admit(OURS, LB02, received(replace(V3, unicast=None), LB01))
    assert refusal == Refusal(
        DropReason.WRONG_DESTINATION,
        "sent to the group 224.0.0.18, wanted unicast: its sender has no `unicast_peer`",
    )


def test_another_group_is_dropped() -> None:
    theirs = instance(group=IPv4Address("224.0.0.99"))
    assert admit(instance(), LB02, received(theirs, LB01)) == Refusal(
        DropReason.WRONG_DESTINATION,
        "sent to 224.0.0.99, wanted 224.0.0.18: compare `mcast_dst_ip`",
    )


def test_the_old_checksum_is_understood_unless_that_is_forbidden() -> None:
    old = to_lb02(V3, old_checksum=True)
    advert = admit(OURS, LB02, old)
    assert isinstance(advert, Advert)
    assert advert.old_checksum
    never = replace(OURS, unicast=unicast(LB01, old_checksum=OldChecksum.NEVER))
    assert admit(never, LB02, old) == Refusal(DropReason.BAD_CHECKSUM, "wrong checksum (12 bytes)")
    assert isinstance(admit(never, LB02, to_lb02(V3)), Advert)


def test_over_multicast_there_is_no_old_checksum() -> None:
    # The group is the destination: both sums are one.
    advert = admit(replace(V3, unicast=None), LB02, received(replace(V3, unicast=None), LB01))
    assert isinstance(advert, Advert)
    assert not advert.old_checksum


def test_instances_with_one_vrid_are_told_apart() -> None:
    by_unicast = to_lb02(V3)
    by_group = received(replace(V3, unicast=None), LB01)
    elsewhere = replace(by_group, destination=IPv4Address("224.0.0.99"))
    judged = {
        "peer": OURS,
        "another peer": replace(V3, unicast=unicast(LB03)),
        "group": instance(),
        "another group": instance(group=IPv4Address("224.0.0.99")),
    }
    for event, meant in (
        (by_unicast, ["peer"]),
        (by_group, ["group"]),
        (elsewhere, ["another group"]),
    ):
        assert [name for name, ours in judged.items() if is_addressed(ours, event)] == meant
    assert by_group.destination == GROUP
