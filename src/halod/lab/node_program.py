"""The programs that can be a balancer's VRRP node: halod, or a stock keepalived.

Knows their command lines and which of their processes speaks VRRP. Must not know hosts.
"""

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from halod.lab.command import PACKAGES
from halod.lab.errors import LabError, unknown_name
from halod.lab.process import ProcessId


@dataclass(frozen=True)
class NodeProgram:
    """How to run one kind of node in the foreground and find its heartbeat process."""

    name: str
    """As operators call it: `halod` or `keepalived`."""

    find: Callable[[], str | None]
    """The path of its executable, or None when it is not installed."""

    install: str
    """What to do when it is not installed, one sentence."""

    arguments: Callable[[Path, Path], list[str]]
    """Arguments for a configuration file and a folder for its run files."""

    is_heartbeat: Callable[[ProcessId], bool]
    """Whether a child of its first process is the one that speaks VRRP."""

    leases: bool
    """Whether its addresses are leased: `ip addr show` then prints `dynamic` as well."""

    def command(self, configuration: Path, run_directory: Path) -> list[str]:
        """The whole command line; LabError when it is not installed."""
        executable = self.find()
        if executable is None:
            raise LabError(f"{self.name} is not installed", self.install)
        return [executable, *self.arguments(configuration, run_directory)]


def find_halod() -> str | None:
    """The halod of this very environment, never one that happens to be on the search path."""
    path = Path(sys.prefix, "bin", "halod")
    return str(path) if path.exists() else None


HALOD = NodeProgram(
    name="halod",
    find=find_halod,
    install="run `make setup`, which installs halod into .venv",
    arguments=lambda file, run: ["-n", "-l", "-D", "-f", str(file), "--run-dir", str(run)],
    is_heartbeat=lambda child: "heartbeat" in child.command_line,
    leases=True,
)
"""This project's daemon."""

KEEPALIVED = NodeProgram(
    name="keepalived",
    find=lambda: shutil.which("keepalived"),
    install=f"install Debian's package: apt-get install {PACKAGES['keepalived']}",
    arguments=lambda file, run: [
        *["-n", "-l", "-D", "-P", "-f", str(file)],
        *["-p", str(run / "keepalived.pid"), "-r", str(run / "vrrp.pid")],
    ],
    # With -P (VRRP alone) it has one child.
    is_heartbeat=lambda child: True,
    leases=False,
)
"""A stock keepalived, VRRP alone."""

NODE_PROGRAMS: Mapping[str, NodeProgram] = {
    program.name: program for program in (HALOD, KEEPALIVED)
}
"""Every kind of node by its name."""


def node_program(name: str) -> NodeProgram:
    """The kind of that name; LabError with a suggestion otherwise."""
    if name not in NODE_PROGRAMS:
        raise unknown_name("node program", name, list(NODE_PROGRAMS))
    return NODE_PROGRAMS[name]
