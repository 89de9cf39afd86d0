"""Links with a virtual MAC in a real kernel: what waits on one, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from halod.kernel.addresses import Addresses
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.kernel.vmac_keeper import VmacKeeper, remove_vmacs
from halod.lab.patience import wait_until
from halod.model.address import VirtualAddress
from halod.model.vmac import Vmac, VmacPlan, virtual_mac
from tests.kit.host import Host

pytestmark = [pytest.mark.needs_netns]

LINK = "vrrp.51"
VIPS = ("192.168.178.3", "2001:db8::3", "fe80::3")


def plan(*vips: str, base: str = "ens33", mac: bytes = virtual_mac(4, 51)) -> VmacPlan:
    addresses = (VirtualAddress(ip_address(vip), 32 if "." in vip else 64, LINK) for vip in vips)
    return VmacPlan(Vmac(LINK, mac), base, tuple(addresses))


class Stage:
    """A keeper in the host's namespace."""

    def __init__(self, host: Host, run_dir: Path) -> None:
        self.host, self.run_dir = host, str(run_dir)
        self.requests = host.namespace.call(RtnetlinkSocket)
        self.keeper = VmacKeeper(self.requests, Addresses(self.requests), self.run_dir)

    def hold(self, plans: list[VmacPlan]) -> list[str]:
        return self.host.namespace.call(lambda: self.keeper.hold(plans))

    def call(self, act: str, *arguments: object) -> object:
        return self.host.namespace.call(lambda: getattr(self.keeper, act)(*arguments))

    def ip(self, *words: str) -> str:
        return self.host.namespace.ip(*words)

    def local(self) -> str:
        """What the kernel takes for its own."""
        return self.ip("route", "show", "table", "local", "dev", LINK) + self.ip(
            "-6", "route", "show", "table", "local", "dev", LINK
        )

    def sysctl(self, name: str, value: str | None = None) -> str:
        path = Path("/proc/sys/net") / name

        def act() -> str:
            if value is not None:
                path.write_text(value)
            return path.read_text().strip()

        return self.host.namespace.call(act)


@pytest.fixture
def stage(host: Host, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(host, tmp_path)
    yield made
    made.requests.close()


def test_what_waits_on_a_link_is_nobodys_until_it_goes_up(stage: Stage) -> None:
    assert stage.hold([plan(*VIPS)]) == []
    for _ in range(2):
        assert "192.168.178.3" in stage.ip("address", "show", "dev", LINK)
        assert "2001:db8::3" in stage.ip("address", "show", "dev", LINK)
        assert stage.local() == ""
        assert stage.call("raise_link", LINK) is None
        assert "192.168.178.3" in stage.local()
        # The kernel sets that of IPv6 a moment later.
        assert wait_until(lambda: "2001:db8::3" in stage.local(), 10.0)
        assert stage.call("lower_link", LINK) is None
        assert stage.call("provision", LINK) == ""


def test_an_interface_that_goes_takes_the_link_along_and_a_new_one_gets_a_new_one(
    stage: Stage,
) -> None:
    stage.ip("link", "add", "base0", "type", "veth", "peer", "name", "base1")
    assert stage.hold([plan(*VIPS, base="base0")]) == []
    stage.ip("link", "delete", "base0")
    (reason,) = stage.hold([plan(*VIPS, base="base0")])
    assert reason == f"there is no base0 to make {LINK} on"
    stage.ip("link", "add", "base0", "type", "veth", "peer", "name", "base1")
    assert stage.hold([plan(*VIPS, base="base0")]) == []
    assert "192.168.178.3" in stage.ip("address", "show", "dev", LINK)


def test_another_mac_makes_it_anew_and_no_plan_removes_it(stage: Stage) -> None:
    assert stage.hold([plan(*VIPS)]) == []
    assert stage.hold([plan(*VIPS, mac=bytes.fromhex("020000000009"))]) == []
    assert "02:00:00:00:00:09" in stage.ip("link", "show", "dev", LINK)
    assert stage.hold([]) == []
    assert LINK not in stage.ip("link", "show")


def test_settings_of_the_operator_come_back(stage: Stage) -> None:
    stage.sysctl("ipv4/conf/all/rp_filter", "1")
    assert stage.hold([plan(*VIPS)]) == []
    names = ("ens33/arp_ignore", "ens33/arp_announce", "all/rp_filter", "ens33/rp_filter")
    assert [stage.sysctl(f"ipv4/conf/{name}") for name in names] == ["1", "2", "0", "1"]
    assert stage.sysctl(f"ipv4/conf/{LINK}/rp_filter") == "0"
    # What the operator changes meanwhile stays; the rest a successor puts back after a death.
    stage.sysctl("ipv4/conf/ens33/arp_announce", "1")
    removed, failed = stage.host.namespace.call(lambda: remove_vmacs(stage.requests, stage.run_dir))
    assert (removed, failed) == ([f"link {LINK}"], [])
    assert [stage.sysctl(f"ipv4/conf/{name}") for name in names] == ["0", "1", "1", "0"]


def test_a_link_of_somebody_else_is_told_and_kept(stage: Stage) -> None:
    stage.ip("link", "add", LINK, "link", "ens33", "type", "macvlan", "mode", "private")
    (reason,) = stage.hold([plan(*VIPS)])
    assert f"there is a link {LINK} that this halod has not made" in reason
    assert stage.call("raise_link", LINK) == reason
    assert stage.hold([]) == []
    assert LINK in stage.ip("link", "show")


def test_a_mac_that_is_taken_is_a_fault_until_it_is_free(stage: Stage) -> None:
    stage.ip("link", "add", "other", "link", "ens33", "type", "macvlan", "mode", "private")
    stage.ip("link", "set", "other", "address", "00:00:5e:00:01:33", "up")
    (reason,) = stage.hold([plan(*VIPS)])
    assert reason == f"{LINK} cannot be put up: Address already in use"
    stage.ip("link", "delete", "other")
    assert stage.call("retry") == []
    assert stage.call("raise_link", LINK) is None
