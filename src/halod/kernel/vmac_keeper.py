"""The links with a virtual MAC: made, put up and down, removed (docs/adr/0020-virtual-mac.md).

Knows which links are ours: those that say so by their alias. Must not decide when one goes up.
Another link of a name that we want is left alone, and told. The addresses wait on their link while
it is down: then the kernel has no route to them, and answers for none.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path

from halod.kernel.addresses import Addresses
from halod.kernel.clock import boot_now
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.kernel.sysctls import Sysctls
from halod.model.address import IpAddress, VirtualAddress
from halod.model.units import Duration, Instant
from halod.model.vmac import VmacPlan
from halod.wire import link_message, route_message, rtnetlink
from halod.wire.link_message import MACVLAN, MadeLink
from halod.wire.netlink import DecodeError, Flag
from halod.wire.rtnetlink import Type

__all__ = ["VmacKeeper", "remove_vmacs"]

ALIAS_BYTES_MAX = 255
"""IFALIASZ without its zero."""
FRESH_LOOKS_MAX, FRESH_LOOK_EVERY_S = 50, 0.02
"""So long may the kernel's thread take for new addresses of IPv6: 0.1 s for a thousand of them."""
SURE_AFTER = Duration.seconds(5)
"""A link that goes down sooner after it went up may have met that thread: its addresses of IPv6 are
put up anew."""
_GONE = (0, errno.ENODEV)
_OWN_V4 = {"arp_ignore": "1", "arp_filter": "0", "rp_filter": "0", "promote_secondaries": "1"}
"""It answers for its own addresses alone, and takes requests whose way back is the interface."""
_OWN_V6 = {
    "accept_dad": "0",
    "dad_transmits": "0",
    "accept_ra": "0",
    "autoconf": "0",
    "keep_addr_on_down": "1",
}
"""Nobody but us gives it an address, and those wait on it while it is down."""


def _alias(run_dir: str) -> str:
    """One a daemon, which its run directory names."""
    return f"halod:{run_dir}"[:ALIAS_BYTES_MAX]


@dataclass(slots=True)
class _Kept:
    """A link of ours."""

    plan: VmacPlan
    index: int
    is_raised: bool = False
    waiting: dict[VirtualAddress, int] = field(default_factory=dict)
    """What waits on it, or stood there when it went up, with its index."""
    foreign: tuple[VirtualAddress, ...] = ()
    raised_at: Instant | None = None
    unsure: frozenset[VirtualAddress] = frozenset()
    """What may have no route when the link goes up."""


class VmacKeeper:
    """For one thread."""

    def __init__(self, requests: RtnetlinkSocket, addresses: Addresses, run_dir: str) -> None:
        self._requests = requests
        self._addresses = addresses
        self._sysctls = Sysctls(Path(run_dir))
        self._alias = _alias(run_dir)
        self._kept: dict[str, _Kept] = {}
        self._plans: dict[str, VmacPlan] = {}
        self.faults: dict[str, str] = {}
        """Why a link that is wanted is not there, by its name."""
        self.told: list[str] = []
        """What is worse than it should be, and no fault."""

    # ---- which links there are -------------------------------------------------------------

    def hold(self, plans: Sequence[VmacPlan]) -> list[str]:
        """Makes those that are missing and removes those that are not in it; idempotent. What went
        wrong."""
        self._plans = {plan.vmac.link: plan for plan in plans}
        links = {link.name: link for link in _links(self._requests)}
        reasons: list[str] = []
        for name in [name for name in self._kept if name not in self._plans]:
            del self._kept[name]
        for link in links.values():
            if link.alias == self._alias and link.name not in self._plans:
                reasons += self._delete(link)
        self.faults, self.told = {}, []
        for plan in plans:
            reason = self._hold_one(plan, links)
            if reason:
                self.faults[plan.vmac.link] = reason
                reasons.append(reason)
        reasons += self.told
        if not plans:
            reasons += filter(None, [self._sysctls.restore()])
        return reasons

    def _hold_one(self, plan: VmacPlan, links: Mapping[str, MadeLink]) -> str:
        name, base = plan.vmac.link, links.get(plan.base)
        standing = links.get(name)
        if base is None:
            self._kept.pop(name, None)
            return f"there is no {plan.base} to make {name} on"
        if standing is not None and standing.alias != self._alias:
            return (
                f"there is a link {name} that this halod has not made: "
                f"`ip link delete {name}`, or give another name behind `use_vmac`"
            )
        if standing is not None and not _fits(standing, plan, base.index):
            self._kept.pop(name, None)
            if reasons := self._delete(standing):
                return reasons[0]
            standing = None
        if standing is None:
            self._kept.pop(name, None)
            made = self._make(plan, base.index)
            if isinstance(made, str):
                return made
            error = self._up_and_down(made.index)
            if error:
                self._delete(made)
                return f"{name} cannot be put up: {os.strerror(error)}"
            standing = made
        kept = self._kept.get(name)
        if kept is None or kept.index != standing.index:
            kept = self._kept[name] = _Kept(plan, standing.index)
        kept.plan = plan
        self._addresses.indexes[name] = standing.index
        reason = self._set_up(plan)
        return reason or self.check(name) or self.provision(name)

    def _make(self, plan: VmacPlan, base_index: int) -> MadeLink | str:
        vmac = plan.vmac
        payload = link_message.encode_macvlan(vmac.link, base_index, vmac.hardware_address)
        error = self._change(Type.NEWLINK, Flag.CREATE | Flag.EXCL, payload)
        if error:
            return f"{vmac.link} cannot be made on {plan.base}: {os.strerror(error)}"
        error = self._change(Type.SETLINK, 0, link_message.encode_alias(vmac.link, self._alias))
        found = next((link for link in _links(self._requests) if link.name == vmac.link), None)
        if error or found is None:
            return f"{vmac.link} was made and could not be named: {os.strerror(error)}"
        # Without IPv6 in the kernel there is nothing to be set, and nothing that would be made.
        self._change(Type.SETLINK, 0, link_message.encode_no_address(found.index))
        return found

    def _delete(self, link: MadeLink) -> list[str]:
        self._addresses.indexes.pop(link.name, None)
        error = self._change(Type.DELLINK, 0, link_message.encode_delete(link.index))
        return [] if error in _GONE else [f"{link.name} was not removed: {os.strerror(error)}"]

    def _set_up(self, plan: VmacPlan) -> str:
        """The settings that it needs, and those that its base needs beside it. Why the link cannot
        do its work; what is only worse without a setting is `told`."""
        sysctls, own, base = self._sysctls, f"conf/{plan.vmac.link}", f"conf/{plan.base}"
        versions = {address.address.version for address in plan.addresses}
        told = [sysctls.set(f"ipv4/{own}/{key}", value) for key, value in _OWN_V4.items()]
        needed: list[str | None] = []
        if sysctls.read(f"ipv6/{own}/disable_ipv6") is not None:
            off = "0" if 6 in versions else "1"
            if sysctls.read(f"ipv6/{own}/disable_ipv6") != off:
                needed.append(sysctls.set(f"ipv6/{own}/disable_ipv6", off))
            needed += [sysctls.set(f"ipv6/{own}/{key}", value) for key, value in _OWN_V6.items()]
        if 4 in versions:
            # Else the base answers for them, and asks for its neighbours in their name, with its
            # own MAC.
            if sysctls.read(f"ipv4/{base}/arp_ignore") == "0":
                told.append(sysctls.change(f"ipv4/{base}/arp_ignore", "1"))
            told.append(sysctls.change(f"ipv4/{base}/arp_announce", "2"))
            told += self._spread_rp_filter()
        # Without them the kernel throws away what waits; where nothing does they do not matter.
        lost = next(filter(None, needed), "") if 6 in versions else ""
        self.told += [reason for reason in told if reason][:1]
        return lost

    def _spread_rp_filter(self) -> list[str | None]:
        """`all` counts on every link, and on ours it would drop what has its way back elsewhere:
        each link is given it for itself instead."""
        strict = self._sysctls.read("ipv4/conf/all/rp_filter")
        if strict != "1":
            return []
        ours = {*self._plans, "all"}
        names = [p.name for p in Path("/proc/sys/net/ipv4/conf").iterdir() if p.name not in ours]
        each = [f"ipv4/conf/{name}/rp_filter" for name in names]
        loose = [setting for setting in each if self._sysctls.read(setting) == "0"]
        reasons = [self._sysctls.change(setting, strict) for setting in loose]
        return [*reasons, self._sysctls.change("ipv4/conf/all/rp_filter", "0")]

    # ---- up and down -----------------------------------------------------------------------

    @property
    def plans(self) -> tuple[VmacPlan, ...]:
        """What is to be there."""
        return tuple(self._plans.values())

    def retry(self) -> list[str]:
        """Once more, where there are faults."""
        return self.hold(self.plans)

    def has(self, link: str) -> bool:
        """Whether a link of that name is to be one of ours."""
        return link in self._plans

    def raise_link(self, link: str) -> str | None:
        """Up, with what waits on it; the reason where it failed."""
        kept = self._kept.get(link)
        if kept is None:
            return self.faults.get(link) or f"there is no link {link}"
        error = self._change(Type.NEWLINK, 0, link_message.encode_up(kept.index, up=True))
        if error:
            return f"{link} cannot be put up: {os.strerror(error)}"
        kept.is_raised, kept.raised_at = True, boot_now()
        return None

    def is_raised(self, link: str) -> bool:
        kept = self._kept.get(link)
        return kept is not None and kept.is_raised

    def lower_link(self, link: str) -> str | None:
        """Down; the reason where it failed."""
        kept = self._kept.get(link)
        if kept is None:
            return None
        since = kept.raised_at if kept.is_raised else None
        if since is not None and boot_now() - since < SURE_AFTER:
            kept.unsure = frozenset(a for a in kept.waiting if a.address.version == 6)
        kept.is_raised = False
        error = self._change(Type.NEWLINK, 0, link_message.encode_up(kept.index, up=False))
        return None if error in _GONE else f"{link} cannot be put down: {os.strerror(error)}"

    def check(self, link: str) -> str:
        """Whatever others have done to it: up or down, as we want it. What failed."""
        kept = self._kept.get(link)
        if kept is None:
            return ""
        payload = link_message.encode_up(kept.index, up=kept.is_raised)
        error = self._change(Type.NEWLINK, 0, payload)
        return "" if error in _GONE else f"{link}: {os.strerror(error)}"

    # ---- what waits ------------------------------------------------------------------------

    def provision(self, link: str) -> str:
        """The addresses wait on the link while it is down, without end; what failed.

        The kernel gives one that comes to a link that is down a route all the same, and that of
        IPv4 stays when the link goes down: this host would take them for its own.
        """
        kept = self._kept.get(link)
        if kept is None or kept.is_raised:
            return ""
        # Those of a link alone do not outlast its going down: they come when it is up.
        plan = dict.fromkeys(a for a in kept.plan.addresses if not a.address.is_link_local)
        gone = {a: index for a, index in kept.waiting.items() if a not in plan or a in kept.unsure}
        kept.unsure = frozenset()
        failed = [f"{address}: {reason}" for address, reason in self._addresses.revoke(gone)]
        known = {a: index for a, index in kept.waiting.items() if a not in gone}
        granted = self._addresses.grant([a for a in plan if a not in known], None, known)
        kept.waiting, kept.foreign = known | granted.places, granted.foreign
        failed += [reason for _, reason in granted.failed]
        fresh = sum(address.address.version == 6 for address in granted.places)
        if fresh:
            failed += filter(None, [self._shake(kept.index, fresh)])
        ours = [a.address for a in kept.waiting if isinstance(a.address, IPv4Address)]
        routes = [route_message.encode_local(address, kept.index) for address in ours]
        self._requests.change(Type.DELROUTE, 0, routes)
        return "; ".join(failed)

    def _shake(self, index: int, fresh: int) -> str:
        """Up and down once, mute: then the kernel has taken the routes of IPv6 away, and knows that
        it must set them when the link goes up.

        Not before it is done with the addresses that have just come: one that goes down while the
        kernel's thread is at it has no route from then on.
        """
        routes = RtnetlinkSocket()
        try:
            routes.be_strict()
            ask = route_message.encode_local_dump(index)
            for _ in range(FRESH_LOOKS_MAX):
                if len(routes.dump(Type.GETROUTE, ask)) >= fresh:
                    break
                time.sleep(FRESH_LOOK_EVERY_S)
            error = self._up_and_down(index)
            if error:
                return os.strerror(error)
            if routes.dump(Type.GETROUTE, ask):
                return "the kernel keeps routes to what waits there: this host takes it for its own"
        finally:
            routes.close()
        return ""

    def _up_and_down(self, index: int) -> int:
        """Mute; the first errno, or 0."""
        steps = (
            (Type.SETLINK, link_message.encode_mute(index, mute=True)),
            (Type.NEWLINK, link_message.encode_up(index, up=True)),
            (Type.NEWLINK, link_message.encode_up(index, up=False)),
            (Type.SETLINK, link_message.encode_mute(index, mute=False)),
        )
        errors = [self._change(type_, 0, payload) for type_, payload in steps]
        return next((error for error in errors if error), 0)

    def waiting(self, link: str) -> dict[VirtualAddress, int]:
        """What waits on it, or has waited before it was put up."""
        kept = self._kept.get(link)
        return dict(kept.waiting) if kept is not None else {}

    def foreign(self, link: str) -> tuple[VirtualAddress, ...]:
        """What stands on it and is the operator's."""
        kept = self._kept.get(link)
        return kept.foreign if kept is not None else ()

    def clear(self, link: str) -> None:
        """Nothing waits on it any more: for a lease that begins with the address."""
        kept = self._kept.get(link)
        if kept is not None:
            if not kept.is_raised:
                self._addresses.revoke(kept.waiting)
            kept.waiting = {}

    def forget(self, link: str, address: IpAddress) -> bool:
        """Somebody took an address away; whether it waited there, or had."""
        kept = self._kept.get(link)
        if kept is None or all(a.address != address for a in kept.waiting):
            return False
        kept.waiting = {a: i for a, i in kept.waiting.items() if a.address != address}
        return True

    def planned(self, link: str, addresses: Iterable[VirtualAddress]) -> set[VirtualAddress]:
        """Those of them that wait on the link when it is down, or go by themselves with it."""
        plan = self._plans.get(link)
        return set() if plan is None else set(plan.addresses) & set(addresses)

    def _change(self, type_: Type, flags: int, payload: bytes) -> int:
        return self._requests.change(type_, flags, [payload])[0]


def remove_vmacs(requests: RtnetlinkSocket, run_dir: str) -> tuple[list[str], list[str]]:
    """What a daemon with that run directory left, its settings put back: (removed, failed)."""
    removed, failed = [], []
    for link in _links(requests):
        if link.kind == MACVLAN and link.alias == _alias(run_dir):
            error = requests.change(Type.DELLINK, 0, [link_message.encode_delete(link.index)])[0]
            if error in _GONE:
                removed.append(f"link {link.name}")
            else:
                failed.append(f"link {link.name} ({os.strerror(error)})")
    reason = Sysctls(Path(run_dir)).restore()
    return removed, [*failed, *([reason] if reason else [])]


def _links(requests: RtnetlinkSocket) -> Collection[MadeLink]:
    found = []
    for message in requests.dump(Type.GETLINK, rtnetlink.encode_dump(Type.GETLINK)):
        try:
            found.append(link_message.decode_link(message))
        except DecodeError:
            continue
    return found


def _fits(link: MadeLink, plan: VmacPlan, base_index: int) -> bool:
    wanted = MACVLAN, base_index, plan.vmac.hardware_address
    return (link.kind, link.base_index, link.hardware_address) == wanted
