"""The thread that moves addresses: what it does, what it refuses, and what it reports."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from halod.kernel.address_worker import QUEUE_MAX, WRITE_STATE_AFTER, AddressWorker
from halod.kernel.addresses import GrantResult
from halod.kernel.clock import boot_now
from halod.lab.patience import wait_until
from halod.model.address import VirtualAddress
from halod.model.effect import AnnounceAddresses, GrantAddresses, RenewAddresses, RevokeAddresses
from halod.model.event import Event, Granted, GrantFailed
from halod.model.units import Duration, Instant
from tests.kit.build import ETH, VIP, VIP2, S
from tests.kit.full_disk import full_disk, read_only
from tests.kit.host import Frame, Host, WireEnd, wait_readable

pytestmark = pytest.mark.needs_netns

MINUTE = S * 60
NAME = "VI_1"


class Bench:
    """A worker on a host, before it begins: what it does is only to be seen after `start`."""

    def __init__(self, host: Host, run_dir: Path) -> None:
        self.host = host
        self.worker = host.open(lambda: AddressWorker(str(run_dir)))
        self.worker.link_changed(host.link())
        self.state = run_dir / "addresses.json"

    def start(self) -> None:
        self.host.call(self.worker.start)

    def take(self, within_s: float = 5.0) -> list[Event]:
        """The next reports."""
        found = wait_until(self.worker.take, within_s, 0.001)
        assert found, "nothing was reported"
        return found

    def grant(
        self, *addresses: VirtualAddress, term: int = 1, lease: Duration | None = MINUTE
    ) -> list[Event]:
        """Grants, and waits for the report."""
        self.worker.submit(granting(*addresses, term=term, lease=lease))
        return self.take()

    def troubles(self, within_s: float = 5.0) -> list[tuple[str, str]]:
        """What works worse than it should, as soon as the worker has come to say so."""
        found: list[tuple[str, str]] = []

        def told() -> bool:
            found.extend(self.worker.take_troubles())
            return bool(found)

        wait_until(told, within_s)
        return found

    def finish(self) -> None:
        """Waits until all that was ordered is done."""
        assert self.worker.stop(5)

    def shown(self) -> list[str]:
        return list(self.host.addresses())[1:]


def granting(
    *addresses: VirtualAddress,
    term: int = 1,
    lease: Duration | None = MINUTE,
    valid: Duration = MINUTE,
) -> GrantAddresses:
    return GrantAddresses(NAME, term, addresses, lease, boot_now() + valid)


def renewing(
    term: int = 1, lease: Duration = MINUTE, patience: Duration = MINUTE
) -> RenewAddresses:
    return RenewAddresses(NAME, term, lease, boot_now() + patience)


@pytest.fixture
def idle(host: Host, tmp_path: Path) -> Bench:
    return Bench(host, tmp_path)


@pytest.fixture
def bench(idle: Bench) -> Bench:
    idle.start()
    return idle


def lifetime_s(host: Host, address: VirtualAddress) -> int:
    left: int = host.addresses()[str(address.address)]["valid_life_time"]
    return left


# ---- what it does --------------------------------------------------------------------------


def test_a_term_from_its_grant_to_its_end(bench: Bench) -> None:
    assert bench.grant(VIP, VIP2) == [Granted(NAME, 1)]
    assert bench.shown() == [str(VIP.address), str(VIP2.address)]
    bench.worker.submit(renewing(lease=S * 600))
    assert wait_until(lambda: lifetime_s(bench.host, VIP) > 590, 5)
    bench.worker.submit(RevokeAddresses(NAME, 1, (VIP, VIP2)))
    bench.finish()
    assert bench.shown() == []
    assert bench.worker.stats().renewals == 1
    assert bench.state.read_text() == "[]"


def test_addresses_are_announced_after_they_stand(bench: Bench) -> None:
    wire = bench.host.open(WireEnd)
    bench.grant(VIP, VIP2)
    bench.worker.submit(AnnounceAddresses(NAME, 1, (VIP, VIP2), 2))
    bench.finish()
    arp = [frame.data[28:32] for frame in wire.frames() if frame.ethertype == 0x0806]
    assert arp == [VIP.address.packed, VIP2.address.packed] * 2


def test_each_address_is_announced_on_its_own_link(bench: Bench) -> None:
    host = bench.host
    host.ip("link", "add", "ens34", "type", "veth", "peer", "far2")
    for link in ("ens34", "far2"):
        host.ip("link", "set", link, "up")
    bench.worker.link_changed(host.link("ens34"))
    there = replace(VIP2, interface="ens34")
    wires = host.open(WireEnd), host.open(lambda: WireEnd("far2"))
    bench.grant(VIP, there)
    bench.worker.submit(AnnounceAddresses(NAME, 1, (VIP, there), 1))
    bench.finish()

    def announced(frames: list[Frame]) -> list[bytes]:
        return [frame.data[28:32] for frame in frames if frame.ethertype == 0x0806]

    assert announced(wires[0].frames()) == [VIP.address.packed]
    assert announced(wires[1].frames()) == [VIP2.address.packed]


def test_a_reload_adds_to_a_term_and_takes_from_it(bench: Bench) -> None:
    bench.grant(VIP)
    bench.grant(VIP2)
    bench.worker.submit(RevokeAddresses(NAME, 1, (VIP,)))
    bench.worker.submit(renewing(lease=S * 600))
    bench.finish()
    assert bench.shown() == [str(VIP2.address)]
    assert lifetime_s(bench.host, VIP2) > 590


def test_a_thousand_addresses_stand_in_one_go(bench: Bench) -> None:
    many = [VirtualAddress(IPv4Address("10.1.0.0") + i, 32, ETH) for i in range(1000)]
    assert bench.grant(*many) == [Granted(NAME, 1)]
    assert len(bench.shown()) == 1000


def test_the_state_file_knows_what_stands(bench: Bench) -> None:
    bench.grant(VIP, VIP2)
    bench.worker.submit(RevokeAddresses(NAME, 1, (VIP,)))
    bench.finish()
    assert str(VIP2.address) in bench.state.read_text()
    assert str(VIP.address) + '"' not in bench.state.read_text()


# ---- what is void --------------------------------------------------------------------------


def test_a_grant_that_comes_too_late_is_refused(bench: Bench) -> None:
    bench.worker.submit(granting(VIP, valid=Duration(0)))
    (report,) = bench.take()
    assert isinstance(report, GrantFailed)
    assert report.reason.startswith("too late")
    assert bench.shown() == []


def test_a_renewal_that_comes_too_late_is_void(bench: Bench) -> None:
    bench.grant(VIP)
    bench.worker.submit(renewing(lease=S * 600, patience=Duration(0)))
    bench.finish()
    assert lifetime_s(bench.host, VIP) <= 60
    assert (bench.worker.stats().renewals, bench.worker.stats().renewals_void) == (0, 1)


@pytest.mark.parametrize("term", [1, 3])
def test_a_renewal_of_another_term_is_void(bench: Bench, term: int) -> None:
    bench.grant(VIP, term=2)
    bench.worker.submit(renewing(term=term, lease=S * 600))
    bench.finish()
    assert lifetime_s(bench.host, VIP) <= 60
    assert bench.worker.stats().renewals_void == 1


def test_a_renewal_of_nothing_is_void_and_creates_nothing(bench: Bench) -> None:
    bench.worker.submit(renewing())
    bench.finish()
    assert bench.shown() == []
    assert bench.worker.stats().renewals_void == 1


def test_an_announcement_of_another_term_is_void(bench: Bench) -> None:
    wire = bench.host.open(WireEnd)
    bench.grant(VIP, term=2)
    bench.worker.submit(AnnounceAddresses(NAME, 1, (VIP,), 1))
    bench.finish()
    assert [frame for frame in wire.frames() if frame.ethertype == 0x0806] == []


class SlowKernel:
    """Addresses behind a lock that somebody holds for a while (DESIGN, section 3: 184 ms seen)."""

    def __init__(self, worker: AddressWorker, hold: Duration) -> None:
        self._real = worker.holdings.addresses
        self._hold_s = hold.as_seconds()

    def grant(self, *asked: Any) -> GrantResult:
        time.sleep(self._hold_s)
        return self._real.grant(*asked)

    def renew(self, *asked: Any) -> list[VirtualAddress]:
        time.sleep(self._hold_s)
        return self._real.renew(*asked)

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


def test_a_grant_that_the_kernel_held_up_is_taken_back(
    idle: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was asked for in time and done too late: the next master may be there already."""
    monkeypatch.setattr(idle.worker.holdings, "addresses", SlowKernel(idle.worker, S // 4))
    idle.start()
    idle.worker.submit(granting(VIP, valid=S // 10))
    (report,) = idle.take()
    assert isinstance(report, GrantFailed)
    assert report.reason.startswith("too late")
    assert idle.shown() == []


def test_a_renewal_that_the_kernel_held_up_beyond_the_lease_is_taken_back(
    idle: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address had lapsed, and the renewal has put it up again."""
    idle.start()
    idle.grant(VIP, lease=S)
    monkeypatch.setattr(idle.worker.holdings, "addresses", SlowKernel(idle.worker, S * 5 // 2))
    idle.worker.submit(renewing(lease=S))
    (report,) = idle.take()
    assert isinstance(report, GrantFailed)
    assert report.reason == "a renewal took longer than the lease"
    assert idle.shown() == []


# ---- whose addresses -----------------------------------------------------------------------


def test_an_operators_address_is_reported_and_never_leased_nor_removed(bench: Bench) -> None:
    bench.host.ip("address", "add", f"{VIP.address}/24", "dev", ETH)
    assert bench.grant(VIP, VIP2) == [Granted(NAME, 1, (VIP,))]
    bench.worker.submit(renewing())
    bench.worker.submit(RevokeAddresses(NAME, 1, (VIP, VIP2)))
    bench.finish()
    assert bench.shown() == [str(VIP.address)]
    assert "dynamic" not in bench.host.addresses()[str(VIP.address)]
    assert bench.state.read_text() == "[]"


def test_what_was_refused_takes_nothing_of_the_operators_with_it(bench: Bench) -> None:
    """The engine answers a refused grant with a revocation of all its addresses."""
    bench.host.ip("address", "add", f"{VIP.address}/24", "dev", ETH)
    bench.worker.submit(granting(VIP, valid=Duration(0)))
    bench.worker.submit(RevokeAddresses(NAME, 1, (VIP,)))
    bench.finish()
    assert bench.shown() == [str(VIP.address)]


def test_an_address_that_somebody_took_over_in_between_is_theirs(bench: Bench) -> None:
    """Removed by a network manager, put up by it again, and then our own put-back comes."""
    bench.grant(VIP, VIP2)
    bench.host.ip("address", "del", f"{VIP.address}/24", "dev", ETH)
    bench.host.ip("address", "add", f"{VIP.address}/24", "dev", ETH)
    assert bench.grant(VIP) == [Granted(NAME, 1, (VIP,))]
    bench.worker.submit(renewing())
    bench.worker.submit(RevokeAddresses(NAME, 1, (VIP, VIP2)))
    bench.finish()
    assert bench.shown() == [str(VIP.address)]
    assert "dynamic" not in bench.host.addresses()[str(VIP.address)]


def test_an_address_that_was_deleted_is_put_back_into_its_term(bench: Bench) -> None:
    bench.grant(VIP, VIP2)
    bench.host.ip("address", "del", f"{VIP.address}/24", "dev", ETH)
    assert bench.grant(VIP) == [Granted(NAME, 1)]
    bench.worker.submit(RevokeAddresses(NAME, 1, (VIP, VIP2)))
    bench.finish()
    assert bench.shown() == []


def test_what_a_predecessor_left_with_our_tag_is_adopted(bench: Bench, tmp_path: Path) -> None:
    before = Bench(bench.host, tmp_path)
    before.start()
    before.grant(VIP)
    assert bench.grant(VIP, lease=S * 600) == [Granted(NAME, 1)]
    assert lifetime_s(bench.host, VIP) > 590


# ---- what goes wrong -----------------------------------------------------------------------


def test_a_part_that_fails_is_reported_and_the_rest_can_be_taken_back(bench: Bench) -> None:
    elsewhere = replace(VIP2, interface="ens99")
    assert bench.grant(VIP, elsewhere) == [GrantFailed(NAME, 1, "no interface ens99")]
    bench.worker.submit(RevokeAddresses(NAME, 1, (VIP, elsewhere)))
    bench.finish()
    assert bench.shown() == []


def test_a_renewal_that_fails_is_reported(bench: Bench) -> None:
    bench.grant(VIP)
    bench.worker.link_gone(ETH)
    bench.worker.submit(renewing())
    assert bench.take() == [GrantFailed(NAME, 1, "a renewal failed")]


def test_addresses_go_from_an_interface_that_was_renamed(bench: Bench) -> None:
    """They have moved with it, and stand there for whoever looks."""
    host = bench.host
    bench.grant(VIP, lease=None)
    host.ip("link", "set", ETH, "down")
    host.ip("link", "set", ETH, "name", "ens34")
    bench.worker.link_gone(ETH)
    bench.worker.link_changed(host.link("ens34"))
    bench.worker.submit(RevokeAddresses(NAME, 1, (VIP,)))
    bench.finish()
    assert str(VIP.address) not in host.addresses("ens34")


def test_an_interface_that_is_gone_takes_its_addresses_and_troubles_nobody(bench: Bench) -> None:
    bench.grant(VIP)
    bench.host.ip("link", "del", ETH)
    bench.worker.link_gone(ETH)
    bench.worker.submit(RevokeAddresses(NAME, 1, (VIP,)))
    bench.finish()
    assert bench.worker.take_troubles() == []
    assert bench.state.read_text() == "[]"


def test_a_socket_that_fails_is_reported_and_what_it_may_have_done_is_undone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel has put the address up, and its answer never came."""
    real = bench.worker.holdings.addresses.grant

    def unanswered(*asked: Any) -> GrantResult:
        real(*asked)
        raise TimeoutError("timed out")

    monkeypatch.setattr(bench.worker.holdings.addresses, "grant", unanswered)
    bench.host.ip("address", "add", f"{VIP2.address}/24", "dev", ETH)
    assert bench.grant(VIP, VIP2) == [GrantFailed(NAME, 1, "timed out")]
    bench.worker.submit(RevokeAddresses(NAME, 1, (VIP, VIP2)))
    bench.finish()
    assert bench.shown() == [str(VIP2.address)], "what does not carry our tag stays"


def test_a_full_disk_is_told_once_and_its_end_too(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with full_disk(tmp_path) as disk:
        disk.fill()
        bench = Bench(host, disk.path)
        bench.start()
        assert bench.grant(VIP) == [Granted(NAME, 1)], "addresses matter more than a file"
        told = f"{disk.path}/addresses.json: No space left on device"
        assert bench.troubles() == [("state file", told)]
        written = counted(bench, monkeypatch)
        bench.grant(VIP2)
        assert wait_until(lambda: written, 5)
        assert bench.worker.take_troubles() == [], "not a line for each grant"
        disk.empty()
        bench.worker.submit(RevokeAddresses(NAME, 1, (VIP2,)))
        assert wait_readable(bench.worker.fileno(), 5), "the loop hears of it"
        assert bench.worker.take_troubles() == [("state file", "")]
        bench.finish()


def test_a_run_directory_that_cannot_be_written_is_told(host: Host, tmp_path: Path) -> None:
    with read_only(tmp_path) as path:
        bench = Bench(host, path)
        bench.start()
        assert bench.grant(VIP) == [Granted(NAME, 1)]
        told = f"{path}/addresses.json: Read-only file system"
        assert bench.troubles() == [("state file", told)]


def test_an_announcement_on_a_dead_link_is_told(bench: Bench) -> None:
    bench.grant(VIP)
    bench.host.ip("link", "set", ETH, "down")
    bench.worker.submit(AnnounceAddresses(NAME, 1, (VIP,), 1))
    bench.finish()
    told = f"gratuitous ARP on {ETH}: Network is down"
    assert bench.worker.take_troubles() == [(f"announcements on {ETH}", told)]


def test_a_bug_in_the_thread_is_not_kept_to_itself(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The heartbeat ends with it: else it would advertise addresses that nobody renews."""
    died: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", died.append)
    bench.worker.submit(granting(VIP, lease=S * -5))
    assert wait_until(lambda: died, 5)
    assert died[0].exc_type is struct.error


def counted(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, Instant]]:
    """How many addresses were written down, and when that had been done."""
    written: list[tuple[int, Instant]] = []
    write = bench.worker.holdings._state.write

    def count(addresses: Iterable[VirtualAddress]) -> str | None:
        held = list(addresses)
        reason = write(held)
        written.append((len(held), boot_now()))
        return reason

    monkeypatch.setattr(bench.worker.holdings._state, "write", count)
    return written


def test_clients_are_told_before_the_state_file_is_written(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both want the interpreter, and the announcements come when the grant is done."""
    written = counted(bench, monkeypatch)
    before = boot_now()
    bench.grant(VIP)
    assert wait_until(lambda: written, 5), "though no other order comes"
    [(count, at)] = written
    assert count == 1
    assert at - before >= WRITE_STATE_AFTER


def test_a_burst_is_written_down_once(idle: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """255 instances take over at once, and clients wait for the last one's address."""
    written = counted(idle, monkeypatch)
    many = [VirtualAddress(IPv4Address("10.1.0.0") + i, 32, ETH) for i in range(255)]
    for number, address in enumerate(many):
        idle.worker.submit(replace(granting(address), instance=f"VI_{number}"))
    idle.start()
    idle.finish()
    assert [count for count, _ in written] == [255]
    assert idle.state.read_text().count("address") == 255


# ---- the queue -----------------------------------------------------------------------------


def test_orders_never_wait_and_what_found_no_room_is_counted(idle: Bench) -> None:
    for _ in range(QUEUE_MAX + 10):
        idle.worker.submit(renewing())
    assert idle.worker.stats().overflows == 10


def test_a_grant_that_found_no_room_is_reported(idle: Bench) -> None:
    """An engine that hears nothing would believe that the addresses stand."""
    for _ in range(QUEUE_MAX):
        idle.worker.submit(renewing())
    assert idle.grant(VIP) == [GrantFailed(NAME, 1, "too many orders wait for the kernel")]


def test_a_revocation_always_finds_room(idle: Bench) -> None:
    """Without a lease the address would stand for ever."""
    idle.worker.submit(granting(VIP, lease=None))
    for _ in range(QUEUE_MAX):
        idle.worker.submit(renewing(term=9))
    idle.worker.submit(RevokeAddresses(NAME, 1, (VIP,)))
    idle.start()
    assert idle.worker.stop(30)
    assert idle.shown() == []


def test_the_stop_waits_for_what_is_queued_and_no_longer_than_it_may(
    idle: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle.worker.holdings, "addresses", SlowKernel(idle.worker, S))
    idle.start()
    idle.worker.submit(granting(VIP))
    began = time.monotonic()
    assert not idle.worker.stop(0.1)
    assert time.monotonic() - began < 0.9
    assert idle.worker.stop(5)


def test_links_that_come_and_go_meanwhile_hinder_nothing(bench: Bench) -> None:
    """The loop changes the table of links while the thread reads it."""
    link = bench.host.link()
    many = [VirtualAddress(IPv4Address("10.1.0.0") + i, 32, ETH) for i in range(300)]
    for term in range(1, 12):
        bench.worker.submit(granting(*many, term=term))
        for _ in range(300):
            bench.worker.link_gone(ETH)
            bench.worker.link_changed(link)
        bench.worker.submit(RevokeAddresses(NAME, term, tuple(many)))
    bench.finish()
    assert all(isinstance(report, Granted | GrantFailed) for report in bench.worker.take())
    assert bench.shown() == []


def test_a_worker_gives_its_descriptors_back(host: Host, tmp_path: Path) -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = descriptors()
    worker = host.call(lambda: AddressWorker(str(tmp_path)))
    worker.start()
    worker.stop(5)
    worker.close()
    assert descriptors() == before
