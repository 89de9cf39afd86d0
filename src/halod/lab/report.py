"""What probing has found: outages, owners, requests. Pure arithmetic on records.

Knows values and nanoseconds of the monotonic clock. Must not know files or programs.
"""

from dataclasses import dataclass
from itertools import pairwise

from halod.lab.ownership import Holding, Share, share


@dataclass(frozen=True)
class Probe:
    """One question to a VIP, and who answered it."""

    vip: str
    """The address asked."""

    sent_ns: int
    """When, monotonic nanoseconds."""

    host: str | None
    """Name of the host that answered in time, None when nobody did."""

    wait_ns: int
    """Nanoseconds until the answer, or until the prober gave up."""


@dataclass(frozen=True)
class Request:
    """One HTTP request of the patient client."""

    name: str
    """The name asked for, as the client has resolved it to `vip`."""

    vip: str
    """The address asked."""

    sent_ns: int
    """When its first attempt began, monotonic nanoseconds."""

    wait_ns: int
    """Nanoseconds until its answer, repeated attempts included."""

    server: str | None
    """The web server whose page came, None when it failed."""

    error: str | None
    """Why it failed, None when it succeeded."""

    again: int
    """How often it was sent again because its connection broke, or was silent for 1 s."""


@dataclass(frozen=True)
class Outage:
    """A stretch of time in which nobody answered for a VIP."""

    start_ns: int
    """When the first lost question was sent."""

    end_ns: int
    """When the first question was sent that was answered again, or the last lost one."""

    @property
    def seconds(self) -> float:
        """Its length; exact to one probing interval (5 ms)."""
        return (self.end_ns - self.start_ns) / 1e9


def outages(probes: list[Probe]) -> list[Outage]:
    """The runs of lost questions, in the order of time; probes of one VIP in the order sent."""
    found: list[Outage] = []
    start_ns: int | None = None
    for probe in probes:
        if probe.host is None and start_ns is None:
            start_ns = probe.sent_ns
        elif probe.host is not None and start_ns is not None:
            found.append(Outage(start_ns, probe.sent_ns))
            start_ns = None
    if start_ns is not None:
        found.append(Outage(start_ns, probes[-1].sent_ns))
    return found


@dataclass(frozen=True)
class Report:
    """What happened to one VIP between two instants."""

    vip: str
    """The address."""

    start_ns: int
    """Begin of the observation, monotonic nanoseconds."""

    end_ns: int
    """Its end."""

    probes: tuple[Probe, ...]
    """Every question, in the order sent."""

    holdings: tuple[Holding, ...]
    """Who held the VIP, by start."""

    @property
    def seconds(self) -> float:
        """Length of the observation."""
        return (self.end_ns - self.start_ns) / 1e9

    @property
    def sent(self) -> int:
        """Number of questions."""
        return len(self.probes)

    @property
    def lost(self) -> int:
        """Number of questions that nobody answered in time."""
        return sum(probe.host is None for probe in self.probes)

    @property
    def outages(self) -> list[Outage]:
        """Every stretch without an answer."""
        return outages(list(self.probes))

    @property
    def outage_s(self) -> float:
        """The longest stretch without an answer, seconds; 0 when every question was answered."""
        return max((outage.seconds for outage in self.outages), default=0.0)

    @property
    def lost_s(self) -> float:
        """All stretches without an answer together, seconds."""
        return sum(outage.seconds for outage in self.outages)

    @property
    def answered_by(self) -> list[str]:
        """The hosts that answered, in the order in which they took over from one another."""
        hosts = [probe.host for probe in self.probes if probe.host is not None]
        return hosts[:1] + [after for before, after in pairwise(hosts) if after != before]

    @property
    def share(self) -> Share:
        """How long there was no owner, and how long more than one."""
        return share(self.holdings, self.vip, self.start_ns, self.end_ns)

    @property
    def two_owners_s(self) -> float:
        """Seconds in which two hosts had the VIP at once, in total."""
        return self.share.two_ns / 1e9

    @property
    def two_owners_longest_s(self) -> float:
        """The longest stretch in which two hosts had the VIP at once, seconds."""
        return self.share.two_longest_ns / 1e9

    @property
    def no_owner_s(self) -> float:
        """Seconds in which no host had the VIP, in total."""
        return self.share.none_ns / 1e9
