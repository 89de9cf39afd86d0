"""A lab on disk: where its files lie, what it is made of, and who owns it.

Knows paths and the state file. Must not touch namespaces or processes: `demolition.py` does.
"""

import contextlib
import json
import os
import secrets
from dataclasses import dataclass
from ipaddress import IPv4Interface
from pathlib import Path

from halod.lab.errors import LabError, unknown_name
from halod.lab.namespace import Namespace
from halod.lab.process import ProcessId
from halod.lab.topology import NAME, Host, Role, Topology
from halod.lab.unprivileged import is_ordinary_user, private_folder

DEFAULT_BASE = Path("/run/halod-lab")
"""Where root's labs lie unless $HALOD_LAB_DIR names another folder."""

STATE_FILE = "lab.json"
"""Written before the first namespace is made, so that whatever is made can be found again."""


def base_directory() -> Path:
    """The folder of all labs of this user."""
    named = os.environ.get("HALOD_LAB_DIR")
    if named:
        return Path(named).absolute()
    return private_folder() if is_ordinary_user() else DEFAULT_BASE


def new_lab_id() -> str:
    """A fresh id: it appears in the names of namespaces, so it is short; 2^24 of them."""
    return "l" + secrets.token_hex(3)


@dataclass(frozen=True)
class LabState:
    """What another process must know to find, use and end a lab."""

    topology: Topology
    """Its hosts."""

    owner: ProcessId
    """The process whose end is the lab's end."""


@dataclass(frozen=True)
class LabDirectory:
    """The files of one lab."""

    lab_id: str
    """Lower-case letters and digits, at most 14 bytes."""

    base: Path
    """The folder in which the lab's own folder lies."""

    def __post_init__(self) -> None:
        if NAME.fullmatch(self.lab_id) is None:
            raise LabError(
                f"{self.lab_id!r} cannot be the name of a lab",
                "use at most 14 lower-case letters and digits, a letter first",
            )

    @property
    def path(self) -> Path:
        """The lab's own folder."""
        return self.base / self.lab_id

    def host_path(self, host: str) -> Path:
        """The folder of one host: its configuration, logs and process ids."""
        return self.path / host

    def namespace(self, host: str) -> Namespace:
        """The namespace of a host, or of the switch."""
        return Namespace(f"halod-{self.lab_id}-{host}")

    def namespaces(self, topology: Topology) -> list[Namespace]:
        """All namespaces of the lab, the switch's last."""
        names = [host.name for host in topology.hosts] + ["switch"]
        return [self.namespace(name) for name in names]

    def create(self, state: LabState) -> None:
        """Make the folder and write the state; LabError when the name is taken."""
        self.base.mkdir(parents=True, exist_ok=True)
        try:
            self.path.mkdir()
        except FileExistsError:
            raise LabError(
                f"a lab named {self.lab_id} exists already",
                f"end it (`lab down {self.lab_id}`) or choose another name",
            ) from None
        for name in [host.name for host in state.topology.hosts] + ["switch"]:
            self.host_path(name).mkdir()
        temporary = self.path / (STATE_FILE + ".new")
        temporary.write_text(json.dumps(state_to_json(state), indent=1) + "\n")
        temporary.rename(self.path / STATE_FILE)

    def read(self) -> LabState:
        """The state; LabError when there is no such lab."""
        try:
            return state_from_json(json.loads((self.path / STATE_FILE).read_text()))
        except FileNotFoundError:
            known = [lab.lab_id for lab in all_labs(self.base)]
            if known:
                raise unknown_name("lab", self.lab_id, known) from None
            raise LabError(f"there is no lab {self.lab_id}", "start one: `lab up`") from None


def all_labs(base: Path) -> list[LabDirectory]:
    """Every lab that has a state file, running or left behind."""
    if not base.is_dir():
        return []
    found = sorted(entry.name for entry in base.iterdir() if (entry / STATE_FILE).exists())
    return [LabDirectory(name, base) for name in found if NAME.fullmatch(name)]


def all_states(base: Path) -> list[tuple[LabDirectory, LabState]]:
    """Every lab with its state; one that ends meanwhile is left out."""
    found = []
    for lab in all_labs(base):
        with contextlib.suppress(LabError):
            found.append((lab, lab.read()))
    return found


def state_to_json(state: LabState) -> dict[str, object]:
    """The state as it stands in the file."""
    return {
        "owner": {"pid": state.owner.pid, "start_ticks": state.owner.start_ticks},
        "hosts": [
            {
                "name": host.name,
                "address": str(host.address),
                "role": host.role.value,
                "interface": host.interface,
            }
            for host in state.topology.hosts
        ],
    }


def state_from_json(tree: dict[str, object]) -> LabState:
    """The state from the file that this program wrote; a file of other shape is a fault of ours."""
    owner, hosts = tree["owner"], tree["hosts"]
    assert isinstance(owner, dict)
    assert isinstance(hosts, list)
    return LabState(
        Topology(
            tuple(
                Host(
                    host["name"],
                    IPv4Interface(host["address"]),
                    Role(host["role"]),
                    host["interface"],
                )
                for host in hosts
            )
        ),
        ProcessId(int(owner["pid"]), int(owner["start_ticks"])),
    )
