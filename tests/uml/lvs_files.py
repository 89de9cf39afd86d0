"""Configurations with virtual servers, and the table of a daemon that reads them.

Knows files, keepalived and `ipvsadm`. Must not know what the table should be: keepalived says that.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from halod.lab.patience import wait_until
from tests.capabilities import ROOT

__all__ = ["FILES", "NETWORK", "clear", "keepalived", "reset_timeouts", "table"]

OWN = ROOT / "tests" / "golden" / "lvs"
SAMPLES = Path("/usr/share/doc/keepalived/samples")
"""Debian's, where documentation is installed."""
WITHIN_S = 40.0
"""For a start, on a machine where other tests run; alone it takes half a second."""

NETWORK = """
for link in eth0 eth1; do ip link add $link type dummy; ip link set $link up; done
ip addr add 192.168.200.5/24 dev eth0
ip addr add 192.168.201.5/24 dev eth1
ip route add default via 192.168.200.1
ip addr add 2001:db8:9::5/64 dev eth0 nodad
ip -6 route add default via 2001:db8:9::1
mkdir -p /usr/local/bin
printf '#!/bin/sh\\n' >/usr/local/bin/script.sh
chmod 0755 /usr/local/bin/script.sh
"""
"""Links and programs that the files name. What is sent is lost, so that no check of a server ends
before the table was looked at; one by a program ends well. All of it is in this guest alone."""

_TABLE = """
ipvsadm -Ln; echo ----
ipvsadm -Ln --thresholds; echo ----
ipvsadm -Ln --daemon; ipvsadm -Ln --timeout
"""
_TIMEOUTS = "ipvsadm --set 900 120 300"
"""As the kernel has them at its start."""
_CLEAR = f"""
ipvsadm -C; {_TIMEOUTS}
ipvsadm --stop-daemon master; ipvsadm --stop-daemon backup
true
"""


def _with_virtual_servers() -> dict[str, Path]:
    own = {path.stem: path for path in sorted(OWN.glob("*.conf"))}
    samples = {
        f"sample {path.name.removeprefix('keepalived.conf.')}": path
        for path in sorted(SAMPLES.glob("keepalived.conf.*"))
        if re.search(r"^virtual_server ", path.read_text(), re.MULTILINE)
    }
    return own | samples


FILES = _with_virtual_servers()


@contextmanager
def keepalived(path: Path) -> Iterator[None]:
    """Runs it until the end of the block. It is killed there: what it made stays, see `clear`."""
    log_path = Path(os.environ["EXCHANGE"]) / "keepalived.log"
    with log_path.open("w") as log:
        command = ["keepalived", "-n", "-l", "-D", "-f", str(path)]
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        started = wait_until(lambda: "Startup complete" in log_path.read_text(), WITHIN_S)
        assert started, log_path.read_text()
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def clear() -> None:
    """No services, no sync daemon, the kernel's own timeouts."""
    _run(_CLEAR)


def reset_timeouts() -> None:
    """The kernel's own, which a daemon does not restore."""
    _run(_TIMEOUTS)


def table(namespace: str = "") -> str:
    """What `ipvsadm` shows: services in the order of their names, their servers in the kernel's."""
    prefix = ("ip", "netns", "exec", namespace) if namespace else ()
    services, thresholds, rest = _run(_TABLE, *prefix).split("----\n")
    return _in_order(services) + _in_order(thresholds) + rest


def _in_order(listing: str) -> str:
    # Three lines of headings; services stand in the order of a hash.
    lines = listing.splitlines(keepends=True)
    services = re.split(r"^(?=\S)", "".join(lines[3:]), flags=re.MULTILINE)
    return "".join((*lines[:3], *sorted(services)))


def _run(script: str, *prefix: str) -> str:
    done = subprocess.run([*prefix, "sh", "-c", script], capture_output=True, text=True, timeout=40)
    assert done.returncode == 0, done.stderr
    return done.stdout
