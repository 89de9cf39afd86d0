"""`vrrp_track_process`, `track_file`, and the lines that name them."""

from halod.config.compile import Compiled, compile_text
from halod.model.configuration import Configuration
from halod.model.track_file import VrrpTrackFile
from halod.model.track_process import ParameterMatch, VrrpTrackProcess
from halod.model.tracking import Tracked, TrackerId, TrackerKind
from halod.model.units import Duration

INSTANCE = (
    "vrrp_instance VI_1 {{\ninterface eth0\nvirtual_router_id 51\n{}\n"
    "virtual_ipaddress {{\n192.0.2.10/24\n}}\n}}\n"
)


def compiled(blocks: str, own: str) -> Compiled:
    return compile_text("keepalived.conf", blocks + INSTANCE.format(own))


def clean(blocks: str, own: str) -> Configuration:
    found = compiled(blocks, own)
    assert found.clean, found.diagnostics
    assert found.configuration is not None
    return found.configuration


def tracked(kind: TrackerKind, name: str, weight: int = 0, *, reverse: bool = False) -> Tracked:
    return Tracked(TrackerId(kind, name), weight, reverse)


def test_a_process_alone_is_fault_when_it_does_not_run() -> None:
    """keepalived 2.2.7 too, whatever its manual says of weight 1."""
    block = 'vrrp_track_process chk {\nprocess "nginx"\n}\n'
    configuration = clean(block, "track_process {\nchk\n}")
    assert configuration.processes == (VrrpTrackProcess(name="chk", command="nginx"),)
    assert configuration.instances[0].trackers == (tracked(TrackerKind.PROCESS, "chk"),)
    assert configuration.needs_runner


def test_all_that_a_process_may_say() -> None:
    block = (
        "vrrp_track_process chk {\nprocess /usr/sbin/nginx -g daemon\nparam_match partial\n"
        "full_command\nweight 20 reverse\nquorum 2\nquorum_max 4\ndelay 1.5\nterminate_delay 3\n}\n"
    )
    assert clean(block, "track_process {\nchk\n}").processes == (
        VrrpTrackProcess(
            name="chk",
            command="/usr/sbin/nginx",
            parameters=("-g", "daemon"),
            full_command=True,
            match=ParameterMatch.PARTIAL,
            quorum=2,
            quorum_max=4,
            fork_delay=Duration.milliseconds(1500),
            terminate_delay=Duration.seconds(3),
            weight=20,
            reverse=True,
        ),
    )


def test_a_line_goes_before_its_block() -> None:
    block = "vrrp_track_process chk {\nprocess nginx\nweight 20 reverse\n}\n"
    instance = clean(block, "track_process {\nchk weight -5\n}").instances[0]
    assert instance.trackers == (tracked(TrackerKind.PROCESS, "chk", -5),)
    instance = clean(block, "track_process {\nchk\n}").instances[0]
    assert instance.trackers == (tracked(TrackerKind.PROCESS, "chk", 20, reverse=True),)


def test_a_file_weighs_1_and_may_be_made() -> None:
    for kind in ("track_file", "vrrp_track_file"):
        block = f"{kind} load {{\nfile /run/load\ninit_file 5 overwrite\n}}\n"
        configuration = clean(block, "track_file {\nload\n}")
        assert configuration.files == (
            VrrpTrackFile(name="load", path="/run/load", init_value=5, overwrites=True),
        )
        assert configuration.instances[0].trackers == (tracked(TrackerKind.FILE, "load", 1),)
    plain = clean("track_file load {\nfile /run/load\ninit_file\n}\n", "track_file {\nload\n}")
    assert plain.files[0].init_value == 0


def test_what_nobody_tracks_is_not_watched() -> None:
    block = "vrrp_track_process chk {\nprocess nginx\n}\ntrack_file f {\nfile /run/f\n}\n"
    configuration = clean(block, "")
    assert not configuration.needs_runner


def test_a_sync_group_tracks_for_its_members() -> None:
    block = (
        "vrrp_track_process chk {\nprocess nginx\n}\n"
        "vrrp_sync_group G {\ngroup {\nVI_1\n}\ntrack_process {\nchk\n}\n}\n"
    )
    configuration = compiled(block, "").configuration
    assert configuration is not None
    assert configuration.instances[0].trackers == (tracked(TrackerKind.PROCESS, "chk"),)
    assert configuration.processes


def test_names_that_are_not_there_and_blocks_that_say_nothing() -> None:
    found = compiled(
        "vrrp_track_process chk {\n}\ntrack_file f {\n}\n",
        "track_process {\nchk\n}\ntrack_file {\nf\n}",
    )
    assert [d.code for d in found.diagnostics] == ["E203", "E203", "E207", "E207"]
    assert found.configuration is not None
    assert found.configuration.instances[0].trackers == ()
