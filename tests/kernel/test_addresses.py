"""Virtual addresses in a real kernel: what `ip` shows is what was asked for."""

import json
import time
from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from halod.kernel.addresses import Addresses
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.lab.patience import wait_until
from halod.model.address import Scope, VirtualAddress
from halod.model.units import Duration
from halod.wire.rtnetlink import IFAPROT_HALOD
from tests.kit.build import ETH, LB01, VIP, VIP2, S
from tests.kit.host import FAR, Host

pytestmark = pytest.mark.needs_netns

MINUTE = Duration.seconds(60)


@pytest.fixture
def addresses(host: Host) -> Addresses:
    made = Addresses(host.open(RtnetlinkSocket))
    made.indexes = {name: host.index(name) for name in (ETH, FAR)}
    return made


def test_an_address_stands_as_it_was_asked_for(host: Host, addresses: Addresses) -> None:
    plain = VIP
    rich = replace(
        VIP2,
        prefix_length=32,
        label="ens33:web",
        broadcast=IPv4Address("192.168.178.255"),
        scope=Scope.LINK,
    )
    given = addresses.grant([plain, rich], MINUTE)
    assert given.added == (plain, rich)
    assert (given.foreign, given.failed) == ((), ())
    shown = host.addresses()
    first, second = shown[str(plain.address)], shown[str(rich.address)]
    assert (first["prefixlen"], first["scope"], first["label"]) == (24, "global", ETH)
    assert "broadcast" not in first
    assert first["dynamic"]
    assert 59 <= first["valid_life_time"] <= 60
    assert 59 <= first["preferred_life_time"] <= 60
    assert (second["prefixlen"], second["scope"], second["label"]) == (32, "link", "ens33:web")
    assert second["broadcast"] == "192.168.178.255"


def test_an_address_without_a_lease_stays_for_ever(host: Host, addresses: Addresses) -> None:
    addresses.grant([VIP], None)
    shown = host.addresses()[str(VIP.address)]
    assert "dynamic" not in shown
    assert shown["valid_life_time"] == 0xFFFFFFFF


def test_our_tag_is_on_it_and_on_nothing_else(host: Host, addresses: Addresses) -> None:
    addresses.grant([VIP], MINUTE)
    tagged = {a.address for a in addresses.standing() if a.protocol == IFAPROT_HALOD}
    assert tagged == {VIP.address}
    assert {a.address for a in addresses.standing()} > {VIP.address, LB01}
    assert addresses.tagged() == [(host.index(), VIP.address, 24)]


def test_a_renewal_gives_a_new_lifetime_and_moves_nothing_else(
    host: Host, addresses: Addresses
) -> None:
    addresses.grant([VIP, VIP2], MINUTE)
    order = list(host.addresses())
    assert addresses.renew([VIP, VIP2], Duration.seconds(600)) == [VIP, VIP2]
    shown = host.addresses()
    assert list(shown) == order
    assert 599 <= shown[str(VIP.address)]["valid_life_time"] <= 600
    assert addresses.tagged(), "the renewal keeps the tag"


def test_the_kernel_ends_a_lease_by_itself_in_the_documented_time(
    host: Host, addresses: Addresses
) -> None:
    addresses.grant([VIP], S * 2)
    granted = time.monotonic()
    host.wait_for_address(str(VIP.address), there=False, within_s=4)
    lasted = time.monotonic() - granted
    # Up to a second late; the rest is what `ip` and a busy machine take.
    assert 1.9 <= lasted <= 3.3
    assert str(LB01) in host.addresses()


def test_a_lease_that_is_renewed_does_not_end(host: Host, addresses: Addresses) -> None:
    addresses.grant([VIP, VIP2], S)
    until = time.monotonic() + 3
    while time.monotonic() < until:
        addresses.renew([VIP], S)
        assert str(VIP.address) in host.addresses()
    assert str(VIP2.address) not in host.addresses()


def test_revoking_takes_ours_and_what_is_gone_is_no_failure(
    host: Host, addresses: Addresses
) -> None:
    addresses.grant([VIP, VIP2], MINUTE)
    host.ip("address", "del", f"{VIP2.address}/24", "dev", ETH)
    assert addresses.revoke(addresses.place([VIP, VIP2])) == []
    assert list(host.addresses()) == [str(LB01)]
    assert addresses.revoke(addresses.place([VIP, VIP2])) == []


def test_an_interface_that_is_not_there_fails_alone(host: Host, addresses: Addresses) -> None:
    elsewhere = replace(VIP2, interface="ens99")
    given = addresses.grant([VIP, elsewhere], MINUTE)
    assert given.added == (VIP,)
    assert given.failed == ((elsewhere, "no interface ens99"),)


def test_an_interface_that_went_away_fails_with_the_kernels_words(
    host: Host, addresses: Addresses
) -> None:
    addresses.indexes["gone"] = 9999
    lost = replace(VIP2, interface="gone")
    given = addresses.grant([VIP, lost], MINUTE)
    assert given.added == (VIP,)
    assert given.failed == ((lost, f"{lost}: No such device"),)
    assert addresses.revoke({lost: 9999}) == [], "and holds nothing that could be taken away"


def test_an_operators_address_is_told_and_left_as_it_was(host: Host, addresses: Addresses) -> None:
    host.ip("address", "add", f"{VIP.address}/24", "dev", ETH)
    before = host.addresses()[str(VIP.address)]
    given = addresses.grant([VIP, VIP2], MINUTE)
    assert (given.added, given.foreign, given.failed) == ((VIP2,), (VIP,), ())
    assert host.addresses()[str(VIP.address)] == before


def test_an_address_with_our_tag_is_adopted_and_leased(host: Host, addresses: Addresses) -> None:
    addresses.grant([VIP], None)
    given = addresses.grant([VIP], MINUTE)
    assert (given.added, given.foreign, given.failed) == ((VIP,), (), ())
    assert 59 <= host.addresses()[str(VIP.address)]["valid_life_time"] <= 60


def test_the_same_address_with_another_mask_is_another_one(
    host: Host, addresses: Addresses
) -> None:
    narrow = replace(VIP, prefix_length=32)
    addresses.grant([VIP], MINUTE)
    assert addresses.grant([narrow], MINUTE).added == (narrow,)
    assert addresses.revoke(addresses.place([narrow])) == []
    assert host.addresses()[str(VIP.address)]["prefixlen"] == 24


@pytest.mark.parametrize("number", [1, 255, 256, 257, 1000])
def test_batches_of_any_size_are_answered_one_by_one(
    host: Host, addresses: Addresses, number: int
) -> None:
    first = IPv4Address("10.1.0.0")
    wanted = [VirtualAddress(first + i, 32, ETH) for i in range(number)]
    host.ip("address", "add", f"{wanted[-1].address}/32", "dev", ETH)
    given = addresses.grant(wanted, MINUTE)
    assert given.added == tuple(wanted[:-1])
    assert given.foreign == (wanted[-1],)
    assert len(host.addresses()) == 1 + number
    assert addresses.renew(given.added, MINUTE) == wanted[:-1]
    assert addresses.revoke(given.places) == []
    assert list(host.addresses()) == [str(LB01), str(wanted[-1].address)]


def test_a_batch_fits_into_the_buffer_that_an_unprivileged_user_gets(host: Host) -> None:
    """Where SO_RCVBUFFORCE is refused, net.core.rmem_max is the limit: 212,992 bytes."""
    requests = host.open(RtnetlinkSocket)
    requests._socket.setsockopt(1, 33, 212_992)  # SOL_SOCKET, SO_RCVBUFFORCE
    addresses = Addresses(requests)
    addresses.indexes = {ETH: host.index()}
    wanted = [VirtualAddress(IPv4Address("10.1.0.0") + i, 32, ETH) for i in range(1000)]
    assert addresses.grant(wanted, MINUTE).added == tuple(wanted)
    assert len(addresses.tagged()) == 1000


def test_deletions_by_others_do_not_hinder_a_dump(host: Host, addresses: Addresses) -> None:
    """A table that changes while it is read is read again (NLM_F_DUMP_INTR)."""
    wanted = [VirtualAddress(IPv4Address("10.1.0.0") + i, 32, ETH) for i in range(500)]
    addresses.grant(wanted, S)
    assert wait_until(lambda: addresses.tagged() == [], 4, 0.001)
    assert json.loads(host.ip("-j", "address", "show", "dev", ETH))
