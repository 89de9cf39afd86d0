"""Traffic through a real kernel's IPVS, by tables that halod makes.

Played inside of user-mode-linux: see `tests/kernel/test_ipvs.py`. This machine is the director, the
namespace `client` asks, `one` and `two` answer. All are on the bridge `lan`:

    client    10.9.0.9            by 10.9.0.1, the director      (NAT: answers come back through it)
              10.8.0.9            on the link of the real servers (DR, TUN: they answer at once)
    director  10.9.0.1, 10.0.0.1, 2001:db8::1, VIP 10.9.0.100, 2001:db8:9::100
    one, two  10.0.0.11, 10.0.0.12, 2001:db8::11, 2001:db8::12
"""

import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from halod.kernel.ipvs import Ipvs
from halod.lab.patience import wait_until
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.service_table import (
    AddDestination,
    AddService,
    Destination,
    Service,
    TableOperation,
    UpdateDestination,
)
from halod.model.units import Duration
from halod.model.virtual_server import Forwarding, Method, Tunnel

ANSWERING = Path(__file__).with_name("answering.py")
VIP, VIP_V6 = "10.9.0.100", "2001:db8:9::100"
SERVERS = {"one": ("10.0.0.11", "2001:db8::11"), "two": ("10.0.0.12", "2001:db8::12")}
BESIDE, THROUGH = "10.8.0.9", "10.9.0.9"
"""The client's addresses: one that real servers reach, one that they reach through the director."""
GUE_PORT = 6080

NETWORK = f"""
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip link add lan type bridge mcast_snooping 0
ip addr add 10.9.0.1/24 dev lan
ip addr add 10.0.0.1/24 dev lan
ip addr add {VIP}/32 dev lan
ip link set lan up
ip addr add 2001:db8::1/64 dev lan nodad
ip addr add 2001:db8:9::1/64 dev lan nodad
ip addr add {VIP_V6}/128 dev lan nodad
ip route add 10.8.0.0/24 dev lan
for host in client one two; do
    ip netns add $host
    ip link add $host type veth peer name eth0 netns $host
    ip link set $host master lan up
    ip netns exec $host sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
    ip -n $host link set lo up
    ip -n $host link set eth0 up
done
ip -n client addr add 10.9.0.9/24 dev eth0
ip -n client addr add 10.8.0.9/32 dev eth0
ip -n client addr add 2001:db8:9::9/64 dev eth0 nodad
ip -n client route add 10.0.0.0/24 dev eth0
sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.lan.rp_filter=0
sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.lan.send_redirects=0
for number in 1 2; do
    host=$([ $number = 1 ] && echo one || echo two)
    ip -n $host addr add 10.0.0.1$number/24 dev eth0
    ip -n $host addr add 2001:db8::1$number/64 dev eth0 nodad
    ip -n $host route add default via 10.0.0.1
    ip -n $host route add 10.8.0.0/24 dev eth0
    ip -n $host -6 route add default via 2001:db8::1
    ip netns exec $host sysctl -qw net.ipv6.conf.eth0.accept_redirects=0
    ip netns exec $host sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
    ip -n $host addr add {VIP}/32 dev lo
    ip -n $host link set tunl0 up
    ip netns exec $host sysctl -qw net.ipv4.conf.tunl0.rp_filter=0
    ip -n $host fou add port {GUE_PORT} gue
    ip -n $host link add gre1 type gre local 10.0.0.1$number
    ip -n $host link set gre1 up
    ip netns exec $host sysctl -qw net.ipv4.conf.gre1.rp_filter=0
done
tc qdisc add dev lan ingress
for port in 8001 8002; do
    tc filter add dev lan ingress protocol ip flower dst_ip {VIP} ip_proto tcp dst_port $port \\
        action skbedit mark 7
done
"""

ASKING = """
import socket, sys
address, port, source, times, kind = sys.argv[1:]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
for _ in range(int(times)):
    with socket.socket(family, getattr(socket, kind)) as asking:
        asking.settimeout(5)
        asking.bind((source, 0))
        asking.connect((address, int(port)))
        if kind == "SOCK_DGRAM":
            asking.send(b"?")
        print(asking.recv(99).decode().strip())
"""


@pytest.fixture(scope="module", autouse=True)
def network() -> Iterator[None]:
    subprocess.run(["sh", "-eu", "-c", NETWORK], check=True)
    serving: list[subprocess.Popen[str]] = []
    for host in SERVERS:
        command = ["ip", "netns", "exec", host, sys.executable, str(ANSWERING), host, VIP]
        serving.append(
            subprocess.Popen([*command, "80", "8001", "8002"], stdout=subprocess.PIPE, text=True)
        )
    for server in serving:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        server.stdout.close()
    yield
    for server in serving:
        server.kill()
        server.wait()


@pytest.fixture
def table() -> Iterator[Ipvs]:
    opened = Ipvs()
    opened.flush()
    yield opened
    opened.close()


def answers(
    source: str, times: int = 4, address: str = VIP, port: int = 80, kind: str = "SOCK_STREAM"
) -> Counter[str]:
    """Who answers how often; each time over a new connection."""
    asking = ["ip", "netns", "exec", "client", sys.executable, "-c", ASKING]
    asking += [address, str(port), source, str(times), kind]
    done = subprocess.run(asking, capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    return Counter(done.stdout.split())


def service(address: str = VIP, protocol: Protocol = Protocol.TCP, **more: Any) -> Service:
    where = Endpoint(ip_address(address), 80)
    scheduler = more.pop("scheduler", "rr")
    return Service(ServiceKey(where.address.version, protocol, where), scheduler, **more)


def both(
    wanted: Service, forwarding: Forwarding, weights: tuple[int, int] = (1, 1), port: int = 80
) -> list[TableOperation]:
    operations: list[TableOperation] = [AddService(wanted)]
    for addresses, weight in zip(SERVERS.values(), weights, strict=True):
        at = Endpoint(ip_address(addresses[wanted.key.family == 6]), port)
        operations.append(AddDestination(wanted.key, Destination(at, weight, forwarding)))
    return operations


FORWARDINGS = {
    "NAT": (Forwarding(Method.NAT), THROUGH),
    "DR": (Forwarding(Method.DR), BESIDE),
    "TUN": (Forwarding(Method.TUN), BESIDE),
    "GUE": (Forwarding(Method.TUN, Tunnel.GUE, GUE_PORT), BESIDE),
    "GUE with checksum": (Forwarding(Method.TUN, Tunnel.GUE, GUE_PORT, 1), BESIDE),
    "GRE": (Forwarding(Method.TUN, Tunnel.GRE), BESIDE),
}


@pytest.mark.parametrize("name", FORWARDINGS)
def test_both_servers_answer_in_turn(table: Ipvs, name: str) -> None:
    forwarding, source = FORWARDINGS[name]
    wanted = service()
    assert table.apply(both(wanted, forwarding)) == []
    assert answers(source) == {"one": 2, "two": 2}

    def are_counted() -> bool:
        counted = table.counters()[wanted.key].values()
        return all(one.connections == 2 and one.bytes_in > 0 for one in counted)

    # The kernel sums them up every 2 s.
    assert wait_until(are_counted, 10.0)


def test_ipv6_by_nat(table: Ipvs) -> None:
    assert table.apply(both(service(VIP_V6), Forwarding())) == []
    assert answers("2001:db8:9::9", address=VIP_V6) == {"one": 2, "two": 2}


def test_another_port_behind_nat(table: Ipvs) -> None:
    assert table.apply(both(service(), Forwarding(), port=8001)) == []
    assert answers(THROUGH) == {"one": 2, "two": 2}


def test_weights_are_met(table: Ipvs) -> None:
    assert table.apply(both(service(scheduler="wrr"), Forwarding(), (1, 3))) == []
    assert answers(THROUGH, 12) == {"one": 3, "two": 9}


def test_a_client_stays_with_its_server(table: Ipvs) -> None:
    wanted = service(persistence=Duration.seconds(60), persistence_mask=32)
    assert table.apply(both(wanted, Forwarding())) == []
    assert len(answers(THROUGH)) == 1


def test_each_packet_of_udp_for_itself(table: Ipvs) -> None:
    wanted = service(protocol=Protocol.UDP, one_packet=True)
    # The kernel forgets the packet at once, so it could not translate the answer: no NAT.
    assert table.apply(both(wanted, Forwarding(Method.DR))) == []
    assert answers(BESIDE, 6, kind="SOCK_DGRAM") == {"one": 3, "two": 3}


def test_ports_behind_a_mark_are_one_service(table: Ipvs) -> None:
    key = ServiceKey(4, None, None, 7)
    operations: list[TableOperation] = [AddService(Service(key, "rr"))]
    for host in SERVERS:
        at = Endpoint(ip_address(SERVERS[host][0]), 0)
        operations.append(AddDestination(key, Destination(at, 1, Forwarding(Method.DR))))
    assert table.apply(operations) == []
    found = answers(BESIDE, 2, port=8001) + answers(BESIDE, 2, port=8002)
    assert found == {"one": 2, "two": 2}


def test_at_weight_0_new_connections_go_elsewhere_and_old_ones_go_on(table: Ipvs) -> None:
    # From this machine to its own VIP: the connection has to stay open in between.
    wanted = service()
    one = Destination(Endpoint(ip_address(SERVERS["one"][0]), 80), 1)
    table.apply([AddService(wanted), AddDestination(wanted.key, one)])
    with socket.create_connection((VIP, 80), 5, ("10.9.0.1", 0)) as kept:
        reading = kept.makefile("rb")
        assert reading.readline() == b"one\n"
        operations = both(wanted, Forwarding(), (0, 1))
        assert table.apply(operations) == []
        assert answers(THROUGH) == {"two": 4}
        kept.sendall(b"still there?\n")
        assert reading.readline() == b"still there?\n"
        counted = table.counters()[wanted.key][one.endpoint]
        assert counted.active == 1
        # Back again, and it gets new ones.
        assert table.apply([UpdateDestination(wanted.key, one)]) == []
        assert answers(THROUGH) == {"one": 2, "two": 2}
        reading.close()
