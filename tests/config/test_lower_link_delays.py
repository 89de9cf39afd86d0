"""`interface_up_down_delays`."""

from halod.config.compile import compile_text
from halod.model.link_delay import LinkDelay
from halod.model.units import ZERO, Duration

INSTANCE = (
    "vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\n"
    "virtual_ipaddress {\n192.0.2.10/24\n}\n}\n"
)


def test_one_number_is_both() -> None:
    lines = "eth0 2\neth1 0.5 3\neth2 0 1"
    compiled = compile_text("k.conf", f"interface_up_down_delays {{\n{lines}\n}}\n{INSTANCE}")
    assert compiled.clean, compiled.diagnostics
    assert compiled.configuration is not None
    assert compiled.configuration.link_delays == (
        LinkDelay("eth0", Duration.seconds(2), Duration.seconds(2)),
        LinkDelay("eth1", Duration.milliseconds(500), Duration.seconds(3)),
        LinkDelay("eth2", ZERO, Duration.seconds(1)),
    )


def test_what_says_no_delay_has_no_effect() -> None:
    lines = "eth0\neth1 256\neth2 1 x\neth/3 1"
    compiled = compile_text("k.conf", f"interface_up_down_delays {{\n{lines}\n}}\n{INSTANCE}")
    assert [d.code for d in compiled.diagnostics] == ["E101", "E103", "E102", "E108"]
    assert compiled.configuration is not None
    assert compiled.configuration.link_delays == ()
