"""The nftables gate in a real kernel: what it lets through, for how long, and what removes it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Address, ip_address
from typing import Any

import pytest

from halod.kernel import nft_program
from halod.kernel.clock import boot_now
from halod.kernel.nft_gate import TOKEN_MS, NftGate, NftGateStats
from halod.kernel.nft_keeper import NftKeeper
from halod.kernel.nft_table import NftTable, prove_nftables, remove_gate_tables
from halod.lab.patience import wait_until
from halod.model.address import Link, VirtualAddress
from halod.model.event import Event, GateLapsed, GateObserved
from halod.model.units import ZERO, Duration, Instant
from halod.model.vrrp import LeaseMode, VrrpInstance
from halod.vrrp.lease import NFT_LATENESS
from halod.wire.gate_rules import table_name
from tests.kit.build import instance
from tests.kit.gate_stage import HERE, PEER, VIP, VIP6, Far, Inside, stage

pytestmark = [pytest.mark.needs_netns, pytest.mark.needs_nft]

RUN_DIR = "/run/halod-test"
MS = Duration.milliseconds(1)
LONG = Duration.seconds(60)
EARLY_MAX = MS * 15
"""A lease may end a tick of the kernel's clock (1 to 10 ms) before its time, and is cut to ms."""
LATE_MAX = MS * 5
"""Measured 0.04 ms; the clock's tick may itself be late where the machine is a guest."""
INSTANCE = instance()
NAME = INSTANCE.name
ADVERTS_MAX = 10
"""Tokens that a test leaves before it takes the machine for broken."""
NEAR = Link("near", 2, True, b"\x02" * 6)
PUT_BACK = GateObserved("near", LeaseMode.NFT, hangs=True, put_back=True)


def virtual(address: str) -> VirtualAddress:
    return VirtualAddress(ip_address(address), 128 if ":" in address else 24, "near")


def stats_differ(stats: NftGateStats, written: int, void: int) -> bool:
    return (stats.writes, stats.tokens_void) != (written, void)


@dataclass
class Gated:
    """A gate with its keeper, as one daemon has them."""

    inside: Inside
    gate: NftGate
    run_dir: str = RUN_DIR
    instances: tuple[VrrpInstance, ...] = (INSTANCE,)
    reports: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.adopt(self.instances)
        self.keeper = NftKeeper(self.gate, self.run_dir, self.reports.append)
        self.inside.opened.append(self)
        self.inside.namespace.call(self.gate.start)
        assert self.hang() == GateObserved("near", LeaseMode.NFT, hangs=True)

    def hang(self) -> GateObserved:
        return self.inside.namespace.call(lambda: self.keeper.hang(NEAR))

    def guard(self, *addresses: str, name: str = NAME) -> None:
        mine = [virtual(address) for address in addresses]
        self.inside.namespace.call(lambda: self.keeper.guard(name, mine))

    def open(self, span: Duration, term: int = 1) -> Instant:
        """A lease of that span from now; returns when the kernel has it. On a busy machine a token
        may be void before the thread gets the processor: then the next advert renews."""
        stats = self.gate.stats
        for _ in range(ADVERTS_MAX):
            written, void, until = stats.writes, stats.tokens_void, boot_now() + span
            self.gate.open(NAME, term, until)
            seen = partial(stats_differ, stats, written, void)
            assert wait_until(seen, 5.0, 0.001)
            if stats.writes > written:
                return until
        raise AssertionError(f"{ADVERTS_MAX} tokens were void")

    def close(self, *standing: str) -> None:
        self.keeper.close([virtual(address) for address in standing])


@pytest.fixture
def inside() -> Iterator[Inside]:
    with stage() as made:
        yield made


@pytest.fixture
def gated(inside: Inside) -> Gated:
    return Gated(inside, NftGate(NftTable(RUN_DIR)))


@pytest.fixture
def far(inside: Inside) -> Far:
    return Far(inside)


def rules(inside: Inside) -> list[dict[str, Any]]:
    listed = json.loads(inside.namespace.run("nft", "-j", "list", "ruleset"))
    return [one for one in listed["nftables"] if "metainfo" not in one]


@dataclass
class Speech:
    """What came of speaking without a pause, reckoned from the deadline. None: never."""

    last_heard: Duration | None = None
    """When the last datagram that came through was sent, at the earliest."""
    first_refused: Duration | None = None
    """When the first that did not was sent, at the latest. A busy machine tells neither too soon
    nor too late: it only leaves gaps between the sends."""


def speak(inside: Inside, far: Far, until: Instant, after: Duration) -> Speech:
    """Sends from the VIP, each datagram with its time, until that long after the deadline."""
    sock, speech, heard = inside.speaker(VIP), Speech(), [0]
    far.frames()
    while (now := boot_now()) < until + after:
        try:
            sock.sendto(b"sent" + now.ns.to_bytes(8, "big"), (PEER, 9))
        except PermissionError:  # netfilter tells the sender that it was dropped
            if speech.first_refused is None:
                speech.first_refused = boot_now() - until
        heard += [int.from_bytes(f[-8:], "big") for f in far.frames() if f[-12:-8] == b"sent"]
    if max(heard):
        speech.last_heard = Instant(max(heard)) - until
    return speech


def test_nftables_that_work_are_proved_and_nothing_is_left(inside: Inside) -> None:
    assert inside.namespace.call(lambda: prove_nftables(RUN_DIR)) is None
    assert rules(inside) == []


def test_what_is_written_is_what_nft_lists(inside: Inside, gated: Gated) -> None:
    gated.guard(VIP, VIP6)
    gated.open(LONG)
    found = {
        (one["family"], name): one["elem"]
        for kind in ("set", "map")
        for entry in rules(inside)
        if (one := entry.get(kind)) and (name := one["name"]) and "elem" in one
    }
    jump = {"jump": {"target": "g0"}}
    assert found["inet", "vip4"] == found["arp", "vip4"] == [[VIP, jump]]
    assert found["inet", "vip6"] == [[VIP6, jump]]
    leases = {
        family: {e["elem"]["val"]: e["elem"]["timeout"] for e in found[family, "l0"]}
        for family in ("inet", "arp")
    }
    # nft shows whole seconds, rounded down from what was left at the write.
    assert leases == {"inet": {"ip": 59, "ip6": 59}, "arp": {"arp": 59}}


def test_nothing_is_heard_after_the_deadline(inside: Inside, gated: Gated, far: Far) -> None:
    gated.guard(VIP)
    for term in range(1, 6):
        until = gated.open(MS * 100, term)
        speech = speak(inside, far, until, MS * 100)
        assert speech.last_heard is not None
        assert speech.last_heard <= LATE_MAX
        assert speech.first_refused is not None
        assert speech.first_refused >= ZERO - EARLY_MAX
    assert gated.reports == []


def test_renewals_keep_it_open_without_a_gap(inside: Inside, gated: Gated, far: Far) -> None:
    gated.guard(VIP)
    sock, lost, end = inside.speaker(VIP), 0, boot_now() + MS * 600
    gated.open(MS * 200)
    renew_at = boot_now()
    while boot_now() < end:
        if boot_now() >= renew_at:
            gated.gate.open(NAME, 1, boot_now() + MS * 200)
            renew_at = boot_now() + MS * 20
        try:
            sock.sendto(b"speech", (PEER, 9))
        except PermissionError:
            lost += 1
    assert lost == 0
    assert gated.gate.stats.writes > 10
    assert gated.reports == []


class Freezing(NftGate):
    """Stands still between reading the clock and the write, as SIGSTOP makes it do."""

    pause = ZERO

    def _batch(self, *arguments: Any) -> Any:
        batch = super()._batch(*arguments)
        woken = boot_now() + self.pause
        assert wait_until(lambda: boot_now() >= woken, 5.0, 0.001)
        return batch


@pytest.fixture
def freezing(inside: Inside) -> Freezing:
    gate = Freezing(NftTable(RUN_DIR))
    Gated(inside, gate).guard(VIP)
    return gate


def test_a_frozen_acquisition_grants_nothing(inside: Inside, freezing: Freezing, far: Far) -> None:
    freezing.pause = MS * (TOKEN_MS * 2)
    until = boot_now() + MS * 300
    freezing.open(NAME, 1, until)
    assert speak(inside, far, until, MS * 200).last_heard is None
    assert freezing.stats.writes == 0


def test_a_frozen_renewal_adds_nothing_to_the_lease(
    inside: Inside, freezing: Freezing, far: Far
) -> None:
    until = boot_now() + MS * 200
    freezing.open(NAME, 1, until)
    assert wait_until(lambda: freezing.stats.writes == 1, 60.0, 0.001)
    freezing.pause = MS * (TOKEN_MS * 2)
    freezing.open(NAME, 1, boot_now() + MS * 500)
    last = speak(inside, far, until, MS * 500).last_heard
    assert last is not None
    assert last <= LATE_MAX
    assert freezing.stats.writes == 1


def test_a_short_freeze_adds_no_more_than_the_lateness(
    inside: Inside, freezing: Freezing, far: Far
) -> None:
    """The token lives yet: the lease is prolonged by the pause, and the bound reckons with that."""
    freezing.pause = MS * (TOKEN_MS - 30)
    until = boot_now()
    for term in range(ADVERTS_MAX):
        until = boot_now() + MS * 200
        freezing.open(NAME, term, until)
        if wait_until(lambda: freezing.stats.writes, 0.15, 0.001):
            break
    last = speak(inside, far, until, MS * 200).last_heard
    assert last is not None
    assert MS <= last <= NFT_LATENESS
    assert freezing.stats.writes == 1


def test_a_deadline_that_is_past_is_not_written(gated: Gated) -> None:
    gated.gate.open(NAME, 1, boot_now() - MS)
    assert wait_until(lambda: gated.gate.stats.tokens_void == 1, 1.0, 0.001)
    assert gated.gate.stats.writes == 0


def test_a_lease_that_lapsed_stays_over_until_a_new_term(gated: Gated, far: Far) -> None:
    gated.guard(VIP)
    until = gated.open(MS * 50)
    assert wait_until(lambda: boot_now() > until + MS * 20, 1.0, 0.001)
    for _ in range(2):
        gated.gate.open(NAME, 1, boot_now() + LONG)
        assert wait_until(lambda: gated.reports, 1.0, 0.001)
        assert not far.is_answered(VIP, within_s=0.1)
    assert gated.reports == [GateLapsed(NAME, 1)]
    gated.open(LONG, term=2)
    assert far.is_answered(VIP)


def test_shut_silences_it_and_a_new_term_opens_it(gated: Gated, far: Far) -> None:
    gated.guard(VIP)
    gated.open(LONG)
    assert far.is_answered(VIP)
    gated.gate.shut(NAME)
    assert wait_until(lambda: not far.is_answered(VIP, within_s=0.05), 5.0)
    assert far.is_answered(HERE)
    gated.gate.shut(NAME)  # twice is no failure
    gated.open(LONG, term=2)
    assert far.is_answered(VIP)
    assert gated.reports == []


def test_what_is_dismissed_passes(gated: Gated, far: Far) -> None:
    gated.guard(VIP)
    assert not far.is_answered(VIP, within_s=0.1)
    gated.keeper.dismiss([virtual(VIP), virtual(VIP)])
    assert far.is_answered(VIP)


def test_an_address_that_somebody_took_out_keeps_no_other_in(
    inside: Inside, gated: Gated, far: Far
) -> None:
    gated.guard(VIP, HERE)
    name = table_name(RUN_DIR)
    inside.namespace.run("nft", "delete", "element", "arp", name, "vip4", "{", HERE, "}")
    gated.keeper.dismiss([virtual(HERE), virtual(VIP)])
    assert far.is_answered(VIP)
    assert "10.9.9" not in inside.namespace.run("nft", "list", "table", "inet", name)


def test_ipv6_is_gated_too(inside: Inside, gated: Gated, far: Far) -> None:
    sock = inside.speaker(VIP6)
    gated.guard(VIP6)
    assert not far.hears_ipv6(inside, sock, VIP6)
    gated.open(LONG)
    assert far.hears_ipv6(inside, sock, VIP6)
    gated.gate.shut(NAME)
    assert wait_until(lambda: not far.hears_ipv6(inside, sock, VIP6), 1.0)


@pytest.mark.parametrize("command", ["flush ruleset", f"delete table arp {table_name(RUN_DIR)}"])
def test_a_table_that_somebody_removed_is_put_back(
    inside: Inside, gated: Gated, far: Far, command: str
) -> None:
    gated.guard(VIP)
    gated.open(LONG)
    inside.namespace.run("nft", *command.split())
    until = gated.open(MS * 200)
    assert gated.reports == [PUT_BACK]
    assert far.is_answered(VIP)
    # It is a gate again: what is not renewed ends.
    assert wait_until(lambda: boot_now() > until, 1.0)
    assert not far.is_answered(VIP, within_s=0.1)


def test_rules_that_are_flushed_are_seen_while_the_lease_goes_on(
    inside: Inside, gated: Gated, far: Far
) -> None:
    gated.guard(VIP)
    gated.open(LONG)
    inside.namespace.run("nft", "flush", "chain", "inet", table_name(RUN_DIR), "pre")

    def renewed_until_seen() -> bool:
        gated.open(LONG)
        return PUT_BACK in gated.reports

    assert wait_until(renewed_until_seen, 3.0)
    # What was earned goes back in by itself: no advert has to come first.
    assert wait_until(lambda: far.is_answered(VIP, within_s=0.05), 5.0)


def test_the_worker_puts_it_back_and_the_lease_with_it(
    inside: Inside, gated: Gated, far: Far
) -> None:
    gated.guard(VIP)
    gated.open(LONG)
    inside.namespace.run("nft", "flush", "ruleset")
    assert gated.hang() == PUT_BACK
    assert wait_until(lambda: far.is_answered(VIP, within_s=0.05), 5.0)


def test_two_daemons_and_an_operator_keep_out_of_each_others_tables(
    inside: Inside, gated: Gated, far: Far
) -> None:
    inside.namespace.run("nft", "add", "table", "inet", "filter")
    other = Gated(inside, NftGate(NftTable("/run/other")), "/run/other")
    before = rules(inside)
    gated.guard(VIP)
    other.guard(HERE)
    gated.open(LONG)
    assert far.is_answered(VIP)
    assert not far.is_answered(HERE, within_s=0.1)
    gated.close()
    assert {one["table"]["name"] for one in rules(inside) if "table" in one} == {
        "filter",
        table_name("/run/other"),
    }
    assert not far.is_answered(HERE, within_s=0.1)
    other.close()
    left = [one for one in rules(inside) if "table" in one]
    assert left == [one for one in before if one.get("table", {}).get("name") == "filter"]


def test_it_stays_where_an_address_stands_and_goes_with_the_release(
    inside: Inside, gated: Gated, far: Far
) -> None:
    gated.guard(VIP)
    gated.close(VIP)
    assert not far.is_answered(VIP, within_s=0.1)
    for _ in range(2):
        inside.namespace.call(lambda: remove_gate_tables(RUN_DIR))
        assert rules(inside) == []
    assert far.is_answered(VIP)


def test_an_instance_that_a_reload_adds_gets_its_slot(
    inside: Inside, gated: Gated, far: Far
) -> None:
    added = instance(name="VI_2", advert_interval=MS * 100)
    gated.gate.adopt([INSTANCE, added])
    # The advert of an owner comes before the worker has made the slot.
    gated.gate.open("VI_2", 1, boot_now() + LONG)
    assert wait_until(lambda: gated.gate.stats.writes == 1, 60.0, 0.001)
    gated.guard(VIP, name="VI_2")
    assert far.is_answered(VIP)


def test_many_addresses_and_leases_go_in_at_once(inside: Inside) -> None:
    many = tuple(instance(name=f"VI_{n}", advert_interval=LONG) for n in range(100))
    gated = Gated(inside, NftGate(NftTable(RUN_DIR)), instances=many)
    addresses = [str(IPv4Address("10.0.0.0") + number) for number in range(2000)]
    gated.guard(*addresses, name="VI_7")
    gated.guard(addresses[0], name="VI_8")

    def leases() -> int:
        sets = [entry["set"] for entry in rules(inside) if "set" in entry]
        return sum("elem" in one and one["name"] != "tokens" for one in sets)

    def all_stand() -> bool:
        # As adverts do: on a busy machine a write of so many may take longer than its token lives.
        for one in many:
            gated.gate.open(one.name, 1, boot_now() + LONG)
        return wait_until(lambda: leases() == 200, 1.0)

    assert wait_until(all_stand, 20.0), gated.gate.stats
    gated.keeper.dismiss(map(virtual, addresses))
    assert not any("elem" in one["map"] for one in rules(inside) if "map" in one)


def test_no_program_is_told(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nft_program, "SEARCH_PATH", "/nowhere")
    why = inside.namespace.call(lambda: prove_nftables(RUN_DIR))
    assert why == "there is no program nft (package nftables)"


def test_no_privilege_is_told(inside: Inside) -> None:
    code = f"from halod.kernel.nft_table import prove_nftables as p; print(p({RUN_DIR!r}))"
    setpriv = shutil.which("setpriv")
    assert setpriv, "util-linux, as unshare and ip netns are"
    told = inside.namespace.run(
        setpriv, "--bounding-set=-net_admin", "--inh-caps=-net_admin", sys.executable, "-c", code
    )
    assert "Operation not permitted" in told
