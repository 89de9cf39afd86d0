"""`global_defs` to what holds for every instance, and to mail settings.

Knows that section. Must not know the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

from halod.config.findings import Findings
from halod.config.keywords.global_defs import GLOBAL_DEFS
from halod.config.lowering.daemon import lower_daemon
from halod.config.lowering.garp import lower_global_garp
from halod.config.lowering.lvs import lower_lvs, sync_daemon_place
from halod.config.lowering.mail import lower_mail
from halod.config.lowering.notify import NotifyGlobals, lower_notify_globals
from halod.config.lowering.pacing import lower_global_pace
from halod.config.lowering.vmac import PREFIX_DEFAULT, lower_vmac_prefix
from halod.config.reading import Values, read_section
from halod.config.tree import Statement
from halod.model.address import IpAddress
from halod.model.daemon_settings import DaemonSettings
from halod.model.diagnostic import Span
from halod.model.dumps import DumpSettings
from halod.model.mail import MailSettings
from halod.model.pacing import NO_PACE, Pace
from halod.model.script import ScriptSettings
from halod.model.units import ZERO, Duration
from halod.model.virtual_server import LvsSettings
from halod.model.vrrp import GROUP_V4, GROUP_V6, GarpPolicy, LeaseMode, VrrpVersion

__all__ = ["Globals", "lower_globals"]


@dataclass(frozen=True, slots=True)
class Globals:
    """What `global_defs` says, with keepalived's defaults."""

    router_id: str = ""
    default_interface: str = ""
    daemon: DaemonSettings = field(default_factory=DaemonSettings)
    version: VrrpVersion = VrrpVersion.V2
    mail: MailSettings = field(default_factory=MailSettings)
    notify: NotifyGlobals = field(default_factory=NotifyGlobals)
    garp: GarpPolicy = field(default_factory=GarpPolicy)
    pace: Pace = NO_PACE
    pace_place: Span | None = None
    """Where it is said."""
    lvs: LvsSettings | None = None
    sync_daemon_place: Span | None = None
    """Of the instance that `lvs_sync_daemon` names, or of what stands last in the line."""
    log_all_failures: bool = False
    server_mail: bool | None = None
    """Of virtual and real servers that say nothing; None: keepalived's defaults hold."""
    lease: LeaseMode = LeaseMode.AUTO
    group_v4: IPv4Address = GROUP_V4
    group_v6: IPv6Address = GROUP_V6
    check_unicast_source: bool = False
    down_timer_adverts: int = 3
    answers_weaker: bool = True
    strict: bool = False
    owner_ignores_adverts: bool = False
    startup_delay: Duration = ZERO
    delay_after_boot: Duration = ZERO
    dumps: DumpSettings = field(default_factory=DumpSettings)
    programs: ScriptSettings = field(default_factory=ScriptSettings)

    @property
    def groups(self) -> dict[int, IpAddress]:
        """By version of IP."""
        return {4: self.group_v4, 6: self.group_v6}

    vmac_prefix: str = PREFIX_DEFAULT
    vmac_addr_prefix: str = PREFIX_DEFAULT


def lower_globals(blocks: Sequence[Statement], findings: Findings) -> Globals:
    """All `global_defs` of a file as one, as keepalived reads them."""
    children = [child for block in blocks for child in block.children]
    values = read_section(children, GLOBAL_DEFS, findings)
    user, _, group = (values.get("script_user", str) or "").partition(" ")
    pace, pace_place = lower_global_pace(values, findings)
    vmac_prefix = lower_vmac_prefix("vmac_prefix", values, findings)
    return Globals(
        router_id=values.get("router_id", str) or "",
        default_interface=values.get("default_interface", str) or "",
        version=values.get("vrrp_version", VrrpVersion) or VrrpVersion.V2,
        daemon=lower_daemon(values, findings),
        mail=lower_mail(values, findings),
        notify=lower_notify_globals(values, findings),
        garp=lower_global_garp(values, findings),
        lvs=lower_lvs(values, findings),
        sync_daemon_place=sync_daemon_place(values),
        log_all_failures=values.get_or("checker_log_all_failures", default=False),
        server_mail=_server_mail(values),
        pace=pace,
        pace_place=pace_place,
        lease=values.get("vip_lease", LeaseMode) or LeaseMode.AUTO,
        group_v4=values.get("vrrp_mcast_group4", IPv4Address) or GROUP_V4,
        group_v6=values.get("vrrp_mcast_group6", IPv6Address) or GROUP_V6,
        check_unicast_source=values.has("vrrp_check_unicast_src"),
        down_timer_adverts=values.get("vrrp_down_timer_adverts", int) or 3,
        answers_weaker=not values.get_or("vrrp_lower_prio_no_advert", default=False),
        strict=values.has("vrrp_strict"),
        owner_ignores_adverts=values.get_or("vrrp_owner_ignore_adverts", default=False),
        startup_delay=values.get("vrrp_startup_delay", Duration) or ZERO,
        delay_after_boot=values.get("vrrp_delay_after_boot", Duration) or ZERO,
        dumps=DumpSettings(
            state_file=values.get("state_dump_file", str) or "",
            stats_file=values.get("stats_dump_file", str) or "",
            json_file=values.get("json_dump_file", str) or "",
            use_instance=values.get_or("data_use_instance", default=False),
            json_version=values.get("json_version", int) or 1,
        ),
        vmac_prefix=vmac_prefix,
        vmac_addr_prefix=lower_vmac_prefix("vmac_addr_prefix", values, findings, vmac_prefix),
        programs=ScriptSettings(user, group, values.has("enable_script_security")),
    )


def _server_mail(values: Values) -> bool | None:
    for name in ("smtp_alert_checker", "smtp_alert"):
        if values.has(name):
            return values.get_or(name, default=True)
    return None
