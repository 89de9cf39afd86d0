"""Hangs the gate's programs on interfaces, looks that they hang there, and takes them off.

Knows `clsact` and our filters on it by name. Must not touch a filter with another name, nor a
`clsact` that others use. Each call may wait for the kernel's rtnl lock: never on the advert path.
"""

from __future__ import annotations

import errno
import os

from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.wire import traffic_control
from halod.wire.netlink import DecodeError, Flag
from halod.wire.traffic_control import Filter, Hook, TcType

__all__ = ["GateHooks"]

NAME_PREFIX = "halod:"
_GONE = (0, errno.ENODEV, errno.ENOENT, errno.EINVAL)
"""What a removal answers where the interface, its qdisc or the filter is gone already."""


class GateHooks:
    """The filters of one daemon, which its run directory names. For one thread."""

    def __init__(self, requests: RtnetlinkSocket, run_dir: str) -> None:
        self._requests = requests
        self._name = f"{NAME_PREFIX}{run_dir}"
        self._made_clsact: set[int] = set()
        """Interfaces whose `clsact` is our own work."""

    def attach(self, index: int, program_in: int, program_out: int) -> str | None:
        """Hangs both programs on an interface; idempotent. Why it failed, or None.

        What a predecessor left under our name is replaced in one step, never doubled.
        """
        error = self._change(
            TcType.NEWQDISC, Flag.CREATE | Flag.EXCL, traffic_control.encode_clsact(index)
        )
        if error == 0:
            self._made_clsact.add(index)
        elif error != errno.EEXIST:
            return f"no qdisc clsact: {os.strerror(error)}"
        for hook, program in ((Hook.INGRESS, program_in), (Hook.EGRESS, program_out)):
            ours = self._ours(index, hook)
            handle = ours[0].handle if ours else 0
            flags = Flag.CREATE | (Flag.REPLACE if ours else Flag.EXCL)
            payload = traffic_control.encode_filter(index, hook, handle, self._name, program)
            error = self._change(TcType.NEWTFILTER, flags, payload)
            if error:
                return f"no filter at {hook.name.lower()}: {os.strerror(error)}"
        return None if self.hangs(index) else "the filters were taken, and do not hang there"

    def hangs(self, index: int) -> bool:
        """Whether both filters are in their places: read back from the kernel."""
        return all(len(self._ours(index, hook)) == 1 for hook in Hook)

    def detach(self, index: int) -> str | None:
        """Takes ours off, and the `clsact` with it if it was ours and serves nobody else."""
        for hook in Hook:
            for ours in self._ours(index, hook):
                payload = traffic_control.encode_filter(index, hook, ours.handle, "", None)
                error = self._change(TcType.DELTFILTER, 0, payload)
                if error not in _GONE:
                    return f"filter at {hook.name.lower()}: {os.strerror(error)}"
        if index in self._made_clsact and not any(self._filters(index, hook) for hook in Hook):
            self._made_clsact.discard(index)
            error = self._change(TcType.DELQDISC, 0, traffic_control.encode_clsact(index))
            if error not in _GONE:
                return f"qdisc clsact: {os.strerror(error)}"
        return None

    def _ours(self, index: int, hook: Hook) -> list[Filter]:
        return [found for found in self._filters(index, hook) if found.name == self._name]

    def _filters(self, index: int, hook: Hook) -> list[Filter]:
        """Filters of any kind and name: all of them count as use of the qdisc."""
        found = []
        try:
            batch = self._requests.dump(
                TcType.GETTFILTER, traffic_control.encode_filter_dump(index, hook)
            )
        except OSError as error:
            if error.errno in _GONE:
                return []
            raise
        for message in batch:
            try:
                value = traffic_control.decode_filter(message)
            except DecodeError:
                continue
            if value is not None and value.index == index:
                found.append(value)
        return found

    def _change(self, type_: TcType, flags: int, payload: bytes) -> int:
        return self._requests.change(type_, flags, [payload])[0]
