"""What is played: a fault script is acts, one after another, and the file that each host has.

Values only. Must not know how an act is done or what it leaves behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from tests.traces.reasons import Reason

if TYPE_CHECKING:
    from tests.traces.stage import Stage

__all__ = ["INTERVAL_S", "VIP", "Act", "Known", "Script", "Stream", "file_of", "meant"]

VIP = "192.168.178.3"
INTERVAL_S = 0.2
"""Between two adverts, in version 3. Times are compared to 0.6 of it, so that one advert more or
less, or a skew time instead of three adverts, is always seen."""
PRIORITIES: Mapping[str, int] = {"lb01": 150, "lb02": 100, "lb03": 200}
_GLOBAL = (
    "router_id {host}",
    "enable_script_security",
    "script_user root",
    "vrrp_notify_fifo FOLDER/pipe",
    "vrrp_garp_master_delay 0",
)
REAL_TIME = ("vrrp_rt_priority 50", "vrrp_rlimit_rttime 1000000")
"""For keepalived, as halod runs unasked."""
HURRIED = ("vrrp_priority -20",)


class Stream(Enum):
    """What is compared, each per host."""

    WIRE = "adverts"
    VIP = "address"
    NOTIFY = "notify"
    ANNOUNCE = "announcements"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that is done to a pair, and how long it is watched then."""

    words: str
    """For the page and for messages: what is done."""
    do: Callable[[Stage], None]
    watch_s: float
    after: str | None = None
    """Done 0.3 intervals after an advert of this host, so that both daemons have the same phase."""
    slack_s: float = 0.0
    """How long it may take until a daemon looks: a check runs when it is due."""
    starts: str | None = None
    """Time counts from the first state that this host logs: to start a program takes a while."""


@dataclass(frozen=True, slots=True)
class Known:
    """A difference that is meant, of one host during one act."""

    act: int
    """Number of the act, from 0."""
    stream: Stream
    host: str
    halod: str
    """What is seen of halod, as a trace is written; counts may be left out, and times: `+0.5`."""
    keepalived: str
    """The same for keepalived."""
    why: Reason
    chance: bool = False
    """Whether it depends on the moment, and may not be there."""


Row = tuple[int, Stream, str, str, str]


def meant(why: Reason, *rows: Row, chance: bool = False) -> tuple[Known, ...]:
    """Differences of one reason: act, stream, host, halod, keepalived."""
    return tuple(Known(*row, why, chance) for row in rows)


@dataclass(frozen=True, slots=True)
class Script:
    """A fault script."""

    name: str
    files: Callable[[str], str]
    """A host's keepalived.conf; FOLDER stands for a folder of this host alone."""
    acts: tuple[Act, ...]
    interval_s: float = INTERVAL_S
    jitter_s: float = 0.0
    """What a daemon that is not in real time may add to every time."""
    flags: frozenset[str] = frozenset()
    """Files that are in each host's folder at the beginning."""
    differs: tuple[Known, ...] = ()
    hosts: tuple[str, ...] = ("lb01", "lb02")

    @property
    def id(self) -> str:
        """As pytest shows it."""
        return re.sub(r"[^a-z0-9_]+", "-", self.name.replace("`", "").lower()).strip("-")


def file_of(
    host: str,
    *lines: str,
    interval: str = f"advert_int {INTERVAL_S:g}",
    version: int = 3,
    priority: int | None = None,
    name: str = "VI_1",
    vrid: int = 51,
    state: str = "BACKUP",
    vips: tuple[str, ...] = (f"{VIP}/24",),
    before: tuple[str, ...] = (),
    more: str = "",
    first: bool = True,
    real_time: bool = True,
) -> str:
    """One instance with these lines. `before`: lines of `global_defs`; `more`: further blocks.

    `real_time`: not for a reload: keepalived 2.2.7 then has the limit of 10 ms again, not the one
    of its file, and the kernel ends it.
    """
    priority = PRIORITIES[host] if priority is None else priority
    speed = REAL_TIME if real_time else HURRIED
    listed = "\n".join(f"        {vip} dev ens33" for vip in vips)
    own = (
        f"state {state}",
        "interface ens33",
        f"virtual_router_id {vrid}",
        f"version {version}",
        f"priority {priority}",
        interval,
        *lines,
        f"virtual_ipaddress {{\n{listed}\n    }}",
    )
    defs = "\n".join(f"    {line}" for line in (*_GLOBAL, *before, *speed)).format(host=host)
    head = f"global_defs {{\n{defs}\n}}\n" if first else ""
    body = "\n".join(f"    {line}" for line in own)
    return f"{head}{more}vrrp_instance {name} {{\n{body}\n}}\n"
