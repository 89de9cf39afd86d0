"""What the heartbeat leaves in shared memory, read by whoever outlives it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.daemon.model_memory import HandedDown, read_model, write_model
from halod.daemon.vitals import GENERATION_NONE, VITALS_INSTANCES_MAX, Vitals
from halod.model.address import IpAddress
from halod.model.auth_header import AuthHeader
from halod.model.configuration import Configuration
from halod.model.event import AdvertReceived
from halod.model.state import State
from tests.kit.build import VIP, instance, received


@pytest.fixture
def vitals() -> Iterator[Vitals]:
    made = Vitals.create()
    yield made
    made.close()


@pytest.fixture
def child(vitals: Vitals) -> Iterator[Vitals]:
    """The same memory, mapped by the other process."""
    made = Vitals(os.dup(vitals.descriptor))
    yield made
    made.close()


def test_a_pulse_is_seen_at_once(vitals: Vitals, child: Vitals) -> None:
    assert vitals.pulse == 0
    child.beat()
    child.beat()
    assert vitals.pulse == 2


@given(st.lists(st.sampled_from(State), max_size=40), st.integers(0, 2**32 - 1))
def test_states_are_read_as_they_were_published(states: list[State], generation: int) -> None:
    vitals = Vitals.create()
    vitals.publish(generation, states)
    assert list(vitals.states(len(states))) == states
    assert vitals.generation == generation
    vitals.close()


def test_there_is_room_for_every_instance(vitals: Vitals) -> None:
    vitals.publish(1, [State.MASTER] * VITALS_INSTANCES_MAX)
    assert set(vitals.states(VITALS_INSTANCES_MAX)) == {State.MASTER}


def test_nothing_of_a_dead_child_speaks_for_the_next(vitals: Vitals, child: Vitals) -> None:
    child.beat()
    child.publish(3, [State.MASTER])
    vitals.clear()
    assert (vitals.pulse, vitals.generation) == (0, 0)
    assert list(vitals.states(1)) == [State.INITIALIZE]


def test_a_byte_of_nonsense_is_no_master(vitals: Vitals) -> None:
    os.pwrite(vitals.descriptor, b"\xff" * 100, 0)
    assert list(vitals.states(3)) == [State.BACKUP] * 3


def test_a_model_goes_through_memory_unchanged() -> None:
    configuration = Configuration(router_id="LB01", instances=(instance(), instance(name="VI_2")))
    model = HandedDown(configuration, (received(instance()),))
    descriptor = write_model(model)
    assert read_model(descriptor) == model
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(descriptor)


def test_a_model_that_is_handed_down_cannot_be_changed() -> None:
    descriptor = write_model(HandedDown(Configuration()))
    with pytest.raises(PermissionError):
        os.pwrite(descriptor, b"x", 0)
    with pytest.raises(PermissionError):
        os.ftruncate(descriptor, 0)
    os.close(descriptor)


def test_a_large_model_passes() -> None:
    many = tuple(instance(name=f"VI_{number}", addresses=(VIP,) * 20) for number in range(2000))
    model = HandedDown(Configuration(instances=many))
    assert read_model(write_model(model)) == model


IPV4_ENDS = st.tuples(st.ip_addresses(v=4), st.ip_addresses(v=4))
IPV6_ENDS = st.tuples(st.ip_addresses(v=6), st.ip_addresses(v=6))


@given(
    st.text("abcdef0123456789.", min_size=1, max_size=15),
    IPV4_ENDS | IPV6_ENDS,
    st.integers(0, 255),
    st.binary(max_size=2048),
    st.none() | st.builds(AuthHeader, st.integers(0, 0xFFFF), st.binary(min_size=24, max_size=24)),
)
def test_the_advert_in_hand_is_kept_to_the_byte(
    interface: str,
    ends: tuple[IpAddress, IpAddress],
    ttl: int,
    payload: bytes,
    header: AuthHeader | None,
) -> None:
    vitals = Vitals.create()
    advert = AdvertReceived(interface, *ends, ttl, payload, header)
    vitals.publish(1, [State.MASTER] * VITALS_INSTANCES_MAX)
    vitals.take_in_hand(advert)
    assert vitals.packet_in_hand() == advert
    vitals.lay_down()
    assert vitals.packet_in_hand() is None
    assert set(vitals.states(VITALS_INSTANCES_MAX)) == {State.MASTER}
    vitals.close()


def test_no_advert_is_in_hand_at_the_start(vitals: Vitals, child: Vitals) -> None:
    assert vitals.packet_in_hand() is None
    child.take_in_hand(received(instance()))
    assert vitals.packet_in_hand() == received(instance())
    vitals.clear()
    assert vitals.packet_in_hand() is None


def test_nonsense_in_hand_is_no_advert(vitals: Vitals) -> None:
    os.pwrite(vitals.descriptor, b"\xff" * 100_000, 0)
    assert vitals.packet_in_hand() is None


@pytest.mark.parametrize("size", [0, 1 << 24])
def test_a_child_cannot_take_the_memory_away(child: Vitals, size: int) -> None:
    """Cut off by one process, it would kill the other when it looks there (SIGBUS)."""
    with pytest.raises(PermissionError):
        os.ftruncate(child.descriptor, size)


def test_states_are_never_read_with_the_generation_before(
    child: Vitals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reload brings another order: a child that died between two stores is not read wrongly."""
    seen: list[int] = []

    class Watched(bytearray):
        def __setitem__(self, place: Any, codes: Any) -> None:
            seen.append(int.from_bytes(self[8:12], sys.byteorder))
            super().__setitem__(place, codes)

    monkeypatch.setattr(child, "_memory", Watched(len(child._memory)))
    child.publish(7, [State.MASTER, State.BACKUP])
    child.publish(7, [State.BACKUP, State.BACKUP])
    child.publish(8, [State.BACKUP, State.MASTER])
    assert seen == [GENERATION_NONE, 7, GENERATION_NONE]
    assert child.generation == 8
