"""VRRP versions and what hangs on them: intervals as keepalived 2.2.7 rounds them, passwords."""

import pytest

from halod.config.compile import Compiled, compile_text
from halod.model.units import Duration
from halod.model.vrrp import LeaseMode, VrrpInstance, VrrpVersion
from halod.vrrp.lease import lease_of

FILE = """
global_defs {{
    {globally}
}}
vrrp_instance VI_1 {{
    interface eth0
    virtual_router_id 51
    {own}
    virtual_ipaddress {{
        192.0.2.1/24
    }}
}}
"""


def compiled(own: str = "", globally: str = "") -> Compiled:
    return compile_text("k.conf", FILE.format(own=own, globally=globally))


def instance(found: Compiled) -> VrrpInstance:
    assert found.configuration is not None
    return found.configuration.instances[0]


def clean(own: str = "", globally: str = "") -> VrrpInstance:
    found = compiled(own, globally)
    assert found.diagnostics == ()
    return instance(found)


@pytest.mark.parametrize(
    ("own", "globally", "version"),
    [
        ("", "", VrrpVersion.V2),
        ("version 2", "", VrrpVersion.V2),
        ("version 3", "", VrrpVersion.V3),
        ("", "vrrp_version 3", VrrpVersion.V3),
        ("version 2", "vrrp_version 3", VrrpVersion.V2),
        ("version 3", "vrrp_version 2", VrrpVersion.V3),
    ],
)
def test_the_instance_decides_and_global_defs_otherwise(
    own: str, globally: str, version: VrrpVersion
) -> None:
    assert clean(own, globally).version is version


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("0.3", 1), ("0.5", 1), ("1.4", 1), ("1.5", 2), ("2.5", 3), ("254.6", 255), ("0.01", 1)],
)
def test_version_2_rounds_to_whole_seconds(written: str, seconds: int) -> None:
    """RFC 3768, 5.3.7: Adver Int counts seconds. Half a second goes up."""
    found = compiled(f"advert_int {written}")
    assert instance(found).advert_interval == Duration.seconds(seconds)
    assert [d.code for d in found.diagnostics] == ["W306"]
    assert found.diagnostics[0].message.endswith(f"`advert_int {written}` becomes {seconds}")


@pytest.mark.parametrize("seconds", [1, 2, 254, 255])
def test_version_2_takes_whole_seconds(seconds: int) -> None:
    assert clean(f"advert_int {seconds}").advert_interval == Duration.seconds(seconds)
    assert clean(f"advert_int {seconds}.00").advert_interval == Duration.seconds(seconds)


@pytest.mark.parametrize(
    ("written", "centiseconds"),
    [
        ("0.335", 34),
        ("0.345", 35),
        ("0.014", 1),
        ("0.015", 2),
        ("40.954", 4095),
        ("40.955", 4095),
        ("41", 4095),
        ("255", 4095),
    ],
)
def test_version_3_rounds_to_centiseconds(written: str, centiseconds: int) -> None:
    """RFC 9568, 5.2.7: 12 bits of centiseconds; keepalived's 4096 for 40.955 would overflow."""
    found = compiled(f"version 3\nadvert_int {written}")
    assert instance(found).advert_interval == Duration.centiseconds(centiseconds)
    assert [d.code for d in found.diagnostics] == ["W306"]


@pytest.mark.parametrize("centiseconds", [1, 2, 10, 25, 100, 333, 4094, 4095])
def test_version_3_takes_centiseconds(centiseconds: int) -> None:
    written = f"version 3\nadvert_int {centiseconds / 100:.2f}"
    assert clean(written).advert_interval == Duration.centiseconds(centiseconds)


@pytest.mark.parametrize("written", ["0", "0.009", "0.0099999", "255.01", "256"])
@pytest.mark.parametrize("version", [2, 3])
def test_what_no_version_takes_counts_as_a_second(version: int, written: str) -> None:
    found = compiled(f"version {version}\nadvert_int {written}")
    assert instance(found).advert_interval == Duration.seconds(1)
    assert [d.code for d in found.diagnostics] == ["E103"]


def test_version_3_has_no_password() -> None:
    """RFC 9568, 9: keepalived drops the block, runs, and answers 5."""
    found = compiled("version 3\nauthentication {\nauth_type PASS\nauth_pass 1111\n}")
    assert instance(found).password is None
    assert not found.clean


@pytest.mark.parametrize("mode", LeaseMode)
def test_the_lease_of_one_instance_or_of_all(mode: LeaseMode) -> None:
    line = f"@halod vip_lease {mode.value}"
    assert clean(own=line).lease is mode
    assert clean(globally=line).lease is mode
    other = LeaseMode.OFF if mode is not LeaseMode.OFF else LeaseMode.ADDRESS
    assert clean(f"@halod vip_lease {other.value}", globally=line).lease is other


def test_the_best_lease_is_the_default() -> None:
    assert clean().lease is LeaseMode.AUTO


@pytest.mark.parametrize("mode", LeaseMode)
def test_every_lease_but_none_ends(mode: LeaseMode) -> None:
    lease = lease_of(clean(f"@halod vip_lease {mode.value}"), hanging=())
    assert (lease.span is None) == (mode is LeaseMode.OFF)


@pytest.mark.parametrize("line", ["@halod nonsense 1", "@halod priority 300"])
def test_a_line_behind_the_prefix_is_read_like_any_other(line: str) -> None:
    assert not compiled(line).clean


def test_a_line_for_others_is_not_read() -> None:
    assert clean("@^halod priority 300\n@high nonsense").priority == 100
