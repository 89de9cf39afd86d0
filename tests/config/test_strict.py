"""Strict mode and acceptance as values, as `keepalived -t` and its dump show them (2.2.7)."""

import pytest

from halod.config.compile import compile_text
from halod.model.units import ZERO, Duration
from halod.model.vrrp import InitialState, VrrpInstance

S = Duration.seconds(1)


def lowered(*lines: str, everywhere: str = "", priority: int = 100) -> VrrpInstance:
    inner = "\n".join(lines)
    text = (
        f"global_defs {{\n{everywhere}\n}}\nvrrp_instance VI_1 {{\ninterface eth0\n"
        f"virtual_router_id 51\npriority {priority}\n{inner}\n"
        "virtual_ipaddress {\n192.0.2.10/24\n}\n}\n"
    )
    configuration = compile_text("keepalived.conf", text).configuration
    assert configuration is not None
    [instance] = configuration.instances
    return instance


@pytest.mark.parametrize(
    ("line", "everywhere", "ignores"),
    [
        ("", "", False),
        ("owner_ignore_adverts", "", True),
        ("", "vrrp_owner_ignore_adverts", True),
        ("owner_ignore_adverts off", "vrrp_owner_ignore_adverts", False),
    ],
)
def test_an_owner_that_hears_nobody(line: str, everywhere: str, ignores: bool) -> None:
    assert lowered(line, everywhere=everywhere, priority=255).ignores_adverts is ignores


@pytest.mark.parametrize(
    ("lines", "deaf"),
    [
        ([], False),
        (["no_accept"], True),
        (["accept"], False),
        (["strict_mode"], True),
        (["strict_mode off"], False),
        (["strict_mode off", "no_accept"], True),
        (["strict_mode", "accept"], True),  # version 2 does not know it
        (["strict_mode", "version 3", "accept"], False),
        (["strict_mode", "version 3", "accept", "no_accept"], True),
        (["version 3", "no_accept", "accept"], False),
    ],
)
def test_whose_addresses_answer(lines: list[str], deaf: bool) -> None:
    assert lowered(*lines).is_deaf is deaf


def test_an_owner_always_answers() -> None:
    for lines in (["no_accept"], ["strict_mode", "state MASTER"], ["strict_mode", "accept"]):
        assert not lowered(*lines, priority=255).is_deaf


@pytest.mark.parametrize("everywhere", ["vrrp_strict", "vrrp_strict off"])
def test_the_global_keyword_heeds_no_word_and_an_instance_may_differ(everywhere: str) -> None:
    assert lowered(everywhere=everywhere).strict
    assert not lowered("strict_mode off", everywhere=everywhere).strict


def test_what_is_not_of_the_standard_is_set_back() -> None:
    instance = lowered(
        "strict_mode",
        "state MASTER",
        "preempt_delay 5",
        "authentication {\nauth_type PASS\nauth_pass 1111\n}",
        everywhere="vrrp_down_timer_adverts 5\nvrrp_garp_lower_prio_repeat 3",
    )
    assert instance.initial_state is InitialState.BACKUP
    assert (instance.preempt, instance.preempt_delay) == (True, ZERO)
    assert (instance.password, instance.ah_key) == (None, None)
    assert instance.down_timer_adverts == 3
    assert not instance.answers_weaker
    garp = instance.garp
    assert (garp.lower_prio_repeat, garp.lower_prio_delay) == (0, ZERO)
    assert (garp.repeat, garp.delay) == (5, S * 5)


def test_nopreempt_outlives_a_wish_that_does_not_count() -> None:
    """keepalived 2.2.7: `state MASTER` is taken back first, and then nothing is in its way."""
    assert not lowered("strict_mode", "state MASTER", "nopreempt").preempt
    assert lowered("state MASTER", "nopreempt").preempt


def test_an_owner_begins_as_master_whatever_is_wished() -> None:
    assert lowered("strict_mode", "state BACKUP", priority=255).initial_state is InitialState.MASTER
    assert lowered("state BACKUP", priority=255).initial_state is InitialState.BACKUP


def test_a_faulty_state_is_told_once() -> None:
    """Found by `make fuzz`: strict mode looked for the place of a state that could not be read."""
    text = (
        "vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\npriority 255\nstrict_mode\n"
        "state bogus\nvirtual_ipaddress {\n192.0.2.1/24\n}\n}\n"
    )
    assert [found.code for found in compile_text("k.conf", text).diagnostics] == ["E104"]


def test_a_node_that_owns_nothing_is_told_that_the_keyword_does_nothing() -> None:
    text = (
        "vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\npriority 150\n"
        "owner_ignore_adverts\ntimer_expired_backup 100\npromote_secondaries\n"
        "virtual_ipaddress {\n192.0.2.10/24\n}\n}\n"
    )
    compiled = compile_text("keepalived.conf", text)
    told = [found.message.split(":")[0] for found in compiled.diagnostics]
    assert told == [
        "`owner_ignore_adverts` has nothing to do",
        "`timer_expired_backup` has nothing to do",
    ]
    assert compiled.configuration is not None
    assert compiled.configuration.instances[0].promotes_secondaries
