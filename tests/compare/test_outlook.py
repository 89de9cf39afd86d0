"""What happens when a check fails, as `haloctl compare` plays it."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from halod.cli.compare import page
from halod.compare.cluster import Node
from halod.compare.comparison import compare
from halod.model.tracking import Tracked, TrackerId, TrackerKind
from tests.compare.golden import nodes_of_files

LB01 = """vrrp_instance VI_1 {
interface eth0
virtual_router_id 51
priority 150
virtual_ipaddress {
192.0.2.9/24
}
}
"""
FILES = {"lb01.conf": LB01, "lb02.conf": LB01.replace("priority 150", "priority 100")}
SCRIPT = TrackerId(TrackerKind.SCRIPT, "chk_nginx")


def with_check(weight: int) -> list[Node]:
    """lb01 tracks a script."""
    first, second = nodes_of_files(FILES)
    (instance,) = first.configuration.instances
    tracking = replace(instance, trackers=(Tracked(SCRIPT, weight),))
    return [
        replace(first, configuration=replace(first.configuration, instances=(tracking,))),
        second,
    ]


@pytest.mark.parametrize(
    ("weight", "holder"), [(0, "lb02"), (-60, "lb02"), (-40, "lb01"), (60, "lb01")]
)
def test_a_script_that_fails_moves_the_address_or_not(weight: int, holder: str) -> None:
    nodes = with_check(weight)
    found = compare(nodes)
    (failure,) = found.outlook.failures
    assert (failure.node, failure.check) == ("lb01", SCRIPT)
    assert failure.moves == ((ip_address("192.0.2.9"), (holder,)),)
    told = "192.0.2.9 stays" if holder == "lb01" else "lb02 takes 192.0.2.9"
    assert f"if script chk_nginx fails on lb01, {told}\n" in page(nodes, found)


def test_nobody_may_be_left() -> None:
    first, second = with_check(0)
    (instance,) = second.configuration.instances
    lone = replace(instance, priority=100, virtual_router_id=52, addresses=())
    other = replace(second, configuration=replace(second.configuration, instances=(lone,)))
    found = compare([first, other])
    assert "if script chk_nginx fails on lb01, nobody takes 192.0.2.9\n" in page(
        [first, other], found
    )
