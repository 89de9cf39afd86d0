"""The gates that one heartbeat may use, which interfaces need which, and which addresses are deaf.

Knows both ways in the kernel. Must not know how either works, nor which one holds a lease: the
engine says so with each effect.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict

from halod.kernel.address_worker import AddressWorker
from halod.kernel.deaf_keeper import DeafKeeper
from halod.kernel.deaf_table import DeafTable
from halod.kernel.gate import Gate
from halod.kernel.gate_keeper import GateKeeper
from halod.kernel.gate_memory import GateMemory
from halod.kernel.gate_ports import LeaseGate
from halod.kernel.nft_gate import NftGate
from halod.kernel.nft_keeper import NftKeeper
from halod.kernel.nft_table import NftTable
from halod.model.lateness import Lateness
from halod.model.vrrp import LeaseMode, VrrpInstance
from halod.vrrp.lease import gates_of

__all__ = ["Gates"]

DEAF_DEADLINE_S = 0.5
"""How long the rules of `no_accept` may take to go; then the supervisor's clean-up has them."""


class Gates:
    """nftables can always be tried; BPF only where the supervisor has handed it down."""

    def __init__(self, memory: GateMemory | None, worker: AddressWorker, run_dir: str) -> None:
        nft = NftGate(NftTable(run_dir))
        self.leases: dict[LeaseMode, LeaseGate] = {LeaseMode.NFT: nft}
        worker.keepers[LeaseMode.NFT] = NftKeeper(nft, run_dir, worker.report)
        if memory is not None:
            bpf = Gate(memory)
            self.leases[LeaseMode.BPF] = bpf
            worker.keepers[LeaseMode.BPF] = GateKeeper(bpf, worker.requests, run_dir)
        self._nft = nft
        self._worker = worker
        self._deaf = DeafKeeper(DeafTable(run_dir), worker.trouble)

    def start(self) -> None:
        """The threads that gates need of their own."""
        self._nft.start()
        self._deaf.start()

    def stop(self, seconds: float) -> bool:
        """The worker, whether it did in time; when its addresses are gone, what made some of them
        deaf."""
        stopped = self._worker.stop(seconds)
        self._deaf.stop(DEAF_DEADLINE_S)
        return stopped

    def stats(self) -> dict[str, dict[str, float]]:
        """Figures for status, by gate; BPF has none: a store cannot be late."""
        return {LeaseMode.NFT.value: asdict(self._nft.stats)}

    @property
    def renewals(self) -> Lateness:
        """Of those that a thread does."""
        return self._nft.renewals

    def adopt(self, instances: Collection[VrrpInstance]) -> None:
        """Those that run from now on, and those of before that are on their way out."""
        for lease in self.leases.values():
            lease.adopt(instances)
        deaf = (address for each in instances if each.is_deaf for address in each.held)
        self._deaf.want(tuple(dict.fromkeys(deaf)))

    def need(self, instances: Collection[VrrpInstance]) -> None:
        """Each instance needs the best gate that it may use and that this machine has."""
        needed: dict[LeaseMode, set[str]] = {gate: set() for gate in self.leases}
        for instance in instances:
            best = next((gate for gate in gates_of(instance) if gate in self.leases), None)
            if best is not None:
                needed[best] |= instance.interfaces
        self._worker.gate_interfaces(needed)
