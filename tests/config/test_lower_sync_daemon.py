"""`lvs_sync_daemon`: which instance it follows, and by which id."""

import pytest

from halod.config.codes import Code
from halod.config.compile import Compiled, compile_text
from halod.model.virtual_server import SyncDaemon

INSTANCE = """
vrrp_instance VI_1 {{
    interface eth0
    virtual_router_id 51
    {inside}
    virtual_ipaddress {{
        10.0.0.1/24
    }}
}}
"""


def compiled(words: str, inside: str = "") -> Compiled:
    return compile_text("file", f"global_defs {{\n{words}\n}}" + INSTANCE.format(inside=inside))


def daemon(words: str, inside: str = "") -> SyncDaemon | None:
    configuration = compiled(words, inside).configuration
    assert configuration is not None
    return None if configuration.lvs is None else configuration.lvs.sync_daemon


@pytest.mark.parametrize(
    ("words", "instance", "sync_id"),
    [
        ("lvs_sync_daemon eth1 VI_1", "VI_1", 51),
        ("lvs_sync_daemon eth1 inst VI_1", "VI_1", 51),
        ("lvs_sync_daemon eth1 VI_1 id 7", "VI_1", 7),
        ("lvs_sync_daemon eth1 VI_1 id 0", "VI_1", 0),
        ("lvs_sync_daemon eth1 id 7", "", 7),
        ("lvs_sync_daemon eth1", "", None),
    ],
)
def test_the_id_is_that_of_the_router_where_none_is_said(
    words: str, instance: str, sync_id: int | None
) -> None:
    assert daemon(words) == SyncDaemon(interface="eth1", instance=instance, sync_id=sync_id)


def test_the_old_way_to_say_it_stands_in_an_instance() -> None:
    old = daemon("", "lvs_sync_daemon_interface eth1")
    # keepalived takes the VRID for an id where `lvs_sync_daemon` names the instance, and not here.
    assert old == SyncDaemon(interface="eth1", instance="VI_1", sync_id=0)
    both = daemon("lvs_sync_daemon eth2 VI_1", "lvs_sync_daemon_interface eth1")
    assert both == SyncDaemon(interface="eth2", instance="VI_1", sync_id=51)


def test_an_instance_that_does_not_exist_is_told_at_its_name() -> None:
    found = compiled("lvs_sync_daemon eth1 VI_2")
    (told,) = (each for each in found.diagnostics if each.code == Code.NO_SUCH_INSTANCE.value)
    assert told.message == "there is no `vrrp_instance VI_2`: there is no sync daemon"
    assert (told.primary.span.line, told.primary.span.column) == (2, 22)
    assert found.configuration is not None
    assert found.configuration.lvs is None
