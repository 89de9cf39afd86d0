"""Fault scripts: what an instance looks at fails, and works again.

Data. Must not run anything.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.traces.acts import clear_flag, set_flag, start, started
from tests.traces.reasons import Reason
from tests.traces.script import Act, Script, Stream, file_of, meant

__all__ = ["TRACKERS"]

GOOD, LEVEL = "good", "level"


def _check(lines: str = "", of: str = "FOLDER") -> str:
    return (
        f'vrrp_script chk {{\n    script "/usr/bin/test -e {of}/{GOOD}"\n'
        f"    interval 1\n    {lines}\n}}\n"
    )


def _checked(lines: str, *more: str) -> Callable[[str], str]:
    def files(host: str) -> str:
        track = "track_script {\n        chk\n    }"
        return file_of(host, track, *more, more=_check(lines))

    return files


def _file(host: str) -> str:
    block = f"vrrp_track_file level {{\n    file FOLDER/{LEVEL}\n}}\n"
    track = "track_file {\n        level weight 1\n    }"
    return file_of(host, track, more=block)


FAILS = 3.0
CHECK_S = 1.0
"""The check runs each second."""
LOOK_S = 0.25
"""halod looks at files so often."""


def _group(host: str) -> str:
    group = "vrrp_sync_group VG {\n    group {\n        VI_1\n        VI_2\n    }\n}\n"
    track = "track_script {\n        chk\n    }"
    second = file_of(host, track, name="VI_2", vrid=52, vips=("192.168.178.4/24",), first=False)
    return file_of(host, more=group + _check()) + second


def _fails(host: str) -> Act:
    return clear_flag(host, f"{host}'s check fails", GOOD, FAILS, host, CHECK_S)


BAD_LB01 = _fails("lb01")
GOOD_LB01 = set_flag(
    "lb01", "lb01's check works again", GOOD, watch_s=FAILS, after="lb02", slack_s=CHECK_S
)

VI_1, VI_2, GROUP = "INSTANCE VI_1", "INSTANCE VI_2", "GROUP VG"
MASTERS = f"{VI_1} MASTER 150; {VI_2} MASTER 150; {GROUP} MASTER 0"

TRACKERS = (
    Script(
        "a check of `weight -60`",
        _checked("weight -60"),
        (*started(), BAD_LB01, GOOD_LB01),
        flags=frozenset({GOOD}),
    ),
    Script(
        "a check of `weight 20` that moves nothing",
        _checked("weight 20"),
        (*started(), BAD_LB01),
        flags=frozenset({GOOD}),
    ),
    Script(
        "a check without weight: FAULT",
        _checked(""),
        (*started(), BAD_LB01, GOOD_LB01),
        flags=frozenset({GOOD}),
    ),
    Script(
        "a check with `rise 2` and `fall 2`",
        _checked("rise 2\n    fall 2\n    weight -60"),
        (start("lb01", 3.0), start("lb02", 2.0, after="lb01"), BAD_LB01),
        flags=frozenset({GOOD}),
    ),
    Script(
        "a check that fails on both",
        _checked(""),
        (
            *started(),
            BAD_LB01,
            _fails("lb02"),
        ),
        flags=frozenset({GOOD}),
    ),
    Script(
        "a sync group: one member's check fails",
        _group,
        (*started(), BAD_LB01, GOOD_LB01),
        flags=frozenset({GOOD}),
        differs=(
            *meant(
                Reason.GROUP_ORDER,
                (
                    0,
                    Stream.NOTIFY,
                    "lb01",
                    f"{VI_1} BACKUP 150; {VI_2} BACKUP 150; {GROUP} BACKUP 0; {MASTERS}",
                    f"{VI_2} BACKUP 150; {VI_1} BACKUP 150; {GROUP} BACKUP 0; {MASTERS}",
                ),
                (
                    1,
                    Stream.NOTIFY,
                    "lb02",
                    f"{VI_1} BACKUP 100; {VI_2} BACKUP 100; {GROUP} BACKUP 0",
                    f"{VI_2} BACKUP 100; {VI_1} BACKUP 100; {GROUP} BACKUP 0",
                ),
            ),
            *meant(
                Reason.GROUP_RESIGNS,
                (
                    3,
                    Stream.WIRE,
                    "lb02",
                    "VRID 51 v3 priority 100; VRID 52 v3 priority 100; VRID 52 v3 priority 0",
                    "VRID 51 v3 priority 100; VRID 52 v3 priority 100",
                ),
            ),
        ),
    ),
    Script(
        "`track_file`",
        _file,
        (
            *started(),
            set_flag("lb01", "the file says -60", LEVEL, "-60\n", slack_s=LOOK_S),
            set_flag("lb01", "the file says 0", LEVEL, "0\n", after="lb02", slack_s=LOOK_S),
            set_flag("lb01", "the file says -254: FAULT", LEVEL, "-254\n", slack_s=LOOK_S),
        ),
        flags=frozenset({LEVEL}),
    ),
)
