"""A pair of directors: the service stands on both, and the sync daemon follows the virtual address.

Played inside of user-mode-linux: see `tests/kernel/test_ipvs.py`. `one` and `two` are namespaces on
one bridge; each runs a whole halod.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from halod.lab.patience import wait_until

EXCHANGE = Path(os.environ["EXCHANGE"])
HALOD = Path(sys.executable).with_name("halod")
VIP = "10.0.0.100"
WITHIN_S = 60.0
"""For a start or a takeover, on a machine where other tests run; alone it takes 4 s."""
MASTER, BACKUP = (f"{role} sync daemon (mcast=eth0, syncid=51" for role in ("master", "backup"))

NETWORK = """
ip link add lan type bridge mcast_snooping 0
ip link set lan up
for number in 1 2; do
    host=$([ $number = 1 ] && echo one || echo two)
    ip netns add $host
    ip link add $host type veth peer name eth0 netns $host
    ip link set $host master lan up
    ip -n $host link set lo up
    ip -n $host addr add 10.0.0.1$number/24 dev eth0
    ip -n $host link set eth0 up
done
"""
TEXT = """
global_defs {{
    lvs_sync_daemon eth0 VI_1
}}
vrrp_instance VI_1 {{
    interface eth0
    virtual_router_id 51
    priority {priority}
    advert_int 1
    virtual_ipaddress {{
        {vip}/24
    }}
}}
virtual_server {vip} 80 {{
    lvs_sched rr
    lvs_method DR
    protocol TCP
    real_server 10.0.0.21 80 {{
    }}
}}
"""


class Director:
    """One halod in a namespace."""

    def __init__(self, name: str, priority: int) -> None:
        self.name = name
        self._file = EXCHANGE / f"{name}.conf"
        self._file.write_text(TEXT.format(priority=priority, vip=VIP))
        self._log = EXCHANGE / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["ip", "netns", "exec", self.name, str(HALOD), "-n", "-l", "-f", str(self._file)]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [*command, "--run-dir", f"/run/{self.name}"],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL to every process of it."""
        inside = self._run("ip", "netns", "pids", self.name)
        for pid in inside.split():
            # The children end with their supervisor.
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(WITHIN_S)

    def is_so(self, role: str, *, holds: bool) -> bool:
        """Role of the sync daemon, whether the address is here, and the service in any case."""
        daemon, services = self._ipvsadm("-Ln", "--daemon"), self._ipvsadm("-Sn")
        addresses = self._run("ip", "-n", self.name, "addr", "show", "dev", "eth0")
        serves = f"-a -t {VIP}:80 -r 10.0.0.21:80 -g -w 1" in services
        one_role = daemon.count("sync daemon") == 1
        return role in daemon and one_role and serves and (f"{VIP}/" in addresses) == holds

    def wait(self, role: str, *, holds: bool) -> None:
        assert wait_until(lambda: self.is_so(role, holds=holds), WITHIN_S, 0.2), (
            f"{self.name}: {self._ipvsadm('-Ln', '--daemon')}\n{self._log.read_text()[-4000:]}"
        )

    def is_bare(self) -> bool:
        """No service and no sync daemon."""
        told = self._ipvsadm("-Sn") + self._ipvsadm("-Ln", "--daemon")
        return not told.strip()

    def _ipvsadm(self, *arguments: str) -> str:
        return self._run("ip", "netns", "exec", self.name, "ipvsadm", *arguments)

    @staticmethod
    def _run(*command: str) -> str:
        done = subprocess.run(command, capture_output=True, text=True, timeout=40)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def pair() -> Iterator[tuple[Director, Director]]:
    subprocess.run(["sh", "-eu", "-c", NETWORK], check=True)
    one, two = Director("one", 150), Director("two", 100)
    yield one, two
    for each in (one, two):
        each.kill()


@pytest.mark.timeout(220)
def test_the_sync_daemon_follows_the_address(pair: tuple[Director, Director]) -> None:
    one, two = pair
    # One after the other: the guest has one processor, and two starts at once take it all.
    two.start()
    two.wait(MASTER, holds=True)
    one.start()
    one.wait(MASTER, holds=True)
    two.wait(BACKUP, holds=False)
    one.kill()
    two.wait(MASTER, holds=True)
    two.stop()
    assert two.is_bare()
