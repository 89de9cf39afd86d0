"""Classic BPF that keeps the kernel's own routes from whoever follows routes, in the kernel.

Knows instructions (socket(7), SO_ATTACH_FILTER) and where a route message says who made it. Must
not know sockets. A netlink socket hands the program a datagram with one message.
"""

from __future__ import annotations

from halod.wire.vrid_filter import DROP, PASS, instruction

__all__ = ["made_by_others"]

_LOAD_BYTE, _JUMP_IF_EQUAL, _RETURN = 0x30, 0x15, 0x06
_PROTOCOL_AT = 16 + 5
"""rtm_protocol: behind netlink's header and five bytes of struct rtmsg."""
_RTPROT_KERNEL = 2


def made_by_others() -> bytes:
    """Lets through news of routes that the kernel did not make with an address: a takeover of a
    thousand addresses brings thousands of those. A message that is too short is dropped."""
    return (
        instruction(_LOAD_BYTE, _PROTOCOL_AT)
        + instruction(_JUMP_IF_EQUAL, _RTPROT_KERNEL, true=1)
        + instruction(_RETURN, PASS)
        + instruction(_RETURN, DROP)
    )
