"""Which nodes do not take the signatures of which.

Knows what a receiver of `auth_hmac` asks for. Must not show a key.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from halod.compare.cluster import Router, Seat
from halod.compare.difference import Difference, Gravity
from halod.model.diagnostic import Span
from halod.model.hmac_policy import AntiReplay, HmacMode, HmacPolicy

__all__ = ["refused_signatures"]


def refused_signatures(router: Router) -> Iterator[Difference]:
    """One for each pair of sender and receiver."""
    for sender, receiver in permutations(router.seats, 2):
        why = _refusal(sender.instance.auth_hmac, receiver.instance.auth_hmac)
        if why is not None:
            yield Difference(
                Gravity.BREAKS,
                f"{receiver.instance.name}: {receiver.node.name} drops what {sender.node.name} "
                f"sends: {why}",
                (_place(sender), _place(receiver)),
            )
    policies = [seat.instance.auth_hmac for seat in router.seats]
    ways = {policy.anti_replay for policy in policies if policy is not None}
    if ways == set(AntiReplay):
        yield Difference(
            Gravity.RISK,
            f"{router.seats[0].instance.name}: `anti_replay` is not the same on all nodes",
            tuple(_place(seat) for seat in router.seats),
        )


def _place(seat: Seat) -> Span:
    return seat.place("auth_hmac")


def _refusal(sender: HmacPolicy | None, receiver: HmacPolicy | None) -> str | None:
    if sender is None or not sender.mode.signs:
        enforced = receiver is not None and receiver.mode is HmacMode.ENFORCE
        return "it is not signed, and `auth_hmac` is enforced there" if enforced else None
    if receiver is None:
        return "it is signed, and there is no `auth_hmac` there"
    key = receiver.key(sender.active)
    if key is None:
        return f"it is signed with key {sender.active}, which is not there"
    if key != sender.active_key:
        return f"key {sender.active} is another one there"
    return None
