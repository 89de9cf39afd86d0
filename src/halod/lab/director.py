"""A director as it tells of itself: `status`, asked over halod's control socket.

Knows the question and who is ready. Must not know plays. In a play it is asked again and again, and
a `haloctl` that is started each time would take the processor from what is watched.
"""

import json
import socket
from typing import Any

from halod.daemon.control_path import CONTROL_SOCKET_NAME, socket_address
from halod.lab.errors import LabError
from halod.lab.machine import Machine
from halod.lab.patience import wait_until

__all__ = ["READY_WITHIN_S", "real_server", "status_of", "wait_until_ready"]

ANSWER_WITHIN_S = 5.0
READY_WITHIN_S = 90.0
"""Seconds within which all of a director must work after its start; 1 s where nobody else starts,
15 s for two at once on one slow processor. halod itself gives each of its processes 60 s."""
ASK_EVERY_S = 0.2


def status_of(machine: Machine) -> dict[str, Any]:
    """What the halod on this machine says; nothing while it does not answer."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_WITHIN_S)
            with socket_address(machine.run_directory / CONTROL_SOCKET_NAME) as address:
                connection.connect(address)
            connection.sendall(b'{"command": "status"}\n')
            with connection.makefile("rb") as reader:
                line = reader.readline()
    except OSError:
        return {}
    answer: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {}
    return answer


def wait_until_ready(machine: Machine) -> None:
    """Until its instances listen and its servers are in the table; LabError where that takes too
    long."""

    def is_ready() -> bool:
        status = status_of(machine)
        parts = ("instances", "virtual_servers", "lvs_engine")
        return all(status.get(part) for part in parts)

    if not wait_until(is_ready, READY_WITHIN_S, ASK_EVERY_S):
        raise LabError(
            f"halod on {machine.name} was not ready after {READY_WITHIN_S:g} s; it said:\n"
            f"{machine.log_tail('node', 12)}"
        )


def real_server(machine: Machine, address: str) -> dict[str, Any]:
    """What its status says of a real server, at port 80; nothing where it has none."""
    servers = status_of(machine).get("virtual_servers", [])
    wanted = f"[{address}]:80"
    found = [r for s in servers for r in s["real_servers"] if r["address"] == wanted]
    return found[0] if found else {}
