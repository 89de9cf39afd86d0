"""Sync groups: what the file says, and what a group makes of its members."""

from halod.config.compile import compile_text
from halod.model.configuration import Configuration
from halod.model.sync_group import VrrpSyncGroup
from halod.model.tracking import Tracked, TrackerId, TrackerKind


def configured(groups: str, block_of_1: str = "") -> Configuration:
    instances = "".join(
        f"vrrp_instance VI_{n} {{\ninterface eth{n}\nvirtual_router_id 5{n}\n"
        f"{block_of_1 if n == 1 else ''}\nvirtual_ipaddress {{\n192.0.2.{n}/24\n}}\n}}\n"
        for n in (1, 2, 3)
    )
    configuration = compile_text("keepalived.conf", groups + instances).configuration
    assert configuration is not None
    return configuration


def group(name: str, *members: str, more: str = "") -> str:
    lines = "\n".join(members)
    return f"vrrp_sync_group {name} {{\ngroup {{\n{lines}\n}}\n{more}\n}}\n"


def link(name: str, weight: int = 0) -> Tracked:
    return Tracked(TrackerId(TrackerKind.INTERFACE, name), weight)


def test_members_stand_in_the_order_of_the_block() -> None:
    """keepalived 2.2.7 takes several names on a line."""
    configuration = configured(group("VG_1", "VI_2", "VI_3 VI_1"))
    assert configuration.groups == (VrrpSyncGroup(name="VG_1", members=("VI_2", "VI_3", "VI_1")),)


def test_an_instance_stays_in_its_first_group_and_one_that_is_not_there_in_none() -> None:
    configuration = configured(group("VG_1", "VI_1", "VI_9") + group("VG_2", "VI_1", "VI_2"))
    assert [(g.name, g.members) for g in configuration.groups] == [
        ("VG_1", ("VI_1",)),
        ("VG_2", ("VI_2",)),
    ]


def test_a_group_without_a_member_is_none() -> None:
    assert configured(group("VG_1", "VI_9")).groups == ()


def test_what_a_group_tracks_is_tracked_by_each_member_but_for_its_own_link() -> None:
    """keepalived 2.2.7: with its weight, whether `sync_group_tracking_weight` is there or not."""
    more = "track_interface {\neth2 weight -60\neth9\n}"
    first, second, third = configured(group("VG_1", "VI_1", "VI_2", more=more)).instances
    assert first.trackers == (link("eth2", -60), link("eth9"))
    assert second.trackers == (link("eth9"),)
    assert third.trackers == ()


def test_a_weight_of_a_member_counts_where_the_group_says_so() -> None:
    block = "track_interface {\neth8 weight -20\neth9\n}"
    alone = configured(group("VG_1", "VI_1", "VI_2"), block)
    assert alone.instances[0].trackers == (link("eth9"),)
    said = configured(group("VG_1", "VI_1", "VI_2", more="sync_group_tracking_weight"), block)
    assert said.instances[0].trackers == (link("eth8", -20), link("eth9"))


def test_a_line_of_the_member_goes_before_one_of_the_group() -> None:
    block = "track_interface {\neth9\n}"
    more = "track_interface {\neth9 weight -20\n}"
    both = configured(group("VG_1", "VI_1", "VI_2", more=more), block)
    assert both.instances[0].trackers == (link("eth9"),)
    assert both.instances[1].trackers == (link("eth9", -20),)
