"""Framing and attributes of netlink(7)."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.wire import netlink
from halod.wire.netlink import Control, DecodeError, Message

payloads = st.binary(max_size=64)
whole_messages = st.builds(
    Message,
    type=st.integers(0, 0xFFFF),
    flags=st.integers(0, 0xFFFF),
    sequence=st.integers(0, 0xFFFFFFFF),
    port=st.just(0),
    payload=payloads,
)


def encode(message: Message) -> bytes:
    return netlink.message(message.type, message.flags, message.sequence, message.payload)


@given(st.lists(whole_messages, max_size=5))
def test_messages_of_one_datagram_come_back_in_order(sent: list[Message]) -> None:
    datagram = b"".join(map(encode, sent))
    assert len(datagram) % 4 == 0
    assert list(netlink.messages(datagram)) == sent


@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_a_decode_error(datagram: bytes) -> None:
    try:
        found = list(netlink.messages(datagram))
    except DecodeError:
        return
    assert sum(16 + len(m.payload) for m in found) <= len(datagram)


@given(st.lists(whole_messages, min_size=1, max_size=3), st.data())
def test_a_truncated_datagram_is_an_error_or_ends_at_a_message(
    sent: list[Message], data: st.DataObject
) -> None:
    datagram = b"".join(map(encode, sent))
    cut = datagram[: data.draw(st.integers(0, len(datagram)))]
    read: list[Message] = []
    try:
        read.extend(netlink.messages(cut))
    except DecodeError:
        assert len(read) < len(sent)
    assert read == sent[: len(read)]


def test_a_length_below_the_header_does_not_loop() -> None:
    with pytest.raises(DecodeError, match="length"):
        list(netlink.messages(struct.pack("=IHHII", 0, 1, 0, 0, 0)))


@given(st.dictionaries(st.integers(1, 0x3FFF), payloads, max_size=6))
def test_attributes_come_back(values: dict[int, bytes]) -> None:
    payload = b"".join(netlink.attribute(type_, value) for type_, value in values.items())
    assert netlink.attributes(payload, 0) == values


def test_flags_of_an_attribute_type_are_not_part_of_it() -> None:
    assert netlink.attributes(netlink.attribute(0x8000 | 3, b"eth0"), 0) == {3: b"eth0"}


@given(st.binary(max_size=200), st.integers(0, 200))
def test_any_bytes_are_attributes_or_a_decode_error(payload: bytes, offset: int) -> None:
    try:
        found = netlink.attributes(payload, offset)
    except DecodeError:
        return
    assert all(value in payload for value in found.values())


def test_errno_is_positive_and_an_acknowledgement_is_zero() -> None:
    reply = Message(Control.ERROR, 0, 1, 0, struct.pack("=i", -17))
    assert netlink.error_of(reply) == 17
    assert netlink.error_of(Message(Control.ERROR, 0, 1, 0, bytes(20))) == 0


def test_a_truncated_error_is_a_decode_error() -> None:
    with pytest.raises(DecodeError, match="truncated"):
        netlink.error_of(Message(Control.ERROR, 0, 1, 0, b"\0\0"))
