"""Set elements on the wire: bytes that nft's own rules led to, and whatever else may come."""

from __future__ import annotations

import contextlib
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.wire.gate_rules import (
    LEASE_KEYS,
    address_maps,
    base_rules,
    rule_count,
    slot_rules,
    table_name,
)
from halod.wire.lease_elements import (
    ELEMENTS_MAX,
    Element,
    decode_elements,
    decode_rule_table,
    encode_elements,
)
from halod.wire.netlink import DecodeError, Message
from halod.wire.nfnetlink import NftFamily, NftMessage, bracket, rules_of_chain, table

keys = st.binary(min_size=1, max_size=16)
elements = st.builds(
    Element,
    key=keys,
    timeout_ms=st.none() | st.integers(0, 2**64 - 1),
    chain=st.text("abcdefghij0123456789_", max_size=20),
)


def message(payload: bytes) -> Message:
    return Message(NftMessage.NEWSETELEM, 0, 1, 0, payload)


def test_an_element_is_what_nft_sends() -> None:
    """As `nft --debug=mnl add element inet t s { 0x7 timeout 3s }` prints it, but for attribute 4
    (the id that a set has in the batch that makes it)."""
    encoded = list(encode_elements(NftFamily.INET, "t", "s", [Element(b"\x07\0\0\0", 3000)]))
    assert (
        [payload.hex() for payload in encoded]
        == [
            "01000000"
            "0600010074000000"  # table
            "0600020073000000"  # set
            "20000380"  # elements
            "1c000180"  # an element
            "0c000180" + "0800010007000000"  # its key
            "0c000400" + "0000000000000bb8"  # its timeout in ms
            ""
        ]
    )


def test_a_jump_is_what_nft_sends() -> None:
    """As `nft --debug=mnl add element arp t m { 10.0.0.9 : jump g1 }` prints it, likewise."""
    element = Element(ip_address("10.0.0.9").packed, chain="g1")
    (encoded,) = encode_elements(NftFamily.ARP, "t", "m", [element])
    assert encoded.hex() == (
        "03000000" + "0600010074000000" + "060002006d000000"
        "2c000380" + "28000180" + "0c000180" + "080001000a000009"
        "18000280" + "14000280" + "08000100fffffffd" + "0700020067310000"
    )


def test_brackets_name_the_subsystem() -> None:
    assert bracket() == bytes.fromhex("0000000a")


@given(st.lists(elements, max_size=5))
def test_elements_come_back_as_they_were_sent(sent: list[Element]) -> None:
    encoded = encode_elements(NftFamily.INET, "table", "set", sent)
    assert [one for payload in encoded for one in decode_elements(message(payload))] == sent


def test_many_elements_are_split_and_none_is_lost() -> None:
    sent = [Element(number.to_bytes(4, "big"), 100, "g1") for number in range(ELEMENTS_MAX + 1)]
    encoded = list(encode_elements(NftFamily.INET, "halod_12345678", "vip4", sent))
    assert [len(decode_elements(message(payload))) for payload in encoded] == [ELEMENTS_MAX, 1]
    assert all(len(payload) < 0xFFFF for payload in encoded)


@given(st.binary(max_size=200))
def test_any_bytes_are_values_or_a_decode_error(payload: bytes) -> None:
    for decode in (decode_elements, decode_rule_table):
        try:
            decode(message(payload))
        except DecodeError:
            continue


@given(st.lists(elements, min_size=1, max_size=3), st.data())
def test_a_truncated_message_never_raises_anything_else(
    sent: list[Element], data: st.DataObject
) -> None:
    (payload,) = encode_elements(NftFamily.INET, "t", "s", sent)
    cut = payload[: data.draw(st.integers(0, len(payload) - 1))]
    with contextlib.suppress(DecodeError):
        assert decode_elements(message(cut)) == []


def test_a_rule_names_its_table() -> None:
    query = rules_of_chain(NftFamily.INET, "halod_1")
    assert decode_rule_table(message(query)) == "halod_1"
    assert table(NftFamily.INET, "halod_1") == query


def test_a_name_that_is_not_ascii_is_a_decode_error() -> None:
    query = rules_of_chain(NftFamily.INET, "halod_1").replace(b"h", b"\xff")
    with pytest.raises(DecodeError, match="ASCII"):
        decode_rule_table(message(query))


def test_each_run_directory_has_its_table() -> None:
    assert table_name("/run/halod") == "halod_89e58850"
    assert table_name("/run/halod") != table_name("/run/halod2")
    assert len(table_name("/run/" + "x" * 4000)) < 32


def test_the_rules_are_as_many_as_are_counted() -> None:
    for slots in ((), (0,), (0, 3, 7)):
        commands = base_rules("t", slots)
        for family in LEASE_KEYS:
            rules = [
                one["add"]["rule"]
                for one in commands
                if "rule" in one.get("add", {})
                and one["add"]["rule"]["family"] == family.name.lower()
            ]
            assert len(rules) == rule_count(family, len(slots))
    assert base_rules("t", (5,)) == base_rules("t", ()) + slot_rules("t", (5,))


def test_an_ipv4_address_is_silenced_in_arp_too() -> None:
    assert address_maps(ip_address("10.0.0.9")) == (
        (NftFamily.INET, "vip4"),
        (NftFamily.ARP, "vip4"),
    )
    assert address_maps(ip_address("fd00::9")) == ((NftFamily.INET, "vip6"),)
