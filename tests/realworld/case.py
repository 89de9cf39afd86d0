"""What the 20 public files need to be played: a network, and what makes the check of each fail.

Data. Must not run anything. The files themselves stand in `shared/corpus/realworld`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["CASES", "Case", "weaker"]


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
    own_v6: tuple[str, str] = ("", "")
    """Their addresses of IPv6, where the file names them."""
    second: str = ""
    """A second interface that it asks for."""
    filled: tuple[tuple[str, str], ...] = ()
    """What a template's placeholders are filled with, for lb01."""
    own_program: str = ""
    """A program that is a file of its own on other systems, and a symbolic link on Debian: there
    keepalived runs what the link leads to by that name, `killall5 nginx` for `pidof nginx`, which
    always fails."""
    user: str = ""
    """A user that the machine must have. It is root under another name: a test's folders are
    root's alone."""
    moved_by: str = ""
    """The script that moves the address, where a cloud has it; then `vip` is unused."""
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
    swap: dict[str, str] = {}
    for one, two in filter(all, (case.addresses, case.own_v6)):
        swap |= {one: two, two: one}
    own = "|".join(map(re.escape, swap))
    return re.sub(rf"\b({own})\b(?!/)", lambda m: swap[m[1]], text)


DEFINED_LATER = "keepalived leaves out a track_script whose vrrp_script stands behind the instance"

CASES = (
    # `interface` has the address too, and a link may have that name.
    Case(
        "ASWATFZLLC",
        "10.0.7.130",
        "10.0.7",
        "",
        process="asterisk",
        filled=(
            ("{{ LOCAL_IP }}", "10.0.7.130"),
            ("{{ PEER_IP }}", "10.0.7.131"),
            ("{{ PRIORITY }}", "150"),
        ),
        user="keepalived_script",
        moved_by="/etc/keepalived/takeover.sh",
    ),
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
        own_program="pidof",
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
    Case(
        "goncaloGIT",
        "eth0",
        "10.0.8",
        "10.0.8.100",
        process="haproxy",
        filled=(
            ("unicast_src_ip xxx.xxx.xxx.xxx", "unicast_src_ip 10.0.8.130"),
            ("        xxx.xxx.xxx.xxx\n", "        10.0.8.131\n"),
            ("xxx.xxx.xxx.xxx/xx label <interface>:1", "10.0.8.100/24 label eth0:1"),
            ("script_name", "chk_haproxy"),
            ("smtp_server smtp_server", "smtp_server 127.0.0.1"),
            ("unicast_src_ip      ", "unicast_src_ip fd00:8::130 "),
            ("        #ipv6\n    }\n\n    priority", "        fd00:8::131\n    }\n\n    priority"),
            ("        #ipv6\n", "        fd00:8::100/64\n"),
        ),
        user="keepalived",
        own_v6=("fd00:8::130", "fd00:8::131"),
    ),
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
