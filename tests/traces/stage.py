"""One pair (or three) of one daemon in a lab of its own: acts are done to it, everything is heard.

Knows the lab, pipes and the port ear. Must not know what is expected.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Interface
from pathlib import Path

from halod.lab.balancer import NODE
from halod.lab.errors import LabError
from halod.lab.lab import Lab
from halod.lab.ownership import Holding
from halod.lab.patience import wait_until
from halod.lab.topology import Host, Role, Topology
from tests.traces.port_ear import Advert, Announcement, PortEar
from tests.traces.script import Act, Script
from tests.traces.trace import Heard, Line, Part

__all__ = ["Stage", "play"]

OWN = {"lb01": "192.168.178.130", "lb02": "192.168.178.131", "lb03": "192.168.178.132"}
OBSERVER = "client"
ADVERT_WITHIN_S = 10.0
STATE_WITHIN_S = 30.0
"""Until a daemon that was started tells its first state, on a busy machine."""
FIRST_STATE = re.compile(r"Entering \w+ STATE")
STRIKE_AFTER = 0.3
"""Of an interval: far from the adverts before and after."""


class Stage:
    """What acts are done to."""

    def __init__(self, lab: Lab, script: Script, program: str) -> None:
        self.lab = lab
        self.program = program
        self.hosts = [host.name for host in lab.topology.with_role(Role.BALANCER)]
        self._script = script
        self._ear = PortEar(lab.switch.namespace, self.hosts)
        self._lock = threading.Lock()
        self._adverts: list[Advert] = []
        self._announcements: list[Announcement] = []
        self._lines: list[Line] = []
        self._pipes = {host: _open_pipe(self.folder(host)) for host in self.hosts}
        self._open = threading.Event()
        self._listener = threading.Thread(target=self._listen, name=f"{program} is heard")
        for host in self.hosts:
            for flag in script.flags:
                self.set_flag(host, flag)
            lab.balancer(host, program, script.files(host).replace("FOLDER", self.folder(host)))

    # ---- what acts need ---------------------------------------------------------------------

    def folder(self, host: str) -> str:
        """A host's own, with its pipe and its flags."""
        return str(self.lab.machine(host).directory)

    def set_flag(self, host: str, flag: str, text: str = "") -> None:
        """Make a file in it, or write it anew."""
        Path(self.folder(host), flag).write_text(text)

    def clear_flag(self, host: str, flag: str) -> None:
        """Take a file away."""
        Path(self.folder(host), flag).unlink()

    def start(self, host: str) -> None:
        """Its daemon."""
        self.lab.balancers[host].start()

    def edit(self, host: str, old: str, new: str) -> None:
        """Change the file of a host, and have it read."""
        balancer = self.lab.balancers[host]
        before = balancer.config_path.read_text()
        after = before.replace(old, new.replace("FOLDER", self.folder(host)))
        assert after != before, f"the file of {host} has no {old!r}"
        balancer.configure(after)
        balancer.reload()

    # ---- hearing ----------------------------------------------------------------------------

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Everything is heard while the block runs."""
        self._listener.start()
        try:
            yield
        finally:
            self._open.set()
            self._listener.join()
            self._ear.close()
            for descriptor in self._pipes.values():
                os.close(descriptor)

    def _listen(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._ear, selectors.EVENT_READ, None)
            for host, descriptor in self._pipes.items():
                selector.register(descriptor, selectors.EVENT_READ, host)
            while not self._open.is_set():
                for key, _ in selector.select(timeout=0.05):
                    self._take(key.data)

    def _take(self, host: str | None) -> None:
        if host is None:
            for one in self._ear.heard():
                with self._lock:
                    if isinstance(one, Advert):
                        self._adverts.append(one)
                    else:
                        self._announcements.append(one)
            return
        with contextlib.suppress(BlockingIOError):
            text = os.read(self._pipes[host], 65536).decode()
            now_ns = time.monotonic_ns()
            with self._lock:
                self._lines += [Line(now_ns, host, line) for line in text.splitlines()]

    # ---- playing ----------------------------------------------------------------------------

    def play(self, act: Act) -> Part:
        """Does it at its moment, and watches; when that was."""
        if act.after is not None:
            advert_ns = self._next_advert_ns(act.after)
            strike_ns = advert_ns + int(STRIKE_AFTER * self._script.interval_s * 1e9)
            wait_until(lambda: time.monotonic_ns() >= strike_ns, ADVERT_WITHIN_S, 0.001)
        begin_ns = time.monotonic_ns()
        said = {host: len(self._log(host)) for host in self.hosts}
        act.do(self)
        zero_ns = begin_ns
        if act.starts is not None:
            zero_ns = self._first_state_ns(act.starts, said[act.starts], begin_ns)
        end_ns = zero_ns + int(act.watch_s * 1e9)
        wait_until(lambda: time.monotonic_ns() >= end_ns, act.watch_s + 1, 0.01)
        return Part(act, begin_ns, zero_ns, end_ns)

    def _next_advert_ns(self, host: str) -> int:
        now_ns = time.monotonic_ns()

        def found() -> int:
            with self._lock:
                heard = [a.at_ns for a in self._adverts[-50:] if a.host == host]
            return next((at_ns for at_ns in heard if at_ns > now_ns), 0)

        at_ns = wait_until(found, ADVERT_WITHIN_S, 0.002)
        if not at_ns:
            raise LabError(f"{host} sends no adverts; {self._said(host)}")
        return at_ns

    def _first_state_ns(self, host: str, said: int, begin_ns: int) -> int:
        """When it told one, in its log (before, that had so many characters) or by its pipe."""

        def has_state() -> bool:
            return FIRST_STATE.search(self._log(host), said) is not None

        if not wait_until(has_state, STATE_WITHIN_S, 0.003):
            raise LabError(f"{host} tells no state; {self._said(host)}")
        now_ns = time.monotonic_ns()
        with self._lock:
            told = [line.at_ns for line in self._lines if line.host == host]
        return min((at_ns for at_ns in told if at_ns > begin_ns), default=now_ns)

    def _log(self, host: str) -> str:
        path = self.lab.machine(host).log_path(NODE)
        return path.read_text(errors="replace") if path.exists() else ""

    def _said(self, host: str) -> str:
        balancer = self.lab.balancers[host]
        return f"{balancer.program.name} said:\n{balancer.log_tail(30)}"

    def result(self, holdings: list[Holding], parts: list[Part]) -> Heard:
        """All that was heard, in the order of time."""
        with self._lock:
            return Heard(
                self.hosts,
                sorted(self._adverts, key=lambda a: a.at_ns),
                sorted(self._announcements, key=lambda a: a.at_ns),
                sorted(self._lines, key=lambda line: line.at_ns),
                holdings,
                parts,
            )


def play(script: Script, program: str, base: Path) -> Heard:
    """A fresh lab, all acts of a script, and what was heard."""
    hosts = tuple(
        Host(name, IPv4Interface(f"{OWN[name]}/24"), Role.BALANCER)
        for name in OWN
        if name in script.hosts
    )
    observer = Host(OBSERVER, IPv4Interface("192.168.178.1/24"), Role.CLIENT)
    with Lab(Topology((*hosts, observer)), base=base) as lab:
        stage = Stage(lab, script, program)
        with stage.heard():
            parts = [stage.play(act) for act in script.acts]
            held = lab.holdings()
        for name, balancer in lab.balancers.items():
            # pytest shows it where the test failed, and nowhere else.
            print(f"---- what {program} said on {name}\n{balancer.log_tail(60)}")
        return stage.result(held, parts)


def _open_pipe(folder: str) -> int:
    """Made before the daemon comes: it neither makes nor removes it, and its lines wait."""
    path = Path(folder, "pipe")
    os.mkfifo(path, 0o600)
    return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
