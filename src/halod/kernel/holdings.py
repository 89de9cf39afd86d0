"""What the instances hold: grants, renewals and revocations, carried out in the worker's thread.

Knows which addresses stand in whose term, and what of them is the operator's. Must not know the
queue that orders come from, nor decide when an address is due.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from halod.kernel.addresses import Addresses, GrantResult
from halod.kernel.announcer import Announcer
from halod.kernel.clock import boot_now
from halod.kernel.gate_ports import GateKeeping
from halod.kernel.route_keeper import RouteKeeper
from halod.kernel.route_tables import TableNames, directories
from halod.kernel.routing_table import RoutingTable
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.kernel.secondaries import Secondaries
from halod.kernel.state_file import StateFile
from halod.kernel.static_keeper import StaticKeeper
from halod.kernel.vmac_keeper import VmacKeeper
from halod.kernel.worker_orders import Holding, WorkerStats, is_over
from halod.model.address import IpAddress, Link, VirtualAddress
from halod.model.configuration import Statics
from halod.model.effect import (
    AnnounceAddresses,
    GrantAddresses,
    InstallRouting,
    RemoveRouting,
    RenewAddresses,
    RevokeAddresses,
)
from halod.model.event import Event, Granted, GrantFailed, TrackerReported
from halod.model.lateness import Lateness
from halod.model.units import Duration, Instant
from halod.model.vmac import VmacPlan
from halod.model.vrrp import LeaseMode

__all__ = ["Holdings"]


class Holdings:
    """For one thread, that of the worker; `indexes` is filled by the loop's."""

    def __init__(
        self,
        requests: RtnetlinkSocket,
        run_dir: str,
        keepers: Mapping[LeaseMode, GateKeeping],
        report: Callable[[Event], None],
        trouble: Callable[[str, str], None],
    ) -> None:
        self.addresses = Addresses(requests)
        self.announcer = Announcer(lambda link, reason: trouble(f"announcements on {link}", reason))
        self.routes = RouteKeeper(requests)
        self.figures = WorkerStats()
        self.renewals = Lateness()
        """From an order to the kernel's answer."""
        self.watched: set[IpAddress] = set()
        self._state = StateFile(Path(run_dir))
        self._table = RoutingTable(requests, self.addresses.indexes)
        self._static_keeper = StaticKeeper(self.addresses, self._table)
        self._vmacs = VmacKeeper(requests, self.addresses, run_dir)
        self._secondaries = Secondaries(run_dir)
        self._keepers = keepers
        self._report = report
        self._trouble = trouble
        self.state_is_old = False
        """Whether the state file tells less, or more, than what is held."""
        self._holdings: dict[str, Holding] = {}

    def name_tables(self, usr_dir: str, etc_dir: str) -> None:
        """Where iproute2 keeps the names of tables; for any thread."""
        self._table.tables = TableNames(directories(usr_dir, etc_dir))

    @property
    def standing(self) -> list[VirtualAddress]:
        """All that instances hold."""
        return [a for held in self._holdings.values() for a in held.places]

    def grant(self, order: GrantAddresses) -> None:
        if is_over(order, boot_now()):
            self._refuse(order)
            return
        holding = self._holdings.get(order.instance)
        if holding is None or holding.term != order.term:
            holding = Holding(order.term)
        self.routes.follow()
        foreign = holding.foreign
        ours = [a for a in order.addresses if a not in foreign] if foreign else order.addresses
        for gate, keeper in self._keepers.items():
            if gate is order.gate:
                keeper.guard(order.instance, ours)
            else:
                keeper.dismiss(ours)
        result = self._put_up(order, holding)
        self._dismiss(result.foreign)
        places = holding.places | result.places
        for address in result.foreign:
            # Somebody may have put it up anew after we had: theirs from now on.
            places.pop(address, None)
        self._holdings[order.instance] = holding = Holding(
            order.term, places, holding.foreign | set(result.foreign), order.gate is not None
        )
        self.state_is_old = True
        if is_over(order, boot_now()):
            # The kernel held us up: the next master may stand already.
            self._take_down(order.instance, holding, result.places)
            self._refuse(order)
            return
        if self.routes.has_any:
            self.routes.restore({a.address for a in result.added})
        if result.failed:
            reasons = "; ".join(reason for _, reason in result.failed)
            self._report(GrantFailed(order.instance, order.term, reasons))
        else:
            self._report(Granted(order.instance, order.term, result.foreign))

    def _put_up(self, order: GrantAddresses, holding: Holding) -> GrantResult:
        """The links that carry some of them go up with what waits on them; then the others."""
        vmacs, gated = self._vmacs, order.gate is not None
        links = [i for i in dict.fromkeys(a.interface for a in order.addresses) if vmacs.has(i)]
        if order.lease is not None and not gated:
            # The lifetime is the lease: none may stand for a moment without it.
            for link in links:
                vmacs.clear(link)
        waited: dict[VirtualAddress, int] = {}
        foreign: set[VirtualAddress] = set()
        for link in links:
            if vmacs.is_raised(link):
                continue
            reason = vmacs.raise_link(link)
            if reason is not None:
                return GrantResult(waited, tuple(foreign), ((order.addresses[0], reason),))
            waited |= vmacs.waiting(link)
            foreign.update(vmacs.foreign(link))
        # Each look at a thousand addresses costs a millisecond.
        rest = [a for a in order.addresses if a not in waited]
        if foreign:
            rest = [a for a in rest if a not in foreign]
        # Behind a gate those on a link of ours have no lifetime: with one, the kernel would not
        # keep them while the link is down.
        lasting = [a for a in rest if gated and a.interface in links]
        others = [a for a in rest if a not in lasting]
        results = [self.addresses.grant(lasting, None, holding.places)] if lasting else []
        results.append(self.addresses.grant(others, order.lease, holding.places))
        places = waited
        for result in results:
            places |= result.places
            foreign.update(result.foreign)
        found = tuple(a for a in order.addresses if a in foreign) if foreign else ()
        return GrantResult(places, found, sum((result.failed for result in results), ()))

    def _refuse(self, order: GrantAddresses) -> None:
        late = "too late: the lease was over before the address could be put up"
        self._report(GrantFailed(order.instance, order.term, late))

    def renew(self, order: RenewAddresses, queued: Instant) -> None:
        self.routes.follow()
        self.routes.watch(self.watched)
        holding = self._holdings.get(order.instance)
        now = boot_now()
        budget = order.void_after - queued
        if holding is None or holding.term != order.term or now >= order.void_after:
            self.figures.renewals_void += 1
            self.renewals.add((now - queued).ns, budget.ns)
            return
        mortal = [a for a in holding.places if not self._lasts(holding, a)]
        renewed = self.addresses.renew(mortal, order.lease)
        self.figures.renewals += 1
        lateness: Duration = boot_now() - queued
        self.renewals.add(lateness.ns, budget.ns)
        if lateness >= order.lease:
            # It had lapsed in the meantime, and this has put it up again.
            self._take_down(order.instance, holding, holding.places)
            why = "a renewal took longer than the lease"
            self._report(GrantFailed(order.instance, order.term, why))
        elif len(renewed) < len(mortal):
            # One failed renewal stops all: half a lease is none.
            self._report(GrantFailed(order.instance, order.term, "a renewal failed"))

    def _lasts(self, holding: Holding, address: VirtualAddress) -> bool:
        """Whether it has no lifetime, for a gate silences it on a link that takes it along."""
        return holding.is_gated and self._vmacs.has(address.interface)

    def revoke(self, order: RevokeAddresses) -> None:
        holding = self._holdings.get(order.instance) or Holding(order.term)
        self.routes.follow()
        wanted = [a for a in order.addresses if a not in holding.foreign]
        held = {a: holding.places[a] for a in wanted if a in holding.places}
        unknown = [a for a in wanted if a not in held]
        if unknown:
            # Of a grant that was refused, or never answered: what has no tag of ours is not ours.
            held |= self.addresses.ours(self.addresses.place(unknown))
        self._take_down(order.instance, holding, held)

    def _take_down(
        self, instance: str, holding: Holding, places: Mapping[VirtualAddress, int]
    ) -> None:
        # Of all its addresses: those that stay are announced again by the term's second burst.
        self.announcer.silence(instance)
        left = {a: index for a, index in holding.places.items() if a not in places}
        lowered, waiting = self._lower(places, left)
        failed = self.addresses.revoke({a: i for a, i in places.items() if a not in waiting})
        self._trouble("removal", "; ".join(f"{a}: {reason}" for a, reason in failed))
        standing = {address for address, _ in failed}
        self._dismiss([a for a in places if a not in standing])
        for link in lowered:
            self._trouble(f"addresses on {link}", self._vmacs.provision(link))
        if left:
            self._holdings[instance] = Holding(
                holding.term, left, holding.foreign, holding.is_gated
            )
        else:
            self._holdings.pop(instance, None)
        self.state_is_old = True

    def _lower(
        self, places: Mapping[VirtualAddress, int], left: Collection[VirtualAddress]
    ) -> tuple[list[str], set[VirtualAddress]]:
        """Links go down that carry nothing any more: (which, what of these places waits there)."""
        lowered: list[str] = []
        waiting: set[VirtualAddress] = set()
        in_use = {address.interface for address in left}
        for link in dict.fromkeys(address.interface for address in places):
            if link in in_use or not self._vmacs.has(link):
                continue
            reason = self._vmacs.lower_link(link)
            self._trouble(f"link {link}", reason or "")
            if reason is None:
                lowered.append(link)
                waiting |= self._vmacs.planned(link, places)
        return lowered, waiting

    def promote(self, links: Collection[str]) -> None:
        """Other addresses stay on these when the first of their network goes."""
        self._trouble("promote_secondaries", self._secondaries.hold(links) or "")

    def hold_vmacs(self, plans: tuple[VmacPlan, ...]) -> None:
        """The links that are to be there."""
        self._trouble("virtual MAC", "; ".join(self._vmacs.hold(plans)))
        self.announcer.keep_prepared({plan.vmac.link for plan in plans})
        for plan in plans:
            self._prepare(plan)
        self._report_vmacs(plans)

    @property
    def lacks_vmac(self) -> bool:
        """Whether a link that is to be there cannot be had."""
        return bool(self._vmacs.faults)

    def retry_vmacs(self) -> None:
        """What was in the way may have gone."""
        self._trouble("virtual MAC", "; ".join(self._vmacs.retry()))
        self._report_vmacs(self._vmacs.plans)

    def _report_vmacs(self, plans: Iterable[VmacPlan]) -> None:
        for plan in plans:
            reason = self._vmacs.faults.get(plan.vmac.link, "")
            self._report(TrackerReported(plan.vmac.tracker, up=not reason, detail=reason))

    def _prepare(self, plan: VmacPlan) -> None:
        index = self.addresses.indexes.get(plan.vmac.link, 0)
        link = Link(
            plan.vmac.link, index, running=False, hardware_address=plan.vmac.hardware_address
        )
        self.announcer.prepare(link, tuple(a.address for a in plan.addresses))

    def check_vmac(self, link: str, gone: IpAddress | None) -> None:
        """Up or down, as we want it, and with all that waits on it; `gone`: what somebody took."""
        self._trouble(f"link {link}", self._vmacs.check(link))
        if gone is not None and self._vmacs.forget(link, gone):
            self._trouble(f"addresses on {link}", self._vmacs.provision(link))

    def _dismiss(self, addresses: Collection[VirtualAddress]) -> None:
        for keeper in self._keepers.values():
            keeper.dismiss(addresses)

    def install(self, order: InstallRouting) -> None:
        holding = self._holdings.get(order.instance)
        if holding is not None and holding.term == order.term:
            self._trouble(
                f"routes of {order.instance}", "; ".join(self._table.install(order.routing))
            )

    def remove(self, order: RemoveRouting) -> None:
        """Routes and rules go; what is gone already is no failure."""
        reasons = self._table.remove(order.routing)
        self._trouble(f"routes of {order.instance}", "; ".join(reasons))

    def hold(self, statics: Statics) -> None:
        """What stands whoever is MASTER."""
        refused = self._static_keeper.hold(statics)
        self._trouble("static addresses and routes", "; ".join(refused))
        self.state_is_old = True

    def announce(self, order: AnnounceAddresses, links: Mapping[str, Link]) -> None:
        holding = self._holdings.get(order.instance)
        if holding is not None and holding.term == order.term:
            self.announcer.announce(order, links)

    def write_state(self) -> None:
        """Writes down what is held, where the file tells something else."""
        if not self.state_is_old:
            return
        self.state_is_old = False
        held = [*self.standing, *self._static_keeper.places]
        self._trouble("state file", self._state.write(held) or "")
