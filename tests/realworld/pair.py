"""A pair that runs a public file, each host with the programs and folders that the file asks for.

Knows the lab, mounts and process namespaces. Must not know what is expected.
"""

from __future__ import annotations

import re
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Interface
from pathlib import Path

from halod.lab.errors import LabError
from halod.lab.lab import Lab
from halod.lab.machine import Machine
from halod.lab.patience import stays_true, wait_until
from halod.lab.process import ProcessId
from halod.lab.topology import Host, Role, Topology
from tests.kit.second_lan import SecondLan
from tests.realworld.case import Case, weaker
from tests.traces.port_ear import Advert, PortEar

__all__ = ["Seen", "play"]

WITHIN_S = 60.0
"""For each step, on a busy machine; the slowest file checks each 3 s and listens for 3.6 s."""
CALM_S = 6.0
"""So long nothing may change where nothing is to: a check's interval, and three adverts."""
RUN = """
[ -z "$USERS" ] || mount --bind "$USERS" /etc/passwd || exit 1
while [ "$1" != -- ]; do
    mount -t overlay none -o "lowerdir=$1,upperdir=$2/new,workdir=$2/work" "$1" || exit 1
    shift 2
done
shift
for name in $WATCHED; do "$HERE/bin/$name" 1000000 & done
"$@" &
wait
"""
"""Shell text. The machine's own folders are seen with more in them, by this host alone; and there
are processes of these names. The shell is the first process, and takes the ends of all."""
_PATH = re.compile(r"(?<![\w.])/(?:[\w.+-]+/)+[\w.+-]+\.sh\b")
"""A script of the operator's in a configuration."""
PROGRAMS = "/usr/local/bin"
"""Where a program is found before the machine's own one of that name."""
PLACES = ("/etc/keepalived", "/root", "/home", PROGRAMS)
"""Folders of the machine in which public files keep scripts."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a pair did."""

    master_before: tuple[str, ...]
    master_after: tuple[str, ...]
    """Who had the address, before and after the check of lb01 failed."""
    resigned: bool
    """Whether lb01 sent priority 0."""


class _Node:
    """One host with a daemon in a process namespace: its checks see its own processes alone."""

    def __init__(self, machine: Machine, case: Case, text: str, cloud: Path) -> None:
        """`cloud`: the file that says to whom a cloud has moved the address."""
        self.machine, self._case, self._cloud = machine, case, cloud
        self._flag = machine.directory / "works"
        self._flag.touch()
        machine.run_directory.mkdir(mode=0o700, exist_ok=True)
        self.config = machine.directory / "keepalived.conf"
        self.config.write_text(text)
        bin_folder = machine.directory / "bin"
        bin_folder.mkdir()
        if case.process:
            (bin_folder / case.process).symlink_to("/bin/sleep")
        self._overlays: list[str] = []
        for place in PLACES:
            self._lay(place, text)

    def _lay(self, place: str, text: str) -> None:
        scripts = [path for path in set(_PATH.findall(text)) if path.startswith(f"{place}/")]
        program = self._case.own_program if place == PROGRAMS else ""
        if not (scripts or program):
            return
        layer = self.machine.directory / f"layer{len(self._overlays)}"
        (layer / "work").mkdir(parents=True)
        for path in scripts:
            file = Path(f"{layer}/new{path.removeprefix(place)}")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"#!/bin/sh\n{self._does(path)}\n")
            file.chmod(0o755)
        if program:
            found = shutil.which(program)
            assert found is not None, program
            (layer / "new").mkdir(exist_ok=True)
            shutil.copy(found, layer / "new" / program)
        self._overlays += [place, str(layer)]

    def _does(self, script: str) -> str:
        """Shell text of one of the operator's scripts."""
        if script == self._case.check:
            return f"test -e {self._flag}"
        if script == self._case.moved_by:
            return f"echo {self.machine.name} > {self._cloud}"
        return "exit 0"

    def start(self, program: str) -> None:
        argv = [*_command(program, self.config, self.machine.run_directory)]
        shell = ["sh", "-c", RUN, "sh", *self._overlays, "--", *argv]
        apart = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
        here = {
            "HERE": str(self.machine.directory),
            "WATCHED": self._case.process,
            "USERS": self._users(),
        }
        self.machine.start("node", [*apart, *shell], environment=here)

    def _users(self) -> str:
        """A file in the place of /etc/passwd; empty: none is needed."""
        if not self._case.user:
            return ""
        file = self.machine.directory / "passwd"
        more = f"{self._case.user}:x:0:0::/:/bin/sh\n"
        file.write_text(Path("/etc/passwd").read_text(encoding="utf-8") + more)
        file.chmod(0o644)
        return str(file)

    def log(self) -> str:
        return self.machine.log_path("node").read_text(errors="replace")

    def fail(self) -> None:
        """Its check fails from now on; where it has none the daemon stops."""
        if self._case.check:
            self._flag.unlink()
        else:
            self._end(self._case.process or "node")

    def _daemon(self) -> ProcessId:
        """Its first process: a child of the shell, which is the child of `unshare`."""
        unshare = self.machine.program("node")
        assert unshare is not None
        (shell,) = unshare.children()
        (found,) = (c for c in shell.children() if str(self.config) in c.command_line)
        return found

    def _end(self, name: str) -> None:
        victims = self.machine.namespace.members()
        if name != "node":
            ours = [v for v in victims if v.command_line.split("/")[-1].startswith(f"{name} ")]
        else:
            ours = [self._daemon()]
        assert ours, f"no {name} on {self.machine.name}"
        for victim in ours:
            victim.send(signal.SIGTERM)


def _command(program: str, config: Path, run: Path) -> list[str]:
    if program == "halod":
        halod = str(Path(sys.prefix, "bin", "halod"))
        return [halod, "-n", "-l", "-D", "-f", str(config), "--run-dir", str(run)]
    pids = ["-p", str(run / "keepalived.pid"), "-r", str(run / "vrrp.pid")]
    return ["keepalived", "-n", "-l", "-D", "-P", "-f", str(config), *pids]


def play(case: Case, text: str, program: str, base: Path) -> Seen:
    """lb01 is master; its check fails; who is master then."""
    for old, new in case.filled:
        text = text.replace(old, new)
    first, second = (IPv4Interface(f"{address}/24") for address in case.addresses)
    hosts = (
        Host("lb01", first, Role.BALANCER, case.interface),
        Host("lb02", second, Role.BALANCER, weaker(case.interface, case)),
        Host("client", IPv4Interface(f"{case.network}.77/24"), Role.CLIENT),
    )
    with Lab(Topology(hosts), base=base) as lab:
        if case.second:
            SecondLan(lab, {"lb01": "172.16.57.1/24", "lb02": "172.16.57.2/24"}, case.second)
        for name, own in zip(("lb01", "lb02"), case.own_v6, strict=True):
            if own:
                namespace = lab.machine(name).namespace
                namespace.ip("addr", "add", f"{own}/64", "dev", case.interface, "nodad")
        ear = PortEar(lab.switch.namespace, ["lb01"])
        try:
            cloud = lab.directory.path / "cloud"
            nodes = [
                _Node(lab.machine(name), case, own, cloud)
                for name, own in (("lb01", text), ("lb02", weaker(text, case)))
            ]
            owners = partial(_moved, cloud) if case.moved_by else partial(lab.owners, case.vip)
            return _act(owners, case, nodes, ear, program)
        finally:
            ear.close()
            for name in ("lb01", "lb02"):
                print(f"---- what {program} said on {name}")
                print(lab.machine(name).log_tail("node", 60))


def _moved(cloud: Path) -> list[str]:
    """Who has the address in a cloud: who has called for it last."""
    return cloud.read_text().split() if cloud.exists() else []


def _act(
    owners: Callable[[], list[str]], case: Case, nodes: list[_Node], ear: PortEar, program: str
) -> Seen:
    lb01, lb02 = nodes
    lb01.start(program)
    if not wait_until(lambda: owners() == ["lb01"], WITHIN_S):
        raise LabError(f"the address is held by {owners()}, not by lb01:\n{lb01.log()}")
    lb02.start(program)
    if not wait_until(lambda: "Entering BACKUP" in lb02.log(), WITHIN_S):
        raise LabError(f"lb02 does not listen:\n{lb02.log()}")
    wait_until(lambda: False, 1.5)
    before = owners()
    ear.heard()
    lb01.fail()
    if case.fails_over:
        wait_until(lambda: owners() == ["lb02"], WITHIN_S)
        stays_true(lambda: owners() == ["lb02"], 2.0, 0.1)
    else:
        stays_true(lambda: owners() == before, CALM_S, 0.1)
    said = [each for each in ear.heard() if isinstance(each, Advert)]
    return Seen(
        tuple(before),
        tuple(owners()),
        any(advert.priority == 0 for advert in said),
    )
