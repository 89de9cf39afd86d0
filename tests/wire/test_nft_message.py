"""Messages of nftables, of connection tracking and of routes: encoded as the kernel wants them,
and read without trust."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.model.endpoint import Endpoint
from halod.wire.conntrack import decode_flow, encode_end, encode_query
from halod.wire.netlink import DecodeError, Message, attribute, attributes, list_of
from halod.wire.nfnetlink import NftFamily
from halod.wire.nft_message import (
    ELEMENTS_BYTES_MAX,
    NftElement,
    decode_generation,
    decode_nft_elements,
    decode_nft_rule,
    elements,
    rule,
)
from halod.wire.route_lookup import decode_ethernet, decode_way

DECODERS: tuple[Callable[[Message], Any], ...] = (
    decode_nft_elements,
    decode_nft_rule,
    decode_generation,
    decode_flow,
    decode_way,
    decode_ethernet,
)
words = st.binary(min_size=1, max_size=5).map(lambda b: b * 4)
chains = st.text("abcdef0123456789", min_size=1, max_size=9)
comments = st.text("abc 0123.:-", min_size=1, max_size=200)


def told(payload: bytes) -> Message:
    return Message(0, 0, 0, 0, payload)


@pytest.mark.parametrize("decode", DECODERS)
@given(st.binary(max_size=120))
def test_any_bytes_are_a_value_or_an_error(decode: Callable[[Message], Any], body: bytes) -> None:
    with contextlib.suppress(DecodeError):
        decode(told(body))


@given(
    st.lists(
        st.one_of(
            st.builds(NftElement, words),
            st.builds(NftElement, words, words),
            st.builds(lambda key, chain: NftElement(key, chain=chain), words, chains),
            st.builds(lambda key, comment: NftElement(key, comment=comment), words, comments),
        ),
        max_size=20,
    )
)
def test_elements_are_read_back(each: list[NftElement]) -> None:
    payloads = list(elements(NftFamily.INET, "t", "s", each))
    assert [one for p in payloads for one in decode_nft_elements(told(p))] == each


def test_many_elements_go_in_several_messages() -> None:
    many = [NftElement(number.to_bytes(4, "big"), b"value...") for number in range(5000)]
    payloads = list(elements(NftFamily.NETDEV, "t", "s", many))
    assert len(payloads) > 1
    assert all(len(one) < ELEMENTS_BYTES_MAX + 200 for one in payloads)
    assert [one for p in payloads for one in decode_nft_elements(told(p))] == many


@given(st.data())
def test_a_cut_message_is_no_other(data: st.DataObject) -> None:
    """Where an answer ends too early there is an error, or nothing, or all of it."""
    each = [NftElement(b"key.", b"valu"), NftElement(b"kex.", chain="c1", comment="x")]
    (payload,) = elements(NftFamily.INET, "t", "s", each)
    cut = payload[: data.draw(st.integers(0, len(payload) - 1))]
    with contextlib.suppress(DecodeError):
        assert decode_nft_elements(told(cut)) in ([], each)


def test_a_rule_is_known_by_its_comment() -> None:
    read = decode_nft_rule(told(rule(NftFamily.INET, "t", "c", b"", "halod 01234567")))
    assert (read.table, read.chain, read.comment) == ("t", "c", "halod 01234567")


@pytest.mark.parametrize(("address", "by_address"), [("10.0.0.1", 0x19), ("fd00::1", 0x18)])
def test_a_question_for_flows_filters_as_far_as_the_kernel_can(
    address: str, by_address: int
) -> None:
    body = attributes(encode_query(Endpoint(ip_address(address), 53), 17), 4)
    flags = list_of(body[25])
    assert int.from_bytes(flags[1], "little") == by_address
    assert flags[0] == bytes(4)


def test_a_flow_ends_by_the_name_it_was_told_with() -> None:
    def end(which: tuple[int, int], numbers: tuple[int, int], texts: tuple[str, str]) -> bytes:
        addresses = (attribute(n, ip_address(t).packed) for n, t in zip(which, texts, strict=True))
        ports = (attribute(n, p.to_bytes(2, "big")) for n, p in zip((2, 3), numbers, strict=True))
        whose = attribute(1, b"\x11") + b"".join(ports)
        return attribute(1, b"".join(addresses)) + attribute(2, whose)

    original = end((1, 2), (4000, 53), ("10.0.0.9", "192.0.2.1"))
    reply = end((1, 2), (5353, 4000), ("10.0.0.1", "10.0.0.9"))
    flow = decode_flow(told(bytes(4) + attribute(1, original) + attribute(2, reply)))
    assert flow.asked == Endpoint(ip_address("192.0.2.1"), 53)
    assert flow.server == Endpoint(ip_address("10.0.0.1"), 5353)
    assert flow.protocol == 17
    assert attributes(encode_end(flow), 4) == {1: original}
