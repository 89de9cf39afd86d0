"""An instance without `interface`: for unicast from an address that is named."""

import pytest

from halod.config.compile import compile_text
from halod.model.vrrp import ANY_LINK

SOURCE, PEER = "unicast_src_ip 192.0.2.1", "unicast_peer {\n192.0.2.2\n}"
V6 = "unicast_src_ip fe80::1", "unicast_peer {\nfe80::2\n}"


def text(*lines: str, globals_: str = "", address: str = "192.0.2.10/24") -> str:
    inside = "\n".join(["virtual_router_id 51", *lines])
    block = f"vrrp_instance VI_1 {{\n{inside}\nvirtual_ipaddress {{\n{address}\n}}\n}}\n"
    return f"global_defs {{\n{globals_}\n}}\n{block}"


@pytest.mark.parametrize(
    ("globals_", "dev", "carrier"),
    [
        ("", "dev eth3", "eth3"),
        ("", "", "eth0"),
        ("default_interface eth7", "", "eth7"),
    ],
)
def test_its_addresses_stand_where_they_say_or_on_the_default(
    globals_: str, dev: str, carrier: str
) -> None:
    found = text(SOURCE, PEER, globals_=globals_, address=f"192.0.2.10/24 {dev}")
    compiled = compile_text("k.conf", found)
    assert compiled.clean
    assert compiled.configuration is not None
    (instance,) = compiled.configuration.instances
    assert instance.interface == ANY_LINK
    assert instance.interfaces == {carrier}
    assert [tracked.tracker.name for tracked in instance.trackers] == [carrier]


@pytest.mark.parametrize(
    "lines", [(SOURCE,), (PEER,), ("mcast_src_ip 192.0.2.1",), V6, (SOURCE, PEER, "use_vmac")]
)
def test_who_needs_one_is_told(lines: tuple[str, ...]) -> None:
    compiled = compile_text("k.conf", text(*lines))
    assert compiled.refused
    (found,) = [d for d in compiled.diagnostics if d.code == "E203"]
    assert found.message == "`VI_1` has no `interface`"
    assert any("unicast_src_ip" in line for line in found.helps) == (lines == (PEER,))
