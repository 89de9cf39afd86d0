"""What `global_defs` says for every instance, and an instance for itself."""

import pytest

from halod.config.compile import compile_text
from halod.model.units import ZERO, Duration
from halod.model.vrrp import VrrpInstance


def lowered(globals_: str, own: str = "") -> VrrpInstance:
    text = (
        f"global_defs {{\n{globals_}\n}}\nvrrp_instance VI_1 {{\ninterface eth0\n"
        f"virtual_router_id 51\n{own}\nvirtual_ipaddress {{\n192.0.2.1/24\n}}\n}}\n"
    )
    compiled = compile_text("keepalived.conf", text)
    assert compiled.clean, compiled.diagnostics
    assert compiled.configuration is not None
    return compiled.configuration.instances[0]


@pytest.mark.parametrize(
    ("globals_", "own", "answers"),
    [
        ("", "", True),
        ("vrrp_lower_prio_no_advert", "", False),
        ("vrrp_lower_prio_no_advert no", "", True),
        ("vrrp_lower_prio_no_advert", "lower_prio_no_advert off", True),
        ("", "lower_prio_no_advert true", False),
    ],
)
def test_whether_a_weaker_master_is_answered(globals_: str, own: str, *, answers: bool) -> None:
    assert lowered(globals_, own).answers_weaker is answers


def test_adverts_that_may_be_missing() -> None:
    assert lowered("vrrp_down_timer_adverts 5").down_timer_adverts == 5
    assert lowered("vrrp_down_timer_adverts 5", "down_timer_adverts 2").down_timer_adverts == 2


def test_a_delay_of_the_start() -> None:
    assert lowered("vrrp_startup_delay 5.5").startup_delay == Duration.milliseconds(5500)
    assert lowered("").startup_delay == ZERO


def test_as_few_announcements_as_can_be() -> None:
    few = lowered("vrrp_min_garp").garp
    assert (few.repeat, few.delay) == (1, ZERO)
    said = lowered("vrrp_min_garp\nvrrp_garp_master_repeat 3").garp
    assert (said.repeat, said.delay) == (3, ZERO)
    assert lowered("vrrp_min_garp false").garp.repeat == 5


@pytest.mark.parametrize(
    "keyword",
    [
        "dynamic_interfaces",
        "max_auto_priority 50",
        "vrrp_rt_priority 50",
        "vrrp_higher_prio_send_advert true",
        "log_unknown_vrids",
        "vrrp_rx_bufs_policy MTU",
    ],
)
def test_what_is_always_so_is_accepted(keyword: str) -> None:
    assert lowered(keyword) == lowered("")
