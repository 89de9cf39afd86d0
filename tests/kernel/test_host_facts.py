"""What is seen of a machine: files with their modes, and rule sets that the kernel took."""

import os
import subprocess
from pathlib import Path

import pytest

from halod.config.host.firewall import drops_of
from halod.kernel.advert_listener import AdvertListener
from halod.kernel.host_facts import (
    look_at_addresses,
    look_at_links,
    look_at_ruleset,
    look_at_script,
)
from halod.lab.patience import wait_until
from tests.kit.build import ETH, LB01
from tests.kit.host import Host, WireEnd, ip_packet

TRUSTED = frozenset({0, os.getuid()})


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "check.sh"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_a_script_as_it_should_be(script: Path) -> None:
    found = look_at_script(str(script), TRUSTED)
    assert (found.missing, found.executable, found.open_to) == (False, True, "")


def test_a_name_is_looked_for_on_the_path() -> None:
    assert look_at_script("sh").path.endswith("/sh")
    assert look_at_script("no-such-program-anywhere").missing


def test_a_script_that_may_not_be_executed(script: Path) -> None:
    script.chmod(0o644)
    assert not look_at_script(str(script), TRUSTED).executable


def test_missing_and_a_folder_in_its_place(script: Path) -> None:
    assert look_at_script(f"{script}.old", TRUSTED).missing
    assert look_at_script(str(script.parent), TRUSTED).missing


def test_the_part_that_others_can_change_is_named(script: Path) -> None:
    script.chmod(0o757)
    assert look_at_script(str(script), TRUSTED).open_to == f"{script} is writable by everybody"
    script.parent.chmod(0o777)
    found = look_at_script(str(script), TRUSTED)
    assert found.open_to == f"{script.parent} is writable by everybody"
    script.chmod(0o755)
    script.parent.chmod(0o1777)
    assert look_at_script(str(script), TRUSTED).open_to == "", "sticky: nobody can replace it"


def test_a_link_to_a_script_is_followed(script: Path, tmp_path: Path) -> None:
    script.chmod(0o757)
    link = tmp_path / "link.sh"
    link.symlink_to(script)
    assert look_at_script(str(link), TRUSTED).open_to == f"{script} is writable by everybody"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_a_script_of_another_user(script: Path) -> None:
    os.chown(script, 12, 0)
    assert look_at_script(str(script)).open_to == f"{script} belongs to user 12"


@pytest.mark.needs_netns
def test_links_and_addresses(host: Host) -> None:
    # A link that was just made is not running at once.
    assert wait_until(lambda: host.call(lambda: look_at_links([]))[ETH].running, 10)
    links = host.call(lambda: look_at_links([]))
    assert links[ETH].addresses == (LB01,)
    standing = host.call(lambda: look_at_addresses(links))
    assert [(s.interface, s.address, s.ours) for s in standing if s.address == LB01] == [
        (ETH, LB01, False)
    ]


RULES = {
    "policy": "type filter hook input priority 0; policy drop;",
    "protocol": "type filter hook input priority 0; ip protocol vrrp drop",
    "group": "type filter hook prerouting priority 0; ip daddr 224.0.0.18 drop",
    "usual": "type filter hook input priority 0; policy drop; ct state established,related accept;"
    ' iifname "lo" accept; tcp dport 22 accept; ip protocol icmp accept',
    "let": "type filter hook input priority 0; policy drop; ip protocol { icmp, vrrp } accept",
    "set": "type filter hook input priority 0; policy drop; iifname ens33 ip daddr "
    "{ 224.0.0.0/24, 10.0.0.1 } accept",
    "multicast": "type filter hook input priority 0; fib daddr type multicast reject",
    "vmap": "type filter hook input priority 0; policy drop; iifname vmap { lo : drop, "
    "ens33 : accept }",
    "other": "type filter hook input priority 0; iifname ens34 drop; ip ttl != 255 drop",
}


COUNTERS = """
table inet z {
 counter arrived { }
 counter seen { }
 chain first { type filter hook prerouting priority -500; ip protocol vrrp counter name "arrived"; }
 chain last { type filter hook input priority 500; ip protocol vrrp counter name "seen"; }
}
"""


def nft(host: Host, *arguments: str, rules: str | None = None) -> str:
    return subprocess.run(
        [*host.namespace.prefix, "nft", *arguments],
        input=rules,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    ).stdout


@pytest.mark.needs_netns
@pytest.mark.needs_nft
@pytest.mark.parametrize("name", RULES)
def test_the_kernel_does_what_is_told_of_it(host: Host, name: str) -> None:
    """An advert is sent to the host; chains before and behind the rules count it."""
    table = f"table inet t {{\n chain c {{\n {RULES[name]};\n }}\n}}\n"
    nft(host, "-f", "-", rules=table + COUNTERS)
    ruleset, unseen = host.call(look_at_ruleset)
    assert unseen is None
    host.open(lambda: AdvertListener(ETH))  # a member of the group: else the kernel drops it first
    host.open(WireEnd).send(ip_packet(b"\x21\x33\x96\x00\x00\x01\x00\x00" + bytes(8)))
    assert wait_until(
        lambda: "packets 1" in nft(host, "list", "counter", "inet", "z", "arrived"), 5
    )
    came_through = "packets 1" in nft(host, "list", "counter", "inet", "z", "seen")
    told = [drop for drop in drops_of(ruleset, ETH) if drop.incoming]
    assert bool(told) is not came_through
