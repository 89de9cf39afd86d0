"""The configuration of virtual routers, after lowering: no text, no defaults left to guess.

Knows what an instance is told to be. Must not know what state it is in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv6Address

from halod.model.address import IpAddress, VirtualAddress
from halod.model.hmac_policy import HmacPolicy
from halod.model.notify_policy import NotifyPolicy
from halod.model.routing import NO_ROUTING, Routing
from halod.model.tracking import PRIORITY_OWNER, Tracked
from halod.model.unicast import Unicast
from halod.model.units import ZERO, Duration
from halod.model.vmac import AddressVmac, Vmac, VmacPlan

__all__ = [
    "ANY_LINK",
    "GROUP_V4",
    "GROUP_V6",
    "PRIORITY_OWNER",
    "AhKey",
    "GarpPolicy",
    "InitialState",
    "LeaseMode",
    "Password",
    "VrrpInstance",
    "VrrpVersion",
    "interfaces_of",
    "promoted_links",
    "vmac_plans",
]


GROUP_V4 = IPv4Address("224.0.0.18")
"""RFC 9568, 5.1.1.2."""
GROUP_V6 = IPv6Address("ff02::12")
"""RFC 9568, 5.1.2.2."""


ANY_LINK = "any link"
"""Stands for the interface of an instance that has none; no link can have this name."""


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

    AUTO = "auto"
    """The best of the others that this machine gives."""
    BPF = "bpf"
    """A program in the kernel, with an absolute deadline in nanoseconds."""
    NFT = "nft"
    """nftables, where BPF is refused; in milliseconds."""
    ADDRESS = "address"
    """The kernel, by the address's `valid_lft`; in whole seconds."""
    OFF = "off"
    """Nobody: like keepalived."""


@dataclass(frozen=True, slots=True)
class Password:
    """`auth_pass` of PASS authentication (RFC 2338, 5.3.6.2): 1 to 8 bytes, sent in the clear."""

    secret: bytes

    def __repr__(self) -> str:
        # Secrets never reach a log, a dump or an error message.
        return "Password(***)"


@dataclass(frozen=True, slots=True)
class AhKey:
    """`auth_pass` of AH authentication (RFC 2338, 5.3.6.3): 1 to 8 bytes, never sent."""

    secret: bytes

    def __repr__(self) -> str:
        return "AhKey(***)"


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
    """`garp_lower_prio_repeat`: frames when a lower master was heard. Default: that of
    `global_defs`, and there its `vrrp_garp_master_repeat`."""
    lower_prio_delay: Duration = Duration.seconds(5)
    """`garp_lower_prio_delay`: to the second burst after that. Default: likewise."""
    extra: Duration = ZERO
    """`garp_extra_if` (once `vmac_garp_intvl`): how often one address of each link is announced on
    which no adverts go out, so that switches do not forget where it is. A third of the time for
    which they remember does: 100 for 300 s. Whole seconds up to 86400; the first time after the
    second burst. Default: that of `global_defs`, and there 0 s, never."""
    extra_everywhere: bool = False
    """The word `all` beside it: on every such link; else on those with a virtual MAC alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VrrpInstance:
    """One `vrrp_instance`: a virtual router on one link (RFC 9568, 1.7)."""

    name: str
    """Name of the instance, unique in a file."""
    interface: str
    """Link on which adverts are sent and heard. An instance with `unicast_peer` and
    `unicast_src_ip` may do without: its adverts go out as the routes to its peers say, and come in
    on any link; its addresses stand where `dev` says, else on `default_interface`."""
    virtual_router_id: int
    """VRID, 1 to 255 (RFC 9568, 5.2.3)."""
    priority: int
    """1 to 255, before weights; 255 owns the addresses. Default 100, or 255 where `state MASTER`
    stands alone."""
    addresses: tuple[VirtualAddress, ...]
    """Virtual addresses in the order of the file: the order in which they are advertised."""
    excluded: tuple[VirtualAddress, ...] = ()
    """`virtual_ipaddress_excluded`: addresses that move with the others and stand in no advert: for
    more than 255 of them. Default: none."""
    version: VrrpVersion = VrrpVersion.V2
    """Version of the adverts, the same on all nodes. Default: that of `global_defs`, and there 2,
    as keepalived."""
    advert_interval: Duration = Duration.seconds(1)
    """Between two adverts. v2: whole seconds, 1 to 255 s (RFC 3768, 5.3.7). v3: 0.01 to 40.95 s in
    steps of 0.01 s (RFC 9568, 5.2.7). Default 1 s."""
    checksum_v3_as_v2: bool = False
    """`v3_checksum_as_v2`: v3 sums the message alone (RFC 9568, 5.2.8), as v2 does; False: with a
    pseudo-header (RFC 5798, 5.2.8), as keepalived does. Default False."""
    group: IpAddress = GROUP_V4
    """`mcast_dst_ip`: the group to which adverts go, and in which they are heard. Default: that of
    `global_defs`, and there 224.0.0.18, or ff02::12 for an instance of IPv6 (RFC 9568, 5.1.1.2 and
    5.1.2.2)."""
    source: IpAddress | None = None
    """`mcast_src_ip`, `unicast_src_ip`: source of the adverts, an address of this node, on
    whatever interface; until it is there the instance is in FAULT. Default: the first address of
    the interface."""
    unicast: Unicast | None = None
    """Adverts to named peers instead of a group; none: multicast."""
    password: Password | None = None
    """`auth_type PASS`: this password goes with each advert, in the clear; `AH`: it is the key of
    the header. Default: none."""
    ah_key: AhKey | None = None
    """`auth_type AH`: each advert goes behind an Authentication Header, as IP protocol 51, and
    those of others must (RFC 2338, 5.3.6.3); `PASS`: a password. Default: neither."""
    auth_hmac: HmacPolicy | None = None
    """`auth_hmac`: every advert is signed, and those of others are verified
    (draft-cassen-vrrp-auth-hmac); `authentication` counts for nothing beside it. Default: none."""
    initial_state: InitialState = InitialState.BACKUP
    """`state`: below priority 255 every instance starts as BACKUP and waits. Default: BACKUP, and
    MASTER for priority 255."""
    preempt: bool = True
    """`nopreempt` makes it False: a backup leaves a lower master alone (RFC 9568, 6.1). Default:
    True."""
    preempt_delay: Duration = ZERO
    """How long a lower master is left alone, from its first advert heard. 0 to 1000 s."""
    down_timer_adverts: int = 3
    """Adverts missed before the master counts as dead, 1 to 100. Default: that of `global_defs`,
    and there 3 (RFC 9568, 6.1)."""
    answers_weaker: bool = True
    """`lower_prio_no_advert` makes it False: a master that hears a weaker one announces its
    addresses anew and says its next advert in its turn, instead of at once. Default: that of
    `global_defs`, and there True."""
    strict: bool = False
    """`strict_mode`, `vrrp_strict`: holds to the RFC; what follows from it stands in the other
    fields. Default: that of `global_defs`, and there False."""
    accepts: bool = True
    """Accept_Mode (RFC 9568, 6.1). `no_accept`, and `strict_mode` without `accept`, make it False:
    a master that does not own its addresses drops what is sent to them, and what is sent from them,
    but for neighbour discovery. Default: True."""
    ignores_adverts: bool = False
    """`owner_ignore_adverts`: who owns the addresses (priority 255) hears no advert, so that nobody
    can talk it into a conflict. Default: that of `global_defs`, and there False."""
    promotes_secondaries: bool = False
    """`promote_secondaries`: on its interface other addresses of a network stay when the first of
    them goes (net.ipv4.conf.LINK.promote_secondaries), while halod runs. Default: False."""
    startup_delay: Duration = ZERO
    """`vrrp_startup_delay`: how long it waits after the start of the daemon before it listens, so
    that a slow interface is heard on by then; an instance that a reload adds does not wait.
    Default 0 s."""
    delay_after_boot: Duration = ZERO
    """`vrrp_delay_after_boot`: likewise until the machine has been up for so long; the longer wait
    of the two counts. A daemon that is started again later does not wait. Default 0 s."""
    garp: GarpPolicy = GarpPolicy()
    """Announcements of the addresses."""
    trackers: tuple[Tracked, ...] = ()
    """The lines of `track_interface`, `track_script`, `track_file` and `track_process`: what moves
    the priority, or keeps the instance in FAULT. Default: none."""
    minds_own_link: bool = True
    """`dont_track_primary` makes it False: a carrier lost on `interface` is no FAULT. Without the
    interface or an address on it there are no adverts, and without adverts no master, whatever
    this says. Default: True."""
    routing: Routing = NO_ROUTING
    """`virtual_routes` and `virtual_rules`: set on becoming MASTER when the addresses stand, before
    they are announced, and removed with them. Default: none."""
    lease: LeaseMode = LeaseMode.AUTO
    """What ends our hold on the addresses when nobody renews it. Default: auto."""
    notify: NotifyPolicy = field(default_factory=NotifyPolicy)
    """Programs and mail that are told of it. Default: none."""
    vmac: Vmac | None = None
    """`use_vmac`: the addresses stand on a link with a virtual MAC. Default: none; they stand on
    `interface`."""
    address_vmacs: tuple[AddressVmac, ...] = ()
    """`use_vmac_addr`: links with a virtual MAC for addresses on other interfaces, and for those of
    the other family, one an interface and family. Default: none; they stand where `dev` says."""

    @property
    def held(self) -> tuple[VirtualAddress, ...]:
        """Every address that moves with the mastership, the advertised ones first."""
        return self.addresses + self.excluded

    @property
    def is_signed(self) -> bool:
        """Whether each of its adverts is another one: it carries a signature."""
        return self.auth_hmac is not None or self.ah_key is not None

    @property
    def made_vmacs(self) -> tuple[AddressVmac, ...]:
        """All links with a virtual MAC that it needs, its own one first."""
        own: tuple[AddressVmac, ...] = ()
        if self.vmac is not None:
            own = (AddressVmac(self.vmac, self.interface, self.ip_version),)
        return (*own, *self.address_vmacs)

    @property
    def interfaces(self) -> set[str]:
        """The links that it needs, those of its addresses among them, and what those stand on."""
        links = {self.interface, *(address.interface for address in self.held)}
        return (links | {made.base for made in self.address_vmacs}) - {ANY_LINK}

    @property
    def ip_version(self) -> int:
        """4 or 6: what adverts travel over."""
        return self.group.version

    @property
    def is_deaf(self) -> bool:
        """Whether its addresses drop what is sent to them; an owner's never do."""
        return not self.accepts and not self.is_owner

    @property
    def is_owner(self) -> bool:
        """Whether the addresses are this router's own (priority 255)."""
        return self.priority == PRIORITY_OWNER


def interfaces_of(instances: Iterable[VrrpInstance]) -> set[str]:
    """Where adverts are heard: their interfaces, and their links with a virtual MAC."""
    each = tuple(instances)
    return {i.interface for i in each} | {i.vmac.link for i in each if i.vmac is not None}


def promoted_links(instances: Iterable[VrrpInstance]) -> tuple[str, ...]:
    """Where `promote_secondaries` holds, each once."""
    wishing = [i for i in instances if i.promotes_secondaries]
    own = [i.interface for i in wishing]
    return tuple(dict.fromkeys([*own, *(i.vmac.link for i in wishing if i.vmac is not None)]))


def vmac_plans(*sets: Iterable[VrrpInstance]) -> tuple[VmacPlan, ...]:
    """One a link, that of the last that names it."""
    plans = (
        VmacPlan(made.vmac, made.base, tuple(a for a in i.held if a.interface == made.vmac.link))
        for instances in sets
        for i in instances
        for made in i.made_vmacs
    )
    return tuple({plan.vmac.link: plan for plan in plans}.values())
