"""Which adverts count, and what the operator is told of the others."""

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.model.advert import Advert
from halod.model.drop import DropReason
from halod.model.event import AdvertReceived
from halod.model.units import Duration
from halod.model.vrrp import Password
from halod.vrrp.admission import Refusal, admit
from tests.kit.build import ETH, GROUP, LB01, LB02, S, instance, received
from tests.wire.test_vrrp2 import with_checksum

OURS = instance()
GOOD = received(OURS, LB01, 150)


def test_a_good_advert_is_admitted() -> None:
    advert = admit(OURS, LB02, GOOD)
    assert isinstance(advert, Advert)
    assert (advert.priority, advert.virtual_router_id) == (150, 51)


def test_another_address_list_is_admitted() -> None:
    # keepalived from 2.3.3 on: dropping it would make two masters.
    assert isinstance(admit(OURS, LB02, received(instance(addresses=()), LB01)), Advert)


def ah(event: AdvertReceived) -> AdvertReceived:
    payload = event.payload[:4] + b"\2" + event.payload[5:]
    return replace(event, payload=with_checksum(payload))


@pytest.mark.parametrize(
    ("event", "reason", "detail"),
    [
        (replace(GOOD, ttl=1), DropReason.BAD_TTL, "TTL 1, wanted 255: it crossed a router"),
        (
            replace(GOOD, payload=b"\x31" + GOOD.payload[1:]),
            DropReason.BAD_VERSION,
            "VRRP version 3, wanted 2",
        ),
        (
            replace(GOOD, payload=GOOD.payload[:10]),
            DropReason.TOO_SHORT,
            "shorter than its address list asks for (10 bytes)",
        ),
        (
            replace(GOOD, payload=GOOD.payload + b"\0"),
            DropReason.TOO_LONG,
            "longer than its address list asks for (21 bytes)",
        ),
        (
            replace(GOOD, payload=b"\x22" + GOOD.payload[1:]),
            DropReason.BAD_TYPE,
            "not an ADVERTISEMENT (20 bytes)",
        ),
        (
            replace(GOOD, payload=GOOD.payload[:-1] + b"\1"),
            DropReason.BAD_CHECKSUM,
            "wrong checksum (20 bytes)",
        ),
        (
            received(OURS, LB02),
            DropReason.OWN_SOURCE,
            "it carries this node's own address: is the address used twice?",
        ),
        (
            replace(GOOD, destination=LB02),
            DropReason.WRONG_DESTINATION,
            "sent to 192.168.178.131, wanted 224.0.0.18: it uses `unicast_peer`",
        ),
        (
            received(instance(password=None), LB01),
            DropReason.AUTH_TYPE_MISMATCH,
            "authentication no authentication, wanted PASS: compare `auth_type`",
        ),
        (
            ah(GOOD),
            DropReason.AUTH_TYPE_MISMATCH,
            "authentication AH, wanted PASS: compare `auth_type`",
        ),
        (
            received(instance(password=Password(b"2222")), LB01),
            DropReason.AUTH_FAILED,
            "another password: compare `auth_pass`",
        ),
        (
            received(instance(advert_interval=S * 5), LB01),
            DropReason.INTERVAL_MISMATCH,
            "advert interval 5 s, wanted 1 s: compare `advert_int`",
        ),
    ],
)
def test_what_is_said_of_a_refused_one(
    event: AdvertReceived, reason: DropReason, detail: str
) -> None:
    # RFC 3768, 7.1; the authentication of RFC 2338, 5.3.6.
    assert admit(OURS, LB02, event) == Refusal(reason, detail)


def test_a_password_where_none_is_wanted() -> None:
    refusal = admit(instance(password=None), LB02, GOOD)
    assert isinstance(refusal, Refusal)
    assert refusal.detail == "authentication PASS, wanted no authentication: compare `auth_type`"


@given(st.binary(min_size=1, max_size=8), st.binary(min_size=1, max_size=8))
def test_passwords_are_the_same_up_to_their_padding(ours: bytes, theirs: bytes) -> None:
    event = received(instance(password=Password(theirs)), LB01)
    same = ours.ljust(8, b"\0") == theirs.ljust(8, b"\0")
    assert isinstance(admit(instance(password=Password(ours)), LB02, event), Advert) == same


def test_no_secret_is_ever_told() -> None:
    mine, theirs = (
        instance(password=Password(b"sesame!1")),
        instance(password=Password(b"sesame!2")),
    )
    told = (
        f"{admit(mine, LB02, received(theirs, LB01))!r} {admit(mine, LB02, received(mine, LB01))!r}"
    )
    assert "sesame" not in f"{told} {mine!r}"


@given(
    st.binary(max_size=100),
    st.integers(0, 255),
    st.sampled_from([LB01, LB02]),
    st.sampled_from([GROUP, LB02]),
)
def test_any_bytes_are_judged(
    payload: bytes, ttl: int, source: IPv4Address, destination: IPv4Address
) -> None:
    outcome = admit(OURS, LB02, AdvertReceived(ETH, source, destination, ttl, payload))
    assert isinstance(outcome, Refusal)
    assert outcome.detail


@given(st.integers(1, 255))
def test_the_interval_must_be_ours(seconds: int) -> None:
    # RFC 3768, 7.1: the interval in the packet must be the one configured.
    theirs = received(instance(advert_interval=Duration.seconds(seconds)), LB01)
    assert isinstance(admit(OURS, LB02, theirs), Advert) == (seconds == 1)
