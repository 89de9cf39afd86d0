"""The state machine of a virtual router, as rows.

Rule 1: every transition is a row here; the machine looks rows up and never branches on a state.
Rule 2: this file does not know how an action is done, nor what time it is.

How to read it. Something happens and is named by a `Trigger` (the machine compares priorities
and addresses; this file does not). `TRANSITIONS` says for each (state, trigger) which state comes
next and what is done for that reason alone, before anything else: for example to answer or to
resign while still MASTER. Where the state changes, `ON_EXIT` of the old and `ON_ENTER` of the new
follow. A trigger that means nothing in a state has a row too, with `Row.ignore` and its reason,
so that the table is total: a test proves it, and the diagram in the documentation is drawn from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from halod.model.state import State

__all__ = ["ON_ENTER", "ON_EXIT", "TRANSITIONS", "Action", "Row", "Trigger"]


class Trigger(Enum):
    """What happened, already compared with this router."""

    # Members are singletons. Enum's own hash is a call in Python, and the table is looked up with
    # triggers and actions for every advert.
    __hash__ = object.__hash__

    STARTUP = "started"
    STARTUP_OWNER = "started with priority 255"
    SHUTDOWN = "stopped"
    MASTER_DOWN = "Master_Down_Timer fired"
    ADVERT_DUE = "Adver_Timer fired"
    HEARD_RESIGNATION = "heard priority 0"
    HEARD_STRONGER = "heard a stronger master"
    HEARD_EQUAL = "heard equal priority, lower address"
    HEARD_WEAKER = "heard a weaker master"
    HEARD_TOLERATED = "heard a weaker master that may stay"
    LINK_LOST = "link unusable"
    LINK_BACK = "link usable"
    LINK_BACK_OWNER = "link usable, priority 255"
    LEASE_LAPSED = "kernel took an address away"
    OVERSLEPT = "slept past the lease"
    OVERSLEPT_OWNER = "slept past the lease, priority 255"
    CONTESTED = "address removed again and again"
    REFUSED = "kernel refused the addresses"
    MUTE = "adverts cannot be sent"
    RETRY_DUE = "time to try again"
    TRACKER_FAILED = "a tracker of weight 0 failed"
    TRACKERS_WELL = "all trackers of weight 0 are well"
    TRACKERS_WELL_OWNER = "all trackers of weight 0 are well, priority 255"
    PRIORITY_MOVED = "a weight changed the priority"
    READY = "Master_Down_Timer fired, in a sync group"
    GROUP_AGREES = "all of the sync group want to be MASTER"
    GROUP_LEFT = "one of the sync group is MASTER no more"
    GROUP_FAULT = "one of the sync group is in FAULT"
    GROUP_WELL = "all of the sync group are well"


class Action(Enum):
    """What is done. One method of the machine each."""

    __hash__ = object.__hash__

    SEND_ADVERT = "send advert"
    SEND_RESIGNATION = "send priority 0"
    GRANT = "put addresses up"
    RENEW = "renew lease"
    REVOKE = "take addresses down"
    ANNOUNCE = "announce addresses"
    ANSWER_CONFLICT = "answer, announce again"
    ARM_ADVERT = "arm Adver_Timer"
    ARM_MASTER_DOWN = "arm Master_Down_Timer"
    ARM_SKEW = "wait Skew_Time only"
    SHIFT_MASTER_DOWN = "shift Master_Down_Timer by the difference"
    DISARM = "disarm all timers"
    FOLLOW = "take it as the master"
    NOTE_WEAKER = "let the timer run"
    HOLD_BACK = "leave others alone for a while"
    FORGET = "forget who was heard"
    ARM_RETRY = "arm another try"
    WANT = "want to be MASTER"


@dataclass(frozen=True, slots=True)
class Row:
    """What one trigger does in one state."""

    state: State
    """The state afterwards."""
    actions: tuple[Action, ...]
    """Done first, in the old state."""
    reason: str
    """Where it is written, or why nothing happens."""
    after: tuple[Action, ...] = ()
    """Done last, in the new state."""

    @classmethod
    def ignore(cls, state: State, reason: str) -> Row:
        return cls(state, (), reason)


INITIALIZE, BACKUP, MASTER, FAULT = State.INITIALIZE, State.BACKUP, State.MASTER, State.FAULT
T, A = Trigger, Action

ON_ENTER: Final[Mapping[State, tuple[Action, ...]]] = {
    INITIALIZE: (A.FORGET,),
    BACKUP: (A.ARM_MASTER_DOWN,),
    # RFC 9568, 6.4.2: advert, then addresses, then gratuitous ARP (Ready says why in this order).
    MASTER: (A.SEND_ADVERT, A.GRANT, A.ANNOUNCE, A.ARM_ADVERT, A.FORGET),
    FAULT: (A.FORGET,),
}

ON_EXIT: Final[Mapping[State, tuple[Action, ...]]] = {
    INITIALIZE: (),
    BACKUP: (A.DISARM,),
    MASTER: (A.DISARM, A.REVOKE),
    FAULT: (A.DISARM,),
}

_GIVE_UP: Final = (A.SEND_RESIGNATION, A.FORGET, A.HOLD_BACK)

_LIVE: Final = {
    (INITIALIZE, T.STARTUP): Row(BACKUP, (), "RFC 9568, 6.4.1"),
    (INITIALIZE, T.STARTUP_OWNER): Row(MASTER, (), "RFC 9568, 6.4.1"),
    (INITIALIZE, T.LINK_LOST): Row(FAULT, (), "keepalived: FAULT"),
    (INITIALIZE, T.TRACKER_FAILED): Row(FAULT, (), "keepalived: FAULT"),
    (INITIALIZE, T.GROUP_FAULT): Row(FAULT, (), "keepalived: all or none"),
    # Backup: RFC 9568, 6.4.2.
    (BACKUP, T.SHUTDOWN): Row(INITIALIZE, (), "RFC 9568, 6.4.2"),
    (BACKUP, T.MASTER_DOWN): Row(MASTER, (), "RFC 9568, 6.4.2"),
    (BACKUP, T.HEARD_RESIGNATION): Row(BACKUP, (A.FOLLOW, A.ARM_SKEW), "RFC 9568, 6.4.2"),
    (BACKUP, T.HEARD_STRONGER): Row(BACKUP, (A.FOLLOW, A.ARM_MASTER_DOWN), "RFC 9568, 6.4.2"),
    (BACKUP, T.HEARD_EQUAL): Row(BACKUP, (A.FOLLOW, A.ARM_MASTER_DOWN), "RFC 9568, 6.4.2"),
    (BACKUP, T.HEARD_TOLERATED): Row(BACKUP, (A.FOLLOW, A.ARM_MASTER_DOWN), "RFC 9568, 6.1"),
    (BACKUP, T.HEARD_WEAKER): Row(BACKUP, (A.NOTE_WEAKER,), "RFC 9568, 6.4.2, Preempt_Mode"),
    (BACKUP, T.LINK_LOST): Row(FAULT, (), "keepalived: FAULT"),
    (BACKUP, T.TRACKER_FAILED): Row(FAULT, (), "keepalived: FAULT"),
    (BACKUP, T.PRIORITY_MOVED): Row(BACKUP, (A.SHIFT_MASTER_DOWN,), "keepalived: the new skew"),
    (BACKUP, T.READY): Row(BACKUP, (A.WANT, A.ARM_MASTER_DOWN), "keepalived: all or none"),
    (BACKUP, T.GROUP_AGREES): Row(MASTER, (), "keepalived: all or none"),
    (BACKUP, T.GROUP_FAULT): Row(FAULT, (), "keepalived: all or none"),
    # A late timer says that we were away, not that the master was: listen once more.
    (BACKUP, T.OVERSLEPT): Row(BACKUP, (A.FOLLOW, A.ARM_MASTER_DOWN), "halod: look first"),
    (BACKUP, T.OVERSLEPT_OWNER): Row(BACKUP, (A.FOLLOW, A.ARM_MASTER_DOWN), "halod: look first"),
    # Master: RFC 9568, 6.4.3.
    (MASTER, T.SHUTDOWN): Row(INITIALIZE, (A.SEND_RESIGNATION,), "RFC 9568, 6.4.3"),
    (MASTER, T.ADVERT_DUE): Row(MASTER, (A.SEND_ADVERT, A.RENEW, A.ARM_ADVERT), "RFC 9568, 6.4.3"),
    # The other one is gone or steps down: if clients had it, they must learn of us (halod).
    (MASTER, T.HEARD_RESIGNATION): Row(MASTER, (A.ANSWER_CONFLICT,), "RFC 9568, 6.4.3"),
    # One last advert, so that the stronger one knows of the conflict and announces again.
    (MASTER, T.HEARD_STRONGER): Row(BACKUP, (A.SEND_ADVERT, A.FOLLOW), "RFC 9568, 6.4.3"),
    (MASTER, T.HEARD_EQUAL): Row(MASTER, (A.ANSWER_CONFLICT,), "RFC 9568, 6.4.3"),
    (MASTER, T.HEARD_WEAKER): Row(MASTER, (A.ANSWER_CONFLICT,), "RFC 9568, 6.4.3"),
    (MASTER, T.HEARD_TOLERATED): Row(MASTER, (A.ANSWER_CONFLICT,), "RFC 9568, 6.4.3"),
    (MASTER, T.LINK_LOST): Row(FAULT, (A.SEND_RESIGNATION,), "keepalived: FAULT"),
    (MASTER, T.TRACKER_FAILED): Row(FAULT, (A.SEND_RESIGNATION,), "keepalived: FAULT"),
    (MASTER, T.GROUP_FAULT): Row(FAULT, (A.SEND_RESIGNATION,), "keepalived: all or none"),
    # keepalived goes in silence; one that resigns lets a peer without a group follow sooner.
    (MASTER, T.GROUP_LEFT): Row(BACKUP, (A.SEND_RESIGNATION, A.FORGET), "halod: all or none"),
    (MASTER, T.LEASE_LAPSED): Row(BACKUP, (A.SEND_RESIGNATION, A.FORGET), "halod: the lease"),
    (MASTER, T.OVERSLEPT): Row(BACKUP, (A.SEND_RESIGNATION, A.FORGET), "halod: the lease"),
    (MASTER, T.OVERSLEPT_OWNER): Row(INITIALIZE, (), "halod: the lease"),
    (MASTER, T.CONTESTED): Row(BACKUP, _GIVE_UP, "halod: the lease"),
    (MASTER, T.REFUSED): Row(BACKUP, _GIVE_UP, "halod: the lease"),
    # Who cannot be heard is no master: the peers take over, and two would own the addresses.
    (MASTER, T.MUTE): Row(FAULT, (A.FORGET,), "halod: no lease without an advert", (A.ARM_RETRY,)),
    (FAULT, T.SHUTDOWN): Row(INITIALIZE, (), "RFC 9568, 6.4.2"),
    (FAULT, T.RETRY_DUE): Row(BACKUP, (), "halod: no lease without an advert"),
    (FAULT, T.LINK_BACK): Row(BACKUP, (), "keepalived: the whole Master_Down_Timer again"),
    (FAULT, T.LINK_BACK_OWNER): Row(MASTER, (), "RFC 9568, 6.4.1"),
    (FAULT, T.GROUP_WELL): Row(BACKUP, (), "keepalived: the whole Master_Down_Timer again"),
    (FAULT, T.TRACKERS_WELL): Row(BACKUP, (), "keepalived: the whole Master_Down_Timer again"),
    (FAULT, T.TRACKERS_WELL_OWNER): Row(MASTER, (), "RFC 9568, 6.4.1"),
}

_ALREADY = "it is so already"
_NOT_RUNNING = "it does not run"
_NO_ADDRESSES = "it holds no addresses"
_NO_TIMER = "that timer is not armed here"
_NEXT_ADVERT = "the next advert says it"

_IGNORED: Final = {
    (INITIALIZE, T.SHUTDOWN): _ALREADY,
    (INITIALIZE, T.LINK_BACK): _NOT_RUNNING,
    (INITIALIZE, T.LINK_BACK_OWNER): _NOT_RUNNING,
    (INITIALIZE, T.MASTER_DOWN): _NO_TIMER,
    (INITIALIZE, T.ADVERT_DUE): _NO_TIMER,
    (INITIALIZE, T.HEARD_RESIGNATION): _NOT_RUNNING,
    (INITIALIZE, T.HEARD_STRONGER): _NOT_RUNNING,
    (INITIALIZE, T.HEARD_EQUAL): _NOT_RUNNING,
    (INITIALIZE, T.HEARD_WEAKER): _NOT_RUNNING,
    (INITIALIZE, T.HEARD_TOLERATED): _NOT_RUNNING,
    (INITIALIZE, T.LEASE_LAPSED): _NO_ADDRESSES,
    (INITIALIZE, T.OVERSLEPT): _NOT_RUNNING,
    (INITIALIZE, T.OVERSLEPT_OWNER): _NOT_RUNNING,
    (INITIALIZE, T.CONTESTED): _NO_ADDRESSES,
    (INITIALIZE, T.REFUSED): _NO_ADDRESSES,
    (INITIALIZE, T.MUTE): _NO_ADDRESSES,
    (INITIALIZE, T.RETRY_DUE): _NO_TIMER,
    (INITIALIZE, T.TRACKERS_WELL): _NOT_RUNNING,
    (INITIALIZE, T.TRACKERS_WELL_OWNER): _NOT_RUNNING,
    (INITIALIZE, T.PRIORITY_MOVED): _NOT_RUNNING,
    (INITIALIZE, T.READY): _NO_TIMER,
    (INITIALIZE, T.GROUP_AGREES): _NOT_RUNNING,
    (INITIALIZE, T.GROUP_LEFT): _NO_ADDRESSES,
    (INITIALIZE, T.GROUP_WELL): _NOT_RUNNING,
    (BACKUP, T.STARTUP): _ALREADY,
    (BACKUP, T.STARTUP_OWNER): _ALREADY,
    (BACKUP, T.ADVERT_DUE): _NO_TIMER,
    (BACKUP, T.LINK_BACK): _ALREADY,
    (BACKUP, T.LINK_BACK_OWNER): _ALREADY,
    (BACKUP, T.LEASE_LAPSED): _NO_ADDRESSES,
    (BACKUP, T.CONTESTED): _NO_ADDRESSES,
    (BACKUP, T.REFUSED): _NO_ADDRESSES,
    (BACKUP, T.MUTE): _NO_ADDRESSES,
    (BACKUP, T.RETRY_DUE): _NO_TIMER,
    (BACKUP, T.TRACKERS_WELL): _ALREADY,
    (BACKUP, T.TRACKERS_WELL_OWNER): _ALREADY,
    (BACKUP, T.GROUP_LEFT): _NO_ADDRESSES,
    (BACKUP, T.GROUP_WELL): _ALREADY,
    (MASTER, T.STARTUP): _ALREADY,
    (MASTER, T.STARTUP_OWNER): _ALREADY,
    (MASTER, T.MASTER_DOWN): _NO_TIMER,
    (MASTER, T.RETRY_DUE): _NO_TIMER,
    (MASTER, T.LINK_BACK): _ALREADY,
    (MASTER, T.LINK_BACK_OWNER): _ALREADY,
    (MASTER, T.TRACKERS_WELL): _ALREADY,
    (MASTER, T.TRACKERS_WELL_OWNER): _ALREADY,
    (MASTER, T.PRIORITY_MOVED): _NEXT_ADVERT,
    (MASTER, T.READY): _NO_TIMER,
    (MASTER, T.GROUP_AGREES): _ALREADY,
    (MASTER, T.GROUP_WELL): _ALREADY,
    (FAULT, T.STARTUP): _NOT_RUNNING,
    (FAULT, T.STARTUP_OWNER): _NOT_RUNNING,
    (FAULT, T.MASTER_DOWN): _NO_TIMER,
    (FAULT, T.ADVERT_DUE): _NO_TIMER,
    (FAULT, T.HEARD_RESIGNATION): _NOT_RUNNING,
    (FAULT, T.HEARD_STRONGER): _NOT_RUNNING,
    (FAULT, T.HEARD_EQUAL): _NOT_RUNNING,
    (FAULT, T.HEARD_WEAKER): _NOT_RUNNING,
    (FAULT, T.HEARD_TOLERATED): _NOT_RUNNING,
    (FAULT, T.LINK_LOST): _ALREADY,
    (FAULT, T.LEASE_LAPSED): _NO_ADDRESSES,
    (FAULT, T.OVERSLEPT): _NOT_RUNNING,
    (FAULT, T.OVERSLEPT_OWNER): _NOT_RUNNING,
    (FAULT, T.CONTESTED): _NO_ADDRESSES,
    (FAULT, T.REFUSED): _NO_ADDRESSES,
    (FAULT, T.MUTE): _NO_ADDRESSES,
    (FAULT, T.TRACKER_FAILED): _ALREADY,
    (FAULT, T.PRIORITY_MOVED): _NOT_RUNNING,
    (FAULT, T.READY): _NO_TIMER,
    (FAULT, T.GROUP_AGREES): _NOT_RUNNING,
    (FAULT, T.GROUP_LEFT): _NO_ADDRESSES,
    (FAULT, T.GROUP_FAULT): _ALREADY,
}

TRANSITIONS: Final[Mapping[tuple[State, Trigger], Row]] = _LIVE | {
    key: Row.ignore(key[0], reason) for key, reason in _IGNORED.items()
}
