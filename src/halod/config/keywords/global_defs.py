"""Keywords of `global_defs`.

Knows types, ranges, levels. Defaults stand in the model, at the field that a keyword sets.
"""

from __future__ import annotations

from halod.config.keywords.daemon import DAEMON
from halod.config.keywords.garp_group import PACE_GLOBALLY
from halod.config.keywords.kinds import (
    Address,
    Flag,
    Integer,
    InterfaceName,
    Keyword,
    Seconds,
    Section,
    Text,
    Toggle,
    Unready,
)
from halod.config.keywords.known import KNOWN
from halod.config.keywords.lvs import LVS_GLOBALLY
from halod.config.keywords.notify import LONG_TIME, MAIL, NOTIFY_GLOBALLY
from halod.config.keywords.vrrp_instance import (
    BUFFERS,
    CHECKSUM,
    GARP,
    LAST_WORD,
    VERSION,
    VIP_LEASE,
)
from halod.model.units import ZERO

__all__ = ["GLOBAL_DEFS"]

REAL_TIME = "the heartbeat runs in real time from its start, where the machine lets it"

GLOBAL_DEFS = Section(
    name="global_defs",
    known=KNOWN["global_defs"],
    keywords={
        "router_id": Keyword(
            kind=Text(), sets="Configuration.router_id", default="the name of this machine counts"
        ),
        "default_interface": Keyword(
            kind=InterfaceName(), sets="Statics.addresses", default="eth0 counts"
        ),
        **DAEMON,
        **MAIL,
        **NOTIFY_GLOBALLY,
        **LVS_GLOBALLY,
        "vrrp_version": Keyword(kind=VERSION, sets="VrrpInstance.version", default="2 counts"),
        "vrrp_mcast_group4": Keyword(
            kind=Address(is_group=True, ip_version=4),
            sets="VrrpInstance.group",
            default="224.0.0.18 counts",
        ),
        "vrrp_mcast_group6": Keyword(
            kind=Address(is_group=True, ip_version=6),
            sets="VrrpInstance.group",
            default="ff02::12 counts",
        ),
        "vrrp_check_unicast_src": Keyword(kind=Flag(), sets="Unicast.check_source"),
        **{f"vrrp_{name}": keyword for name, keyword in GARP.items()},
        **PACE_GLOBALLY,
        "script_user": Keyword(
            kind=Text(words=2),
            sets="ScriptSettings.user",
            default="keepalived_script counts, and root where there is no such user",
        ),
        "enable_script_security": Keyword(kind=Flag(), sets="ScriptSettings.security"),
        "vrrp_min_garp": Keyword(
            kind=Toggle(), sets="GarpPolicy.repeat", default="5 announcements count, twice"
        ),
        "vrrp_down_timer_adverts": Keyword(
            kind=Integer(1, 100), sets="VrrpInstance.down_timer_adverts", default="3 counts"
        ),
        "vrrp_lower_prio_no_advert": Keyword(
            kind=Toggle(), sets="VrrpInstance.answers_weaker", default="they are answered"
        ),
        "vrrp_owner_ignore_adverts": Keyword(
            kind=Toggle(), sets="VrrpInstance.ignores_adverts", default="an owner hears all"
        ),
        "vrrp_strict": Keyword(kind=Flag(), sets="VrrpInstance.strict"),
        "vrrp_startup_delay": Keyword(
            kind=Seconds(ZERO, LONG_TIME, fractions=True),
            sets="VrrpInstance.startup_delay",
            default="no delay counts",
        ),
        "vmac_prefix": Keyword(kind=Text(), sets="Vmac.link", default="vrrp counts"),
        "vmac_addr_prefix": Keyword(
            kind=Text(), sets="AddressVmac.vmac", default="vmac_prefix counts"
        ),
        "vrrp_delay_after_boot": Keyword(
            kind=Seconds(ZERO, LONG_TIME, fractions=True),
            sets="VrrpInstance.delay_after_boot",
            default="no delay counts",
        ),
        "data_use_instance": Keyword(
            kind=Toggle(), sets="DumpSettings.use_instance", default="off counts"
        ),
        "state_dump_file": Keyword(kind=Text(), sets="DumpSettings.state_file"),
        "stats_dump_file": Keyword(kind=Text(), sets="DumpSettings.stats_file"),
        "json_dump_file": Keyword(kind=Text(), sets="DumpSettings.json_file"),
        "json_version": Keyword(
            kind=Integer(1, 2), sets="DumpSettings.json_version", default="1 counts"
        ),
        "vip_lease": VIP_LEASE,
    },
    exceptions={
        "include_check": (
            Unready.READ_BEFORE,
            "which included files must be there: readable, match, wildcard_match, brace_match",
        ),
        "random_seed": (
            Unready.READ_BEFORE,
            "the numbers of `${_RANDOM}` are the same at each start, and others than keepalived's",
        ),
        "v3_checksum_as_v2": (Unready.NOT_YET, CHECKSUM),
        "tmp_config_directory": (
            Unready.WITHOUT_EFFECT,
            "the files are read once, and the model is handed on in memory",
        ),
        **dict.fromkeys(
            ("max_auto_priority", "min_auto_priority_delay", "vrrp_priority", "vrrp_rt_priority"),
            (Unready.WITHOUT_EFFECT, REAL_TIME),
        ),
        **dict.fromkeys(
            ("vrrp_rlimit_rtime", "vrrp_rlimit_rttime"), (Unready.WITHOUT_EFFECT, REAL_TIME)
        ),
        **dict.fromkeys(
            (
                *("checker_priority", "checker_rt_priority", "checker_no_swap"),
                *("checker_rlimit_rtime", "checker_rlimit_rttime"),
            ),
            (
                Unready.WITHOUT_EFFECT,
                "checks never delay an advert: the process that asks servers has no part in it",
            ),
        ),
        **dict.fromkeys(
            (
                *("lvs_netlink_cmd_rcv_bufs", "lvs_netlink_cmd_rcv_bufs_force"),
                *("lvs_netlink_monitor_rcv_bufs", "lvs_netlink_monitor_rcv_bufs_force"),
                "vrrp_netlink_cmd_rcv_bufs",
                "vrrp_netlink_cmd_rcv_bufs_force",
                "vrrp_netlink_monitor_rcv_bufs",
                "vrrp_netlink_monitor_rcv_bufs_force",
                "vrrp_rx_bufs_multiplier",
                "vrrp_rx_bufs_policy",
            ),
            (Unready.WITHOUT_EFFECT, BUFFERS),
        ),
        "dynamic_interfaces": (
            Unready.WITHOUT_EFFECT,
            "an interface may come and go at any time: its instances wait in FAULT",
        ),
        "log_unknown_vrids": (
            Unready.WITHOUT_EFFECT,
            "they are always counted; `haloctl status --json` shows them",
        ),
        "vrrp_higher_prio_send_advert": (Unready.WITHOUT_EFFECT, LAST_WORD),
        "vrrp_no_swap": (Unready.WITHOUT_EFFECT, "the heartbeat always locks its memory"),
        "vrrp_ipsets": (Unready.WITHOUT_EFFECT, "halod uses no ipset"),
        "vrrp_skip_check_adv_addr": (
            Unready.WITHOUT_EFFECT,
            "a list of other addresses is told, and the advert counts",
        ),
        "set_supplementary_groups": (
            Unready.WITHOUT_EFFECT,
            "a program always has all groups of its user",
        ),
        "use_symlink_paths": (
            Unready.WITHOUT_EFFECT,
            "a program is always run by the path that the file says",
        ),
        **dict.fromkeys(
            ("process_monitor_rcv_bufs", "process_monitor_rcv_bufs_force"),
            (Unready.WITHOUT_EFFECT, "processes are looked for in /proc, and no news is lost"),
        ),
        "reload_check_config": (
            Unready.WITHOUT_EFFECT,
            "a reload always checks first; a refused file keeps what runs",
        ),
    },
)
