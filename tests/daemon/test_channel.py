"""Lines between two processes: whole or not at all, bounded, and never a wait."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.daemon.channel import LINE_MAX, READS_MAX, UNSENT_MAX, Channel, Message

SCALARS = st.none() | st.booleans() | st.integers() | st.text()
MESSAGES = st.dictionaries(st.text(), SCALARS | st.lists(SCALARS, max_size=5), max_size=5)


class Pair:
    """Both ends; `raw` speaks without a channel, as a child that was taken over may."""

    def __init__(self) -> None:
        ours, self.raw = socket.socketpair()
        self.channel = Channel(ours)

    def peer(self) -> Channel:
        return Channel(self.raw)

    def close(self) -> None:
        self.channel.close()
        self.raw.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.close()


def open_descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


@given(st.lists(MESSAGES, max_size=20))
def test_messages_arrive_as_they_were_sent(messages: list[Message]) -> None:
    with closing(Pair()) as pair:
        peer = pair.peer()
        for message in messages:
            peer.send(message)
        assert pair.channel.receive() == messages
        assert not peer.wants_to_write
        assert not pair.channel.closed


@given(st.lists(MESSAGES, min_size=1, max_size=5), st.data())
def test_a_stream_may_be_cut_anywhere(messages: list[Message], data: st.DataObject) -> None:
    with closing(Pair()) as pair:
        stream = b"".join(json.dumps(message).encode() + b"\n" for message in messages)
        got: list[Message] = []
        while stream:
            size = data.draw(st.integers(1, len(stream)))
            pair.raw.sendall(stream[:size])
            stream = stream[size:]
            got += pair.channel.receive()
        assert got == messages


@given(st.lists(st.binary(max_size=200).filter(lambda line: b"\n" not in line), max_size=20))
def test_garbage_is_counted_and_what_follows_is_heard(lines: list[bytes]) -> None:
    with closing(Pair()) as pair:
        pair.raw.sendall(b"".join(line + b"\n" for line in lines) + b'{"type":"view"}\n')
        got = pair.channel.receive()
        assert got[-1] == {"type": "view"}
        assert len(got) + pair.channel.dropped == len(lines) + 1


def test_a_line_of_brackets_is_garbage_too(pair: Pair) -> None:
    pair.raw.sendall(b"[" * 50_000 + b"\n{}\n")
    assert pair.channel.receive() == [{}]
    assert pair.channel.dropped == 1


def test_who_does_not_read_loses_messages_and_stops_nobody(pair: Pair) -> None:
    message = {"text": "x" * 100_000}
    sent = 0
    while not pair.channel.dropped:
        pair.channel.send(message)
        sent += 1
    assert pair.channel.wants_to_write
    assert sent * 100_000 < UNSENT_MAX + 10_000_000
    # Once the other end reads again, all that was taken on arrives, and whole.
    peer = pair.peer()
    got = []
    while pair.channel.wants_to_write:
        got += peer.receive()
        pair.channel.flush()
    got += peer.receive()
    assert len(got) == sent - pair.channel.dropped
    assert all(one == message for one in got)


def test_much_in_one_go_is_no_overlong_line(pair: Pair) -> None:
    pair.raw.setblocking(False)
    message = json.dumps({"text": "x" * 1000}).encode() + b"\n"
    stream = message * (2 * LINE_MAX // len(message))
    got = 0
    while stream or got == 0:
        stream = stream[pair.raw.send(stream) :]
        got += len(pair.channel.receive())
    assert got == 2 * LINE_MAX // len(message)
    assert not pair.channel.closed


def test_an_overlong_line_ends_the_conversation(pair: Pair) -> None:
    pair.raw.setblocking(False)
    sent = 0
    while not pair.channel.closed:
        sent += pair.raw.send(b"x" * 65536)
        assert pair.channel.receive() == []
    assert pair.channel.overlong
    assert LINE_MAX < sent < LINE_MAX + 2_000_000


def test_one_turn_reads_a_bounded_amount(pair: Pair) -> None:
    """Somebody who writes as fast as this end reads."""
    message = json.dumps({"text": "x" * 1000}).encode() + b"\n"

    def write_until_told() -> None:
        while not done.is_set():
            pair.raw.sendall(message * 60)

    done = threading.Event()
    writer = threading.Thread(target=write_until_told)
    writer.start()
    most = max(len(pair.channel.receive()) for _ in range(5))
    done.set()
    while writer.is_alive():
        pair.channel.receive()
    assert most <= READS_MAX * (65536 // len(message) + 1)


def test_the_end_of_the_stream_comes_after_the_last_words(pair: Pair) -> None:
    peer = pair.peer()
    peer.send({"type": "fact"})
    peer.close()
    assert pair.channel.receive() == [{"type": "fact"}]
    assert pair.channel.closed
    assert not pair.channel.overlong
    pair.channel.send({"type": "view"})
    assert not pair.channel.wants_to_write, "there is nobody to wait for"


def test_a_descriptor_travels_with_its_message(pair: Pair) -> None:
    peer = pair.peer()
    with open(os.devnull) as null:
        assert pair.channel.send_descriptor({"type": "reload"}, null.fileno())
        pair.channel.send({"type": "view"})
        assert peer.receive() == [{"type": "reload"}, {"type": "view"}]
        taken = peer.descriptors.popleft()
        assert os.fstat(taken).st_rdev == os.fstat(null.fileno()).st_rdev
    os.close(taken)


def test_a_descriptor_goes_to_nobody_who_does_not_read(pair: Pair) -> None:
    while not pair.channel.wants_to_write:
        pair.channel.send({"text": "x" * 100_000})
    with open(os.devnull) as null:
        assert not pair.channel.send_descriptor({"type": "reload"}, null.fileno())
    peer = pair.peer()
    while pair.channel.wants_to_write:
        assert all("text" in message for message in peer.receive()), "no line within a line"
        pair.channel.flush()


def test_a_full_socket_refuses_a_descriptor(pair: Pair) -> None:
    with open(os.devnull) as null:
        for _ in range(100_000):
            if not pair.channel.send_descriptor({"type": "reload"}, null.fileno()):
                break
        else:
            pytest.fail("a socket that takes everything")
    assert not pair.channel.closed


def test_a_descriptor_for_the_dead_is_no_error(pair: Pair) -> None:
    pair.raw.close()
    with open(os.devnull) as null:
        assert not pair.channel.send_descriptor({"type": "reload"}, null.fileno())
    assert pair.channel.closed


def test_descriptors_that_nobody_took_are_closed_with_the_channel() -> None:
    before = open_descriptors()
    pair = Pair()
    with open(os.devnull) as null:
        for _ in range(5):
            socket.send_fds(pair.raw, [b"{}\n"], [null.fileno()])
    pair.channel.receive()
    assert len(pair.channel.descriptors) == 5
    pair.close()
    assert open_descriptors() == before


def test_last_words_wait_for_a_supervisor_that_is_busy(pair: Pair) -> None:
    """More than the socket holds, from a process that is about to end."""
    message: Message = {"text": "x" * 1_000_000}
    peer = pair.peer()
    peer.send(message)
    assert not peer.drain(0.05)
    got: list[Message] = []

    def listen() -> None:
        while not got and not pair.channel.closed:
            got.extend(pair.channel.receive())

    listener = threading.Thread(target=listen)
    listener.start()
    assert peer.drain(10)
    listener.join(10)
    assert got == [message]


def test_last_words_wait_for_nobody_who_is_gone(pair: Pair) -> None:
    peer = pair.peer()
    peer.send({"text": "x" * 1_000_000})
    pair.channel.close()
    assert not peer.drain(10)
    assert peer.closed


def test_a_path_that_is_no_text_arrives(pair: Pair) -> None:
    """On a command line any bytes may stand; Python keeps them as half letters."""
    text = os.fsdecode(b"/run/\xff")
    pair.peer().send({"text": text})
    assert pair.channel.receive() == [{"text": text}]
