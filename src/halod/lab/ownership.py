"""Who held which VIP when: pure arithmetic on changes that a watcher has seen.

Knows values and nanoseconds of the monotonic clock. Must not know sockets, files or programs.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """From one instant on a host holds exactly these addresses beside its own."""

    at_ns: int
    """Monotonic clock, nanoseconds."""

    host: str
    """Name of the host."""

    held: frozenset[str]
    """Addresses on its interface, empty while the interface is down or has no carrier: a host that
    nobody can reach owns nothing."""


@dataclass(frozen=True)
class Holding:
    """One host had one VIP without interruption."""

    host: str
    """Name of the host."""

    vip: str
    """The address."""

    start_ns: int
    """When it came, monotonic nanoseconds."""

    end_ns: int
    """When it went, or the end of the observation; never before the start."""


def holdings(changes: Iterable[Change], end_ns: int) -> list[Holding]:
    """What the changes amount to by `end_ns`, by start; changes must be in the order of time."""
    since: dict[tuple[str, str], int] = {}
    found: list[Holding] = []
    for change in changes:
        if change.at_ns > end_ns:
            break
        before = {vip for host, vip in since if host == change.host}
        found += [
            Holding(change.host, vip, since.pop((change.host, vip)), change.at_ns)
            for vip in before - change.held
        ]
        for vip in change.held - before:
            since[change.host, vip] = change.at_ns
    found.extend(Holding(host, vip, start, end_ns) for (host, vip), start in since.items())
    return sorted(found, key=lambda holding: (holding.start_ns, holding.host, holding.vip))


@dataclass(frozen=True)
class Share:
    """How long a VIP had no owner, and how long more than one, within a stretch of time."""

    none_ns: int
    """Total nanoseconds without an owner."""

    two_ns: int
    """Total nanoseconds with two owners or more."""

    two_longest_ns: int
    """The longest run of two owners or more, nanoseconds."""


def share(held: Iterable[Holding], vip: str, start_ns: int, end_ns: int) -> Share:
    """Count owners of a VIP between two instants."""
    steps: list[tuple[int, int]] = []
    for holding in held:
        first, last = max(holding.start_ns, start_ns), min(holding.end_ns, end_ns)
        if holding.vip == vip and first < last:
            steps += [(first, 1), (last, -1)]
    # At one instant a holding that ends counts before one that starts: they do not overlap.
    steps.sort()
    none_ns = two_ns = two_longest_ns = two_run_ns = owners = 0
    at_ns = start_ns
    for step_ns, delta in [*steps, (end_ns, 0)]:
        length_ns = step_ns - at_ns
        if owners == 0:
            none_ns += length_ns
        if owners >= 2:
            two_ns += length_ns
            two_run_ns += length_ns
            two_longest_ns = max(two_longest_ns, two_run_ns)
        elif length_ns > 0:
            two_run_ns = 0
        owners += delta
        at_ns = step_ns
    return Share(none_ns, two_ns, two_longest_ns)
