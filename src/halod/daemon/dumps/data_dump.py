"""The dump of `SIGUSR1`: keepalived.data, in keepalived's layout: three blanks, name, `=`, value.

Knows the lines that stand for something here; those of features that halod has not are left out.
Must not know where the figures come from. Passwords are never written.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from halod.daemon.dumps.address_words import address_words
from halod.daemon.dumps.figures import Figures
from halod.daemon.dumps.json_dump import HIDDEN
from halod.model.configuration import Configuration
from halod.model.election import skew_time
from halod.model.unicast import Unicast
from halod.model.units import NS_PER_MICROSECOND, NS_PER_MILLISECOND, Duration
from halod.model.vrrp import VrrpVersion

__all__ = ["data_dump"]


def data_dump(configuration: Configuration, instances: Sequence[Figures]) -> bytes:
    """The whole file."""
    lines = ["------< Global definitions >------", *_globals(configuration)]
    lines.append("------< VRRP Topology >------")
    for each in instances:
        lines += [f" VRRP Instance = {each.config.name}", *(f"   {line}" for line in _one(each))]
    return "".join(f"{line}\n" for line in lines).encode(errors="backslashreplace")


def _globals(configuration: Configuration) -> Iterator[str]:
    if configuration.router_id:
        yield f" Router ID = {configuration.router_id}"
    mail = configuration.mail
    if mail.host:
        yield f" Smtp server = {mail.host}:{mail.port}"
        yield f" Smtp server connection timeout = {mail.connect_timeout.whole_seconds}"
    if mail.sender:
        yield f" Email notification from = {mail.sender}"
    for recipient in mail.to:
        yield f" Email notification = {recipient}"


def _one(figures: Figures) -> Iterator[str]:
    config = figures.config
    yield f"VRRP Version = {config.version.value}"
    yield f"State = {figures.state}"
    if figures.state == "BACKUP" and figures.master_address:
        yield f"Master router = {figures.master_address}"
        yield f"Master priority = {figures.master_priority}"
    yield f"Wantstate = {figures.state}"
    yield f"Last transition = {_moment(figures.changed_at_s)}"
    yield f"Master down timer = {_master_down(figures).ns // NS_PER_MICROSECOND} usecs"
    yield from _interface(figures)
    if config.strict:
        yield "Enforcing strict VRRP compliance"
    if figures.own_address:
        yield f"Using src_ip = {figures.own_address}"
    if config.unicast is None:
        yield f"Multicast address {config.group}"
    yield from _garp(figures)
    yield f"Down timer adverts = {config.down_timer_adverts}"
    yield f"Virtual Router ID = {config.virtual_router_id}"
    yield f"Priority = {config.priority}"
    yield f"Effective priority = {figures.priority_effective}"
    yield f"Advert interval = {_interval(config.version, config.advert_interval)}"
    yield f"Accept = {'enabled' if config.accepts else 'disabled'}"
    yield f"Preempt = {'enabled' if config.preempt else 'disabled'}"
    yield f"Promote_secondaries = {'enabled' if config.promotes_secondaries else 'disabled'}"
    if config.preempt_delay.ns:
        yield f"Preempt delay = {config.preempt_delay.whole_seconds} secs"
    if config.unicast is not None:
        yield from _unicast(config.unicast)
    if config.version is VrrpVersion.V2:
        yield from _authentication(figures)
    if config.addresses:
        yield f"Virtual IP ({len(config.addresses)}):"
        for address in config.addresses:
            yield f"  {address_words(address, figures.holds_addresses)}"
    if config.excluded:
        yield "Virtual IP Excluded :"
        for address in config.excluded:
            yield f"  {address_words(address, figures.holds_addresses)}"


def _interface(figures: Figures) -> Iterator[str]:
    config, vmac = figures.config, figures.config.vmac
    if vmac is None:
        yield f"Interface = {config.interface}"
        return
    # halod's link is up where the addresses are held, and down elsewhere.
    is_up, from_base = (
        str(flag).lower() for flag in (figures.holds_addresses, vmac.transmits_base)
    )
    yield f"Use VMAC, i/f name {vmac.link}, is_up = {is_up}, xmit_base = {from_base}"
    yield f"Interface = {vmac.link}, vmac on {config.interface}"


def _garp(figures: Figures) -> Iterator[str]:
    garp = figures.config.garp
    yield f"Gratuitous ARP delay = {garp.delay.whole_seconds}"
    yield f"Gratuitous ARP repeat = {garp.repeat}"
    yield f"Gratuitous ARP refresh = {garp.refresh.whole_seconds}"
    yield f"Gratuitous ARP refresh repeat = {garp.refresh_repeat}"
    yield f"Gratuitous ARP lower priority delay = {garp.lower_prio_delay.whole_seconds}"
    yield f"Gratuitous ARP lower priority repeat = {garp.lower_prio_repeat}"


def _unicast(unicast: Unicast) -> Iterator[str]:
    yield f"Unicast TTL = {unicast.ttl}"
    yield f"Check unicast src : {'yes' if unicast.checks_source else 'no'}"
    yield "Unicast Peer :"
    for peer in unicast.peers:
        yield f"  {peer.address} min_ttl {peer.ttl_min} max_ttl {peer.ttl_max}"


def _authentication(figures: Figures) -> Iterator[str]:
    if figures.config.ah_key is not None:
        yield "Authentication type = IPSEC_AH"
    elif figures.config.password is None:
        yield "Authentication type = none"
    else:
        yield "Authentication type = SIMPLE_PASSWORD"
        yield f"Password = {HIDDEN}"


def _master_down(figures: Figures) -> Duration:
    """Of the master that is followed, or of our own adverts."""
    config = figures.config
    interval = Duration.microseconds(round(figures.master_interval_s * 1_000_000))
    if config.version is VrrpVersion.V2:
        interval = config.advert_interval
    return interval * config.down_timer_adverts + skew_time(
        config.version, figures.priority_effective, interval
    )


def _interval(version: VrrpVersion, interval: Duration) -> str:
    if version is VrrpVersion.V2:
        return f"{interval.whole_seconds} sec"
    return f"{interval.ns // NS_PER_MILLISECOND} milli-sec"


def _moment(seconds: float) -> str:
    """Seconds since 1970, and the same for people, as ctime(3) with the fraction in it."""
    words = time.strftime("%a %b %e %H:%M:%S", time.localtime(seconds))
    year = time.strftime("%Y", time.localtime(seconds))
    return f"{seconds:.6f} ({words}{f'{seconds % 1:.6f}'[1:]} {year})"
