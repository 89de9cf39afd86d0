"""`garp_group`, `vrrp_garp_interval` and `vrrp_gna_interval`."""

import pytest

from halod.config.compile import Compiled, compile_text
from halod.model.pacing import NO_PACING, GarpGroup, Pace, Pacing
from halod.model.units import ZERO, Duration

INSTANCE = (
    "vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\n"
    "virtual_ipaddress {\n192.0.2.10/24\n192.0.2.11/24\n192.0.2.12/24\n}\n}\n"
)
MICROSECOND = Duration.microseconds(1)
MILLISECONDS_100 = Duration.milliseconds(100)


def read(text: str) -> tuple[Compiled, Pacing]:
    compiled = compile_text("k.conf", f"{text}\n{INSTANCE}")
    assert compiled.configuration is not None
    return compiled, compiled.configuration.pacing


def group(text: str) -> str:
    return f"garp_group {{\n{text}\n}}\n"


def test_nothing_said_is_no_pacing() -> None:
    assert read("") == (read("")[0], NO_PACING)
    assert not NO_PACING


def test_of_every_link() -> None:
    compiled, pacing = read("global_defs {\nvrrp_garp_interval 0.1\nvrrp_gna_interval 0.000001\n}")
    assert compiled.clean
    assert pacing == Pacing(Pace(MILLISECONDS_100, MICROSECOND))
    assert pacing


def test_groups_in_both_spellings() -> None:
    compiled, pacing = read(
        group("garp_interval 0.1\ninterface eth0\ninterface eth1")
        + group("gna_interval 0.1\ninterfaces {\neth2\neth3\n}")
    )
    assert compiled.clean, compiled.diagnostics
    assert pacing.groups == (
        GarpGroup(("eth0", "eth1"), Pace(MILLISECONDS_100)),
        GarpGroup(("eth2", "eth3"), Pace(ZERO, MILLISECONDS_100)),
    )


@pytest.mark.parametrize(
    ("text", "code", "groups"),
    [
        ("global_defs {\nvrrp_garp_interval 0\n}", "W402", 0),
        ("global_defs {\nvrrp_gna_interval 2000000\n}", "E103", 0),
        (group("interface eth0"), "E203", 0),
        (group("garp_interval 0.1"), "E203", 0),
        (group("garp_interval 0.1\ninterfaces {\n}"), "E203", 0),
        (group("garp_interval x\ninterface eth0"), "E102", 1),
        (group("garp_interval 0.1\ninterface eth/0"), "E108", 0),
        (group("garp_interval 0.1\ninterface eth0") + group("gna_interval 1\ninterface eth0"),
         "E202", 1),
        (group("garp_interval 0.1\ninterface eth0\nrate 5"), "E004", 1),
    ],
)  # fmt: skip
def test_a_mistake_is_told_and_the_rest_counts(text: str, code: str, groups: int) -> None:
    compiled, pacing = read(text)
    assert [d.code for d in compiled.diagnostics] == [code]
    assert len(pacing.groups) == groups


def test_zero_in_a_group_takes_its_links_out_of_the_global_pace() -> None:
    compiled, pacing = read(
        "global_defs {\nvrrp_garp_interval 0.1\n}\n" + group("garp_interval 0\ninterface eth0")
    )
    assert compiled.clean
    assert pacing == Pacing(Pace(MILLISECONDS_100), (GarpGroup(("eth0",), Pace()),))


def test_a_last_address_that_waits_long_is_a_risk() -> None:
    assert read("global_defs {\nvrrp_garp_interval 2.5\n}")[0].clean
    compiled, _ = read("global_defs {\nvrrp_garp_interval 2.6\n}")
    (found,) = compiled.diagnostics
    assert found.code == "W340"
    assert "last of 3 addresses on `eth0` is announced 5.200 s after" in found.message
