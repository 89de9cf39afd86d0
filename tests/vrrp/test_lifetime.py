"""The lifetime of addresses while the gate comes and goes: none ends before it is renewed."""

from __future__ import annotations

from itertools import pairwise

import pytest

from halod.model.effect import GrantAddresses, RenewAddresses
from halod.model.units import Duration, Instant
from halod.model.vrrp import LeaseMode
from halod.vrrp.lease import BACKSTOP, BACKSTOP_EVERY, Lease, Term, lease_of
from halod.vrrp.outbox import Outbox
from tests.kit.build import VIP, S, at, instance

PLAIN = instance()
GATED, ADDRESS = lease_of(PLAIN, (LeaseMode.BPF,)), lease_of(PLAIN, ())


def lifetimes(leases: list[Lease]) -> list[tuple[Instant, Duration]]:
    """(when, how long) of each lifetime given in a term with an advert a second."""
    out = Outbox()
    term = Term("VI_1", 1, at(0), at(0))
    given: list[tuple[Instant, Duration]] = []
    for second, lease in enumerate(leases):
        if second == 0 or lease != leases[second - 1]:
            # The machine does so when it hears of a gate that came or went.
            term.grant((VIP,), lease, at(0), out)
        else:
            term.renew(lease, S, at(second), out)
        given += [
            (at(second), effect.lease)
            for effect in out.effects
            if isinstance(effect, GrantAddresses | RenewAddresses) and effect.lease is not None
        ]
        out.effects.clear()
    return given


@pytest.mark.parametrize("change", range(1, 8))
@pytest.mark.parametrize(("first", "then"), [(ADDRESS, GATED), (GATED, ADDRESS)])
def test_no_lifetime_ends_before_the_next_is_given(first: Lease, then: Lease, change: int) -> None:
    given = lifetimes([first] * change + [then] * 12)
    for (when, span), (following, _) in pairwise(given):
        assert when + span > following
    when, span = given[-1]
    assert when + span > at(change + 12)


def test_behind_a_gate_it_is_renewed_seldom() -> None:
    assert lifetimes([GATED] * 10) == [(at(0) + BACKSTOP_EVERY * k, BACKSTOP) for k in range(4)]
