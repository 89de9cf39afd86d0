"""Files without a mistake: no finding at all, and exactly the model that was meant.

The layout is drawn too: comments, blank lines, tabs, quotes, braces on lines of their own, the
order of keywords, line ends.
"""

from dataclasses import dataclass, field, replace
from functools import partial
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.config.compile import compile_text
from halod.model.address import Scope, VirtualAddress
from halod.model.command import Command
from halod.model.configuration import Configuration
from halod.model.mail import MailSettings
from halod.model.notify_policy import NotifyPolicy
from halod.model.tracking import Tracked, TrackerId, TrackerKind
from halod.model.units import Duration
from halod.model.vrrp import (
    GarpPolicy,
    InitialState,
    LeaseMode,
    Password,
    VrrpInstance,
    VrrpVersion,
)

names = st.text("abcdefgh_-.0123456789", min_size=1, max_size=12).filter(lambda s: s.strip("."))
interfaces = st.sampled_from(["eth0", "ens33", "bond0.100", "br-lan", "enp0s31f6np0"])
whole_seconds = st.integers(1, 255).map(Duration.seconds)
centiseconds = st.integers(1, 4095).map(Duration.centiseconds)
hosts = st.integers(0xC0000201, 0xC0FFFFFE).map(IPv4Address)


@dataclass
class Written:
    """A value as text, and what it must become."""

    instance: VrrpInstance
    statements: list[str] = field(default_factory=list)


def is_host(address: IPv4Address, prefix: int) -> bool:
    """The name of a network and its broadcast address would be findings."""
    network = IPv4Network((address, prefix), strict=False)
    return prefix > 30 or address not in (network[0], network[-1])


@st.composite
def addresses(draw: st.DrawFn, interface: str) -> list[tuple[str, VirtualAddress]]:
    found = []
    for address in draw(st.lists(hosts, min_size=1, max_size=4, unique=True)):
        prefix = draw(st.integers(0, 32).filter(partial(is_host, address)))
        network = IPv4Network((address, prefix), strict=False)
        words = [f"{address}/{prefix}"]
        device = draw(st.none() | interfaces)
        label = draw(st.none() | st.integers(0, 99).map(lambda n: f"{interface}:{n}"[:15]))
        scope = draw(st.none() | st.sampled_from(list(Scope)))
        broadcast = draw(st.none() | (st.just(network[-1]) if prefix < 31 else hosts))
        options = [
            *([f"dev {device}"] if device else []),
            *([f"label {label}"] if label else []),
            *([f"scope {scope.name.lower()}"] if scope else []),
            *([f"{draw(st.sampled_from(['brd', 'broadcast']))} {broadcast}"] if broadcast else []),
            *([] if (tracked := draw(st.booleans())) else ["no_track"]),
        ]
        found.append(
            (
                " ".join([*words, *draw(st.permutations(options))]),
                VirtualAddress(
                    address=address,
                    prefix_length=prefix,
                    interface=device or interface,
                    label=label,
                    broadcast=broadcast,
                    scope=scope or Scope.GLOBAL,
                    is_tracked=tracked,
                ),
            )
        )
    return found


@st.composite
def tracked_links(
    draw: st.DrawFn, own: str, held: list[VirtualAddress]
) -> tuple[list[str], tuple[Tracked, ...]]:
    """Lines of `track_interface`, and all that the instance minds with them."""
    lines, trackers = [], {}
    for name in draw(st.lists(interfaces, max_size=3, unique=True)):
        if name == own:
            continue  # it would be told
        weight = draw(st.none() | st.integers(-253, 253))
        reverse = weight is not None and draw(st.booleans())
        words = [] if weight is None else [f"weight {weight}"]
        lines.append(" ".join([name, *words, *(["reverse"] if reverse else [])]))
        trackers[name] = Tracked(TrackerId(TrackerKind.INTERFACE, name), weight or 0, reverse)
    for address in held:
        if address.is_tracked and address.interface != own:
            trackers[address.interface] = Tracked(
                TrackerId(TrackerKind.INTERFACE, address.interface)
            )
    return lines, tuple(trackers.values())


@st.composite
def garp(draw: st.DrawFn, prefix: str, default: GarpPolicy) -> tuple[list[str], GarpPolicy]:
    counts = {
        "garp_master_repeat": ("repeat", st.integers(1, 255)),
        "garp_master_refresh_repeat": ("refresh_repeat", st.integers(1, 255)),
        "garp_lower_prio_repeat": ("lower_prio_repeat", st.integers(0, 255)),
    }
    times = {
        "garp_master_delay": "delay",
        "garp_master_refresh": "refresh",
        "garp_lower_prio_delay": "lower_prio_delay",
    }
    said: dict[str, int] = {}
    statements = []
    for name, (attribute, numbers) in counts.items():
        if draw(st.booleans()):
            said[attribute] = draw(numbers)
            statements.append(f"{prefix}{name} {said[attribute]}")
    spans: dict[str, Duration] = {}
    for name, attribute in times.items():
        if draw(st.booleans()):
            seconds = draw(st.integers(0, 4294))
            spans[attribute] = Duration.seconds(seconds)
            statements.append(f"{prefix}{name} {seconds}")
    repeat = said.get("repeat", default.repeat)
    delay = spans.get("delay", default.delay)
    globally = prefix != ""
    lower_repeat = repeat if globally else default.lower_prio_repeat
    lower_delay = delay if globally else default.lower_prio_delay
    return statements, GarpPolicy(
        repeat=repeat,
        delay=delay,
        refresh=spans.get("refresh", default.refresh),
        refresh_repeat=said.get("refresh_repeat", default.refresh_repeat),
        lower_prio_repeat=said.get("lower_prio_repeat", lower_repeat),
        lower_prio_delay=spans.get("lower_prio_delay", lower_delay),
    )


@st.composite
def instances(
    draw: st.DrawFn, name: str, vrid: int, garp_default: GarpPolicy, version_default: VrrpVersion
) -> Written:
    interface = draw(interfaces)
    held = draw(addresses(interface))
    state = draw(st.none() | st.sampled_from(list(InitialState)))
    priority = draw(st.none() | st.integers(1, 255))
    version = draw(st.none() | st.sampled_from(list(VrrpVersion)))
    third = (version or version_default) is VrrpVersion.V3
    interval = draw(st.none() | (centiseconds if third else whole_seconds))
    lease = draw(st.none() | st.sampled_from(list(LeaseMode)))
    down_timer = draw(st.none() | st.integers(1, 100))
    password = (
        None if third else draw(st.none() | st.text("abcXYZ019._-:/", min_size=1, max_size=8))
    )
    own_garp, policy = draw(garp("", garp_default))
    links, trackers = draw(tracked_links(interface, [address for _, address in held]))
    minds_own_link = draw(st.booleans())
    master = state is InitialState.MASTER
    counted = priority if priority is not None else 255 if master else 100
    may_wait = not master and counted != 255
    preempt = draw(st.sampled_from([None, "preempt", *(["nopreempt"] if may_wait else [])]))
    delay = draw(st.integers(1, 1000)) if may_wait and preempt != "nopreempt" else None
    delay = draw(st.sampled_from([None, delay]))
    statements = [
        f"interface {interface}",
        f"virtual_router_id {vrid}",
        "virtual_ipaddress {\n" + "\n".join(line for line, _ in held) + "\n}",
        *([f"state {state.value}"] if state else []),
        *([f"priority {priority}"] if priority else []),
        *([f"version {version.value}"] if version else []),
        *([f"advert_int {interval.as_seconds():g}"] if interval else []),
        *([f"@halod vip_lease {lease.value}"] if lease else []),
        *([f"down_timer_adverts {down_timer}"] if down_timer else []),
        *([f"authentication {{\nauth_type PASS\nauth_pass {password}\n}}"] if password else []),
        *([preempt] if preempt else []),
        *([f"preempt_delay {delay}"] if delay else []),
        *(["track_interface {\n" + "\n".join(links) + "\n}"] if links else []),
        *([] if minds_own_link else ["dont_track_primary"]),
        *own_garp,
    ]
    return Written(
        VrrpInstance(
            name=name,
            interface=interface,
            virtual_router_id=vrid,
            priority=counted,
            addresses=tuple(address for _, address in held),
            version=version or version_default,
            advert_interval=interval or Duration.seconds(1),
            lease=lease or LeaseMode.AUTO,
            password=Password(password.encode()) if password else None,
            initial_state=state or (InitialState.MASTER if counted == 255 else InitialState.BACKUP),
            preempt=preempt != "nopreempt",
            preempt_delay=Duration.seconds(delay or 0),
            down_timer_adverts=down_timer or 3,
            garp=policy,
            trackers=trackers,
            minds_own_link=minds_own_link,
        ),
        draw(st.permutations(statements)),
    )


@st.composite
def layouts(draw: st.DrawFn, text: str) -> str:
    """The same file as another person would write it."""
    lines = []
    for line in text.split("\n"):
        head, brace, rest = line.partition("{")
        if brace and not rest and draw(st.booleans()):
            line = f"{head}\n{{"
        blank = draw(st.sampled_from([" ", "  ", "\t"]))
        indent = draw(st.sampled_from(["", "    ", "\t"]))
        lines.append(indent + line.replace(" ", blank))
        if draw(st.integers(0, 9)) == 0:
            lines.append(
                draw(st.sampled_from(["", "# a remark", "! and another", "  ", "@x no 1"]))
            )
        if draw(st.integers(0, 9)) == 0:
            lines[-1] += draw(st.sampled_from([" # remark {", "\t! remark }", "   "]))
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines)


def distinct(written: list[Written]) -> bool:
    """No address in two instances: that would be a finding."""
    held = [(a.address, a.interface) for each in written for a in each.instance.addresses]
    return len(set(held)) == len(held)


SERVERS = {
    None: ("", 25),
    "192.0.2.25": ("192.0.2.25", 25),
    "mail.example.org 587": ("mail.example.org", 587),
}
COMMANDS = {
    '"/usr/local/sbin/takeover.sh"': Command(("/usr/local/sbin/takeover.sh",)),
    "/usr/local/sbin/takeover.sh www-data": Command(("/usr/local/sbin/takeover.sh",), "www-data"),
    "\"/bin/logger -t 'lb'\" root adm": Command(("/bin/logger", "-t", "lb"), "root", "adm"),
}


@st.composite
def told(draw: st.DrawFn, written: Written, policy: NotifyPolicy) -> Written:
    """The same with programs that are told of it."""
    some = st.none() | st.sampled_from(list(COMMANDS))
    every, master, deleted = draw(st.tuples(some, some, some))
    lines = (("notify", every), ("notify_master", master), ("notify_deleted", deleted))
    statements = [*written.statements, *(f"{name} {text}" for name, text in lines if text)]
    policy = replace(
        policy,
        every=COMMANDS.get(every or ""),
        master=COMMANDS.get(master or ""),
        deleted=COMMANDS.get(deleted or ""),
        says_deleted=deleted is not None,
    )
    return Written(replace(written.instance, notify=policy), statements)


@st.composite
def files(draw: st.DrawFn) -> tuple[str, Configuration]:
    router = draw(st.none() | names)
    recipients = draw(st.lists(names.map(lambda n: f"{n}@example.org"), max_size=3))
    sender = draw(st.none() | names)
    server = draw(st.sampled_from(list(SERVERS)))
    alert = draw(st.sampled_from(["smtp_alert", "smtp_alert on", "smtp_alert_vrrp true"]))
    mail = bool(recipients and server)
    timeout = draw(st.none() | st.integers(0, 4294))
    statements, policy = draw(garp("vrrp_", GarpPolicy()))
    version = draw(st.sampled_from(list(VrrpVersion)))
    statements = [
        f"vrrp_version {version.value}",
        *statements,
        *([f'router_id "{router}"'] if router else []),
        *(["notification_email {\n" + "\n".join(recipients) + "\n}"] if recipients else []),
        *([f"notification_email_from {sender}"] if sender else []),
        *([f"smtp_server {server}"] if server else []),
        *([alert] if mail else []),
        *([f"smtp_connect_timeout {timeout}"] if timeout is not None else []),
    ]
    parts = [f"global_defs {{\n{chr(10).join(draw(st.permutations(statements)))}\n}}"]
    labels = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    vrids = draw(
        st.lists(st.integers(1, 255), min_size=len(labels), max_size=len(labels), unique=True)
    )
    written = draw(
        st.tuples(
            *(
                instances(name, vrid, policy, version)
                for name, vrid in zip(labels, vrids, strict=True)
            )
        )
        .map(list)
        .filter(distinct)
    )
    written = [draw(told(each, NotifyPolicy(mail=mail))) for each in written]
    parts += [
        f"vrrp_instance {each.instance.name} {{\n{chr(10).join(each.statements)}\n}}"
        for each in written
    ]
    default = MailSettings()
    configuration = Configuration(
        router_id=router or "",
        mail=MailSettings(
            to=tuple(recipients),
            sender=sender or "",
            host=SERVERS[server][0],
            port=SERVERS[server][1],
            connect_timeout=default.connect_timeout
            if timeout is None
            else Duration.seconds(timeout),
        ),
        instances=tuple(each.instance for each in written),
    )
    return draw(layouts("\n".join(parts))), configuration


# It computes for 10 s, of which a busy machine makes minutes.
@pytest.mark.timeout(600)
@given(files())
def test_a_valid_file_is_clean_and_becomes_its_model(file: tuple[str, Configuration]) -> None:
    text, configuration = file
    compiled = compile_text("k.conf", text)
    assert [found.message for found in compiled.diagnostics] == []
    assert compiled.configuration == configuration
