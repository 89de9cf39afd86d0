"""Defaults of the `garp_` keywords: each row is what a dump of keepalived 2.2.7 shows."""

import pytest

from halod.config.compile import compile_text
from halod.model.units import Duration
from halod.model.vrrp import GarpPolicy

INSTANCE = """
vrrp_instance VI_1 {{
    interface eth0
    virtual_router_id 51
    {own}
    virtual_ipaddress {{
        192.0.2.1/24
    }}
}}
"""


def garp_of(globals_: str, own: str) -> GarpPolicy:
    compiled = compile_text("k.conf", f"global_defs {{\n{globals_}\n}}\n{INSTANCE.format(own=own)}")
    assert compiled.clean
    assert compiled.configuration is not None
    return compiled.configuration.instances[0].garp


def policy(repeat: int, delay: int, lower_prio_repeat: int, lower_prio_delay: int) -> GarpPolicy:
    return GarpPolicy(
        repeat=repeat,
        delay=Duration.seconds(delay),
        lower_prio_repeat=lower_prio_repeat,
        lower_prio_delay=Duration.seconds(lower_prio_delay),
    )


OWN = "garp_master_repeat 3\n    garp_master_delay 7"
MASTER = "vrrp_garp_master_repeat 2\nvrrp_garp_master_delay 9"
LOWER = "vrrp_garp_lower_prio_repeat 2\nvrrp_garp_lower_prio_delay 9"


@pytest.mark.parametrize(
    ("globals_", "own", "wanted"),
    [
        ("", "", GarpPolicy()),
        ("", OWN, policy(3, 7, 5, 5)),
        (MASTER, "", policy(2, 9, 2, 9)),
        (MASTER, OWN, policy(3, 7, 2, 9)),
        (LOWER, OWN, policy(3, 7, 2, 9)),
        (LOWER, "", policy(5, 5, 2, 9)),
        (MASTER, "garp_lower_prio_repeat 0\n garp_lower_prio_delay 0", policy(2, 9, 0, 0)),
    ],
)
def test_a_lower_master_falls_back_to_the_global_values(
    globals_: str, own: str, wanted: GarpPolicy
) -> None:
    """Not to the instance's own `garp_master_repeat`: keepalived never does that."""
    assert garp_of(globals_, own) == wanted


def test_zero_is_a_value() -> None:
    assert garp_of("", "garp_master_delay 0").delay == Duration.seconds(0)


@pytest.mark.parametrize(
    ("globals_", "own", "extra", "everywhere"),
    [
        ("", "", 0, False),
        ("vrrp_garp_extra_if 100", "", 100, False),
        ("vrrp_garp_extra_if all 100", "", 100, True),
        ("vrrp_garp_extra_if all 100", "garp_extra_if 0", 0, False),
        ("vrrp_garp_extra_if 100", "garp_extra_if 60 all", 60, True),
        ("vrrp_vmac_garp_intvl 100", "", 100, False),
        ("", "vmac_garp_intvl all 7", 7, True),
    ],
)
def test_links_without_adverts(globals_: str, own: str, extra: int, everywhere: bool) -> None:
    garp = garp_of(globals_, own)
    assert (garp.extra, garp.extra_everywhere) == (Duration.seconds(extra), everywhere)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("vrrp_garp_extra_if", "E101"),
        ("vrrp_garp_extra_if all", "E101"),
        ("vrrp_garp_extra_if 0", "E103"),
        ("vrrp_garp_extra_if 86401", "E103"),
        ("vrrp_garp_extra_if every 10", "E102"),
    ],
)
def test_a_line_that_says_no_time_has_no_effect(line: str, code: str) -> None:
    compiled = compile_text("k.conf", f"global_defs {{\n{line}\n}}\n{INSTANCE.format(own='')}")
    assert [d.code for d in compiled.diagnostics] == [code]
    assert compiled.configuration is not None
    assert compiled.configuration.instances[0].garp.extra == Duration.seconds(0)
