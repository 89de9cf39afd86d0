"""The published tutorial: no finding but one note, and exactly this model.

The defaults are keepalived's: what a dump of 2.2.7 shows for these files.
"""

from ipaddress import IPv4Address
from pathlib import Path

import pytest

from halod.config.compile import compile_text
from halod.lab.tutorial_files import tutorial_text
from halod.model.address import VirtualAddress
from halod.model.configuration import Configuration
from halod.model.diagnostic import FindingSeverity
from halod.model.election import master_down_interval
from halod.model.units import Duration
from halod.model.vrrp import (
    GarpPolicy,
    InitialState,
    LeaseMode,
    Password,
    VrrpInstance,
    VrrpVersion,
)
from tests.capabilities import SHARED


def instance(
    name: str, vrid: int, state: InitialState, priority: int, vip: str, prefix_length: int = 24
) -> VrrpInstance:
    """Every field is said, so that a default which changes is seen here."""
    return VrrpInstance(
        name=name,
        interface="ens33",
        virtual_router_id=vrid,
        priority=priority,
        addresses=(
            VirtualAddress(
                address=IPv4Address(vip),
                prefix_length=prefix_length,
                interface="ens33",
                label=f"ens33:{vip.rpartition('.')[2]}",
                broadcast=None,
            ),
        ),
        version=VrrpVersion.V2,
        advert_interval=Duration.seconds(1),
        password=Password(b"1111"),
        initial_state=state,
        preempt=True,
        preempt_delay=Duration.seconds(0),
        down_timer_adverts=3,
        garp=GarpPolicy(
            repeat=5,
            delay=Duration.seconds(5),
            refresh=Duration.seconds(0),
            refresh_repeat=1,
            lower_prio_repeat=5,
            lower_prio_delay=Duration.seconds(5),
        ),
        lease=LeaseMode.AUTO,
    )


MASTER, BACKUP = InitialState.MASTER, InitialState.BACKUP
EXPECTED = {
    "lb01/keepalived.conf": (instance("VI_1", 51, MASTER, 150, "192.168.178.3"),),
    "lb02/keepalived.conf": (instance("VI_1", 51, BACKUP, 100, "192.168.178.3"),),
    "lb01/keepalived-dual.conf": (
        instance("VI_1", 51, MASTER, 150, "192.168.178.3"),
        instance("VI_2", 52, BACKUP, 100, "192.168.178.4", prefix_length=32),
    ),
    "lb02/keepalived-dual.conf": (
        instance("VI_1", 51, BACKUP, 100, "192.168.178.3"),
        instance("VI_2", 52, MASTER, 150, "192.168.178.4"),
    ),
}
NOTES = {"lb01/keepalived-dual.conf": ["192.168.178.4 has no mask: it is held as a /32"]}


def check(name: str, text: str) -> None:
    compiled = compile_text(name, text)
    assert [d.message for d in compiled.diagnostics] == NOTES.get(name, [])
    assert {d.severity for d in compiled.diagnostics} <= {FindingSeverity.NOTE}
    assert compiled.clean
    assert compiled.configuration == Configuration(
        router_id=name.partition("/")[0], instances=EXPECTED[name]
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_the_copy_of_the_package_is_read_as_meant(name: str) -> None:
    check(name, tutorial_text(name))


@pytest.mark.needs_shared
@pytest.mark.parametrize("name", EXPECTED)
def test_the_published_file_is_read_as_meant(name: str) -> None:
    check(name, (SHARED / "tutorial" / name).read_text())


@pytest.mark.needs_shared
def test_no_published_configuration_is_left_out() -> None:
    found = {str(Path(p.parent.name, p.name)) for p in SHARED.glob("tutorial/*/keepalived*.conf")}
    assert found == set(EXPECTED)


MINIMAL = "vrrp_instance VI_1 {{\ninterface eth0\nvirtual_router_id 1\n{}\n}}\n"


@pytest.mark.parametrize(
    ("statements", "priority", "state"),
    [
        ("", 100, BACKUP),
        ("state BACKUP", 100, BACKUP),
        ("state MASTER", 255, MASTER),
        ("state MASTER\npriority 150", 150, MASTER),
        ("priority 255", 255, MASTER),
        ("state BACKUP\npriority 255", 255, BACKUP),
        ("state master\npriority 255", 255, BACKUP),
        ("state MASTER\npriority 0", 100, MASTER),
    ],
)
def test_the_default_priority_follows_the_state(
    statements: str, priority: int, state: InitialState
) -> None:
    """An owner's where `state MASTER` stands alone: RFC 9568, 5.2.4."""
    compiled = compile_text("k.conf", MINIMAL.format(statements))
    assert compiled.configuration is not None
    (found,) = compiled.configuration.instances
    assert (found.priority, found.initial_state) == (priority, state)


def test_silence_lasts_three_adverts_and_the_skew() -> None:
    """RFC 3768, 6.1: 3.609 s for priority 100, the figure of every keepalived log."""
    (found,) = EXPECTED["lb02/keepalived.conf"]
    silence = master_down_interval(
        found.version, found.priority, found.advert_interval, found.down_timer_adverts
    )
    assert str(silence) == "3.609 s"
