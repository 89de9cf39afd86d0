"""What the parts of the demo have in common: nodes started and stopped, VIPs awaited and shown.

Knows the lab, the stage and the tutorial's addresses. Must not know the order of steps.
"""

import re
import time
from collections.abc import Mapping

from halod.lab.balancer import Balancer
from halod.lab.lab import Lab
from halod.lab.node_log import between, read_logs
from halod.lab.node_program import node_program
from halod.lab.observation import AddressLine, Observation
from halod.lab.patience import stays_true, wait_until
from halod.lab.recording import Recording
from halod.lab.report import Report, Request
from halod.lab.stage import Stage
from halod.lab.timeline import Chart
from halod.lab.topology import VIP_1, VIP_2, Role
from halod.lab.tutorial_lab import set_up_nodes

MASTER_WITHIN_S = 7.0
"""Seconds within which a node must become master: 3 adverts missed and the skew make 3.42 s at
priority 150 and 3.61 s at 100 (RFC 3768 section 6.1), the rest is for a busy machine."""

DOWN_INTERVAL_S = 3.61
"""Seconds after which a backup of priority 100 would have become master, had it heard nobody."""

HANDOVER_S = 1.0
"""The tutorial: "the whole switch takes less than a second at best"."""

VIP1, VIP2 = str(VIP_1), str(VIP_2)

VIP1_LINE = AddressLine(f"{VIP1}/24", "ens33:3", secondary=True)
VIP2_LINE = AddressLine(f"{VIP2}/24", "ens33:4", secondary=True)
VIP2_LINE_LB01 = AddressLine(f"{VIP2}/32", "ens33:4", secondary=False)
"""lb01's file gives VI_2's VIP no mask, so it is a /32 there."""

LEASED = (
    "`dynamic` is the lease. halod lends the address to the kernel and renews it with each advert; "
    "a node that is dead or frozen renews nothing, and its kernel takes the address away "
)
BY_GATE = "(a gate silences it 3 s after the last advert, its lifetime of 10 s removes it)"
BY_LIFETIME = "(its lifetime of 2 s removes it; the kernel refuses the gate here)"
"""What `dynamic` means, at the tutorial's advert_int of 1 s, with the kernel's gate and without."""

GATE_LIFETIME_MIN_S = 4
"""A remaining lifetime of so many seconds is that of an address behind the gate, which is never
renewed later than 3 s after it was 10 s; one without a gate has 2 s."""


class Play:
    """The tools of a part."""

    def __init__(self, lab: Lab, stage: Stage, programs: Mapping[str, str]) -> None:
        self.lab = lab
        self.stage = stage
        self.programs = programs
        self._lease_told = False

    def set_up(self, file: str) -> tuple[Balancer, Balancer]:
        """Give lb01 and lb02, which do not run, the tutorial's file of that name."""
        lb01, lb02 = set_up_nodes(self.lab, self.programs, file)
        return lb01, lb02

    def stop_all(self) -> None:
        """Stop every node that runs."""
        for balancer in self.lab.balancers.values():
            if balancer.parent is not None:
                self.stage.tell(f"stopping {balancer.program.name} on {balancer.machine.name}")
                balancer.stop()

    def observe(self, expected: str, seen: str, held: bool, note: str = "") -> None:
        """Show an observation; when it did not hold, the nodes' logs too."""
        if not self.stage.observe(Observation(expected, seen, held, note)):
            for name, balancer in self.lab.balancers.items():
                self.stage.show_log(f"{balancer.program.name}'s log on {name}", balancer.log_tail())

    def sees(self, host: str, line: AddressLine, within_s: float = MASTER_WITHIN_S) -> None:
        """`ip addr show ens33` on the host must show the VIP, alone in having it."""
        vip = line.address.split("/")[0]
        machine = self.lab.machine(host)
        wait_until(lambda: self.lab.owners(vip) == [host], within_s)
        shown = machine.show_addresses()
        found = line.find(shown)
        leases = node_program(self.programs[host]).leases
        seen = found or shown_addresses(shown)
        self.observe(
            f"on {host}: {line}",
            f"on {host}: {seen}",
            found is not None and ("dynamic" in found.split()) == leases,
            self.lease_note(shown, line.address) if found and leases else "",
        )

    def lease_note(self, shown: str, address: str) -> str:
        """What `dynamic` means, the first time that it is seen; "" after that."""
        if self._lease_told:
            return ""
        self._lease_told = True
        left_s = lifetime_s(shown, address)
        return LEASED + (BY_GATE if left_s >= GATE_LIFETIME_MIN_S else BY_LIFETIME)

    def sees_no_vip(self, host: str, vips: tuple[str, ...], within_s: float = HANDOVER_S) -> None:
        """`ip addr show ens33` on the host must show none of these VIPs."""
        machine = self.lab.machine(host)
        held = wait_until(lambda: not set(vips) & set(machine.vips()), within_s)
        wanted = " nor ".join(vips)
        self.observe(f"on {host}: no {wanted}", self.said(host), held)

    def stays_without(self, host: str, vip: str, for_s: float) -> None:
        """The host must not take the VIP for so long."""
        quiet = stays_true(lambda: host not in self.lab.owners(vip), for_s)
        expected = f"on {host}: no {vip} (one there now would be a configuration error)"
        self.observe(expected, f"for {for_s:.1f} s {self.said(host)}", quiet)

    def said(self, host: str) -> str:
        """Its addresses in a few words."""
        return f"on {host}: {shown_addresses(self.lab.machine(host).show_addresses())}"

    def handover(self, recording: Recording, vip: str, since_ns: int, bound_s: float) -> None:
        """Look at the outage since an instant, by the prober's questions so far."""
        report = self.report_since(recording, vip, since_ns)
        self.observe(
            f"somebody answers for {vip} again within {bound_s:g} s",
            f"no answer for {report.outage_s:.3f} s "
            f"({report.lost} of {report.sent} questions lost), answered by "
            f"{' then '.join(report.answered_by) or 'nobody'}",
            bool(report.answered_by) and report.outage_s < bound_s,
        )

    def report_since(self, recording: Recording, vip: str, since_ns: int) -> Report:
        """What a running prober has found since an instant."""
        probes = [
            probe for probe in recording.probes() if probe.vip == vip and probe.sent_ns >= since_ns
        ]
        held = [holding for holding in self.lab.holdings() if holding.vip == vip]
        return Report(vip, since_ns, time.monotonic_ns(), tuple(probes), tuple(held))

    def answers(self, recording: Recording, vip: str, host: str, within_s: float) -> None:
        """Wait until the last question was answered by that host."""

        def last_is_host() -> bool:
            probes = [probe for probe in recording.probes() if probe.vip == vip]
            return bool(probes) and probes[-1].host == host

        wait_until(last_is_host, within_s, every_s=0.1)

    def timeline(
        self, vips: tuple[str, ...], recording: Recording, requests: list[Request] | None = None
    ) -> None:
        """Draw the part so far."""
        chart = Chart(
            start_ns=self.stage.start_ns,
            end_ns=time.monotonic_ns(),
            hosts=tuple(host.name for host in self.lab.topology.with_role(Role.BALANCER)),
            vips=vips,
            holdings=tuple(self.lab.holdings()),
            probes=tuple(recording.probes()),
            requests=tuple(requests or ()),
            marks=tuple(self.stage.marks),
        )
        log = between(read_logs(self.lab.machines.values()), chart.start_ns, chart.end_ns)
        self.stage.show_timeline(chart, log)


def lifetime_s(shown: str, address: str) -> int:
    """The seconds that an address has left by an `ip addr show`; 0 where it is not shown."""
    found = re.search(rf"inet {re.escape(address)} .*\n\s+valid_lft (\d+)sec", shown)
    return int(found[1]) if found is not None else 0


def shown_addresses(shown: str) -> str:
    """The IPv4 addresses of an `ip addr show`, in a few words."""
    words = [line.split() for line in shown.splitlines()]
    found = [f"{line[1]} ({line[-1]})" for line in words if line[:1] == ["inet"]]
    return ", ".join(found) or "no IPv4 address"
