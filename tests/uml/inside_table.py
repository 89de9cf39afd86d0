"""The table of a real kernel: what halod writes is what `ipvsadm` reads, and what halod reads back.

Played inside of user-mode-linux: see `tests/kernel/test_ipvs.py`.
"""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address, ip_address
from pathlib import Path

import pytest

from halod.kernel import ipvs_module
from halod.kernel.ipvs import Ipvs
from halod.kernel.ipvs_module import IpvsMissingError, load_ipvs
from halod.model.balance_effect import SyncRole
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.service_table import (
    AddDestination,
    AddService,
    Destination,
    RemoveDestination,
    RemoveService,
    Service,
    ServiceTable,
    TableOperation,
    UpdateDestination,
    UpdateService,
)
from halod.model.units import Duration
from halod.model.virtual_server import Forwarding, LvsTimeouts, Method, SyncDaemon, Tunnel

NAT, DR, TUN = (Forwarding(method) for method in Method)


def said(*arguments: str) -> str:
    done = subprocess.run(["ipvsadm", *arguments], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    return done.stdout


def saved() -> list[str]:
    """Services with their destinations, as commands for `ipvsadm -R`."""
    return sorted(line.strip() for line in said("-Sn").splitlines())


def endpoint(text: str, port: int = 80) -> Endpoint:
    return Endpoint(ip_address(text), port)


def key(text: str = "10.0.0.1", port: int = 80, protocol: Protocol = Protocol.TCP) -> ServiceKey:
    where = endpoint(text, port)
    return ServiceKey(where.address.version, protocol, where)


def mark(number: int, family: int = 4) -> ServiceKey:
    return ServiceKey(family, None, None, number)


SERVICE = Service(key(), "rr")
DESTINATION = Destination(endpoint("10.0.1.1"), 1)


def table_of(*operations: TableOperation) -> ServiceTable:
    """What only additions make."""
    services = {one.service.key: one.service for one in operations if isinstance(one, AddService)}
    return ServiceTable(
        services,
        {
            at: {
                one.destination.endpoint: one.destination
                for one in operations
                if isinstance(one, AddDestination) and one.key == at
            }
            for at in services
        },
    )


@pytest.fixture
def table() -> Iterator[Ipvs]:
    subprocess.run(["ipvsadm", "-C"], check=True)
    opened = Ipvs()
    yield opened
    opened.close()


SERVICES = {
    "tcp": (SERVICE, "-A -t 10.0.0.1:80 -s rr"),
    "udp": (Service(key("10.0.0.1", 53, Protocol.UDP), "wlc"), "-A -u 10.0.0.1:53 -s wlc"),
    "sctp": (
        Service(key("10.0.0.1", 36412, Protocol.SCTP), "wrr"),
        "-A --sctp-service 10.0.0.1:36412 -s wrr",
    ),
    "v6": (Service(key("2001:db8::1"), "lc"), "-A -t [2001:db8::1]:80 -s lc"),
    "mark": (Service(mark(3), "sed"), "-A -f 3 -s sed"),
    "mark-v6": (Service(mark(0x7FFFFFFF, 6), "nq"), "-A -f 2147483647 -6 -s nq"),
    "one-packet": (
        Service(key("10.0.0.1", 53, Protocol.UDP), "rr", one_packet=True),
        "-A -u 10.0.0.1:53 -s rr -o",
    ),
    "persistent": (
        Service(key(), "rr", persistence=Duration.seconds(360), persistence_mask=32),
        "-A -t 10.0.0.1:80 -s rr -p 360",
    ),
    "persistent-net": (
        Service(key(), "rr", persistence=Duration.seconds(50), persistence_mask=24),
        "-A -t 10.0.0.1:80 -s rr -p 50 -M 255.255.255.0",
    ),
    "persistent-v6": (
        Service(key("2001:db8::1"), "rr", persistence=Duration.seconds(50), persistence_mask=64),
        "-A -t [2001:db8::1]:80 -s rr -p 50 -M 64",
    ),
    "any-port": (
        Service(key("10.0.0.1", 0), "rr", persistence=Duration.seconds(9), persistence_mask=32),
        "-A -t 10.0.0.1:0 -s rr -p 9",
    ),
    "sip": (
        Service(
            key("10.0.0.1", 5060, Protocol.UDP),
            "rr",
            persistence=Duration.seconds(60),
            persistence_mask=32,
            persistence_engine="sip",
        ),
        "-A -u 10.0.0.1:5060 -s rr -p 60 --pe sip",
    ),
    "sh": (Service(key(), "sh", 0x18), "-A -t 10.0.0.1:80 -s sh -b sh-fallback,sh-port"),
    "mh": (Service(key(), "mh", 0x10), "-A -t 10.0.0.1:80 -s mh -b mh-port"),
    "flags": (Service(key(), "wlc", 0x20), "-A -t 10.0.0.1:80 -s wlc -b flag-3"),
}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_stands_as_it_was_wanted(table: Ipvs, name: str) -> None:
    service, line = SERVICES[name]
    assert table.apply([AddService(service)]) == []
    assert saved() == [line]
    assert table.observe() == table_of(AddService(service))


def test_every_scheduler_of_keepalived_is_loaded_by_its_name(table: Ipvs) -> None:
    # twos came with Linux 5.20 or so; this kernel is older.
    names = ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "mh", "dh", "fo", "ovf", "sed", "nq"]
    wanted = [AddService(Service(key("10.0.0.1", n), name)) for n, name in enumerate(names, 1)]
    assert table.apply(wanted) == []
    assert {one.scheduler for one in table.observe().services.values()} == set(names)


DESTINATIONS = {
    "nat": (NAT, "-m -w 3"),
    "dr": (DR, "-g -w 3"),
    "ipip": (TUN, "-i -w 3 --tun-type ipip"),
    "gue": (
        Forwarding(Method.TUN, Tunnel.GUE, 6080, 0),
        "-i -w 3 --tun-type gue --tun-port 6080 --tun-nocsum",
    ),
    "gue-csum": (
        Forwarding(Method.TUN, Tunnel.GUE, 6080, 1),
        "-i -w 3 --tun-type gue --tun-port 6080 --tun-csum",
    ),
    "gue-remcsum": (
        Forwarding(Method.TUN, Tunnel.GUE, 6080, 2),
        "-i -w 3 --tun-type gue --tun-port 6080 --tun-remcsum",
    ),
    "gre": (Forwarding(Method.TUN, Tunnel.GRE), "-i -w 3 --tun-type gre --tun-nocsum"),
    "gre-csum": (Forwarding(Method.TUN, Tunnel.GRE, 0, 1), "-i -w 3 --tun-type gre --tun-csum"),
}


@pytest.mark.parametrize("name", DESTINATIONS)
def test_a_destination_stands_as_it_was_wanted(table: Ipvs, name: str) -> None:
    forwarding, words = DESTINATIONS[name]
    wanted: list[TableOperation] = [
        AddService(SERVICE),
        AddDestination(SERVICE.key, Destination(endpoint("10.0.1.1", 8080), 3, forwarding)),
    ]
    assert table.apply(wanted) == []
    assert saved()[1] == f"-a -t 10.0.0.1:80 -r 10.0.1.1:8080 {words}"
    assert table.observe() == table_of(*wanted)


def test_ipv6_behind_ipv4_by_a_tunnel(table: Ipvs) -> None:
    wanted: list[TableOperation] = [
        AddService(SERVICE),
        AddDestination(SERVICE.key, Destination(endpoint("2001:db8::9"), 1, TUN)),
        AddDestination(SERVICE.key, DESTINATION),
    ]
    assert table.apply(wanted) == []
    assert table.observe() == table_of(*wanted)


def test_destinations_of_an_ipv6_mark(table: Ipvs) -> None:
    at = mark(6, 6)
    wanted: list[TableOperation] = [
        AddService(Service(at, "rr")),
        AddDestination(at, Destination(endpoint("2001:db8::9", 0), 65535, DR)),
    ]
    assert table.apply(wanted) == []
    assert saved()[1] == "-a -f 6 -6 -r [2001:db8::9]:0 -g -w 65535"
    assert table.observe() == table_of(*wanted)


def test_thresholds(table: Ipvs) -> None:
    wanted: list[TableOperation] = [
        AddService(SERVICE),
        AddDestination(SERVICE.key, replace(DESTINATION, threshold_upper=500, threshold_lower=400)),
        AddDestination(SERVICE.key, Destination(endpoint("10.0.1.2"), 1, threshold_upper=9)),
    ]
    assert table.apply(wanted) == []
    lines = [line.split() for line in said("-Ln", "--thresholds").splitlines()[-2:]]
    assert sorted(lines) == [
        ["->", "10.0.1.1:80", "500", "400", "0", "0"],
        ["->", "10.0.1.2:80", "9", "0", "0", "0"],
    ]
    assert table.observe() == table_of(*wanted)


def test_a_change_of_each_kind(table: Ipvs) -> None:
    other = Destination(endpoint("10.0.1.2"), 5)
    service = replace(SERVICE, scheduler="sh", scheduler_flags=8, persistence=Duration.seconds(7))
    table.apply([AddService(SERVICE), AddDestination(SERVICE.key, DESTINATION)])
    table.apply([AddDestination(SERVICE.key, other)])
    drained = replace(DESTINATION, weight=0, forwarding=DR)
    changes: list[TableOperation] = [
        UpdateService(service),
        UpdateDestination(SERVICE.key, drained),
        RemoveDestination(SERVICE.key, other.endpoint),
    ]
    assert table.apply(changes) == []
    assert saved() == [
        "-A -t 10.0.0.1:80 -s sh -p 7 -b sh-fallback",
        "-a -t 10.0.0.1:80 -r 10.0.1.1:80 -g -w 0",
    ]
    # Back to none: what is not wanted any more is gone, too.
    assert table.apply([UpdateService(SERVICE)]) == []
    assert saved()[0] == "-A -t 10.0.0.1:80 -s rr"
    assert table.apply([RemoveService(SERVICE.key)]) == []
    assert table.observe() == ServiceTable()


def test_each_operation_a_second_time_changes_nothing_and_fails_not(table: Ipvs) -> None:
    additions: list[TableOperation] = [
        AddService(SERVICE),
        AddDestination(SERVICE.key, DESTINATION),
    ]
    for _ in range(2):
        assert table.apply(additions) == []
        assert table.observe() == table_of(*additions)
    removals: list[TableOperation] = [
        RemoveDestination(SERVICE.key, DESTINATION.endpoint),
        RemoveService(SERVICE.key),
        RemoveDestination(SERVICE.key, DESTINATION.endpoint),
    ]
    for _ in range(2):
        assert table.apply(removals) == []
        assert table.observe() == ServiceTable()


def test_what_stands_otherwise_is_adopted(table: Ipvs) -> None:
    said("-A", "-t", "10.0.0.1:80", "-s", "wlc", "-p", "5")
    said("-a", "-t", "10.0.0.1:80", "-r", "10.0.1.1:80", "-i", "-w", "9", "-x", "7")
    wanted: list[TableOperation] = [AddService(SERVICE), AddDestination(SERVICE.key, DESTINATION)]
    assert table.apply(wanted) == []
    assert table.observe() == table_of(*wanted)


def test_an_update_of_what_somebody_removed_puts_it_there(table: Ipvs) -> None:
    changes: list[TableOperation] = [
        UpdateService(SERVICE),
        UpdateDestination(SERVICE.key, replace(DESTINATION, weight=7)),
    ]
    assert table.apply(changes) == []
    assert saved()[1] == "-a -t 10.0.0.1:80 -r 10.0.1.1:80 -m -w 7"


def test_what_the_kernel_refuses_is_told_and_all_the_rest_is_done(table: Ipvs) -> None:
    unknown = AddService(Service(key("10.0.0.2"), "nosuch"))
    orphan = AddDestination(unknown.service.key, DESTINATION)
    crossed = AddDestination(
        SERVICE.key, replace(DESTINATION, endpoint=endpoint("10.0.1.3"), threshold_lower=5)
    )
    multicast = AddDestination(SERVICE.key, Destination(endpoint("224.0.0.9"), 1))
    last = AddService(Service(key("10.0.0.3"), "rr"))
    operations: list[TableOperation] = [
        AddService(SERVICE),
        unknown,
        orphan,
        AddDestination(SERVICE.key, DESTINATION),
        crossed,
        multicast,
        last,
    ]
    failures = table.apply(operations)
    assert {failure.operation: failure.why for failure in failures} == {
        unknown: "this kernel has no scheduler nosuch",
        orphan: "its service is not in the table",
        crossed: "its lower threshold is above the upper one",
        multicast: "the kernel refuses it: Invalid argument",
    }
    assert all(failure.error_number for failure in failures)
    assert saved() == [
        "-A -t 10.0.0.1:80 -s rr",
        "-A -t 10.0.0.3:80 -s rr",
        "-a -t 10.0.0.1:80 -r 10.0.1.1:80 -m -w 1",
    ]


def test_a_thousand_destinations_in_one_go(table: Ipvs) -> None:
    wanted: list[TableOperation] = [AddService(SERVICE)]
    for number in range(1000):
        at = Endpoint(IPv4Address("10.1.0.0") + number + 1, 80)
        wanted.append(AddDestination(SERVICE.key, Destination(at, number % 100)))
    assert table.apply(wanted) == []
    assert table.observe() == table_of(*wanted)


def test_flush_zero_and_counters(table: Ipvs) -> None:
    table.apply([AddService(SERVICE), AddDestination(SERVICE.key, DESTINATION)])
    counted = table.counters()[SERVICE.key][DESTINATION.endpoint]
    assert (counted.active, counted.inactive, counted.connections) == (0, 0, 0)
    table.zero()
    table.flush()
    assert table.observe() == ServiceTable()


def test_timeouts(table: Ipvs) -> None:
    before = table.timeouts()
    try:
        table.set_timeouts(LvsTimeouts(tcp=Duration.seconds(100), udp=Duration.seconds(30)))
        fin = before.tcp_fin.whole_seconds
        assert said("-Ln", "--timeout").strip() == f"Timeout (tcp tcpfin udp): 100 {fin} 30"
        assert table.timeouts().tcp_fin == before.tcp_fin
    finally:
        table.set_timeouts(before)
    assert table.timeouts() == before


def test_the_sync_daemon_takes_both_roles_and_leaves_them(table: Ipvs) -> None:
    subprocess.run(
        "ip link add sync0 type dummy; ip addr add 10.9.0.1/24 dev sync0; ip link set sync0 up",
        shell=True,
        check=True,
    )
    daemon = SyncDaemon(interface="sync0", sync_id=51, port=9000, ttl=3)
    table.start_sync_daemon(SyncRole.BACKUP, daemon)
    table.start_sync_daemon(SyncRole.BACKUP, daemon)
    running = table.sync_daemons()
    assert list(running) == [SyncRole.BACKUP]
    assert running[SyncRole.BACKUP] == replace(
        daemon, group="224.0.0.81", maximum_length=running[SyncRole.BACKUP].maximum_length
    )
    assert "backup sync daemon (mcast=sync0, syncid=51" in said("-Ln", "--daemon")
    table.start_sync_daemon(SyncRole.MASTER, SyncDaemon(interface="sync0", sync_id=51))
    assert set(table.sync_daemons()) == set(SyncRole)
    # Another id: it is started anew.
    table.start_sync_daemon(SyncRole.MASTER, SyncDaemon(interface="sync0", sync_id=52))
    assert table.sync_daemons()[SyncRole.MASTER].sync_id == 52
    table.start_sync_daemon(
        SyncRole.MASTER, SyncDaemon(interface="sync0", sync_id=52, group="ff02::51")
    )
    assert table.sync_daemons()[SyncRole.MASTER].group == "ff02::51"
    for role in (*SyncRole, *SyncRole):
        table.stop_sync_daemon(role)
    assert table.sync_daemons() == {}
    with pytest.raises(OSError, match="NEW_DAEMON"):
        table.start_sync_daemon(SyncRole.MASTER, SyncDaemon(interface="nosuch", sync_id=1))


@pytest.fixture
def unloaded() -> None:
    """No IPVS in this kernel."""
    subprocess.run(["ipvsadm", "-C"], check=True)
    lines = Path("/proc/modules").read_text().splitlines()
    # What depends on ip_vs stands before it.
    loaded = [line.split()[0] for line in lines if line.startswith("ip_vs")]
    subprocess.run(["rmmod", *loaded], check=True)


@pytest.mark.usefixtures("unloaded")
def test_the_module_is_loaded_where_it_is_missing() -> None:
    load_ipvs()
    assert said("-Ln").startswith("IP Virtual Server version 1.2.1")


@pytest.mark.usefixtures("unloaded")
def test_a_kernel_without_ipvs_is_told_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    modules = f"/lib/modules/{os.uname().release}"
    subprocess.run(["mount", "-t", "tmpfs", "none", modules], check=True)
    try:
        with pytest.raises(IpvsMissingError, match="ip_vs cannot be loaded: modprobe: FATAL"):
            load_ipvs()
        monkeypatch.setattr(ipvs_module, "SEARCH_PATH", "/nowhere")
        with pytest.raises(IpvsMissingError, match="no program modprobe"):
            load_ipvs()
    finally:
        subprocess.run(["umount", modules], check=True)
