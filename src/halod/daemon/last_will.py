"""The last words of a heartbeat that died: priority 0 for what it was MASTER of, and its addresses.

Knows what a clean stop would have done. Must not run while the heartbeat lives: it would speak for
somebody who can still speak.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from halod.daemon.sequences import Sequences
from halod.daemon.vitals import GENERATION_NONE, Vitals
from halod.daemon.wall_clock import WallClockWatch
from halod.kernel.addresses import Addresses, kernel_keeps_tags
from halod.kernel.clock import boot_now
from halod.kernel.gate_hooks import GateHooks
from halod.kernel.links import read_links
from halod.kernel.nft_table import remove_gate_tables
from halod.kernel.routing_table import RoutingTable
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.kernel.secondaries import Secondaries
from halod.kernel.state_file import StateFile
from halod.kernel.vmac_keeper import remove_vmacs
from halod.kernel.vrrp_socket import VrrpSockets
from halod.model.address import VirtualAddress
from halod.model.configuration import Configuration
from halod.model.effect import SendAdvert
from halod.model.state import State
from halod.model.vrrp import VrrpInstance
from halod.vrrp.link_fault import fault_of
from halod.vrrp.message import resignation
from halod.vrrp.own_link import own_link
from halod.vrrp.signatures import Signatures, WallClock

__all__ = ["Estate", "estate_of", "execute_last_will", "release_addresses"]
__all__ += ["release_leftovers"]

LAST_WILL_DEADLINE_S = 1.0
"""For one answer of the kernel: the supervisor does nothing else meanwhile, and a watchdog waits
for it. The addresses are silent already, and their lease ends them."""


@dataclass(frozen=True, slots=True)
class Estate:
    """What a heartbeat may have left."""

    masters: tuple[VrrpInstance, ...]
    """Those that were MASTER at its last instruction."""
    instances: tuple[VrrpInstance, ...]
    """All whose addresses it may have put up: those of a reload that it had at hand, too."""
    statics: tuple[VirtualAddress, ...] = ()
    """What stands whoever is MASTER: it outlives a heartbeat."""

    def without_masters(self) -> Estate:
        """Of one that is not known to be dead: it may still speak for itself."""
        return Estate((), self.instances, self.statics)


def estate_of(
    vitals: Vitals, running: Configuration, pending: Configuration | None, generation: int
) -> Estate:
    """`pending`: handed down under that generation, and not known to be taken up."""
    taken_up = running if pending is None or vitals.generation != generation else pending
    known = 0 if vitals.generation == GENERATION_NONE else len(taken_up.instances)
    states = vitals.states(known)
    masters = [
        instance
        for instance, state in zip(taken_up.instances, states, strict=False)
        if state is State.MASTER
    ]
    both = (*running.instances, *(pending.instances if pending else ()))
    statics = (*running.statics.addresses, *(pending.statics.addresses if pending else ()))
    return Estate(tuple(masters), both, statics)


def execute_last_will(estate: Estate, run_dir: str) -> str:
    """Resigns for its masters, then removes what is ours; says what was done.

    Whatever fails is told, never raised: the next heartbeat must be started all the same.
    """
    words = []
    try:
        resigned = _resign(estate, run_dir)
        words.append(f"resigned for {', '.join(resigned)}" if resigned else "")
    except OSError as error:
        words.append(f"could not resign ({error})")
    try:
        released, failed = release_addresses(estate.instances, run_dir, estate.statics)
        words.append(f"removed {', '.join(released)}" if released else "")
        words.append(f"could not remove {', '.join(failed)}" if failed else "")
    except OSError as error:
        words.append(f"could not remove its addresses ({error})")
    return "; ".join(filter(None, words)) or "it held nothing"


def _resign(estate: Estate, run_dir: str) -> list[str]:
    """One priority-0 advert for each; names of those that went out."""
    if not estate.masters:
        return []
    requests = RtnetlinkSocket(LAST_WILL_DEADLINE_S)
    sockets = VrrpSockets()
    virtual = frozenset(a.address for i in estate.instances for a in i.held)
    resigned = []
    sequences = Sequences(run_dir, lambda *_: None)
    try:
        links = read_links(requests, virtual)
        sockets.listen_for(estate.masters)
        for instance in estate.masters:
            link = links.get(instance.interface)
            own = own_link(instance, links)
            if own is None or fault_of(instance, own) is not None:
                continue
            effect = _signed(instance, resignation(instance, own.addresses[0]), sequences)
            opened = link is None or sockets.open(link) is None
            if opened and sockets.send(effect) is None:
                resigned.append(instance.name)
    finally:
        for instance in estate.masters:
            sockets.close(instance.interface)
        requests.close()
    return resigned


def _signed(instance: VrrpInstance, advert: SendAdvert, sequences: Sequences) -> SendAdvert:
    """As the heartbeat would have signed it, and behind what it signed last."""
    if instance.auth_hmac is None and instance.ah_key is None:
        return advert
    now = boot_now()
    [told] = WallClockWatch().look(now.ns)
    memory = partial(sequences.memory_of, instance.name)
    return Signatures(WallClock(told.offset), memory).complete(instance, advert, now)


def release_leftovers(configuration: Configuration, run_dir: str) -> tuple[str, str]:
    """What a killed daemon left: (removed, the first that was not), as words."""
    try:
        released, failed = release_addresses(
            configuration.instances, run_dir, configuration.statics.addresses
        )
    except OSError as error:
        return "", f"the kernel did not answer ({error})"
    return ", ".join(released), next(iter(failed), "")


def release_addresses(
    instances: Collection[VrrpInstance],
    run_dir: str,
    keep: Collection[VirtualAddress] = (),
) -> tuple[list[str], list[str]]:
    """Removes addresses with our tag that the state file lists or that these instances have.

    On a kernel without tags the state file's word is enough. Returns (removed, failed).
    What is somebody else's stays, and so does what is to be kept. Routes and rules of the instances
    go first.
    """
    listed, _ = StateFile(Path(run_dir)).read()
    requests = RtnetlinkSocket(LAST_WILL_DEADLINE_S)
    try:
        removed, stuck = remove_vmacs(requests, run_dir)
        stuck += filter(None, [Secondaries(run_dir).restore()])
        addresses = Addresses(requests)
        links = read_links(requests, frozenset())
        addresses.indexes = {name: link.index for name, link in links.items()}
        table = RoutingTable(requests, addresses.indexes)
        stuck += [reason for i in instances for reason in table.remove(i.routing)]
        kept = [address for address in listed if address in keep]
        listed = tuple(address for address in listed if address not in keep)
        wanted = addresses.place([*listed, *(a for i in instances for a in i.held)])
        ours = addresses.ours(wanted)
        if not kernel_keeps_tags():
            ours |= addresses.place(listed)
        failed = addresses.revoke(ours)
        if not failed:
            hooks = GateHooks(requests, run_dir)
            for link in links.values():
                hooks.detach(link.index)
            remove_gate_tables(run_dir)
    finally:
        requests.close()
    StateFile(Path(run_dir)).write([*kept, *(a for a, _ in failed)])
    removed += dict.fromkeys(str(a) for a in ours if a not in dict(failed))
    return removed, [*(f"{a} ({r})" for a, r in failed), *stuck]
