"""What a configuration does not say is guessed: addresses, and who hears whom."""

from dataclasses import replace

from halod.model.configuration import Configuration
from halod.model.vrrp import VrrpInstance
from halod.sim.cluster_of_files import nodes_of
from tests.sim.clusters import instance


def on(interface: str, vrid: int) -> VrrpInstance:
    router = instance(100, interface=interface, virtual_router_id=vrid)
    return replace(router, name=f"{interface}/{vrid}")


def segments(**nodes: tuple[VrrpInstance, ...]) -> dict[tuple[str, str], str]:
    configurations = {name: Configuration(instances=each) for name, each in nodes.items()}
    return {
        (node.name, link.interface): link.segment
        for node in nodes_of(configurations)
        for link in node.links
    }


def test_interfaces_of_one_name_are_one_segment() -> None:
    found = segments(a=(on("eth0", 1), on("eth1", 1)), b=(on("eth0", 2), on("eth1", 1)))
    assert found["a", "eth0"] == found["b", "eth0"] != found["a", "eth1"] == found["b", "eth1"]


def test_interfaces_of_other_names_meet_by_their_vrid() -> None:
    found = segments(a=(on("eth0", 1), on("eth1", 2)), b=(on("ens4", 2), on("ens3", 1)))
    assert found["a", "eth0"] == found["b", "ens3"] != found["a", "eth1"] == found["b", "ens4"]


def test_own_addresses_differ_and_rise_with_the_order() -> None:
    both = Configuration(instances=(on("eth0", 1), on("eth1", 2)))
    first, second = nodes_of({"a": both, "b": both})
    addresses = [str(link.address) for node in (first, second) for link in node.links]
    assert addresses == ["198.18.0.1", "198.18.1.1", "198.18.0.2", "198.18.1.2"]
