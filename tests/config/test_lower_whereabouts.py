"""`net_namespace`, `net_namespace_ipvs` and `instance`."""

import pytest

from halod.config.compile import compile_text
from halod.model.virtual_server import LvsSettings

INSTANCE = (
    "vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\n"
    "virtual_ipaddress {\n192.0.2.10/24\n}\n}\n"
)


def test_both_are_names_and_of_two_the_first_counts() -> None:
    """keepalived 2.2.7: "Duplicate net_namespace definition - ignoring"."""
    compiled = compile_text("k.conf", f"net_namespace a\nnet_namespace b\ninstance one\n{INSTANCE}")
    assert compiled.configuration is not None
    assert compiled.configuration.net_namespace == "a"
    assert compiled.configuration.instance == "one"
    (found,) = compiled.diagnostics
    assert (found.code, found.primary.span.line) == ("W307", 2)


SERVER = """virtual_server 192.0.2.10 80 {
    lvs_sched rr
    lvs_method NAT
    protocol TCP
    real_server 192.0.2.11 80 {
        TCP_CHECK {
        }
    }
}
"""


def test_virtual_servers_may_be_balanced_elsewhere() -> None:
    compiled = compile_text("k.conf", f"net_namespace a\nnet_namespace_ipvs b\n{SERVER}")
    assert compiled.configuration is not None
    assert compiled.configuration.net_namespace == "a"
    assert compiled.configuration.lvs == LvsSettings(net_namespace="b")
    assert compiled.diagnostics == ()


def test_without_a_name_they_are_balanced_where_halod_works() -> None:
    compiled = compile_text("k.conf", f"net_namespace_ipvs\n{SERVER}")
    assert compiled.configuration is not None
    assert compiled.configuration.lvs is None
    assert [each.code for each in compiled.diagnostics] == ["E101"]


@pytest.mark.parametrize("name", ["a/b", "..", "x" * 201])
def test_a_namespace_that_cannot_be_is_refused(name: str) -> None:
    compiled = compile_text("k.conf", f"net_namespace_ipvs {name}\n{SERVER}")
    assert compiled.refused
    assert [each.code for each in compiled.diagnostics] == ["E110"]


@pytest.mark.parametrize("keyword", ["net_namespace", "instance"])
@pytest.mark.parametrize("name", ["", "a/b", "..", "x" * 201])
def test_what_is_no_part_of_a_path_is_refused(keyword: str, name: str) -> None:
    compiled = compile_text("k.conf", f"{keyword} {name}\n{INSTANCE}")
    assert compiled.refused
    assert [d.code for d in compiled.diagnostics] == ["E110" if name else "E101"]
