"""A scenario from a seed alone: a cluster and its network; `random_faults` adds what goes wrong.

Knows what is worth drawing and how often. Must not know how it is played or judged.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from random import Random

from halod.model.address import VirtualAddress
from halod.model.units import Duration
from halod.model.vrrp import PRIORITY_OWNER, LeaseMode, VrrpInstance, VrrpVersion
from halod.sim.allowance import settle_span
from halod.sim.fault import end_of
from halod.sim.random_faults import Targets, draw_faults, pace_of
from halod.sim.random_groups import draw_group_faults, draw_groups
from halod.sim.random_trackers import draw_tracker_faults, draw_trackers
from halod.sim.scenario import KernelOptions, LinkOptions, NetworkOptions, NodeOptions, Scenario

__all__ = ["random_scenario"]

WATCHED_AFTER_SETTLING = 5
"""How long the settled cluster must stay as it is: so many intervals."""
DRIFT_PPM_MAX = 100

_V2_INTERVALS_MS = (1000, 1000, 1000, 2000, 3000)
_V3_INTERVALS_MS = (20, 100, 1000)


def random_scenario(seed: int) -> Scenario:
    """Equal seeds give equal scenarios."""
    random = Random(f"{seed}: scenario")  # noqa: S311 (must be repeatable)
    groups = Random(f"{seed}: groups")  # noqa: S311 (must be repeatable)
    trackers = Random(f"{seed}: trackers")  # noqa: S311 (must be repeatable)
    nodes = draw_trackers(trackers, draw_groups(groups, _nodes(random)))
    instances = [instance for node in nodes for instance in node.instances]
    intervals = [instance.advert_interval for instance in instances]
    interfaces = tuple(link.interface for link in nodes[0].links)
    pace = pace_of(min(intervals), max(intervals))
    names = tuple(node.name for node in nodes)
    targets = Targets(names, interfaces, pace)
    faults = (
        *draw_faults(random, targets),
        *draw_group_faults(groups, targets, nodes),
        *draw_tracker_faults(trackers, targets, nodes),
    )
    faults = tuple(sorted(faults, key=lambda fault: fault.at))
    calm_at = max((end_of(fault) for fault in faults), default=pace.faults_from)
    # What is left of the shortest Master_Down_Interval when adverts come in time.
    slack = min(i.advert_interval * (i.down_timer_adverts - 1) for i in instances)
    wake_max, network = _network(random, slack)
    waits_ms = (1, 20, 150) if slack >= Duration.seconds(1) else (1, 5)
    rules_waits_ms = (1, 5, 60) if slack >= Duration.seconds(1) else (1, 2)
    scenario = Scenario(
        seed=seed,
        nodes=nodes,
        network=network,
        kernel=KernelOptions(
            wait_max=min(_wait_max(nodes), Duration.milliseconds(random.choice(waits_ms))),
            rules_wait_max=Duration.milliseconds(random.choice(rules_waits_ms)),
        ),
        wake_max=wake_max,
        faults=faults,
        calm_at=calm_at,
    )
    watched = max(intervals) * WATCHED_AFTER_SETTLING
    return replace(scenario, ends_at=calm_at + settle_span(scenario) + watched)


def _wait_max(nodes: tuple[NodeOptions, ...]) -> Duration:
    """The longest that a kernel may take for a change.

    Renewals of a sync group come at one moment, and each is void half an interval later: where no
    gate holds the lease, a kernel that takes long for each address lets some of them lapse.
    """
    grouped = any(node.groups for node in nodes)
    return Duration.milliseconds(20 if grouped else 150)


def _network(random: Random, slack: Duration) -> tuple[Duration, NetworkOptions]:
    """The longest delays of processes and packets: together they make nobody late for two adverts
    in a row."""
    fits = [
        (Duration.milliseconds(wake_ms), Duration.milliseconds(delay_ms))
        for wake_ms in (1, 2, 10, 20)
        for delay_ms in (1, 2, 5, 20)
        if Duration.milliseconds(wake_ms * 3 + delay_ms) < slack
    ]
    wake_max, delay_max = random.choice(fits)
    if random.random() < 0.5:
        return wake_max, NetworkOptions(delay_max=delay_max)
    return wake_max, NetworkOptions(
        delay_max=delay_max,
        loss_percent=random.choice((0.0, 1.0, 10.0, 30.0)),
        duplicate_percent=random.choice((0.0, 5.0)),
        late_percent=random.choice((0.0, 0.0, 5.0)),
    )


# ---- the cluster ---------------------------------------------------------------------------


def _nodes(random: Random) -> tuple[NodeOptions, ...]:
    names = [f"lb0{number}" for number in range(1, random.choice((2, 2, 2, 3, 3, 4)) + 1)]
    interfaces = random.choice((("eth0",), ("eth0",), ("eth0", "eth1")))
    instances: dict[str, list[VrrpInstance]] = {name: [] for name in names}
    intervals = _intervals(random, len(names))
    for number in range(1, random.choice((1, 1, 1, 2, 3)) + 1):
        found = _instance(random, number, interfaces, intervals)
        for name, instance in zip(names, found, strict=True):
            instances[name].append(instance)
    quick = max(interval for _, interval in intervals) < Duration.seconds(1)
    apart_ms = random.choice((1, 500 if quick else 5000))
    return tuple(
        NodeOptions(
            name=name,
            instances=tuple(instances[name]),
            links=tuple(
                LinkOptions(
                    interface=interface,
                    segment=interface,
                    address=IPv4Address(f"198.18.{segment}.{index}"),
                )
                for segment, interface in enumerate(interfaces)
            ),
            clock_offset=Duration(random.randrange(10**15)),
            clock_drift_ppm=random.randint(-DRIFT_PPM_MAX, DRIFT_PPM_MAX),
            starts_at=Duration.milliseconds(random.randrange(apart_ms)),
            gates=random.choice(_GATES),
            gateless=frozenset(name for name in interfaces if random.random() < 0.08),
            foreign=_foreign(random, instances[name]),
        )
        for index, name in enumerate(names, 1)
    )


_GATES = (
    *(frozenset({LeaseMode.BPF}),) * 8,
    *(frozenset({LeaseMode.NFT}),) * 2,
    *(frozenset[LeaseMode](),) * 2,
)
"""Most machines have the better one."""


def _intervals(random: Random, count: int) -> list[tuple[VrrpVersion, Duration]]:
    """On all nodes the same; in VRRPv3 it may be another on each (RFC 9568, 6.1)."""
    if random.random() < 0.5:
        one_ms = random.choice(_V2_INTERVALS_MS)
        return [(VrrpVersion.V2, Duration.milliseconds(one_ms))] * count
    one_ms = random.choice(_V3_INTERVALS_MS)
    mixed = random.random() < 0.2
    each_ms = random.choices(_V3_INTERVALS_MS, k=count) if mixed else [one_ms] * count
    return [(VrrpVersion.V3, Duration.milliseconds(ms)) for ms in each_ms]


def _foreign(random: Random, instances: list[VrrpInstance]) -> tuple[VirtualAddress, ...]:
    """An operator has put one of the addresses up himself."""
    if random.random() >= 0.04:
        return ()
    return (random.choice(random.choice(instances).held),)


def _instance(
    random: Random,
    number: int,
    interfaces: tuple[str, ...],
    intervals: list[tuple[VrrpVersion, Duration]],
) -> list[VrrpInstance]:
    """One virtual router on every node."""
    interface = random.choice(interfaces)
    elsewhere = random.choice(interfaces) if random.random() < 0.2 else interface
    addresses = tuple(
        VirtualAddress(
            IPv4Address(f"203.0.113.{10 * number + index}"), 24, elsewhere if index else interface
        )
        for index in range(random.choice((1, 1, 2, 5)))
    )
    down_timer_adverts = random.choice((3, 3, 3, 2, 5))
    lease = random.choice(_LEASES)
    found = []
    for priority, (version, interval) in zip(
        _priorities(random, len(intervals)), intervals, strict=True
    ):
        owner = priority == PRIORITY_OWNER
        preempt = owner or random.random() < 0.75
        delays = (0, 0, 0, 1) if interval < Duration.seconds(1) else (0, 0, 0, 2, 7)
        delay = random.choice(delays) if preempt and not owner else 0
        found.append(
            VrrpInstance(
                name=f"VI_{number}",
                interface=interface,
                virtual_router_id=50 + number,
                priority=priority,
                addresses=addresses,
                version=version,
                advert_interval=interval,
                preempt=preempt,
                preempt_delay=Duration.seconds(delay),
                down_timer_adverts=down_timer_adverts,
                lease=lease,
            )
        )
    return found


_LEASES = (*(LeaseMode.AUTO,) * 12, *(LeaseMode.ADDRESS,) * 3, LeaseMode.OFF)


def _priorities(random: Random, count: int) -> list[int]:
    """Far apart, close together, equal, or with an owner of the addresses."""
    kind = random.choice(("apart", "apart", "close", "equal", "owner"))
    if kind == "equal":
        return [random.choice((1, 100, 254))] * count
    if kind == "close":
        first = random.randint(1, 250)
        found = [first + index for index in range(count)]
    else:
        found = random.sample(range(1, 255), count)
    if kind == "owner":
        found[0] = PRIORITY_OWNER
    random.shuffle(found)
    return found
