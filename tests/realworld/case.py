"""What the 20 public files need to be played: a network, and what makes the check of each fail.

Data. Must not run anything. The files themselves stand in `shared/corpus/realworld`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["CASES", "NOT_PLAYED", "Case", "weaker"]


@dataclass(frozen=True, slots=True)
class Case:
    """One file, for lb01; lb02 has the same with what makes it the weaker peer."""

    file: str
    """How its name begins."""
    interface: str
    network: str
    """The first three numbers of the network; the hosts are .130 and .131."""
    vip: str
    """One that shows who is master."""
    process: str = ""
    """The process that its check looks for; empty: its check is a program, or it has none."""
    check: str = ""
    """The program that is its check; empty: see `process`. Without both lb01 is stopped."""
    own: tuple[str, str] = ("130", "131")
    """Last numbers of the hosts, as far as the file names them."""
    second: str = ""
    """A second interface that it asks for."""
    filled: tuple[tuple[str, str], ...] = ()
    """What a template's placeholders are filled with."""
    fails_over: bool = True
    """Whether keepalived fails over. No: an owner, whose priority no weight moves."""
    only_halod: str = ""
    """Why keepalived cannot be played with it here."""

    @property
    def addresses(self) -> tuple[str, str]:
        """Of lb01 and lb02."""
        first, second = self.own
        return f"{self.network}.{first}", f"{self.network}.{second}"


def weaker(text: str, case: Case) -> str:
    """The file of lb02: a priority less by one in each instance, and its own address as its own."""
    text = re.sub(
        r"^(\s*priority\s+)(\d+)", lambda m: f"{m[1]}{int(m[2]) - 1}", text, flags=re.MULTILINE
    )
    text = re.sub(r"^(\s*state\s+)MASTER", r"\1BACKUP", text, flags=re.MULTILINE)
    one, two = (re.escape(address) for address in case.addresses)
    swap = {case.addresses[0]: case.addresses[1], case.addresses[1]: case.addresses[0]}
    return re.sub(rf"\b({one}|{two})\b(?!/)", lambda m: swap[m[1]], text)


UNEXPLAINED = (
    "under keepalived its `pidof nginx` fails from the start in the lab: why, is not known"
)
DEFINED_LATER = "keepalived leaves out a track_script whose vrrp_script stands behind the instance"

CASES = (
    Case(
        "EngAhmedNazmy",
        "eth0",
        "192.168.10",
        "192.168.10.3",
        process="nginx",
        filled=(
            ("STATE_1", "MASTER"),
            ("STATE_2", "BACKUP"),
            ("VRI_1", "51"),
            ("VRI_2", "52"),
            ("PRIORITY_1", "150"),
            ("PRIORITY_2", "120"),
            ("VIP_1", "192.168.10.3"),
            ("VIP_2", "192.168.10.4"),
        ),
        only_halod=UNEXPLAINED,
    ),
    Case("PatrikTheDev", "ens192", "10.119.77", "10.119.77.240", process="haproxy"),
    Case(
        "Redcorprus+9.1-fault-tolerance__1_keepalived-nginx",
        "ens33",
        "192.168.111",
        "192.168.111.15",
        process="nginx",
        only_halod="the kernel tells of processes in its first network namespace alone: without "
        "that keepalived finds no process and stays in FAULT; halod looks for itself",
    ),
    Case(
        "Redcorprus+9.1-fault-tolerance__1_keepalived-simple",
        "ens33",
        "192.168.111",
        "192.168.111.15",
    ),
    Case(
        "Redcorprus+9.1-fault-tolerance__keepalived",
        "enp0s3",
        "192.168.102",
        "192.168.102.134",
        check="/home/morzin/nginx.sh",
    ),
    Case(
        "TakawatP",
        "eth0",
        "192.168.1",
        "192.168.1.100",
        process="haproxy",
        fails_over=False,
    ),
    Case("Tgentimc", "eth0", "172.16.133", "172.16.133.250"),
    Case(
        "enbiyagoral",
        "eth1",
        "192.168.56",
        "192.168.56.100",
        process="haproxy",
        own=("121", "122"),
    ),
    Case("frylion007", "eth0", "10.7.56", "10.7.56.3", check="/root/check_web.sh"),
    Case("gzk2015", "eth0", "192.168.148", "192.168.148.130", own=("128", "131")),
    Case("hezk", "eth0", "192.168.122", "192.168.122.99"),
    Case("iqiyi", "dpdk0.102.kni", "192.168.88", "192.168.88.1"),
    Case(
        "justlooks",
        "em1",
        "192.168.26",
        "192.168.26.175",
        check="/root/scripts/keepalived_chk_mysql.sh",
    ),
    Case("loxilb", "vlan11", "11.11.11", "11.11.11.11"),
    Case("matayto", "eth0", "192.168.0", "192.168.0.100"),
    Case(
        "mvh97hg",
        "eth0",
        "192.168.1",
        "192.168.1.100",
        check="/usr/local/bin/check_nginx.sh",
        only_halod=DEFINED_LATER,
    ),
    Case("tony-yin", "eth0", "192.168.1", "192.168.1.13", check="/etc/keepalived/check_nfs.sh"),
    Case("zillow", "ens7f0", "192.168.43", "192.168.43.5", second="ens7f1.57"),
)
NOT_PLAYED = {
    "ASWATFZLLC": "a template whose `interface {{ LOCAL_IP }}` is an address: nothing filled "
    "in makes it a file that keepalived starts with",
    "goncaloGIT": "a template with gaps where IPv6 addresses belong (`unicast_src_ip` alone): "
    "keepalived ends while it reads it",
}
"""The start of a name, and why that file is played by nobody."""
