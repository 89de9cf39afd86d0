"""RFC 1071 against a sum that is done one word at a time."""

from hypothesis import given
from hypothesis import strategies as st

from halod.wire.checksum import internet_checksum


def dumb_checksum(message: bytes) -> int:
    """RFC 1071, 4.1, end-around carry after each word."""
    total = 0
    for place in range(0, len(message), 2):
        pair = message[place : place + 2].ljust(2, b"\0")
        total += pair[0] * 256 + pair[1]
        if total > 0xFFFF:
            total -= 0xFFFF
    return 0xFFFF - total


def test_the_example_of_the_rfc() -> None:
    # RFC 1071, 3: the sum of these is ddf2.
    assert internet_checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2


@given(st.binary(max_size=2048))
def test_it_is_the_dumb_sum(message: bytes) -> None:
    assert internet_checksum(message) == dumb_checksum(message)


@given(st.binary(min_size=2, max_size=64).filter(lambda m: len(m) % 2 == 0))
def test_a_message_with_its_own_checksum_sums_to_zero(message: bytes) -> None:
    whole = message + internet_checksum(message).to_bytes(2, "big")
    assert internet_checksum(whole) == 0


@given(st.binary(min_size=2, max_size=64), st.data())
def test_one_flipped_bit_is_always_seen(message: bytes, data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, len(message) * 8 - 1))
    flipped = bytearray(message)
    flipped[bit // 8] ^= 1 << bit % 8
    assert internet_checksum(bytes(flipped)) != internet_checksum(message)
