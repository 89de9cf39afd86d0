"""Topologies are checked when they are made, and names are suggested."""

from ipaddress import IPv4Interface

import pytest

from halod.lab.errors import LabError
from halod.lab.topology import Host, Role, Topology, tutorial_topology


def host(name: str, last: int) -> Host:
    return Host(name, IPv4Interface(f"192.0.2.{last}/24"), Role.WEB)


def test_tutorial_has_five_hosts_on_ens33() -> None:
    topology = tutorial_topology()
    assert {host.name: str(host.address) for host in topology.hosts} == {
        "lb01": "192.168.178.130/24",
        "lb02": "192.168.178.131/24",
        "web01": "192.168.178.121/24",
        "web02": "192.168.178.122/24",
        "client": "192.168.178.1/24",
    }
    assert {host.interface for host in topology.hosts} == {"ens33"}


@pytest.mark.parametrize("name", ["", "UPPER", "1st", "a-b", "fifteenbyteslong", "a/../b"])
def test_names_that_cannot_be_an_interface_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="does not match"):
        host(name, 1)


@pytest.mark.parametrize(
    "hosts", [(host("a", 1), host("a", 2)), (host("a", 1), host("b", 1)), (host("switch", 1),)]
)
def test_hosts_must_differ(hosts: tuple[Host, ...]) -> None:
    with pytest.raises(ValueError, match=r"unique|one address"):
        Topology(hosts)


def test_unknown_host_is_told_with_a_suggestion() -> None:
    with pytest.raises(LabError, match="there is no host lb1") as caught:
        tutorial_topology().host("lb1")
    assert caught.value.suggestion == "did you mean lb01?"
