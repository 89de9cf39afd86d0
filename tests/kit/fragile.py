"""A halod whose heartbeat breaks on certain adverts, for what must happen then.

Run as a program it is `halod`; with the arguments of a heartbeat it is that. Knows how an advert
asks for it: by the last byte of its address list's first address.
"""

from __future__ import annotations

import os
import sys
import threading

from halod.cli.halod import main as halod_main
from halod.daemon import heartbeat_keeper
from halod.daemon.heartbeat import Heartbeat
from halod.daemon.heartbeat import main as heartbeat_main
from halod.engine.ready import Ready
from halod.engine.vrrp_engine import VrrpEngine
from halod.model.event import AdvertReceived, Event
from halod.model.units import Instant

RAISES, ABORTS, HANGS, BABBLES, LIES, LOSES_A_THREAD = 201, 202, 203, 204, 205, 206
_AS_HEARTBEAT = "--as-heartbeat"
_whole = VrrpEngine.handle


def break_on_some(engine: VrrpEngine, event: Event, now: Instant) -> Ready:
    """The engine, with a fault."""
    if isinstance(event, AdvertReceived) and len(event.payload) > 11:
        match event.payload[11]:
            case 201:
                raise IndexError("an advert that nobody had thought of")
            case 202:
                os.abort()
            case 203:
                while True:
                    pass
            case 204 | 205 as how:
                wrong = _babble if how == BABBLES else _lie
                setattr(Heartbeat, "_push_view", wrong)  # noqa: B010 - replaced on purpose
            case 206:
                threading.Thread(target=divmod, args=(1, 0)).start()
            case _:
                pass
    return _whole(engine, event, now)


def _babble(heartbeat: Heartbeat) -> None:
    """Asked how it is, it says something that never ends."""
    end = heartbeat._channel._socket
    end.setblocking(True)
    while True:
        end.sendall(b"x" * 65536)


def _lie(heartbeat: Heartbeat) -> None:
    """Asked how it is, it says what halod does not say, and hands a descriptor up with it."""
    for message in ({"type": "dance"}, {"type": "fact", "severity": "x"}, {"type": "view"}):
        heartbeat._channel.send_descriptor(message, 0)


if __name__ == "__main__":
    if sys.argv[1] == _AS_HEARTBEAT:
        setattr(VrrpEngine, "handle", break_on_some)  # noqa: B010 - a method, replaced on purpose
        heartbeat_main(sys.argv[2:])
    else:
        heartbeat_keeper.PROGRAM[:] = [sys.executable, "-I", __file__, _AS_HEARTBEAT]
        halod_main()
