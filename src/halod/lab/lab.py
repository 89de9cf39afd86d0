"""A lab as a whole: made, used, ended. Ties machines, switch, faults and measuring together.

Knows every other file of the lab but the demo. When its owner's process ends, by whatever cause,
the lab ends (`guardian.py`). `Lab.attach` uses the lab of another process and never ends it.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from halod.lab import http_prober, owner_watch, prober, responder
from halod.lab.balancer import Balancer
from halod.lab.command import PACKAGES, missing_programs
from halod.lab.demolition import demolish, sweep
from halod.lab.directory import LabDirectory, LabState, base_directory, new_lab_id
from halod.lab.errors import LabError
from halod.lab.faults import Faults
from halod.lab.guardian import Guardian
from halod.lab.machine import Machine
from halod.lab.node_program import node_program
from halod.lab.ownership import Holding, holdings
from halod.lab.patience import wait_until
from halod.lab.process import ProcessId
from halod.lab.recording import Recording
from halod.lab.report import Report
from halod.lab.switch import Switch
from halod.lab.topology import Host, Role, Topology
from halod.lab.unprivileged import is_ordinary_user

SWITCH = "switch"
"""The name under which the lab keeps what belongs to no host."""

WARM_UP_S = 5.0
LATE_S = 20.0
"""How long somebody who is late is waited for: a start on a busy machine takes seconds."""
"""Seconds within which a VIP must answer before `probe` lets the fault happen."""


class Lab:
    """Hosts, their switch, and what is measured on them.

    `with Lab(tutorial_topology()) as lab:` makes the namespaces, and ends everything on leaving.
    """

    def __init__(
        self, topology: Topology, lab_id: str | None = None, base: Path | None = None
    ) -> None:
        self.topology = topology
        self.directory = LabDirectory(lab_id or new_lab_id(), base or base_directory())
        self.machines = {host.name: Machine(host, self.directory) for host in topology.hosts}
        self.switch = Switch(self.directory.namespace(SWITCH))
        self.faults = Faults(self.switch, self.machines)
        self.balancers: dict[str, Balancer] = {}
        self._guardian: Guardian | None = None
        self._owner_watch: Recording | None = None
        # The switch's namespace runs what must survive the faults of hosts.
        switch_as_host = Host("observer", topology.hosts[0].address, Role.CLIENT)
        self._observer = Machine(switch_as_host, self.directory)
        self._observer.directory = self.directory.host_path(SWITCH)
        self._observer.namespace = self.switch.namespace

    @classmethod
    def attach(cls, directory: LabDirectory) -> "Lab":
        """The running lab of another process: to look at it and to break it."""
        state = directory.read()
        if not state.owner.alive:
            raise LabError(
                f"lab {directory.lab_id} was left behind by a process that has ended",
                "`lab up` clears such labs away",
            )
        lab = cls(state.topology, directory.lab_id, directory.base)
        for host in state.topology.with_role(Role.BALANCER):
            machine = lab.machines[host.name]
            if (machine.directory / "balancer.json").exists():
                lab.balancers[host.name] = Balancer.attach(machine)
        return lab

    def __enter__(self) -> "Lab":
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def open(self) -> None:
        """Make the hosts and start to watch; labs whose owner is dead are cleared away first."""
        check_machine()
        sweep(self.directory.base)
        owner = ProcessId.of(os.getpid())
        assert owner is not None, "this process runs"
        self.directory.create(LabState(self.topology, owner))
        self._guardian = Guardian(self.directory, owner)
        try:
            self._build()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End every process of the lab, its namespaces and its files."""
        demolish(self.directory)
        for machine in [*self.machines.values(), self._observer]:
            machine.wait_for_all(within_s=5.0)
        if self._guardian is not None:
            self._guardian.dismiss()
            self._guardian = None

    def release(self) -> None:
        """Stop using an attached lab: what was started in it runs on until its owner ends it."""
        for machine in self.machines.values():
            machine.release()

    def machine(self, name: str) -> Machine:
        """The running host of that name; LabError with a suggestion when there is none."""
        return self.machines[self.topology.host(name).name]

    def balancer(self, name: str, program: str, config: str) -> Balancer:
        """Set up a host's VRRP node (`halod` or `keepalived`) with a configuration's text."""
        previous = self.balancers.get(name)
        if previous is not None and previous.parent is not None:
            raise LabError(f"the node on {name} runs: stop it before it is set up anew")
        self.balancers[name] = Balancer(self.machine(name), node_program(program), config)
        return self.balancers[name]

    def owners(self, vip: str) -> list[str]:
        """The hosts that hold the VIP now, by what their kernels say."""
        held = {change.host: change.held for change in self._watch.changes()}
        return [host for host in held if vip in held[host]]

    def wait_for_owner(self, vip: str, host: str, within_s: float) -> None:
        """Wait until that host and no other holds the VIP; LabError when it does not in time."""
        if not wait_until(lambda: self.owners(vip) == [host], within_s):
            raise LabError(
                f"{vip} is held by {' and '.join(self.owners(vip)) or 'nobody'} "
                f"after {within_s:g} s, not by {host} alone"
            )

    def holdings(self) -> list[Holding]:
        """Who has held which VIP since the lab was opened."""
        return holdings(self._watch.changes(), time.monotonic_ns())

    def stop_watching(self) -> None:
        """Nobody looks any more who holds what: beside thousands of addresses the watch takes the
        processor that is measured. What it has seen stays known."""
        self._watch.stop()

    @contextmanager
    def probing(self, *vips: str) -> Iterator[Recording]:
        """Ask through VIPs every 5 ms while the block runs; then `report` tells what was found."""
        recording = Recording(self.machine(self.topology.client.name), prober.__name__, [*vips])
        try:
            yield recording
        finally:
            recording.stop()

    @contextmanager
    def requesting(self, names: dict[str, str]) -> Iterator[Recording]:
        """Request pages by name (name -> VIP) every 20 ms while the block runs."""
        targets = [f"{name}={vip}" for name, vip in names.items()]
        client = self.machine(self.topology.client.name)
        recording = Recording(client, http_prober.__name__, targets)
        try:
            yield recording
        finally:
            recording.stop()

    def report(self, recording: Recording, vip: str) -> Report:
        """What a stopped prober has found about one VIP."""
        assert recording.end_ns is not None, "the report is made when the probing has ended"
        probes = [probe for probe in recording.probes() if probe.vip == vip]
        start_ns = probes[0].sent_ns if probes else recording.start_ns
        held = [
            holding
            for holding in holdings(self._watch.changes(), recording.end_ns)
            if holding.vip == vip and holding.end_ns > start_ns
        ]
        return Report(vip, start_ns, recording.end_ns, tuple(probes), tuple(held))

    def probe(
        self,
        vip: str,
        seconds: float,
        during: Callable[[], None] | None = None,
        until: str | None = None,
    ) -> Report:
        """Probe a VIP for so many seconds after `during` was called; it must answer before that.

        `until`: the host that shall answer in the end. Where it is late it is waited for, for
        `LATE_S` seconds more: how long it took shows in the report.
        """
        with self.probing(vip) as recording:
            if during is not None:
                if not wait_until(
                    lambda: any(probe.host for probe in recording.probes()), WARM_UP_S
                ):
                    raise LabError(f"nobody answers for {vip} before the fault")
                during()
            wait_until(lambda: False, seconds)
            if until is not None:
                wait_until(lambda: _answers_last(recording) == until, LATE_S)
        return self.report(recording, vip)

    @property
    def _watch(self) -> Recording:
        if self._owner_watch is None:
            raise LabError("only the process that opened a lab knows its history")
        return self._owner_watch

    def _build(self) -> None:
        self.switch.namespace.create()
        self.switch.create()
        for machine in self.machines.values():
            machine.namespace.create()
            self.switch.plug(machine.host, machine.namespace)
            # SYNs repeated after 1, 3 and 7 s on every kernel; those from 6.5 on begin with 4 a
            # second apart, and a client elsewhere would wait longer than the lab shows.
            machine.namespace.set_kernel_value("net/ipv4/tcp_syn_linear_timeouts", "0")
        watched = [self.machines[host.name] for host in self.topology.with_role(Role.BALANCER)]
        named = [f"{machine.name}={machine.namespace.name}" for machine in watched]
        Recording(self._observer, responder.__name__, named)
        described = [
            f"{machine.name}={machine.namespace.name}={machine.host.interface}"
            f"={machine.host.address.ip}"
            for machine in watched
        ]
        self._owner_watch = Recording(self._observer, owner_watch.__name__, described)
        if not wait_until(lambda: "ready" in self._watch.text(), within_s=10.0):
            raise LabError(f"the owner watch did not start; it said:\n{self._watch.text()}")


def check_machine() -> None:
    """LabError unless this machine and this user can have a lab."""
    if is_ordinary_user():
        raise LabError(
            "the lab makes network namespaces, which needs root",
            "use sudo, or `haloctl lab`, which makes a user namespace for itself",
        )
    missing = missing_programs(["ip", "nft"])
    if missing:
        packages = " ".join(PACKAGES[name] for name in missing)
        raise LabError(
            f"not installed: {', '.join(missing)}",
            f"run `make setup`, or apt-get install {packages}",
        )


def _answers_last(recording: Recording) -> str | None:
    answers = [probe.host for probe in recording.probes() if probe.host]
    return answers[-1] if answers else None
