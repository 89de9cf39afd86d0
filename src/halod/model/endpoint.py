"""Where a service is reached: an address and a port, or a firewall mark.

Knows identity and how people write it. Must not know what stands behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from halod.model.address import IpAddress

__all__ = ["Endpoint", "Protocol", "ServiceKey"]


class Protocol(Enum):
    """Transport protocol; the value is its number (IANA protocol numbers)."""

    __hash__ = object.__hash__

    TCP = 6
    UDP = 17
    SCTP = 132

    @property
    def word(self) -> str:
        """As keepalived writes it in lines for a named pipe."""
        return _WORDS[self]


_WORDS = {protocol: protocol.name.lower() for protocol in Protocol}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address and a port."""

    address: IpAddress
    """IPv4 or IPv6."""
    port: int
    """0 to 65535; 0: every port (persistent services and real servers behind DR and TUN)."""

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}"

    def __hash__(self) -> int:
        # That of an address goes through a string; tens of thousands are asked for in a reload.
        return hash((int(self.address), self.port))


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """What identifies a service in the kernel's table (ipvsadm(8): -t, -u, --sctp-service, -f)."""

    family: int
    """4 or 6."""
    protocol: Protocol | None
    """None: of a firewall mark, which has no protocol."""
    endpoint: Endpoint | None
    """None: of a firewall mark."""
    mark: int = 0
    """Firewall mark, 1 to 2^32-1; 0: this is an address and a port."""

    def __str__(self) -> str:
        """`[10.0.0.1]:tcp:80`, `FWM 3` or `FWM6 3`, as in keepalived's lines for a named pipe."""
        if self.endpoint is None or self.protocol is None:
            return f"FWM{'6' if self.family == 6 else ''} {self.mark}"
        return f"[{self.endpoint.address}]:{self.protocol.word}:{self.endpoint.port}"
