"""`haloctl status` about scripts, pipes and mail: a line for what is not well, and no other."""

from typing import Any

from halod.cli.notifications import notification_lines

WELL: dict[str, Any] = {
    "told": 3,
    "scripts": {
        "waiting": 0,
        "running": 1,
        "runs": 5,
        "failed": 0,
        "lost": 0,
        "last_failure": "",
    },
    "fifos": [
        {
            "path": "/run/fifo",
            "unread_bytes": 27,
            "waiting": 0,
            "lost": 0,
            "script_runs": True,
            "script_starts": 1,
        }
    ],
    "mail": {"waiting": 1, "sent": 3, "lost": 0, "failures": 0},
}


def test_what_is_well_has_no_line() -> None:
    assert notification_lines({}) == []
    assert notification_lines(WELL) == []


def test_what_is_not_well_has_one() -> None:
    wrong = {
        "scripts": {
            "waiting": 2,
            "running": 1,
            "runs": 5,
            "failed": 3,
            "lost": 1,
            "last_failure": "(VI_1) notify script /n.sh: exit 3",
        },
        "fifos": [
            {
                "path": "/run/fifo",
                "unread_bytes": 65536,
                "waiting": 7,
                "lost": 2,
                "script_runs": False,
                "script_starts": 4,
            }
        ],
        "mail": {"waiting": 4, "sent": 3, "lost": 1, "failures": 6},
    }
    assert notification_lines(wrong) == [
        "notify scripts: 2 wait for 1 that does not end",
        "notify scripts: 3 of 5 failed, the last time (VI_1) notify script /n.sh: exit 3",
        "notify scripts: 1 never run: too many waited",
        "notify FIFO /run/fifo: its program does not run; 7 lines wait, nobody reads; 2 lines lost",
        "mail: 4 waiting, tried in vain 6 times",
        "mail: 1 given up",
    ]
