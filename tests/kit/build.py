"""Instances, links and adverts of tests: the tutorial's network, each field open to change."""

from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any, TypedDict, Unpack

from halod.model.address import IpAddress, Link, VirtualAddress
from halod.model.advert import Advert
from halod.model.event import AdvertReceived
from halod.model.hmac_policy import HmacPolicy
from halod.model.tracking import Tracked, TrackerId, TrackerKind
from halod.model.unicast import Unicast, UnicastPeer
from halod.model.units import Duration, Instant
from halod.model.vrrp import AhKey, GarpPolicy, LeaseMode, Password, VrrpInstance, VrrpVersion
from halod.vrrp.message import advert_of

ETH = "ens33"
GROUP = IPv4Address("224.0.0.18")
LB01, LB02, LB03 = (IPv4Address(f"192.168.178.{host}") for host in (130, 131, 132))
VIP = VirtualAddress(IPv4Address("192.168.178.3"), 24, ETH)
VIP2 = VirtualAddress(IPv4Address("192.168.178.4"), 24, ETH)

S = Duration.seconds(1)
MS = Duration.milliseconds(1)


class Changes(TypedDict, total=False):
    """Fields of `VrrpInstance` that a test may want otherwise."""

    name: str
    interface: str
    virtual_router_id: int
    priority: int
    addresses: tuple[VirtualAddress, ...]
    excluded: tuple[VirtualAddress, ...]
    version: VrrpVersion
    advert_interval: Duration
    password: Password | None
    ah_key: AhKey | None
    ignores_adverts: bool
    auth_hmac: HmacPolicy | None
    preempt: bool
    preempt_delay: Duration
    down_timer_adverts: int
    garp: GarpPolicy
    lease: LeaseMode
    trackers: tuple[Tracked, ...]
    minds_own_link: bool
    answers_weaker: bool
    startup_delay: Duration
    delay_after_boot: Duration
    group: IpAddress
    source: IpAddress | None
    unicast: Unicast | None


PLAIN = VrrpInstance(
    name="VI_1",
    interface=ETH,
    virtual_router_id=51,
    priority=100,
    addresses=(VIP,),
    password=Password(b"1111"),
)


def instance(**changes: Unpack[Changes]) -> VrrpInstance:
    """The tutorial's instance with other fields."""
    return replace(PLAIN, **changes)


def unicast(*peers: IpAddress, **options: Any) -> Unicast:
    """To these peers."""
    return Unicast(peers=tuple(map(UnicastPeer, peers)), **options)


def link(address: IpAddress | None, name: str = ETH, *, running: bool = True) -> Link:
    """An interface that works, with one address of its own or with none."""
    addresses = () if address is None else (address,)
    return Link(name, 2, running, b"\x02\0\0\0\0\x01", addresses)


def received(
    config: VrrpInstance, source: IpAddress = LB02, priority: int | None = None
) -> AdvertReceived:
    """The advert that a node with this configuration sends, as it is heard."""
    sent = advert_of(config, source, config.priority if priority is None else priority)
    return AdvertReceived(sent.interface, source, sent.destination, 255, sent.payload)


def advert(config: VrrpInstance, priority: int | None = None) -> Advert:
    """The same as a value."""
    return Advert(
        version=config.version,
        virtual_router_id=config.virtual_router_id,
        priority=config.priority if priority is None else priority,
        interval=config.advert_interval,
        addresses=tuple(address.address for address in config.addresses),
    )


CHECK = TrackerId(TrackerKind.SCRIPT, "chk_nginx")


def tracks(weight: int = 0, tracker: TrackerId = CHECK, *, reverse: bool = False) -> Tracked:
    """A line of a `track_...` block."""
    return Tracked(tracker, weight, reverse)


def at(seconds: float) -> Instant:
    """Seconds after the start, to the nanosecond."""
    return Instant(round(seconds * 1_000_000_000))
