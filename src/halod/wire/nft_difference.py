"""From what stands in nftables for a service to what should: the messages of one transaction.

Knows the order in which the kernel takes them. Must not know what they mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from halod.wire.nfnetlink import NftFamily, NftMessage, rules_of_chain
from halod.wire.nft_balancing import APPEND, CREATE, Change, comment_of
from halod.wire.nft_message import NftElement, chain, elements, named_chain, rule
from halod.wire.nft_service_rules import Content, SetName

__all__ = ["difference", "removal"]


def difference(name: str, old: Content, new: Content) -> Iterator[Change]:
    """In the table of that name. Elements that are in both stay, with what they have counted."""
    changed = {place: r for place, r in new.rules.items() if old.rules.get(place) != r}
    # All chains first: rules of one lead to another.
    for family, of_chain in changed:
        yield from _emptied(name, family, of_chain)
    for (family, of_chain), rules in changed.items():
        for expressions in rules:
            payload = rule(family, name, of_chain, expressions, comment_of(expressions))
            yield NftMessage.NEWRULE, CREATE | APPEND, payload
    for place in old.elements.keys() | new.elements.keys():
        before, after = old.elements.get(place, {}), new.elements.get(place, {})
        gone = [one for key, one in before.items() if after.get(key) != one]
        yield from removal(name, place, gone)
    for place, after in new.elements.items():
        before = old.elements.get(place, {})
        came = [one for key, one in after.items() if before.get(key) != one]
        family, set_name = place
        for payload in elements(family, name, set_name, came):
            yield NftMessage.NEWSETELEM, CREATE, payload
    gone_chains = old.rules.keys() - new.rules.keys()
    for family, of_chain in gone_chains:
        yield from _emptied(name, family, of_chain)
    for family, of_chain in gone_chains:
        yield NftMessage.DELCHAIN, 0, named_chain(family, name, of_chain)


def removal(name: str, place: SetName, gone: Iterable[NftElement]) -> Iterator[Change]:
    """Elements go by their keys."""
    family, set_name = place
    keys = (NftElement(one.key) for one in gone)
    for payload in elements(family, name, set_name, keys):
        yield NftMessage.DELSETELEM, 0, payload


def _emptied(name: str, family: NftFamily, of_chain: str) -> Iterator[Change]:
    """The chain is there, whether it was or not, and has no rule."""
    yield NftMessage.NEWCHAIN, CREATE, chain(family, name, of_chain)
    yield NftMessage.DELRULE, 0, rules_of_chain(family, name, of_chain)
