"""Names and MACs of links with a virtual MAC: each row is what keepalived 2.2.7 makes of it."""

from collections.abc import Mapping

import pytest

from halod.config.compile import compile_text
from halod.model.address import VirtualAddress
from halod.model.tracking import TrackerKind
from halod.model.vmac import VmacPlan
from halod.model.vrrp import VrrpInstance, vmac_plans


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
    (plan,) = vmac_plans([made])
    assert (plan.base, plan.addresses) == ("eth0", made.addresses[:2])
    # The interface is minded anyway, and the link is down while this node is BACKUP.
    assert [(t.tracker.kind, t.tracker.name, t.weight) for t in made.trackers] == [
        (TrackerKind.INTERFACE, "eth1", 0),
        (TrackerKind.VMAC, "vrrp.51", 0),
    ]


ELSEWHERE = """virtual_ipaddress {
192.0.2.1/24
198.51.100.1/24 dev eth1
198.51.100.2/24 dev eth1 no_track
}
virtual_ipaddress_excluded {
2001:db8::9/64
2001:db8:1::9/64 dev eth1
}"""


@pytest.mark.parametrize(
    ("own", "globals_", "links"),
    [
        ("use_vmac", "", ["vrrp.51", "vrrp1.51", "vrrp1.51", "vrrp6.51", "vrrp2.51"]),
        ("", "", ["eth0", "vrrp.51", "vrrp.51", "vrrp6.51", "vrrp1.51"]),
        ("use_vmac", "vmac_prefix ha", ["ha.51", "ha1.51", "ha1.51", "ha6.51", "ha2.51"]),
        (
            "use_vmac",
            "vmac_addr_prefix other",
            ["vrrp.51", "other.51", "other.51", "other6.51", "other1.51"],
        ),
    ],
)
def test_addresses_elsewhere_have_links_of_their_own(
    own: str, globals_: str, links: list[str]
) -> None:
    (made,) = instances_of(f"interface eth0\n{own}\nuse_vmac_addr\n{ELSEWHERE}", globals_=globals_)
    assert [a.interface for a in made.held] == links
    plans = {plan.vmac.link: plan for plan in vmac_plans([made])}
    assert [a.address for name in dict.fromkeys(links) for a in held_by(plans, name)] == [
        a.address for a in made.held if a.interface != "eth0"
    ]
    elsewhere = [(p.vmac.hardware_address.hex(":"), p.base) for p in plans.values()]
    assert elsewhere[-3:] == [
        ("00:00:5e:00:01:33", "eth1"),
        ("00:00:5e:00:02:33", "eth0"),
        ("00:00:5e:00:02:33", "eth1"),
    ]
    assert {"eth0", "eth1"} <= made.interfaces, "the gate hangs on what they stand on too"
    tracked = [(t.tracker.kind, t.tracker.name) for t in made.trackers]
    assert tracked[0] == (TrackerKind.INTERFACE, "eth1")
    assert tracked[1:] == [(TrackerKind.VMAC, name) for name in plans]


def held_by(plans: Mapping[str, VmacPlan], name: str) -> tuple[VirtualAddress, ...]:
    return plans[name].addresses if name in plans else ()


def test_use_vmac_addr_alone_changes_nothing_where_no_address_is_elsewhere() -> None:
    (made,) = instances_of("interface eth0\nuse_vmac_addr")
    assert (made.address_vmacs, made.vmac) == ((), None)
    assert [a.interface for a in made.held] == ["eth0"]


def test_adverts_come_from_the_virtual_mac_or_from_the_interface() -> None:
    one, two = instances_of("interface eth0\nuse_vmac", "interface eth1\nuse_vmac\nvmac_xmit_base")
    assert one.vmac is not None
    assert two.vmac is not None
    assert (one.vmac.transmits_base, two.vmac.transmits_base) == (False, True)
