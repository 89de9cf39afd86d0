"""The configuration of virtual routers, after lowering: no text, no defaults left to guess.

Knows what an instance is told to be. Must not know what state it is in.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from halod.model.address import VirtualAddress
from halod.model.units import ZERO, Duration

__all__ = [
    "GarpPolicy",
    "InitialState",
    "LeaseMode",
    "Password",
    "VrrpInstance",
    "VrrpVersion",
]

PRIORITY_OWNER = 255
"""Priority of the router that owns the addresses (RFC 9568, 5.2.4)."""


class VrrpVersion(Enum):
    """Version field of the packet."""

    V2 = 2
    V3 = 3


class InitialState(Enum):
    """`state`: a wish. Below priority 255 it decides nothing but the defaults of others."""

    MASTER = "MASTER"
    BACKUP = "BACKUP"


class LeaseMode(Enum):
    """`@halod vip_lease`: who takes the address away when the daemon cannot renew."""

    ADDRESS = "address"
    """The kernel, by the address's `valid_lft`."""
    OFF = "off"
    """Nobody: like keepalived."""


@dataclass(frozen=True, slots=True)
class Password:
    """`auth_pass` of PASS authentication (RFC 2338, 5.3.6.2): 1 to 8 bytes, sent in the clear."""

    secret: bytes

    def __repr__(self) -> str:
        # Secrets never reach a log, a dump or an error message.
        return "Password(***)"


@dataclass(frozen=True, slots=True, kw_only=True)
class GarpPolicy:
    """How often an address is announced by gratuitous ARP."""

    repeat: int = 5
    """`garp_master_repeat`: frames an address in one burst, 1 to 255. Default 5."""
    delay: Duration = Duration.seconds(5)
    """`garp_master_delay`: from the first burst to the second; 0 s: no second. Default 5 s."""
    refresh: Duration = ZERO
    """`garp_master_refresh`: announced again each so often; 0 s: never. Default 0 s."""
    refresh_repeat: int = 1
    """`garp_master_refresh_repeat`: frames an address in a refresh. Default 1."""
    lower_prio_repeat: int = 5
    """`garp_lower_prio_repeat`: frames when a lower master was heard. Default: `repeat`."""
    lower_prio_delay: Duration = Duration.seconds(5)
    """`garp_lower_prio_delay`: to the second burst after that. Default: `delay`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VrrpInstance:
    """One `vrrp_instance`: a virtual router on one link (RFC 9568, 1.7)."""

    name: str
    """Name of the instance, unique in a file."""
    interface: str
    """Link on which adverts are sent and heard."""
    virtual_router_id: int
    """VRID, 1 to 255 (RFC 9568, 5.2.3)."""
    priority: int
    """1 to 255; 255 owns the addresses. Default 100, or 255 where `state MASTER` stands alone."""
    addresses: tuple[VirtualAddress, ...]
    """Virtual addresses in the order of the file: the order in which they are advertised."""
    version: VrrpVersion = VrrpVersion.V2
    """Default 2, as keepalived."""
    advert_interval: Duration = Duration.seconds(1)
    """Between two adverts. v2: whole seconds, 1 to 255 s. Default 1 s."""
    password: Password | None = None
    """PASS authentication; none: authentication type 0."""
    initial_state: InitialState = InitialState.BACKUP
    """`state`."""
    preempt: bool = True
    """False (`nopreempt`): a backup leaves a lower master alone (RFC 9568, 6.1)."""
    preempt_delay: Duration = ZERO
    """How long a lower master is left alone, from its first advert heard. 0 to 1000 s."""
    down_timer_adverts: int = 3
    """Adverts missed before the master counts as dead, 1 to 100. Default 3 (RFC 9568, 6.1)."""
    garp: GarpPolicy = GarpPolicy()
    """Announcements of the addresses."""
    lease: LeaseMode = LeaseMode.ADDRESS
    """How long the kernel lets us keep the addresses without a renewal."""

    @property
    def is_owner(self) -> bool:
        """Whether the addresses are this router's own (priority 255)."""
        return self.priority == PRIORITY_OWNER
