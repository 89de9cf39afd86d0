"""The nftables gate as the address worker uses it: made, proved, told what it guards.

Knows that one pair of tables serves all interfaces. Must not know when a lease ends (the advert
path tells `NftGate`) nor move addresses (`addresses`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from halod.kernel.nft_gate import NftGate
from halod.kernel.nft_table import Repair, prove_nftables
from halod.model.address import Link, VirtualAddress
from halod.model.event import Event, GateObserved
from halod.model.vrrp import LeaseMode

__all__ = ["NftKeeper"]

STOP_DEADLINE_S = 0.5
"""How long the lease's thread may take for its last orders; what is left ends by itself."""


class NftKeeper:
    """Makes the tables on the first interface that asks, and puts addresses behind the gate."""

    def __init__(self, gate: NftGate, run_dir: str, report: Callable[[Event], None]) -> None:
        self._gate = gate
        self._run_dir = run_dir
        self._hung: set[str] = set()
        self._is_proved = False
        self._report = report
        gate.report = report
        gate.repaired = self._repaired

    def hang(self, link: Link) -> GateObserved:
        """Proves nftables once, and looks that the rules stand."""
        try:
            if not self._is_proved:
                wrong = prove_nftables(self._run_dir)
                if wrong is not None:
                    return self._observed(link.name, wrong)
                self._is_proved = True
            repair = self._gate.table.ensure()
        except OSError as error:
            self._hung.discard(link.name)
            return self._observed(link.name, str(error.strerror))
        self._hung.add(link.name)
        if repair is Repair.PUT_BACK:
            self._gate.restore()
        return self._observed(link.name, "", put_back=repair is Repair.PUT_BACK)

    def guard(self, instance: str, addresses: Iterable[VirtualAddress]) -> None:
        slot = self._gate.slot(instance)
        if slot is not None:
            try:
                repair = self._gate.table.put([a.address for a in addresses], slot)
            except OSError as error:
                # They stand behind no gate: who is told so gives them a shorter lifetime.
                self._repaired(error)
                return
            if repair is Repair.PUT_BACK:
                self._gate.restore()
                self._repaired(repair)

    def dismiss(self, addresses: Iterable[VirtualAddress]) -> None:
        self._gate.table.take([a.address for a in addresses])

    def close(self, standing: Collection[VirtualAddress]) -> None:
        """Both tables go with the last address; the lease's thread ends in any case."""
        stopped = self._gate.stop(STOP_DEADLINE_S)
        if self._is_proved and stopped and not standing:
            self._gate.table.remove()
        self._is_proved = False
        self._gate.table.close()

    def _repaired(self, result: Repair | OSError) -> None:
        """What a look at the rules found; called by the lease's thread, too."""
        if result is Repair.PUT_BACK and self._hung:
            self._report(self._observed(min(self._hung), "", put_back=True))
        elif isinstance(result, OSError):
            for interface in sorted(self._hung):
                self._report(self._observed(interface, str(result.strerror)))

    @staticmethod
    def _observed(interface: str, reason: str, *, put_back: bool = False) -> GateObserved:
        return GateObserved(interface, LeaseMode.NFT, not reason, reason, put_back)
