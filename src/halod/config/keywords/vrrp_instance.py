"""Keywords of `vrrp_instance`, and of the blocks in it.

Knows types, ranges, levels. Defaults stand in the model, at the field that a keyword sets.
"""

from __future__ import annotations

from dataclasses import replace

from halod.config.keywords.auth_hmac import AUTH_HMAC
from halod.config.keywords.garp_group import EXTRA, EXTRA_LINE
from halod.config.keywords.kinds import (
    Address,
    Choice,
    Entries,
    Flag,
    Integer,
    InterfaceName,
    Keyword,
    Nested,
    Seconds,
    Secret,
    Section,
    Toggle,
    Unready,
    Words,
)
from halod.config.keywords.known import KNOWN
from halod.config.keywords.notify import LONG_TIME, NOTIFY_INSTANCE
from halod.model.unicast import TTL_MAX, OldChecksum
from halod.model.units import ZERO, Duration
from halod.model.vrrp import InitialState, LeaseMode, VrrpVersion

__all__ = [
    "AUTHENTICATION",
    "BUFFERS",
    "CHECKSUM",
    "GARP",
    "LAST_WORD",
    "VERSION",
    "VIP_LEASE",
    "VRRP_INSTANCE",
]

NO_AUTHENTICATION = "adverts carry no password"

AUTHENTICATION = Section(
    name="authentication",
    known=KNOWN["vrrp_instance/authentication"],
    secret=True,
    keywords={
        "auth_type": Keyword(
            kind=Choice({"PASS": "PASS", "AH": "AH"}),
            sets="VrrpInstance.ah_key",
            default=NO_AUTHENTICATION,
        ),
        "auth_pass": Keyword(
            kind=Secret(), sets="VrrpInstance.password", default=NO_AUTHENTICATION
        ),
    },
)

GARP = {
    "garp_master_repeat": Keyword(
        kind=Integer(1, 255), sets="GarpPolicy.repeat", default="5 announcements count"
    ),
    "garp_master_delay": Keyword(
        kind=Seconds(ZERO, LONG_TIME), sets="GarpPolicy.delay", default="5 s counts"
    ),
    "garp_master_refresh": Keyword(
        kind=Seconds(ZERO, LONG_TIME), sets="GarpPolicy.refresh", default="no refresh counts"
    ),
    "garp_master_refresh_repeat": Keyword(
        kind=Integer(1, 255), sets="GarpPolicy.refresh_repeat", default="1 announcement counts"
    ),
    "garp_lower_prio_repeat": Keyword(
        kind=Integer(0, 255),
        sets="GarpPolicy.lower_prio_repeat",
        default="the value of vrrp_garp_master_repeat counts",
    ),
    "garp_lower_prio_delay": Keyword(
        kind=Seconds(ZERO, LONG_TIME),
        sets="GarpPolicy.lower_prio_delay",
        default="the value of vrrp_garp_master_delay counts",
    ),
}
"""In an instance by these names; in `global_defs` with `vrrp_` before them."""

OF_GLOBAL_DEFS = "the value of global_defs counts"
_OWN_GARP = {name: replace(keyword, default=OF_GLOBAL_DEFS) for name, keyword in GARP.items()}

VIP_LEASE = Keyword(
    kind=Choice({mode.value: mode for mode in LeaseMode}),
    sets="VrrpInstance.lease",
    default="auto counts",
    own=True,
)

VERSION = Choice({str(version.value): version for version in VrrpVersion})

BUFFERS = "the buffers of sockets are as large as a flood needs"
LAST_WORD = "a master always says one more advert before it gives way to a higher one"
LATE = "a master that was late so long that another may have taken over is always BACKUP first"
CHECKSUM = "peers would drop adverts with the checksum of RFC 9568"

VRRP_INSTANCE = Section(
    name="vrrp_instance",
    known=KNOWN["vrrp_instance"],
    keywords={
        "state": Keyword(
            kind=Choice(
                {state.value: state for state in InitialState},
                meant={
                    "active": "MASTER",
                    "primary": "MASTER",
                    "passive": "BACKUP",
                    "secondary": "BACKUP",
                    "slave": "BACKUP",
                    "standby": "BACKUP",
                },
            ),
            sets="VrrpInstance.initial_state",
            default="BACKUP counts",
        ),
        "interface": Keyword(kind=InterfaceName(), sets="VrrpInstance.interface", needed=True),
        "virtual_router_id": Keyword(
            kind=Integer(1, 255), sets="VrrpInstance.virtual_router_id", needed=True
        ),
        "priority": Keyword(
            kind=Integer(1, 255), sets="VrrpInstance.priority", default="100 counts"
        ),
        "advert_int": Keyword(
            kind=Seconds(Duration.milliseconds(10), Duration.seconds(255), fractions=True),
            sets="VrrpInstance.advert_interval",
            default="1 s counts",
        ),
        "version": Keyword(
            kind=VERSION,
            sets="VrrpInstance.version",
            default=OF_GLOBAL_DEFS,
        ),
        "auth_hmac": Keyword(kind=Nested(AUTH_HMAC), sets="VrrpInstance.auth_hmac"),
        "authentication": Keyword(kind=Nested(AUTHENTICATION), sets="VrrpInstance.password"),
        "virtual_ipaddress": Keyword(kind=Entries(), sets="VrrpInstance.addresses"),
        "virtual_ipaddress_excluded": Keyword(kind=Entries(), sets="VrrpInstance.excluded"),
        "virtual_routes": Keyword(kind=Entries(), sets="VrrpInstance.routing"),
        "virtual_rules": Keyword(kind=Entries(), sets="VrrpInstance.routing"),
        "preempt": Keyword(kind=Flag(), sets="VrrpInstance.preempt"),
        "nopreempt": Keyword(kind=Flag(), sets="VrrpInstance.preempt"),
        "preempt_delay": Keyword(
            kind=Seconds(ZERO, Duration.seconds(1000), fractions=True),
            sets="VrrpInstance.preempt_delay",
            default="no delay counts",
        ),
        "down_timer_adverts": Keyword(
            kind=Integer(1, 100), sets="VrrpInstance.down_timer_adverts", default="3 counts"
        ),
        "track_process": Keyword(kind=Entries(), sets="VrrpInstance.trackers"),
        "track_file": Keyword(kind=Entries(), sets="VrrpInstance.trackers"),
        "track_interface": Keyword(kind=Entries(), sets="VrrpInstance.trackers"),
        "dont_track_primary": Keyword(kind=Flag(), sets="VrrpInstance.minds_own_link"),
        "unicast_peer": Keyword(kind=Entries(), sets="Unicast.peers"),
        "unicast_src_ip": Keyword(
            kind=Address(),
            sets="VrrpInstance.source",
            default="the address of the interface counts",
        ),
        "unicast_ttl": Keyword(kind=Integer(1, TTL_MAX), sets="Unicast.ttl", default="255 counts"),
        "check_unicast_src": Keyword(kind=Flag(), sets="Unicast.check_source"),
        "unicast_fault_no_peer": Keyword(kind=Flag(), sets="Unicast.peers"),
        "old_unicast_checksum": Keyword(
            kind=Choice({"never": OldChecksum.NEVER}, alone=OldChecksum.ALWAYS),
            sets="Unicast.old_checksum",
            default="what the peers do counts",
        ),
        "native_ipv6": Keyword(kind=Flag(), sets="VrrpInstance.group"),
        "mcast_src_ip": Keyword(
            kind=Address(),
            sets="VrrpInstance.source",
            default="the address of the interface counts",
        ),
        "mcast_dst_ip": Keyword(
            kind=Address(is_group=True), sets="VrrpInstance.group", default=OF_GLOBAL_DEFS
        ),
        "lower_prio_no_advert": Keyword(
            kind=Toggle(), sets="VrrpInstance.answers_weaker", default=OF_GLOBAL_DEFS
        ),
        "strict_mode": Keyword(kind=Toggle(), sets="VrrpInstance.strict", default=OF_GLOBAL_DEFS),
        "owner_ignore_adverts": Keyword(
            kind=Toggle(), sets="VrrpInstance.ignores_adverts", default=OF_GLOBAL_DEFS
        ),
        "promote_secondaries": Keyword(kind=Flag(), sets="VrrpInstance.promotes_secondaries"),
        "accept": Keyword(kind=Flag(), sets="VrrpInstance.accepts"),
        "no_accept": Keyword(kind=Flag(), sets="VrrpInstance.accepts"),
        **_OWN_GARP,
        **dict.fromkeys(EXTRA, EXTRA_LINE),
        "lvs_sync_daemon_interface": Keyword(
            kind=InterfaceName(), sets="LvsSettings.sync_daemon", default="there is none"
        ),
        "track_script": Keyword(kind=Entries(), sets="VrrpInstance.trackers"),
        **NOTIFY_INSTANCE,
        "use_vmac": Keyword(
            kind=Words(2, "the name of a link, and a MAC behind it"), sets="VrrpInstance.vmac"
        ),
        "use_vmac_addr": Keyword(kind=Flag(), sets="VrrpInstance.address_vmacs"),
        "vmac_xmit_base": Keyword(kind=Flag(), sets="Vmac.transmits_base"),
        "vip_lease": replace(VIP_LEASE, default=OF_GLOBAL_DEFS),
    },
    exceptions={
        "v3_checksum_as_v2": (Unready.NOT_YET, CHECKSUM),
        "linkbeat_use_polling": (
            Unready.WITHOUT_EFFECT,
            "the kernel tells at once when a link goes down",
        ),
        "track_src_ip": (
            Unready.WITHOUT_EFFECT,
            "an instance without the source of its adverts is always in FAULT",
        ),
        "no_virtual_ipaddress": (Unready.WITHOUT_EFFECT, "an instance may have no address anyway"),
        "timer_expired_backup": (Unready.WITHOUT_EFFECT, LATE),
        "thread_timer_expired": (Unready.WITHOUT_EFFECT, LATE),
        "skip_check_adv_addr": (
            Unready.WITHOUT_EFFECT,
            "a list of other addresses is told, and the advert counts",
        ),
        "higher_prio_send_advert": (Unready.WITHOUT_EFFECT, LAST_WORD),
        "kernel_rx_buf_size": (Unready.WITHOUT_EFFECT, BUFFERS),
        "debug": (Unready.WITHOUT_EFFECT, "every decision is logged; see `haloctl why`"),
    },
)
