"""Lines of halod's and keepalived's logs on the monotonic clock."""

from datetime import datetime

from halod.lab.node_log import between, read_log
from halod.lab.picture.story import Weight

S = 1_000_000_000

HALOD = """\
2026-11-25 01:49:02.376+00:00 warning memory: mlockall refused
2026-11-25 01:49:02.382+00:00 notice  (VI_1) Entering BACKUP STATE (was INIT): started
2026-11-25 01:49:02.382+00:00 info    a detail
2026-11-25 01:49:07.000+00:00 alert   (VI_1) two masters
Traceback (most recent call last):
"""

AT = int(datetime.fromisoformat("2026-11-25 01:49:02+00:00").timestamp()) * S


def test_halods_lines_have_milliseconds_and_weights() -> None:
    found = read_log(HALOD, "lb01", AT)
    assert [(line.at_ns, line.weight, line.text) for line in found] == [
        (376_000_000, Weight.WARNING, "memory: mlockall refused"),
        (382_000_000, Weight.STATE, "(VI_1) Entering BACKUP STATE (was INIT): started"),
        (382_000_000, Weight.DETAIL, "a detail"),
        (5 * S, Weight.ALARM, "(VI_1) two masters"),
        (5 * S, Weight.ALARM, "Traceback (most recent call last):"),
    ]


KEEPALIVED = """\
Wed Nov 25 01:53:33 2026: (VI_1) Entering MASTER STATE
Wed Nov 25 01:53:33 2026: Sending gratuitous ARP on ens33 for 192.168.178.3
Wed Nov 25 01:53:33 2026: Sending gratuitous ARP on ens33 for 192.168.178.3
Thu Nov  5 01:53:37 2026: (VI_1) Backup received priority 0 advertisement
"""


def test_keepaliveds_lines_are_local_time_in_whole_seconds() -> None:
    local = int(datetime(2026, 11, 25, 1, 53, 33).astimezone().timestamp()) * S
    found = read_log(KEEPALIVED, "lb02", local - 40 * S)
    assert [line.at_ns for line in found[:3]] == [40 * S] * 3
    assert [line.weight for line in found] == [
        Weight.STATE,
        Weight.DETAIL,
        Weight.DETAIL,
        Weight.STATE,
    ]
    assert {line.within_ns for line in found} == {S}


def test_a_stretch_is_in_order_and_repetitions_are_counted() -> None:
    local = int(datetime(2026, 11, 25, 1, 53, 33).astimezone().timestamp()) * S
    keepalived = read_log(KEEPALIVED, "lb02", local - 10 * S)
    halod = read_log(HALOD, "lb01", AT - 9 * S)
    found = between([*keepalived, *halod], 9 * S + 380_000_000, 10 * S)
    assert [(line.host, line.text[:20], line.times) for line in found] == [
        ("lb01", "(VI_1) Entering BACK", 1),
        ("lb01", "a detail", 1),
        ("lb02", "(VI_1) Entering MAST", 1),
        ("lb02", "Sending gratuitous A", 2),
    ]
