"""A `vrrp_instance` block to an instance.

Knows keepalived's rules between the keywords of one instance. Must not know other instances.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.vrrp_instance import VRRP_INSTANCE
from halod.config.lexer import Word
from halod.config.lowering.address import lower_addresses
from halod.config.lowering.auth_hmac import lower_auth_hmac
from halod.config.lowering.authentication import with_secret
from halod.config.lowering.beginning import priority_of, with_beginning
from halod.config.lowering.garp import lower_garp
from halod.config.lowering.global_defs import Globals
from halod.config.lowering.interval import lower_interval
from halod.config.lowering.notify import lower_notify
from halod.config.lowering.route import lower_routes
from halod.config.lowering.rule import lower_rules
from halod.config.lowering.shared import Shared
from halod.config.lowering.statics import INTERFACE_DEFAULT
from halod.config.lowering.strict import with_strictness
from halod.config.lowering.track_interface import lower_track_interface
from halod.config.lowering.track_script import PlacedTracker, lower_track_script
from halod.config.lowering.unicast import NO_INTERFACE, interface_of, lower_way
from halod.config.lowering.vmac import lower_address_vmacs, lower_vmac, on_vmac
from halod.config.reading import Values, read_section
from halod.config.scalars import clean_text
from halod.config.tree import Statement
from halod.model.address import VirtualAddress
from halod.model.diagnostic import FindingSeverity, Span
from halod.model.printable import shortened
from halod.model.routing import Routing
from halod.model.tracking import Tracked
from halod.model.vrrp import ANY_LINK, LeaseMode, VrrpInstance, VrrpVersion

__all__ = ["Lowered", "lower_instance"]

ADDRESSES_MAX = 255
"""Count IPv4 Addr is one byte (RFC 9568, 5.2.5)."""
_Addresses = tuple[tuple[VirtualAddress, Span], ...]


@dataclass(frozen=True, slots=True)
class Lowered:
    """An instance with the places that later rules point at."""

    instance: VrrpInstance
    name: Span
    virtual_router_id: Span
    addresses: tuple[Span, ...]
    """One for each address that the instance holds."""
    trackers: tuple[PlacedTracker, ...] = ()
    """What it tracks, line by line."""
    sync_interface: str = ""
    """`lvs_sync_daemon_interface`."""

    @property
    def shown_name(self) -> str:
        """For messages."""
        return shortened(self.instance.name)


def lower_instance(
    block: Statement, globals_: Globals, shared: Shared, findings: Findings
) -> Lowered | None:
    """The instance; None where it cannot be told apart from others: what is missing is told."""
    word = _name_of(block, findings)
    if word is None:
        return None
    name = clean_text(word, findings)
    values = read_section(block.children, VRRP_INSTANCE, findings)
    way = lower_way(values, globals_.groups, findings, check_source=globals_.check_unicast_source)
    version = _version(values, way.group.version, globals_, findings)
    link = interface_of(values, way)
    vrid = values.get("virtual_router_id", int)
    _tell_missing(values, link, name, word.span, findings)
    carrier = (globals_.default_interface or INTERFACE_DEFAULT) if link == ANY_LINK else link
    addresses, excluded = _address_lists(values, carrier, way.group.version, findings)
    interval = lower_interval(values, version, findings)
    vmac = lower_vmac(values, link, way.group.version, vrid or 0, shared.vmac_names, findings)
    placed = (*addresses, *excluded)
    own = carrier, way.group.version
    elsewhere = lower_address_vmacs(values, own, vrid or 0, placed, shared.vmac_names)
    scripts = lower_track_script(values.get("track_script", list) or [], shared.scripts, findings)
    strict = values.get_or("strict_mode", globals_.strict)
    instance = VrrpInstance(
        name=name,
        interface=link,
        virtual_router_id=vrid or 0,
        priority=priority_of(values),
        addresses=on_vmac(vmac, elsewhere, link, tuple(address for address, _ in addresses)),
        excluded=on_vmac(vmac, elsewhere, link, tuple(address for address, _ in excluded)),
        vmac=vmac,
        address_vmacs=elsewhere,
        version=version,
        advert_interval=interval,
        group=way.group,
        source=way.source,
        unicast=way.unicast,
        auth_hmac=lower_auth_hmac(values, interval, shared.loader, findings),
        down_timer_adverts=values.get("down_timer_adverts", int) or globals_.down_timer_adverts,
        answers_weaker=not values.get_or("lower_prio_no_advert", not globals_.answers_weaker),
        startup_delay=globals_.startup_delay,
        delay_after_boot=globals_.delay_after_boot,
        garp=lower_garp(values, globals_.garp, findings),
        trackers=(*(s.tracked for s in scripts), *shared.observed.trackers(values, findings)),
        minds_own_link=not values.has("dont_track_primary"),
        lease=values.get("vip_lease", LeaseMode) or globals_.lease,
        notify=lower_notify(values, globals_.notify),
    )
    instance = with_secret(instance, values, findings, strict=strict)
    instance = with_beginning(instance, values, globals_, findings, strict=strict)
    instance = with_strictness(instance, values, block.children, findings, strict=strict)
    instance = _with_routes(instance, values, shared, findings)
    _count_addresses(instance, values, word.span, findings)
    _tell_first_of_ipv6(instance, addresses, findings)
    if link == NO_INTERFACE or vrid is None:
        return None
    router = values.statement("virtual_router_id").arguments[0].span
    synced = values.get("lvs_sync_daemon_interface", str) or ""
    return Lowered(instance, word.span, router, tuple(span for _, span in placed), scripts, synced)


def _tell_first_of_ipv6(instance: VrrpInstance, addresses: _Addresses, findings: Findings) -> None:
    if instance.ip_version == 4 or instance.unicast is not None or not addresses:
        return
    first, span = addresses[0]
    if first.address.is_link_local:
        return
    findings.add(
        Code.NOT_LINK_LOCAL,
        f"the first IPv6 address, {first.address}, is not link-local",
        span,
        helps=(
            "begin the list with the link-local address of the virtual router, as `fe80::10/64`",
        ),
    )


def _version(values: Values, ip_version: int, globals_: Globals, findings: Findings) -> VrrpVersion:
    """Over IPv6 there is version 3 alone (RFC 3768, 1; RFC 9568, 1)."""
    own = values.get("version", VrrpVersion)
    if ip_version == 4:
        return own or globals_.version
    if own is VrrpVersion.V2:
        findings.add(
            Code.NOT_YET,
            "version 2 has no IPv6: keepalived sends something of its own, which halod does not",
            values.statement("version").keyword.span,
            helps=("write `version 3` on all nodes, or leave it out",),
        )
    return VrrpVersion.V3


def _address_lists(
    values: Values, interface: str, ip_version: int, findings: Findings
) -> tuple[_Addresses, _Addresses]:
    """Those that are advertised, and those that are not."""
    addresses = lower_addresses(
        values.get("virtual_ipaddress", list) or [], interface, findings, ip_version=ip_version
    )
    excluded = lower_addresses(
        values.get("virtual_ipaddress_excluded", list) or [],
        interface,
        findings,
        taken=addresses,
    )
    return addresses, excluded


def _name_of(block: Statement, findings: Findings) -> Word | None:
    if not block.arguments:
        findings.add(
            Code.MISSING_VALUE,
            "a `vrrp_instance` needs a name",
            block.keyword.span,
            severity=FindingSeverity.REFUSE,
            helps=("write `vrrp_instance VI_1 {`",),
        )
        return None
    for extra in block.arguments[1:2]:
        findings.add(
            Code.EXTRA_WORD, f"`{extra.shown}` has no effect: an instance has one name", extra.span
        )
    return block.arguments[0]


def _with_routes(
    instance: VrrpInstance, values: Values, shared: Shared, findings: Findings
) -> VrrpInstance:
    """With routes and rules, and with all that it tracks of links: theirs are among those. The
    links stand first, the scripts behind them."""
    routing = Routing(
        lower_routes(values.get("virtual_routes", list) or [], findings),
        lower_rules(values.get("virtual_rules", list) or [], shared.preferences, findings),
    )
    bases = {made.vmac.link: made.base for made in instance.made_vmacs}
    tracked = (address.interface for address in instance.held if address.is_tracked)
    carriers = (bases.get(link, link) for link in tracked)
    links = lower_track_interface(
        values.get("track_interface", list) or [],
        instance.interface,
        (*carriers, *routing.interfaces()),
        findings,
    )
    made = (Tracked(made.vmac.tracker) for made in instance.made_vmacs)
    return replace(
        instance,
        routing=routing,
        trackers=(*links, *made, *instance.trackers),
        promotes_secondaries=values.has("promote_secondaries"),
    )


def _tell_missing(values: Values, link: str, name: str, span: Span, findings: Findings) -> None:
    where = "the link on which its peers are"
    if values.has("unicast_peer") and not values.has("unicast_src_ip"):
        where += "; or `unicast_src_ip`, and adverts go out wherever the peers are"
    for keyword, why in (
        ("interface", where),
        ("virtual_router_id", "the number that its peers have, 1 to 255"),
    ):
        if not values.attempted(keyword) and (keyword != "interface" or link == NO_INTERFACE):
            findings.add(
                Code.INCOMPLETE,
                f"`{shortened(name)}` has no `{keyword}`",
                span,
                helps=(f"add `{keyword}`: {why}",),
            )


def _count_addresses(
    instance: VrrpInstance, values: Values, span: Span, findings: Findings
) -> None:
    count = len(instance.addresses)
    if count > ADDRESSES_MAX:
        findings.add(
            Code.TOO_MANY_ADDRESSES,
            f"`{shortened(instance.name)}` has {count} addresses, and an advert takes "
            f"{ADDRESSES_MAX}",
            values.statement("virtual_ipaddress").keyword.span,
            helps=("spread them over several instances",),
        )
    attempted = [values.attempted(f"virtual_ipaddress{each}") for each in ("", "_excluded")]
    if instance.strict and count == 0 and not attempted[0]:
        findings.add(
            Code.NO_ADDRESS,
            f"`{shortened(instance.name)}` has no address to advertise, and strict mode wants one",
            span,
            severity=FindingSeverity.REFUSE,
            helps=("add `virtual_ipaddress { ... }`, or remove strict mode",),
        )
    elif count == 0 and not any(attempted):
        findings.add(
            Code.NO_ADDRESS,
            f"`{shortened(instance.name)}` has no address: its master would hold nothing",
            span,
            helps=("add `virtual_ipaddress { ... }`",),
        )
