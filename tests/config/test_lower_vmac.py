"""Names and MACs of links with a virtual MAC: each row is what keepalived 2.2.7 makes of it."""

import pytest

from halod.config.compile import compile_text
from halod.model.tracking import TrackerKind
from halod.model.vrrp import VrrpInstance


def instances_of(*blocks: str, globals_: str = "") -> tuple[VrrpInstance, ...]:
    text = f"global_defs {{\n{globals_}\n}}\n"
    for number, block in enumerate(blocks, 1):
        vip = "" if "virtual_ipaddress" in block else "virtual_ipaddress {\n192.0.2.1/24\n}"
        if vip:
            vip = vip.replace("192.0.2.1/", f"192.0.2.{number}/")
        text += f"vrrp_instance VI_{number} {{\nvirtual_router_id 51\n{block}\n{vip}\n}}\n"
    compiled = compile_text("k.conf", text)
    assert compiled.clean, compiled.diagnostics
    assert compiled.configuration is not None
    return compiled.configuration.instances


V6 = "virtual_ipaddress {\nfe80::3/64\n}"


def test_names_and_macs_as_keepalived_gives_them() -> None:
    made = instances_of(
        "interface eth0\nuse_vmac",
        f"interface eth0\nuse_vmac\n{V6}",
        "interface eth1\nuse_vmac",
        "interface eth2",
    )
    assert [str(each.vmac) for each in made] == [
        "00:00:5e:00:01:33 on vrrp.51",
        "00:00:5e:00:02:33 on vrrp6.51",
        "00:00:5e:00:01:33 on vrrp1.51",
        "None",
    ]


@pytest.mark.parametrize(
    ("line", "globals_", "wanted"),
    [
        ("use_vmac vip", "", "00:00:5e:00:01:33 on vip"),
        ("use_vmac vip 02:00:00:00:00:09", "", "02:00:00:00:00:09 on vip"),
        ("use_vmac 02:00:00:00:00:09", "", "02:00:00:00:00:09 on vrrp.51"),
        ("use_vmac", "vmac_prefix ha", "00:00:5e:00:01:33 on ha.51"),
    ],
)
def test_a_name_and_a_mac_of_ones_own(line: str, globals_: str, wanted: str) -> None:
    (made,) = instances_of(f"interface eth0\n{line}", globals_=globals_)
    assert str(made.vmac) == wanted


def test_addresses_of_the_interface_stand_on_the_link_and_others_stay() -> None:
    vips = "192.0.2.1/24\n192.0.2.2/24 dev eth0\n192.0.2.3/24 dev eth1"
    (made,) = instances_of(f"interface eth0\nuse_vmac\nvirtual_ipaddress {{\n{vips}\n}}")
    assert [a.interface for a in made.addresses] == ["vrrp.51", "vrrp.51", "eth1"]
    plan = made.vmac_plan
    assert plan is not None
    assert (plan.base, plan.addresses) == ("eth0", made.addresses[:2])
    # The interface is minded anyway, and the link is down while this node is BACKUP.
    assert [(t.tracker.kind, t.tracker.name, t.weight) for t in made.trackers] == [
        (TrackerKind.INTERFACE, "eth1", 0),
        (TrackerKind.VMAC, "vrrp.51", 0),
    ]


def test_adverts_come_from_the_virtual_mac_or_from_the_interface() -> None:
    one, two = instances_of("interface eth0\nuse_vmac", "interface eth1\nuse_vmac\nvmac_xmit_base")
    assert one.vmac is not None
    assert two.vmac is not None
    assert (one.vmac.transmits_base, two.vmac.transmits_base) == (False, True)
