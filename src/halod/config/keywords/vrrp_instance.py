"""Keywords of `vrrp_instance`, and of the blocks in it.

Knows types, ranges, levels. Defaults stand in the model, at the field that a keyword sets.
"""

from __future__ import annotations

from halod.config.keywords.kinds import (
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
    Unready,
)
from halod.config.keywords.known import KNOWN
from halod.model.units import ZERO, Duration
from halod.model.vrrp import InitialState, LeaseMode

__all__ = ["AUTHENTICATION", "GARP", "VIP_LEASE", "VRRP_INSTANCE"]

NO_AUTHENTICATION = "adverts carry no password"
LONG_TIME = Duration.seconds(4294)
"""The longest time keepalived reads: 32 bits of microseconds."""

AUTHENTICATION = Section(
    name="authentication",
    known=KNOWN["vrrp_instance/authentication"],
    secret=True,
    keywords={
        "auth_type": Keyword(
            kind=Choice({"PASS": "PASS", "AH": "AH"}),
            sets="VrrpInstance.password",
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
        default="the value of garp_master_repeat counts",
    ),
    "garp_lower_prio_delay": Keyword(
        kind=Seconds(ZERO, LONG_TIME),
        sets="GarpPolicy.lower_prio_delay",
        default="the value of garp_master_delay counts",
    ),
}
"""In an instance by these names; in `global_defs` with `vrrp_` before them."""

VIP_LEASE = Keyword(
    kind=Choice({mode.value: mode for mode in LeaseMode}),
    sets="VrrpInstance.lease",
    default="address counts",
    own=True,
)

UNICAST = "over multicast its peers would not hear it, and both nodes would be MASTER"

VRRP_INSTANCE = Section(
    name="vrrp_instance",
    known=KNOWN["vrrp_instance"],
    keywords={
        "state": Keyword(
            kind=Choice({state.value: state for state in InitialState}),
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
            kind=Choice({"2": 2, "3": 3}), sets="VrrpInstance.version", default="2 counts"
        ),
        "authentication": Keyword(kind=Nested(AUTHENTICATION), sets="VrrpInstance.password"),
        "virtual_ipaddress": Keyword(kind=Entries(), sets="VrrpInstance.addresses"),
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
        **GARP,
        "vip_lease": VIP_LEASE,
    },
    exceptions={
        "unicast_peer": (Unready.NOT_YET, UNICAST),
        "auth_hmac": (Unready.NOT_YET, "peers would not accept adverts without a signature"),
        "mcast_dst_ip": (Unready.NOT_YET, "adverts would go to a group where no peer listens"),
        "native_ipv6": (Unready.NOT_YET, "peers would hear nothing over IPv4"),
        "virtual_ipaddress_excluded": (
            Unready.NOT_YET,
            "without it nobody would hold these addresses",
        ),
        "no_virtual_ipaddress": (Unready.WITHOUT_EFFECT, "an instance may have no address anyway"),
        "thread_timer_expired": (Unready.WITHOUT_EFFECT, "lateness is always logged"),
        "skip_check_adv_addr": (
            Unready.WITHOUT_EFFECT,
            "a list of other addresses is told, and the advert counts",
        ),
        "debug": (Unready.WITHOUT_EFFECT, "every decision is logged; see `haloctl why`"),
    },
)
