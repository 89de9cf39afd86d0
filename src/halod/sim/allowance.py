"""How long what the oracles judge may take in a scenario, term by term.

Knows arithmetic on the options of a scenario. Must not know what happened.
"""

from __future__ import annotations

from dataclasses import replace

from halod.model.election import active_interval, master_down_interval, skew_time
from halod.model.tracking import PRIORITY_HIGHEST, PRIORITY_LOWEST
from halod.model.units import ZERO, Duration
from halod.model.vrrp import LeaseMode, VrrpInstance
from halod.sim.fault import (
    AdvertsRefused,
    DeleteAddresses,
    GateRefused,
    GateTaken,
    KernelRefuses,
    SlowKernel,
)
from halod.sim.scenario import Scenario
from halod.vrrp.lease import BACKSTOP, BACKSTOP_EVERY, PUT_BACK_MAX, lease_of, two_owners_bound
from halod.vrrp.rivals import HOLD_BACK, RETRY_EVERY

__all__ = [
    "backstop_span",
    "change_span",
    "conflict_span",
    "handover_span",
    "lease_span",
    "master_down",
    "opening_span",
    "priorities",
    "settle_span",
    "silence_bound",
]

START_SPAN = Duration.seconds(2)
"""From `Restart`, or a death that the supervisor notices, to a listening heartbeat: a stop waits
1 s at most, a hang is noticed after 0.85 s."""
GATE_LATENESS = {
    LeaseMode.BPF: Duration.microseconds(100),
    LeaseMode.NFT: Duration.milliseconds(60),
}
"""How long after its deadline an address may be heard, as docs/explanation/lease.md has it."""


def change_span(scenario: Scenario) -> Duration:
    """From an effect to the change of addresses, while nobody holds the rtnl lock long.

    Before it stand at most the orders of the other instances, a grant and a renewal each, and the
    kernel's own lapses.
    """
    instances = max(len(node.instances) for node in scenario.nodes)
    return scenario.wake_max + scenario.kernel.wait_max * (2 * instances + 2)


def opening_span(scenario: Scenario) -> Duration:
    """From an advert to a lease that nftables have taken in: what was shut before, and three tries
    of a token and a write each."""
    by_rules = any(LeaseMode.NFT in node.gates for node in scenario.nodes)
    return scenario.kernel.rules_wait_max * 7 if by_rules else ZERO


def handover_span(scenario: Scenario) -> Duration:
    """From an advert to the moment when a node that hears it has let its addresses go."""
    return scenario.network.delay_max + scenario.wake_max * 2 + change_span(scenario)


def conflict_span(scenario: Scenario) -> Duration:
    """From a weaker master's advert to one owner: it is answered, there and back."""
    return handover_span(scenario) + scenario.network.delay_max + scenario.wake_max


def lease_span(scenario: Scenario, instance: VrrpInstance, kind: LeaseMode) -> Duration | None:
    """From an advert to the end of the lease that it earned; None: it never ends.

    Reckoned from DESIGN, section 4, and not asked of the code that is judged. Behind a gate the
    deadline stands when the advert is sent. For an address the token is void half an interval after
    the advert; the kernel is asked before, and may wait.
    """
    interval, second = instance.advert_interval, Duration.seconds(1)
    half = interval // 2
    silence = interval * instance.down_timer_adverts
    if kind in GATE_LATENESS:
        span = max(silence, interval + half) + GATE_LATENESS[kind]
        return span + _drift(scenario, span)
    if kind is LeaseMode.OFF:
        return None
    lease = max(-(-(interval + half).ns // second.ns), silence.ns // second.ns - 1)
    span = second * lease + half + scenario.kernel.lateness_max
    return span + change_span(scenario) + _drift(scenario, span)


def backstop_span(scenario: Scenario) -> Duration:
    """From an advert to the end of the lifetime of an address whose gate is gone."""
    span = BACKSTOP + BACKSTOP_EVERY + scenario.kernel.lateness_max
    return span + change_span(scenario) + _drift(scenario, span)


def silence_bound(
    scenario: Scenario, holder: VrrpInstance, peer: VrrpInstance, kind: LeaseMode
) -> Duration | None:
    """The published bound on two owners after `holder` died and `peer` heard its silence.

    Beside it stand what no clock and no kernel can do without: drift, and where the kernel's own
    hand removes an address the lock twice, for the last renewal and for the end of the lease.
    """
    heard = active_interval(peer.version, peer.advert_interval, holder.advert_interval)
    skew = skew_time(peer.version, priorities(peer)[1], heard)
    bound = two_owners_bound(holder, lease_of(holder, hanging=(kind,)), skew)
    if bound is None:
        return None
    waits = ZERO if kind in GATE_LATENESS else scenario.kernel.wait_max * 2
    return bound + waits + _drift(scenario, master_down(replace(peer, advert_interval=heard)))


def priorities(instance: VrrpInstance) -> tuple[int, int]:
    """The lowest and the highest priority that the weights of its checks leave, whatever they find
    (1 to 254; an owner's stays)."""
    if instance.is_owner:
        return instance.priority, instance.priority
    moves = [-t.weight if t.reverse else t.weight for t in instance.trackers]
    lowest = instance.priority + sum(move for move in moves if move < 0)
    highest = instance.priority + sum(move for move in moves if move > 0)
    return max(PRIORITY_LOWEST, lowest), min(PRIORITY_HIGHEST, highest)


def master_down(instance: VrrpInstance) -> Duration:
    """Master_Down_Interval (RFC 9568, 6.1)."""
    return master_down_interval(
        instance.version, instance.priority, instance.advert_interval, instance.down_timer_adverts
    )


def settle_span(scenario: Scenario) -> Duration:
    """From the end of the last fault to a cluster that stays as it is.

    The last late packet comes. A daemon starts; it listens, once more if it overslept; a weaker one
    may have become master first, is left alone as long as the configuration says, and is preempted.
    After a fight over addresses, or a refusal, a node holds back for a minute.
    """
    instances = [instance for node in scenario.nodes for instance in node.instances]
    interval = max(instance.advert_interval for instance in instances)
    # A reload may give any of them the lowest priority, which waits longest, and in VRRPv3 the
    # interval of the master counts.
    slowest = [
        replace(i, priority=1, advert_interval=max(interval, i.advert_interval)) for i in instances
    ]
    listening = max(map(master_down, slowest))
    spared = max(instance.preempt_delay for instance in instances)
    slow = [fault.wait_max for fault in scenario.faults if isinstance(fault, SlowKernel)]
    waiting = max(slow, default=ZERO)
    deletions = sum(isinstance(fault, DeleteAddresses) for fault in scenario.faults)
    refused = any(isinstance(fault, SlowKernel | KernelRefuses) for fault in scenario.faults)
    held_back = HOLD_BACK if refused or deletions > PUT_BACK_MAX else ZERO
    # A gate that is gone leaves the lifetime behind it. Who is mute tries again after a while.
    bare = any(isinstance(fault, GateTaken | GateRefused) for fault in scenario.faults)
    bare = bare or any(node.gateless for node in scenario.nodes)
    waiting += backstop_span(scenario) if bare else ZERO
    mute = any(isinstance(fault, AdvertsRefused) for fault in scenario.faults)
    waiting += RETRY_EVERY if mute else ZERO
    late = scenario.network.late_max if scenario.network.late_percent else ZERO
    span = START_SPAN + late + waiting + listening * 3 + (interval + handover_span(scenario)) * 2
    return span + spared + held_back


def _drift(scenario: Scenario, span: Duration) -> Duration:
    """How far two clocks of the cluster part in a span, rounded up to 1 µs."""
    drift_ppm = max(abs(node.clock_drift_ppm) for node in scenario.nodes)
    return Duration(span.ns * 2 * drift_ppm // 1_000_000 + 1000)
