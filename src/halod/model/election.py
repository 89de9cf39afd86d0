"""Timers and the order of priorities, each with its RFC section and unit.

Knows arithmetic alone; used by the state machine, the lease and the checks of a configuration.
Must not know an instance's state.
"""

from __future__ import annotations

from halod.model.address import IpAddress
from halod.model.units import NS_PER_SECOND, ZERO, Duration
from halod.model.vrrp import VrrpVersion

__all__ = ["active_interval", "address_lease", "is_stronger", "master_down_interval", "skew_time"]

PRIORITY_STEPS = 256


def skew_time(version: VrrpVersion, priority: int, advert_interval: Duration) -> Duration:
    """Skew_Time: the lower the priority, the longer the wait, so that one backup wins.

    v2: (256 - Priority) / 256 s, whatever the interval (RFC 3768, 6.1); exact in nanoseconds.
    v3: (256 - Priority) * Master_Adver_Interval / 256 (RFC 9568, 6.1), rounded down to 1 ns.
    """
    unit = Duration.seconds(1) if version is VrrpVersion.V2 else advert_interval
    return unit * (PRIORITY_STEPS - priority) // PRIORITY_STEPS


def master_down_interval(
    version: VrrpVersion, priority: int, advert_interval: Duration, down_timer_adverts: int = 3
) -> Duration:
    """Master_Down_Interval: silence after which a backup takes over (RFC 9568, 6.1).

    `down_timer_adverts` is 3 in the RFC; keepalived lets the operator say 1 to 100.
    """
    return advert_interval * down_timer_adverts + skew_time(version, priority, advert_interval)


def active_interval(version: VrrpVersion, own: Duration, heard: Duration) -> Duration:
    """Active_Adver_Interval of a backup: by which its master is waited for.

    v3: that of the master's advert (RFC 9568, 6.4.2). v2: its own; there both must be the same, and
    an advert of another interval was dropped (RFC 3768, 7.1).
    """
    return heard if version is VrrpVersion.V3 else own


def is_stronger(
    priority: int, address: IpAddress, than_priority: int, than_address: IpAddress
) -> bool:
    """Whether one master wins over another: priority, then address (RFC 9568, 6.4.3)."""
    return (priority, int(address)) > (than_priority, int(than_address))


def address_lease(advert_interval: Duration, down_timer_adverts: int) -> Duration:
    """Lifetime that the kernel is given for an address, in whole seconds.

    floor(down_timer_adverts * advert_interval) - 1: the kernel counts lifetimes in whole seconds
    and may end one up to 1 s late, so a second is given away (rtnetlink(7), valid_lft). But never
    less than one and a half intervals, rounded up: the renewal comes an interval after the last
    one, and may be half an interval late. Below adverts of 1 s whole seconds cannot bound two
    owners: then it is no lease, ZERO.
    """
    if advert_interval < Duration.seconds(1):
        return ZERO
    silence = advert_interval * down_timer_adverts
    renewed_by = advert_interval + advert_interval // 2
    return Duration.seconds(max(-(-renewed_by.ns // NS_PER_SECOND), silence.whole_seconds - 1))
