"""Whether this machine forwards packets at all: NAT needs it, and it is the operator's to say.

Knows two settings. Must not change them, nor know which services there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

__all__ = ["not_forwarding"]

_SETTINGS = {4: "net/ipv4/ip_forward", 6: "net/ipv6/conf/all/forwarding"}
_PROC = Path("/proc/sys")


def not_forwarding(families: Iterable[int]) -> list[str]:
    """A sentence for each of these address families that is not forwarded."""
    return [
        f"{setting.replace('/', '.')} is 0: this machine does not forward, so that no packet "
        f"comes to real servers behind NAT; sysctl -w {setting.replace('/', '.')}=1"
        for family in sorted(set(families))
        if _is_off(setting := _SETTINGS[family])
    ]


def _is_off(setting: str) -> bool:
    try:
        return (_PROC / setting).read_text().strip() == "0"
    except FileNotFoundError:
        return False  # Without IPv6 there is nothing to forward.
