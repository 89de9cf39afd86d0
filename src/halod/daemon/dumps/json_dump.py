"""The dump of `SIGRTMIN+2`: keepalived.json, with keepalived's keys and types.

Knows the keys of keepalived 2.2.7, and version 2 of the form. Must not know where the figures come
from. Passwords are never written: keepalived hides them too since 2.3.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from halod.daemon.dumps.address_words import address_words
from halod.daemon.dumps.figures import STATES, Figures
from halod.model.units import Duration
from halod.model.vrrp import VrrpInstance
from halod.wire import vrrp2

__all__ = ["HIDDEN", "json_dump"]

HIDDEN = "********"
"""In the place of a password."""


def json_dump(instances: Sequence[Figures], version: int) -> bytes:
    """Version 1: a list; version 2: an object with the list in `vrrp`."""
    listed = [{"data": _data(each), "stats": each.counters} for each in instances]
    whole = listed if version == 1 else {"vrrp": listed}
    return json.dumps(whole, separators=(",", ":")).encode() + b"\n"


def _data(figures: Figures) -> dict[str, Any]:
    config = figures.config
    return {
        "iname": config.name,
        "dont_track_primary": int(not config.minds_own_link),
        # A list of other addresses never drops an advert.
        "skip_check_adv_addr": 0,
        "strict_mode": int(config.strict),
        "vmac_ifname": config.vmac.link if config.vmac else "",
        "ifp_ifname": config.vmac.link if config.vmac else config.interface,
        "master_priority": figures.master_priority,
        "last_transition": round(figures.changed_at_s, 6),
        **_garp(config),
        "vrid": config.virtual_router_id,
        "base_priority": config.priority,
        "effective_priority": figures.priority_effective,
        "vipset": figures.holds_addresses,
        "promote_secondaries": config.promotes_secondaries,
        "adver_int": _plain(config.advert_interval.as_seconds()),
        "master_adver_int": _plain(figures.master_interval_s),
        "accept": int(config.accepts),
        "nopreempt": not config.preempt,
        "preempt_delay": config.preempt_delay.whole_seconds,
        "state": STATES[figures.state],
        "wantstate": STATES[figures.state],
        "version": config.version.value,
        "smtp_alert": False,
        "notify_deleted": False,
        **_addresses(figures),
        **_authentication(config),
    }


def _garp(config: VrrpInstance) -> dict[str, Any]:
    garp = config.garp
    return {
        "garp_delay": _seconds(garp.delay),
        "garp_refresh": garp.refresh.whole_seconds,
        "garp_rep": garp.repeat,
        "garp_refresh_rep": garp.refresh_repeat,
        "garp_lower_prio_delay": garp.lower_prio_delay.whole_seconds,
        "garp_lower_prio_rep": garp.lower_prio_repeat,
        "lower_prio_no_advert": int(not config.answers_weaker),
        "higher_prio_send_advert": 0,
    }


def _addresses(figures: Figures) -> dict[str, Any]:
    config = figures.config
    lists = {"vips": config.addresses, "evips": config.excluded}
    return {
        name: [address_words(address, figures.holds_addresses) for address in addresses]
        for name, addresses in lists.items()
        if addresses
    }


def _authentication(config: VrrpInstance) -> dict[str, Any]:
    if config.ah_key is not None:
        return {"auth_type": vrrp2.AUTH_HEADER, "auth_data": HIDDEN}
    if config.password is None:
        return {"auth_type": vrrp2.AUTH_NONE}
    return {"auth_type": vrrp2.AUTH_PASS, "auth_data": HIDDEN}


def _seconds(span: Duration) -> int | float:
    return _plain(span.as_seconds())


def _plain(number: float) -> int | float:
    """Whole where it is whole, as keepalived writes it."""
    return int(number) if number == int(number) else number
