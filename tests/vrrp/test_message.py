"""The advert of an instance, made once for as long as it would be the same."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from hypothesis import given
from hypothesis import strategies as st

from halod.model.advert import Advert
from halod.model.vrrp import Password, VrrpInstance, VrrpVersion
from halod.vrrp.message import LastAdvert, advert_of, resignation
from halod.wire import vrrp2
from tests.kit.build import GROUP, LB01, LB02, VIP, VIP2, S, instance

INSTANCES = [
    instance(),
    instance(priority=150),
    instance(password=None),
    instance(password=Password(b"2222")),
    instance(addresses=(VIP, VIP2)),
    instance(advert_interval=S * 2),
    instance(version=VrrpVersion.V3, password=None),
]
SOURCES = [LB01, LB02, IPv4Address(int(LB01))]

orders = st.tuples(
    st.sampled_from(INSTANCES), st.sampled_from(SOURCES), st.sampled_from([0, 100, 150])
)


@given(st.lists(orders, max_size=20))
def test_what_is_remembered_is_what_would_be_made(
    asked: list[tuple[VrrpInstance, IPv4Address, int]],
) -> None:
    last = LastAdvert()
    for config, source, priority in asked:
        assert last.make(config, source, priority) == advert_of(config, source, priority)


def test_the_same_again_is_not_made_again() -> None:
    last, config = LastAdvert(), instance()
    first = last.make(config, LB01, 100)
    assert last.make(config, LB01, 100) is first
    assert last.make(replace(config), LB01, 100) is not first


def test_an_advert_says_what_the_configuration_says() -> None:
    made = advert_of(instance(), LB01, 150)
    assert (made.interface, made.source, made.destination) == ("ens33", LB01, GROUP)
    assert made.payload.hex() == "21339601010172bbc0a8b2033131313100000000"


def test_a_resignation_is_priority_0() -> None:
    # RFC 9568, 6.4.3.
    made = resignation(instance(), LB01)
    decoded = vrrp2.decode(made.payload)
    assert isinstance(decoded, Advert)
    assert (made.priority, decoded.priority) == (0, 0)
