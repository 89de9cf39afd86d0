"""Traffic control on the wire: what is encoded can be decoded, and nothing else gets through."""

from hypothesis import given
from hypothesis import strategies as st

from halod.wire.netlink import DecodeError, Message
from halod.wire.traffic_control import Hook, TcType, decode_filter, decode_index, encode_filter


def message(payload: bytes) -> Message:
    return Message(TcType.NEWTFILTER, 0, 1, 0, payload)


def test_a_filter_comes_back_as_it_was_sent() -> None:
    found = decode_filter(message(encode_filter(7, Hook.EGRESS, 3, "halod:/run/halod", 5)))
    assert found is not None
    assert (found.index, found.hook, found.handle) == (7, Hook.EGRESS, 3)
    assert (found.preference, found.kind, found.name) == (1, "bpf", "halod:/run/halod")
    assert decode_index(message(encode_filter(7, Hook.EGRESS, 3, "", None))) == 7


def test_the_head_of_a_chain_is_no_filter() -> None:
    assert decode_filter(message(encode_filter(7, Hook.INGRESS, 0, "", None))) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_a_filter_or_a_decode_error(payload: bytes) -> None:
    for decode in (decode_filter, decode_index):
        try:
            decode(message(payload))
        except DecodeError:
            continue
