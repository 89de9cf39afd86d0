"""Terms: how long they last, what ends them, and what is not ours in them."""

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.model.address import VirtualAddress
from halod.model.effect import Effect, OpenGate, RenewAddresses
from halod.model.election import skew_time
from halod.model.event import AddressLost, LossBy
from halod.model.units import Duration, Instant
from halod.model.vrrp import LeaseMode, VrrpInstance, VrrpVersion
from halod.vrrp.lease import PUT_BACK_WINDOW, Term, lease_of, two_owners_bound
from halod.vrrp.outbox import Outbox
from tests.kit.build import ETH, MS, VIP, VIP2, S, at, instance

BPF = (LeaseMode.BPF,)
SKEW_254 = skew_time(VrrpVersion.V2, 254, S)


def bound(config: VrrpInstance, *, gate: bool, skew: Duration = SKEW_254) -> Duration | None:
    return two_owners_bound(config, lease_of(config, BPF if gate else ()), skew)


def new_term() -> Term:
    """Its first advert was decided at 10 s."""
    return Term("VI_1", 1, at(10), at(10))


@pytest.mark.parametrize(("interval_s", "lease_s"), [(1, 2), (2, 5), (5, 14)])
def test_the_lease_of_addresses_counts_whole_seconds(interval_s: int, lease_s: int) -> None:
    lease = lease_of(instance(advert_interval=S * interval_s), ())
    assert lease.mode is LeaseMode.ADDRESS
    assert lease.span == lease.lifetime == lease.silence == S * lease_s


def test_no_lease_where_it_is_off_or_of_no_use() -> None:
    for config in (instance(lease=LeaseMode.OFF), instance(advert_interval=MS * 100)):
        lease = lease_of(config, ())
        assert (lease.mode, lease.span, lease.lifetime) == (LeaseMode.OFF, None, None)
        assert lease.silence == config.advert_interval * 3


@pytest.mark.parametrize("interval", [MS * 20, MS * 100, S, S * 5])
def test_behind_a_gate_it_lasts_as_long_as_the_quickest_peer_waits(interval: Duration) -> None:
    lease = lease_of(instance(advert_interval=interval), BPF)
    assert lease.mode is LeaseMode.BPF
    assert lease.span == lease.silence == interval * 3
    assert lease.lifetime == S * 10, "the address itself goes, too, some time later"


@pytest.mark.parametrize(
    ("wish", "mode"),
    [
        (LeaseMode.AUTO, LeaseMode.BPF),
        (LeaseMode.BPF, LeaseMode.BPF),
        (LeaseMode.ADDRESS, LeaseMode.ADDRESS),
        (LeaseMode.OFF, LeaseMode.OFF),
    ],
)
def test_the_operator_may_ask_for_less(wish: LeaseMode, mode: LeaseMode) -> None:
    assert lease_of(instance(lease=wish), BPF).mode is mode


def test_the_bound_of_the_tutorial() -> None:
    # Gate: 3 s + 0.1 ms - (3 s + skew). Addresses: 2 s + 1 s + half an interval - (3 s + skew).
    assert bound(instance(), gate=True) == Duration(0)
    assert bound(instance(), gate=False) == S // 2 - SKEW_254
    assert bound(instance(lease=LeaseMode.OFF), gate=True) is None


def test_a_gate_bounds_what_whole_seconds_cannot() -> None:
    fast = instance(advert_interval=MS * 20)
    assert bound(fast, gate=False) is None
    assert bound(fast, gate=True, skew=Duration(0)) == Duration.microseconds(100)


@given(st.integers(1, 255), st.integers(3, 100))
def test_two_owners_never_last_longer_than_the_lateness_allows(interval_s: int, downs: int) -> None:
    config = instance(advert_interval=S * interval_s, down_timer_adverts=downs)
    assert bound(config, gate=False, skew=Duration(0)) == config.advert_interval // 2
    assert bound(config, gate=True, skew=Duration(0)) == Duration.microseconds(100)


@pytest.mark.parametrize(
    ("wish", "gate", "silence_s"),
    [(LeaseMode.ADDRESS, False, 2), (LeaseMode.BPF, True, 3), (LeaseMode.OFF, False, 3)],
)
def test_a_term_is_overslept_after_its_lease_and_not_before(
    wish: LeaseMode, gate: bool, silence_s: int
) -> None:
    term, lease = new_term(), lease_of(instance(lease=wish), BPF if gate else ())
    assert not term.overslept(lease, at(10 + silence_s))
    assert term.overslept(lease, at(10 + silence_s) + Duration(1))


def effects_of_renewals(gate: bool, seconds: int) -> list[Effect]:
    """A term's renewals, one a second from 11 s on."""
    term, lease, out = new_term(), lease_of(instance(), BPF if gate else ()), Outbox()
    term.grant((VIP,), lease, at(10), Outbox())
    for second in range(1, seconds + 1):
        term.sends(at(10 + second))
        term.renew(lease, S, at(10 + second), out)
    return out.effects


def test_addresses_are_renewed_with_each_advert() -> None:
    assert effects_of_renewals(gate=False, seconds=3) == [
        RenewAddresses("VI_1", 1, S * 2, at(10 + second) + S // 2) for second in (1, 2, 3)
    ]


def test_a_gate_is_opened_with_each_advert_and_the_addresses_seldom_renewed() -> None:
    effects = effects_of_renewals(gate=True, seconds=6)
    gates = [effect for effect in effects if isinstance(effect, OpenGate)]
    assert gates == [OpenGate("VI_1", 1, LeaseMode.BPF, at(13 + second)) for second in range(1, 7)]
    renewals = [effect for effect in effects if isinstance(effect, RenewAddresses)]
    assert renewals == [RenewAddresses("VI_1", 1, S * 10, at(t)) for t in (16, 19)]


@pytest.mark.parametrize(("gate", "refusals"), [(False, 2), (True, 3)])
def test_refused_adverts_end_the_lease_when_it_would_end_by_itself(
    gate: bool, refusals: int
) -> None:
    term, lease = new_term(), lease_of(instance(), BPF if gate else ())
    term.sends(at(11))
    for second in range(refusals):
        term.sends(at(12 + second))
        assert term.refused(lease, S) == (second == refusals - 1)
    assert term.adverts_refused == refusals


def test_one_advert_that_goes_out_makes_up_for_refused_ones() -> None:
    term, lease = new_term(), lease_of(instance(), BPF)
    for second in range(1, 20):
        term.sends(at(10 + second))
        if second % 3:
            assert not term.refused(lease, S)
    assert term.adverts_refused == 1


def test_the_first_advert_of_a_term_must_go_out() -> None:
    assert new_term().refused(lease_of(instance(), BPF), S)


def test_foreign_addresses_are_not_ours() -> None:
    term = new_term()
    term.foreign = frozenset({VIP2})
    assert term.ours((VIP, VIP2)) == (VIP,)
    lost = {
        (address, interface): term.lost(AddressLost(address, interface, LossBy.KERNEL), (VIP, VIP2))
        for address in (VIP.address, VIP2.address, IPv4Address("192.0.2.1"))
        for interface in (ETH, "ens34")
    }
    assert {key: found for key, found in lost.items() if found} == {(VIP.address, ETH): (VIP,)}


@given(st.lists(st.tuples(st.integers(0, 6_000), st.sampled_from([VIP, VIP2])), max_size=30))
def test_deletions_are_counted_in_a_window(waits_ms: list[tuple[int, VirtualAddress]]) -> None:
    """Against all deletions ever: how many of this address there were in the last 10 s."""
    term, now = new_term(), at(10)
    deletions: list[tuple[Instant, VirtualAddress]] = []
    for wait_ms, gone in waits_ms:
        now = now + MS * wait_ms
        deletions.append((now, gone))
        recent = [
            then for then, which in deletions if which is gone and now - then < PUT_BACK_WINDOW
        ]
        assert term.deleted(gone.address, now) == len(recent)


def test_an_address_is_known_by_more_than_its_number() -> None:
    term, wider = new_term(), VirtualAddress(VIP.address, 32, ETH)
    term.foreign = frozenset({wider})
    assert term.ours((VIP, wider)) == (VIP,)
