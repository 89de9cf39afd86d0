"""`static_ipaddress` and `default_interface`."""

import pytest

from halod.config.compile import compile_text

INSTANCE = (
    "vrrp_instance VI_1 {\ninterface eth1\nvirtual_router_id 51\n"
    "virtual_ipaddress {\n192.0.2.10/24\n}\n}\n"
)


@pytest.mark.parametrize(
    ("globals_", "dev", "interface"),
    [
        ("", "", "eth0"),
        ("default_interface eth7", "", "eth7"),
        ("default_interface eth7", "dev eth2", "eth2"),
    ],
)
def test_an_address_without_dev_has_the_default_interface(
    globals_: str, dev: str, interface: str
) -> None:
    """Of static ones alone, as with keepalived 2.2.7: the others have that of their instance."""
    statics = f"static_ipaddress {{\n192.0.2.1/24 {dev}\n}}\n"
    compiled = compile_text("k.conf", f"global_defs {{\n{globals_}\n}}\n{statics}{INSTANCE}")
    assert compiled.clean
    assert compiled.configuration is not None
    (static,) = compiled.configuration.statics.addresses
    assert static.interface == interface
    assert compiled.configuration.instances[0].addresses[0].interface == "eth1"
