"""Gates in the hands of the address worker: tried again, and told what they guard."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from halod.kernel import address_worker, nft_program
from halod.kernel.address_worker import AddressWorker
from halod.kernel.clock import boot_now
from halod.kernel.nft_gate import NftGate
from halod.kernel.nft_keeper import NftKeeper
from halod.kernel.nft_table import NftTable
from halod.lab.patience import wait_until
from halod.model.address import Link, VirtualAddress
from halod.model.effect import GrantAddresses, RevokeAddresses
from halod.model.event import Event, GateObserved, Granted
from halod.model.units import Duration
from halod.model.vrrp import LeaseMode
from tests.kit.build import instance
from tests.kit.gate_stage import HERE, VIP, Far, Inside, stage

pytestmark = [pytest.mark.needs_netns, pytest.mark.needs_nft]

INSTANCE = instance()
NEW_VIP = VirtualAddress(ip_address("10.9.9.10"), 24, "near")
OPERATORS = VirtualAddress(ip_address(VIP), 24, "near")
SOON = Duration.milliseconds(50)


class Gated:
    """A worker with the nftables gate alone, as in a container."""

    def __init__(self, inside: Inside, run_dir: str) -> None:
        self.inside = inside
        self.worker = inside.namespace.call(lambda: AddressWorker(run_dir))
        self.gate = NftGate(NftTable(run_dir))
        self.gate.adopt([INSTANCE])
        self.worker.keepers[LeaseMode.NFT] = NftKeeper(self.gate, run_dir, self.worker.report)
        self.worker.gate_interfaces({LeaseMode.NFT: {"near"}})
        self.seen: list[Event] = []

    def start(self) -> None:
        self.inside.namespace.call(self.worker.start)
        self.inside.namespace.call(self.gate.start)
        index = self.inside.index_of("near")
        self.worker.link_changed(Link("near", index, True, b"\x02" * 6))

    def sees(self, event: Event, within_s: float = 5.0) -> bool:
        def look() -> bool:
            self.seen += self.worker.take()
            return event in self.seen

        return wait_until(look, within_s)


@pytest.fixture
def gated(tmp_path: Path) -> Iterator[Gated]:
    with stage() as inside:
        made = Gated(inside, str(tmp_path))
        yield made
        assert made.worker.stop(5.0)
        made.worker.close()


def observed(reason: str) -> GateObserved:
    return GateObserved("near", LeaseMode.NFT, not reason, reason)


def test_a_gate_that_was_refused_is_tried_again(
    gated: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_worker, "RETRY_GATES_EVERY", SOON)
    with monkeypatch.context() as without_nft:
        without_nft.setattr(nft_program, "SEARCH_PATH", "/nowhere")
        gated.start()
        assert gated.sees(observed("there is no program nft (package nftables)"))
    assert gated.sees(observed(""))
    assert len(gated.seen) == 2, "a refusal is told once, not at each try"


def test_ours_stand_behind_the_gate_and_the_operators_do_not(gated: Gated) -> None:
    gated.start()
    assert gated.sees(observed(""))
    far, until = Far(gated.inside), boot_now() + Duration.seconds(60)
    both = (NEW_VIP, OPERATORS)
    grant = GrantAddresses(INSTANCE.name, 1, both, Duration.seconds(10), until, LeaseMode.NFT)
    gated.worker.submit(grant)
    assert gated.sees(Granted(INSTANCE.name, 1, (OPERATORS,)))
    assert not far.is_answered(str(NEW_VIP.address), within_s=0.1)
    assert far.is_answered(VIP)
    gated.gate.open(INSTANCE.name, 1, until)
    assert wait_until(lambda: far.is_answered(str(NEW_VIP.address), within_s=0.1), 2.0)
    gated.worker.submit(RevokeAddresses(INSTANCE.name, 1, (NEW_VIP,)))
    assert wait_until(lambda: not far.is_answered(str(NEW_VIP.address), within_s=0.1), 2.0)
    assert far.is_answered(HERE)


def test_a_takeover_after_a_flush_puts_the_gate_back_first(gated: Gated) -> None:
    gated.start()
    assert gated.sees(observed(""))
    gated.inside.namespace.run("nft", "flush", "ruleset")
    far, until = Far(gated.inside), boot_now() + Duration.seconds(60)
    grant = GrantAddresses(INSTANCE.name, 1, (NEW_VIP,), Duration.seconds(10), until, LeaseMode.NFT)
    gated.worker.submit(grant)
    assert gated.sees(GateObserved("near", LeaseMode.NFT, hangs=True, put_back=True))
    assert gated.sees(Granted(INSTANCE.name, 1))
    assert not far.is_answered(str(NEW_VIP.address), within_s=0.1)
