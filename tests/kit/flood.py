"""Sends frames as fast as the kernel takes them: `python -m tests.kit.flood INTERFACE FILE COUNT`.

Knows sendmmsg(2) and packet sockets. Must not know what the frames say: `volley.py` makes them.
Ends with one line of JSON: how many were sent, and in how many seconds.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from halod.lab.machine import Machine
from tests.capabilities import ROOT
from tests.kit.volley import SLOTS, STRIDE, Volleys

__all__ = ["FRAMES", "Fired", "fire", "main"]

FRAMES = int(os.environ.get("HALOD_FLOOD_FRAMES", "1000000"))
"""Of a flood that shall be long: two minutes at full rate."""

_PACKET_QDISC_BYPASS, _SOL_PACKET = 20, 263
_PATIENCE_S = 0.0005
"""The link's queue is full: so long until it is asked again."""


@dataclass(frozen=True)
class Fired:
    """A flood that is over."""

    sent: int
    seconds: float

    @property
    def rate(self) -> float:
        """Frames a second."""
        return self.sent / self.seconds


def fire(machine: Machine, volleys: Volleys, count: int) -> Fired:
    """Floods the link of a host of the lab, and returns when the last frame is out."""
    with tempfile.TemporaryDirectory() as folder:
        file = str(volleys.write(Path(folder, "volleys")))
        command = [
            sys.executable,
            "-m",
            "tests.kit.flood",
            machine.host.interface,
            str(file),
            str(count),
        ]
        done = subprocess.run(
            [*machine.namespace.prefix, *command], cwd=ROOT, capture_output=True, text=True
        )
    assert done.returncode == 0, done.stderr
    return Fired(**json.loads(done.stdout))


class _IoVector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Message(ctypes.Structure):
    """struct msghdr."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("vectors", ctypes.c_void_p),
        ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _MessageHeader(ctypes.Structure):
    """struct mmsghdr: a msghdr and what was sent of it."""

    _fields_ = (("message", _Message), ("sent", ctypes.c_uint32))


class _Gun:
    """One socket and room for one volley, described to the kernel once."""

    def __init__(self, interface: str, lengths: tuple[int, ...]) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.setsockopt(_SOL_PACKET, _PACKET_QDISC_BYPASS, 1)
        self._socket.bind((interface, 0))
        self._room = ctypes.create_string_buffer(SLOTS * STRIDE)
        start = ctypes.addressof(self._room)
        self._vectors = (_IoVector * SLOTS)()
        self._headers = (_MessageHeader * SLOTS)()
        for slot, length in enumerate(lengths):
            vector, header = self._vectors[slot], self._headers[slot]
            vector.base, vector.length = start + slot * STRIDE, length
            header.message.vectors, header.message.vector_count = ctypes.addressof(vector), 1

    def fire(self, frames: bytes, count: int) -> None:
        """The first `count` frames of a volley."""
        ctypes.memmove(self._room, frames, SLOTS * STRIDE)
        done = 0
        while done < count:
            rest = ctypes.byref(self._headers, done * ctypes.sizeof(_MessageHeader))
            sent = self._libc.sendmmsg(self._socket.fileno(), rest, count - done, 0)
            if sent > 0:
                done += sent
            elif ctypes.get_errno() in (105, 11):  # ENOBUFS, EAGAIN
                time.sleep(_PATIENCE_S)
            else:
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number))


def main(interface: str, file: str, count: int) -> None:
    """Fires all volleys of a file in turn until so many frames are out."""
    volleys = Volleys.read(Path(file))
    gun = _Gun(interface, volleys.lengths)
    started = time.monotonic()
    for number, at in enumerate(range(0, count, SLOTS)):
        gun.fire(volleys.frames[number % len(volleys.frames)], min(SLOTS, count - at))
    print(json.dumps({"sent": count, "seconds": time.monotonic() - started}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
