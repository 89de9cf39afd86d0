"""FRR's vrrpd on a host of the lab: another implementation, with a virtual MAC on a macvlan.

Knows how it is set up (FRR 8.4, "VRRP": the interface and its addresses are made by hand). Must not
judge what it says.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from halod.lab.machine import Machine
from halod.lab.patience import wait_until

__all__ = ["Frr"]

PROGRAMS = Path("/usr/lib/frr")
GROUP = "frrvty"
VIRTUAL_MAC = {4: "00:00:5e:00:01:33", 6: "00:00:5e:00:02:33"}
"""RFC 9568, 7.3, for VRID 51."""
START_WITHIN_S = 20.0


class Frr:
    """zebra and vrrpd with one virtual router, VRID 51 on ens33, every second."""

    def __init__(
        self,
        machine: Machine,
        folder: Path,
        ip_version: int,
        priority: int,
        *,
        version: int = 3,
        preempt: bool = True,
    ) -> None:
        self._machine = machine
        self._folder = folder
        self._interface = f"vrrp{ip_version}-2-51"
        self._ip_version = ip_version
        self._started: list[subprocess.Popen[bytes]] = []
        folder.mkdir()
        vip, word = ("192.168.178.3", "ip") if ip_version == 4 else ("fe80::3", "ipv6")
        self._write("zebra", "")
        self._write(
            "vrrpd",
            f"interface ens33\n vrrp 51 version {version}\n"
            + ("" if preempt else " no vrrp 51 preempt\n")
            + f" vrrp 51 priority {priority}\n vrrp 51 advertisement-interval 1000\n"
            f" vrrp 51 {word} {vip}\n",
        )
        self._make_interface(f"{vip}/{24 if ip_version == 4 else 64}")

    def _write(self, program: str, text: str) -> None:
        log = self._folder / f"{program}.log"
        head = f"hostname {self._machine.name}\nlog file {log} debugging\n"
        (self._folder / f"{program}.conf").write_text(head + text)

    def _make_interface(self, vip: str) -> None:
        ip = self._machine.namespace.ip
        name = self._interface
        ip("link", "add", name, "link", "ens33", "type", "macvlan", "mode", "bridge")
        # Else it has the host's own link-local address, and two would speak from one.
        ip("link", "set", name, "addrgenmode", "random" if self._ip_version == 6 else "none")
        ip("link", "set", name, "address", VIRTUAL_MAC[self._ip_version])
        ip("address", "add", vip, "dev", name, *(["nodad"] if self._ip_version == 6 else []))
        ip("link", "set", name, "up")

    def start(self) -> None:
        """Both run when this returns."""
        self._machine.namespace.ip("link", "set", self._interface, "up")
        for program in ("zebra", "vrrpd"):
            self._start(program)
            socket = self._folder / ("z.api" if program == "zebra" else "vrrpd.vty")
            assert wait_until(socket.exists, START_WITHIN_S), self.log()

    def _start(self, program: str) -> None:
        folder = self._folder
        # Its programs want to be in a group of their own. Only they see it.
        groups = folder / "group"
        lines = Path("/etc/group").read_text().splitlines()
        others = [line for line in lines if not line.startswith(f"{GROUP}:")]
        groups.write_text("\n".join([*others, f"{GROUP}:x:65533:root", ""]))
        inside = ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/group && exec "$@"', groups]
        options = ["-u", "root", "-g", "root", "-P", "0", "-z", folder / "z.api"]
        options += ["-i", folder / f"{program}.pid", "--vty_socket", folder]
        command = [*inside, PROGRAMS / program, "-f", folder / f"{program}.conf", *options]
        with (folder / f"{program}.out").open("wb") as out:
            self._started.append(
                subprocess.Popen(
                    [*self._machine.namespace.prefix, *(str(word) for word in command)],
                    stdout=out,
                    stderr=subprocess.STDOUT,
                )
            )

    def stop(self) -> None:
        """vrrpd resigns; then zebra. The link that was made by hand is taken down by hand: vrrpd
        leaves it as it is, with the address on it."""
        for process in reversed(self._started):
            process.terminate()
            process.wait(START_WITHIN_S)
        self._started.clear()
        self._machine.namespace.ip("link", "set", self._interface, "down")

    def log(self) -> str:
        """What vrrpd wrote."""
        files = (self._folder / name for name in ("vrrpd.log", "vrrpd.out", "zebra.out"))
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def is_master(self) -> bool:
        """By the last change that it told of."""
        changes = [line for line in self.log().splitlines() if " -> " in line]
        return bool(self._started) and bool(changes) and "-> Master" in changes[-1]

    def holds(self) -> bool:
        """As MASTER its interface is up; as BACKUP it is taken down."""
        shown = self._machine.namespace.ip("-br", "link", "show", "dev", self._interface)
        return " UP " in shown
