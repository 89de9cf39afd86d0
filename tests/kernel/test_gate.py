"""The gate in a real kernel: what it lets through and what not, to its very deadline."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from ipaddress import IPv4Address, ip_address

import pytest

from halod.kernel import bpf
from halod.kernel.clock import boot_now
from halod.kernel.gate_hooks import GateHooks
from halod.kernel.gate_memory import SLOTS_MAX, GateMemory
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.lab.patience import wait_until
from halod.model.units import Duration
from halod.wire import arp
from halod.wire.ebpf import Assembler
from tests.kit.gate_stage import HERE, PEER, VIP, VIP6, Far, Inside, stage

pytestmark = [pytest.mark.needs_netns, pytest.mark.needs_bpf]

SLOT = 5
RUN_DIR = "/run/halod-test"
MATCH_ALL = ("u32", "match", "u32", "0", "0")
"""Somebody else's filter."""


@pytest.fixture
def inside() -> Iterator[Inside]:
    with stage() as made:
        yield made


@pytest.fixture
def memory() -> Iterator[GateMemory]:
    made = GateMemory.create()
    yield made
    made.close()


def hooks_of(inside: Inside, run_dir: str = RUN_DIR) -> GateHooks:
    return GateHooks(inside.open(RtnetlinkSocket), run_dir)


@pytest.fixture
def hooks(inside: Inside, memory: GateMemory) -> GateHooks:
    made = hooks_of(inside)
    near = inside.index_of("near")
    assert made.attach(near, memory.program_in, memory.program_out) is None
    return made


def test_a_gate_that_works_is_proved(memory: GateMemory) -> None:
    assert memory.prove() is None


def test_a_gate_that_never_drops_is_found_out(memory: GateMemory) -> None:
    code = Assembler()
    code.exit(-1)
    memory.program_out = bpf.load_program(code.assemble(), "always_open")
    assert memory.prove() == "with a lease that is over it answered -1, not 2"


def test_nothing_is_heard_after_the_deadline_and_everything_before(
    inside: Inside, memory: GateMemory, hooks: GateHooks
) -> None:
    far, sock = Far(inside), inside.speaker(VIP)
    memory.put([ip_address(VIP)], SLOT)
    for _ in range(5):
        until = boot_now() + Duration.milliseconds(30)
        memory.open(SLOT, until)
        far.frames()
        before = after = 0
        heard: list[bytes] = []
        # Until one was sent after it, at least: a busy machine may let us sleep for longer.
        while (now := boot_now()) < until + Duration.milliseconds(10) or not after:
            sock.sendto(b"before" if now < until else b"after", (PEER, 9))
            if now < until < boot_now():
                far.frames()
                continue  # this one crossed the deadline on its way: either is right
            before += now < until
            after += now >= until
            heard += [frame for frame in far.frames() if frame[26:30] == ip_address(VIP).packed]
        assert after > 0
        assert sum(frame.endswith(b"after") for frame in heard) == 0
        assert sum(frame.endswith(b"before") for frame in heard) == before


def test_a_store_that_comes_too_late_grants_nothing(
    inside: Inside, memory: GateMemory, hooks: GateHooks
) -> None:
    far = Far(inside)
    memory.put([ip_address(VIP)], SLOT)
    until = boot_now() + Duration.milliseconds(20)
    # The daemon decides, is frozen, wakes after its lease, and writes what it had decided.
    assert wait_until(lambda: boot_now() > until, 1.0)
    memory.open(SLOT, until)
    assert not far.is_answered(VIP, within_s=0.1)
    assert far.is_answered(HERE)


@pytest.mark.parametrize("state", ["idle", "open", "shut", "lifted"])
def test_arp_is_answered_while_the_gate_is_not_shut(
    inside: Inside, memory: GateMemory, hooks: GateHooks, state: str
) -> None:
    far = Far(inside)
    memory.put([ip_address(VIP)], SLOT)
    if state == "open":
        memory.open(SLOT, boot_now() + Duration.seconds(60))
    elif state in ("shut", "lifted"):
        memory.shut(SLOT)
    if state == "lifted":
        memory.lift(SLOT)
    assert far.is_answered(HERE)
    assert far.is_answered(VIP, within_s=1.0 if state != "shut" else 0.1) == (state != "shut")
    memory.take([ip_address(VIP)])
    assert far.is_answered(VIP)


def test_ipv6_is_gated_too(inside: Inside, memory: GateMemory, hooks: GateHooks) -> None:
    far, sock = Far(inside), inside.speaker(VIP6)
    memory.put([ip_address(VIP6)], SLOT)
    for is_shut in (False, True, False):
        memory.shut(SLOT) if is_shut else memory.open(SLOT, boot_now() + Duration.seconds(60))
        assert far.hears_ipv6(inside, sock, VIP6) is not is_shut


def test_a_gratuitous_arp_does_not_pass_a_shut_gate(
    inside: Inside, memory: GateMemory, hooks: GateHooks
) -> None:
    far = Far(inside)
    memory.put([ip_address(VIP)], SLOT)

    def shout(is_shut: bool) -> None:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sock:
            sock.bind(("near", 0))
            # The kernel tells the sender at a packet socket that its frame was dropped.
            with pytest.raises(OSError, match="No buffer") if is_shut else nullcontext():
                sock.send(arp.gratuitous(b"\x02" * 6, IPv4Address(VIP)))

    for is_shut in (False, True):
        memory.shut(SLOT) if is_shut else memory.open(SLOT, boot_now() + Duration.seconds(60))
        far.frames()
        inside.namespace.call(partial(shout, is_shut))
        found = wait_until(lambda: any(f[12:14] == b"\x08\x06" for f in far.frames()), 0.1)
        assert found is not is_shut


def test_shut_all_leaves_idle_slots_alone(memory: GateMemory) -> None:
    memory.open(3, boot_now() + Duration.seconds(60))
    memory.shut_all()
    assert memory.deadline(3).ns == 1
    assert memory.deadline(4).ns == 0
    assert memory.deadline(SLOTS_MAX - 1).ns == 0


def test_many_addresses_go_in_at_once(memory: GateMemory) -> None:
    first = IPv4Address("10.0.0.0")
    memory.put([first + number for number in range(1000)], SLOT)
    memory.put([first], SLOT + 1)
    memory.take([first + number for number in range(1000)])
    memory.take([first])


def test_attaching_twice_leaves_one_filter_and_detaching_none(
    inside: Inside, memory: GateMemory, hooks: GateHooks
) -> None:
    near = inside.index_of("near")
    assert hooks.attach(near, memory.program_in, memory.program_out) is None
    # A new daemon with the same run directory takes the place of one that was killed.
    successor = hooks_of(inside)
    assert successor.attach(near, memory.program_in, memory.program_out) is None
    for way in ("ingress", "egress"):
        shown = inside.namespace.run("tc", "filter", "show", "dev", "near", way)
        assert shown.count(f"halod:{RUN_DIR}") == 1
    assert hooks.detach(near) is None
    assert "clsact" not in inside.namespace.run("tc", "qdisc", "show", "dev", "near")
    assert not hooks.hangs(near)
    assert hooks.detach(near) is None, "twice is no failure"


def test_what_others_hung_there_stays(inside: Inside, memory: GateMemory) -> None:
    inside.namespace.run("tc", "qdisc", "add", "dev", "near", "clsact")
    inside.namespace.run("tc", "filter", "add", "dev", "near", "ingress", *MATCH_ALL)
    before = inside.namespace.run("tc", "filter", "show", "dev", "near", "ingress")
    near = inside.index_of("near")
    ours, other = (hooks_of(inside, run) for run in ("/run/a", "/run/b"))
    for hooks in (ours, other):
        assert hooks.attach(near, memory.program_in, memory.program_out) is None
    assert ours.detach(near) is None
    assert other.hangs(near)
    assert other.detach(near) is None
    assert inside.namespace.run("tc", "filter", "show", "dev", "near", "ingress") == before


def test_our_own_qdisc_stays_where_somebody_uses_it(inside: Inside, hooks: GateHooks) -> None:
    inside.namespace.run("tc", "filter", "add", "dev", "near", "egress", *MATCH_ALL)
    assert hooks.detach(inside.index_of("near")) is None
    assert "clsact" in inside.namespace.run("tc", "qdisc", "show", "dev", "near")


def test_a_deleted_qdisc_is_seen_and_mended(
    inside: Inside, memory: GateMemory, hooks: GateHooks
) -> None:
    near = inside.index_of("near")
    inside.namespace.run("tc", "qdisc", "del", "dev", "near", "clsact")
    assert not hooks.hangs(near)
    assert hooks.attach(near, memory.program_in, memory.program_out) is None
    assert hooks.hangs(near)


def test_an_interface_that_is_gone_is_told(memory: GateMemory, hooks: GateHooks) -> None:
    why = hooks.attach(9999, memory.program_in, memory.program_out)
    assert why == "no qdisc clsact: No such device"
    assert hooks.detach(9999) is None
