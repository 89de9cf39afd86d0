"""Commands of generic netlink, and the question for a family."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.wire import netlink
from halod.wire.generic_netlink import (
    Command,
    decode_command,
    decode_family,
    encode_command,
    encode_family_query,
)
from halod.wire.netlink import DecodeError, Message


def message(payload: bytes) -> Message:
    return Message(16, 0, 1, 0, payload)


@given(st.integers(0, 255), st.integers(0, 255), st.dictionaries(st.integers(1, 99), st.binary()))
def test_a_command_comes_back(number: int, version: int, found: dict[int, bytes]) -> None:
    packed = b"".join(netlink.attribute(*pair) for pair in found.items())
    payload = encode_command(number, version, packed)
    assert decode_command(message(payload)) == Command(number, version, found)


@given(st.binary(max_size=80))
def test_any_bytes_are_a_value_or_a_decode_error(payload: bytes) -> None:
    for decode in (decode_command, decode_family):
        try:
            decode(message(payload))
        except DecodeError:
            continue


def test_the_question_for_a_family_and_its_answer() -> None:
    assert encode_family_query("IPVS").hex() == "03020000" + "09000200" + "4950565300" + "000000"
    answer = encode_command(1, 2, netlink.attribute(1, struct.pack("=H", 28)))
    assert decode_family(message(answer)) == 28
    with pytest.raises(DecodeError, match="number"):
        decode_family(message(encode_command(1, 2)))
