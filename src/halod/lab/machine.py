"""One running host of a lab: programs started in it, found again, and what its kernel shows.

Knows one namespace and one folder. Must not know what the programs do.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from halod.lab.directory import LabDirectory
from halod.lab.namespace import Namespace
from halod.lab.patience import wait_until
from halod.lab.process import ProcessId, disown
from halod.lab.topology import Host

MOUNT_AND_RUN = """
while [ "$1" != -- ]; do mount --bind "$1" "$2" || exit 1; shift 2; done
shift
exec "$@"
"""
"""Shell text: bind folders over the machine's paths, in the program's own mount namespace, which
`ip netns exec` has made, then become the program."""


ENTER_WITHIN_S = 5.0
"""Seconds within which a program must be inside its host's namespace; it takes 2 ms when idle."""


class Machine:
    """A host of a running lab; any process may make one, for programs are found by files."""

    def __init__(self, host: Host, lab: LabDirectory) -> None:
        self.host = host
        self.name = host.name
        self.directory: Path = lab.host_path(host.name)
        self.namespace: Namespace = lab.namespace(host.name)
        self._started: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        name: str,
        argv: Sequence[str],
        private: Mapping[Path, Path] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> ProcessId:
        """Start a program and remember it as `name`; its output is appended to NAME.log.

        `private` maps folders of the machine to folders that the program finds in their place.
        """
        command = [*self.namespace.prefix, *argv]
        if private:
            pairs = [str(path) for real, shown in private.items() for path in (shown, real)]
            shell = ["sh", "-c", MOUNT_AND_RUN, "sh", *pairs, "--", *argv]
            command = [*self.namespace.prefix, *shell]
        with self.log_path(name).open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                # A Ctrl-C at the lab's terminal must not reach the hosts before the lab decides.
                start_new_session=True,
            )
        self._started.append(process)
        started = ProcessId.of(process.pid)
        assert started is not None, "a child that is not waited for keeps its process id"
        # Until it is inside, no fault of this host would reach it.
        wait_until(
            lambda: self.namespace.has(started) or not started.alive, ENTER_WITHIN_S, every_s=0.001
        )
        record = {"pid": started.pid, "start_ticks": started.start_ticks}
        self._record_path(name).write_text(json.dumps(record))
        return started

    def program(self, name: str) -> ProcessId | None:
        """The program started as `name`, while it lives."""
        try:
            record = json.loads(self._record_path(name).read_text())
        except FileNotFoundError:
            return None
        process = ProcessId(record["pid"], record["start_ticks"])
        return process if process.alive else None

    def programs(self) -> list[str]:
        """Names of the programs that live."""
        names = sorted(path.name.removesuffix(".process") for path in self._records())
        return [name for name in names if self.program(name) is not None]

    def log_path(self, name: str) -> Path:
        """Where a program's output goes."""
        return self.directory / f"{name}.log"

    def log_tail(self, name: str, lines: int = 12) -> str:
        """The last lines of a program's output; "" when it has said nothing."""
        path = self.log_path(name)
        text = path.read_text(errors="replace") if path.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def show_addresses(self) -> str:
        """What `ip addr show` prints for its interface: what the tutorial's operator looks at."""
        return self.namespace.ip("addr", "show", self.host.interface)

    def vips(self) -> list[str]:
        """The addresses on its interface beside its own and link-local ones."""
        tree = json.loads(self.namespace.ip("-j", "addr", "show", self.host.interface))
        found = [entry for link in tree for entry in link.get("addr_info", [])]
        return [
            entry["local"]
            for entry in found
            if entry["scope"] != "link" and entry["local"] != str(self.host.address.ip)
        ]

    def hardware_address(self) -> str:
        """The MAC address of its interface, lower-case with colons."""
        tree = json.loads(self.namespace.ip("-j", "link", "show", self.host.interface))
        return str(tree[0]["address"])

    @property
    def run_directory(self) -> Path:
        """What /run is to a real host: sockets and process ids, gone after a power-off."""
        return self.directory / "run"

    def empty_run_directory(self) -> None:
        """Forget what a real host forgets at its boot."""
        shutil.rmtree(self.run_directory, ignore_errors=True)
        self.run_directory.mkdir(mode=0o700)

    def reap(self) -> None:
        """Take the exit status of programs that have ended, so that no zombie stays."""
        self._started = [process for process in self._started if process.poll() is None]

    def release(self) -> None:
        """Leave what this process started to the lab's owner, which ends it with the lab."""
        for process in self._started:
            disown(process)
        self._started = []

    def wait_for_all(self, within_s: float) -> None:
        """Wait until everything that this process started here has ended."""
        for process in self._started:
            process.wait(within_s)
        self._started = []

    def _record_path(self, name: str) -> Path:
        return self.directory / f"{name}.process"

    def _records(self) -> list[Path]:
        return list(self.directory.glob("*.process"))
