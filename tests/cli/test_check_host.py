"""`haloctl check --host` on a machine of its own."""

import subprocess
from pathlib import Path

import pytest

from halod.lab.tutorial_files import tutorial_text
from tests.kit.host import Host, make_host
from tests.kit.node import Node

pytestmark = pytest.mark.needs_netns

CLEAN = tutorial_text("lb01/keepalived.conf")


def check(host: Host, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*host.namespace.prefix, *Node.haloctl_command, "check", *arguments],
        capture_output=True,
        text=True,
        timeout=90,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "k.conf"
    path.write_text(CLEAN)
    return path


def test_a_machine_that_fits(file: Path) -> None:
    with make_host() as host:
        result = check(host, "--host", file)
        assert (result.returncode, result.stdout) == (0, f"{file}: clean, 1 vrrp_instance\n")


@pytest.mark.needs_nft
def test_a_firewall_that_drops_and_an_address_that_stands(file: Path) -> None:
    with make_host() as host:
        host.ip("address", "add", "192.168.178.3/24", "dev", "ens33")
        rules = "table ip f {\n chain in {\n type filter hook input priority 0; policy drop;\n }\n}"
        subprocess.run(
            [*host.namespace.prefix, "nft", "-f", "-"], input=rules, text=True, check=True
        )
        result = check(host, "--host", "--format", "concise", file)
        assert result.returncode == 5
        assert [line.split()[1] for line in result.stdout.splitlines()] == [
            "risk[H507]",
            "risk[H503]",
        ]
        assert check(host, file).returncode == 0, "without --host the machine is not looked at"


def test_an_interface_that_is_down(file: Path) -> None:
    with make_host() as host:
        host.ip("link", "set", "ens33", "down")
        result = check(host, "--host", file)
        assert result.returncode == 5
        assert "risk[H502] `ens33` is down" in result.stdout
