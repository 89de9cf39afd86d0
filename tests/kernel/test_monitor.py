"""The kernel's news about links and addresses, each as one event, and nothing told twice."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from halod.kernel.addresses import Addresses
from halod.kernel.monitor import Monitor
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.lab.patience import wait_until
from halod.model.event import AddressLost, Event, LinkGone, LinkObserved, LossBy
from halod.model.units import Duration
from tests.kit.build import ETH, LB01, VIP, VIP2, S
from tests.kit.host import FAR, Host, wait_readable

pytestmark = pytest.mark.needs_netns

MINUTE = Duration.seconds(60)


class Ear:
    """A monitor and what it told."""

    def __init__(self, host: Host) -> None:
        self.requests = host.open(RtnetlinkSocket)
        self.monitor = host.open(lambda: Monitor(frozenset({self.requests.port})))
        self.monitor.virtual_addresses = frozenset({VIP.address, VIP2.address})
        self.addresses = Addresses(self.requests)
        self.addresses.indexes = {ETH: host.index()}
        self.told: list[Event] = self.monitor.start()

    def hear(self) -> list[Event]:
        """What came since the last call; nothing in it is about another interface than ours."""
        fresh = [event for event in self.monitor.receive() if _interface(event) == ETH]
        self.told += fresh
        return fresh

    def hear_to_the_end(self) -> list[Event]:
        """Also what an overrun left to be looked up."""
        told = self.hear()
        while self.monitor._has_lost or self.monitor._is_reading:
            wait_readable(self.monitor._reader.fileno(), 0.01)
            told += self.hear()
        return told

    def wait(self, wanted: Callable[[Event], bool], within_s: float = 5.0) -> Event:
        found = wait_until(lambda: [e for e in self.hear() if wanted(e)], within_s, 0.005)
        assert found, f"not told within {within_s} s; told {self.told}"
        return found[0]

    def wait_for_link(self, **wanted: object) -> LinkObserved:
        """Until the link is told with these fields."""

        def fits(event: Event) -> bool:
            return isinstance(event, LinkObserved) and all(
                getattr(event.link, name) == value for name, value in wanted.items()
            )

        found = self.wait(fits)
        assert isinstance(found, LinkObserved)
        return found


def _interface(event: Event) -> str:
    if isinstance(event, LinkObserved):
        return event.link.name
    assert isinstance(event, LinkGone | AddressLost)
    return event.interface


@pytest.fixture
def ear(host: Host) -> Ear:
    return Ear(host)


# ---- links ---------------------------------------------------------------------------------


def test_the_start_tells_every_link_with_its_own_addresses(host: Host) -> None:
    host.ip("address", "add", f"{VIP.address}/24", "dev", ETH)
    told = Ear(host).told
    links = {event.link.name: event.link for event in told if isinstance(event, LinkObserved)}
    assert set(links) == {"lo", ETH, FAR}
    assert links[ETH] == host.link(), "a virtual address is none of its own"
    assert len(told) == len(links)


def test_a_link_that_goes_down_and_comes_back(host: Host, ear: Ear) -> None:
    host.ip("link", "set", ETH, "down")
    assert ear.wait_for_link(running=False).link.addresses == (LB01,)
    host.ip("link", "set", ETH, "up")
    ear.wait_for_link(running=True)


def test_a_link_that_loses_its_carrier(host: Host, ear: Ear) -> None:
    host.ip("link", "set", FAR, "down")
    ear.wait_for_link(running=False)
    host.ip("link", "set", FAR, "up")
    ear.wait_for_link(running=True)


def test_a_link_that_is_renamed(host: Host, ear: Ear) -> None:
    index = host.index()
    host.ip("link", "set", ETH, "down")
    host.ip("link", "set", ETH, "name", "ens34")
    ear.wait(lambda event: event == LinkGone(ETH))
    host.ip("link", "set", "ens34", "name", ETH)
    host.ip("link", "set", ETH, "up")
    assert ear.wait_for_link(running=True).link.index == index


def test_a_link_that_is_removed_and_made_anew(host: Host, ear: Ear) -> None:
    index = host.index()
    host.ip("link", "del", ETH)
    ear.wait(lambda event: event == LinkGone(ETH))
    host.ip("link", "add", ETH, "type", "veth", "peer", FAR)
    found = ear.wait_for_link(running=False)
    assert found.link.index != index
    assert found.link.addresses == ()


def test_another_hardware_address_is_told(host: Host, ear: Ear) -> None:
    host.ip("link", "set", ETH, "address", "02:00:00:00:00:99")
    ear.wait_for_link(hardware_address=bytes.fromhex("020000000099"))


def test_the_hosts_own_addresses_are_told_in_the_kernels_order(host: Host, ear: Ear) -> None:
    host.ip("address", "add", "192.168.178.140/24", "dev", ETH)
    host.ip("address", "del", f"{LB01}/24", "dev", ETH)
    ear.wait_for_link(addresses=())
    host.ip("address", "add", "10.0.0.1/8", "dev", ETH)
    assert str(ear.wait_for_link().link.addresses) == "(IPv4Address('10.0.0.1'),)"


def test_a_link_that_joins_and_leaves_a_bridge_is_not_gone(host: Host, ear: Ear) -> None:
    """The kernel tells a port's joining and leaving as link messages of the family AF_BRIDGE."""
    host.ip("link", "add", "br0", "type", "bridge")
    host.ip("link", "set", ETH, "master", "br0")
    host.ip("link", "set", ETH, "nomaster")
    host.ip("link", "set", ETH, "address", "02:00:00:00:00:99")
    found = ear.wait_for_link(hardware_address=bytes.fromhex("020000000099"))
    assert found.link.addresses == (LB01,)
    assert LinkGone(ETH) not in ear.told
    told = [event for event in ear.told if isinstance(event, LinkObserved)]
    assert all(event.link.addresses == (LB01,) for event in told if event.link.name == ETH)


def test_what_does_not_matter_is_not_told(host: Host, ear: Ear) -> None:
    host.ip("link", "set", ETH, "mtu", "1400")
    host.ip("link", "set", ETH, "promisc", "on")
    host.ip("link", "set", ETH, "address", "02:00:00:00:00:99")
    ear.wait_for_link(hardware_address=bytes.fromhex("020000000099"))
    assert len([event for event in ear.told if _interface(event) == ETH]) == 2


def test_a_retold_link_that_has_gone_meanwhile_is_told_as_gone(host: Host, ear: Ear) -> None:
    host.ip("link", "del", ETH)
    told = ear.monitor.retell()
    last = {_interface(event): type(event) for event in told}
    assert last == {"lo": LinkObserved, ETH: LinkGone, FAR: LinkGone}


def test_retelling_tells_every_link_once_more(host: Host, ear: Ear) -> None:
    # The kernel is not asked: its lock may be held by others.
    ear.monitor._reader._requests.close()
    told = ear.monitor.retell()
    assert sorted(_interface(event) for event in told) == sorted(["lo", ETH, FAR])


def test_a_reload_makes_other_addresses_virtual(host: Host, ear: Ear) -> None:
    host.ip("address", "add", "192.168.178.77/24", "dev", ETH)
    ear.monitor.virtual_addresses = frozenset({IPv4Address("192.168.178.77")})
    host.ip("address", "add", f"{VIP.address}/24", "dev", ETH)
    links = {e.link.name: e.link for e in ear.monitor.retell() if isinstance(e, LinkObserved)}
    assert links[ETH].addresses == (LB01, VIP.address)


def drain(monitor: Monitor) -> None:
    while wait_readable(monitor._socket.fileno(), 0.01):
        monitor.receive()


def test_news_of_one_link_cost_the_same_beside_many(host: Host, ear: Ear) -> None:
    """A host of containers has thousands of links, and all change when the engine restarts."""
    number = 400
    host.namespace.ip_batch([f"link add v{i} type veth peer w{i}" for i in range(number)])
    drain(ear.monitor)
    host.namespace.ip_batch([f"link set v{i} mtu 1400" for i in range(number)])
    used = time.process_time()
    drain(ear.monitor)
    each_us = (time.process_time() - used) * 1e6 / number
    # Walking through all links for each message took 1,000 us and more.
    assert each_us < 200


# ---- addresses -----------------------------------------------------------------------------


def test_our_own_removal_is_no_news(host: Host, ear: Ear) -> None:
    ear.addresses.grant([VIP, VIP2], MINUTE)
    ear.addresses.revoke(ear.addresses.place([VIP]))
    host.ip("address", "del", f"{VIP2.address}/24", "dev", ETH)
    lost = ear.wait(lambda event: isinstance(event, AddressLost))
    assert isinstance(lost, AddressLost)
    assert lost.address == VIP2.address


def test_a_lapse_is_the_kernels_doing(ear: Ear) -> None:
    ear.addresses.grant([VIP], S)
    assert ear.wait(lambda event: isinstance(event, AddressLost)) == AddressLost(
        VIP.address, ETH, LossBy.KERNEL
    )


def test_a_removal_by_somebody_names_who_lives_still(host: Host, ear: Ear) -> None:
    ear.addresses.grant([VIP], MINUTE)
    with subprocess.Popen(
        [*host.namespace.prefix, "ip", "-batch", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as culprit:
        assert culprit.stdin is not None
        culprit.stdin.write(f"address del {VIP.address}/24 dev {ETH}\n")
        lost = ear.wait(lambda event: isinstance(event, AddressLost))
        culprit.stdin.close()
    assert lost == AddressLost(VIP.address, ETH, LossBy.SOMEBODY, f"ip (pid {culprit.pid})")


def test_a_removal_by_somebody_who_is_gone_names_nobody(host: Host, ear: Ear) -> None:
    ear.addresses.grant([VIP], MINUTE)
    host.ip("address", "del", f"{VIP.address}/24", "dev", ETH)
    assert ear.wait(lambda event: isinstance(event, AddressLost)) == AddressLost(
        VIP.address, ETH, LossBy.SOMEBODY
    )


STRANGE_NAME = """
import ctypes, socket, sys
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.kernel.addresses import Addresses
from tests.kit.build import ETH, VIP
ctypes.CDLL(None).prctl(15, b"\\xffbad\\x1b[31m", 0, 0, 0)
addresses = Addresses(RtnetlinkSocket())
addresses.indexes = {ETH: socket.if_nametoindex(ETH)}
print(addresses.revoke(addresses.place([VIP])), flush=True)
sys.stdin.read()
"""


def test_a_culprit_whose_name_is_no_text_is_named_all_the_same(host: Host, ear: Ear) -> None:
    """A process calls itself what it likes, and 15 bytes may end within a letter."""
    ear.addresses.grant([VIP], MINUTE)
    with subprocess.Popen(
        [*host.namespace.prefix, sys.executable, "-c", STRANGE_NAME],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as culprit:
        assert culprit.stdout is not None
        assert culprit.stdout.readline() == "[]\n"
        lost = ear.wait(lambda event: isinstance(event, AddressLost))
        culprit.communicate()
    assert isinstance(lost, AddressLost)
    assert lost.culprit == f"\N{REPLACEMENT CHARACTER}bad\x1b[31m (pid {culprit.pid})"


def test_a_primary_address_takes_its_secondaries_with_it(host: Host, ear: Ear) -> None:
    """The VIP is a secondary of the host's own address: one command removes both."""
    ear.addresses.grant([VIP], MINUTE)
    host.ip("address", "del", f"{LB01}/24", "dev", ETH)
    lost = ear.wait(lambda event: isinstance(event, AddressLost))
    assert isinstance(lost, AddressLost)
    assert (lost.address, lost.by) == (VIP.address, LossBy.SOMEBODY)


def test_an_address_goes_with_its_interface(host: Host, ear: Ear) -> None:
    ear.addresses.grant([VIP], MINUTE)
    host.ip("link", "del", ETH)
    ear.wait(lambda event: event == LinkGone(ETH))
    assert AddressLost(VIP.address, ETH, LossBy.KERNEL) in ear.told


# ---- overrun -------------------------------------------------------------------------------


def shrink(monitor: Monitor) -> None:
    """The least buffer that the kernel gives: a few messages overrun it."""
    monitor._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)


def test_an_overrun_is_mended_by_looking_at_what_is_there(host: Host, ear: Ear) -> None:
    shrink(ear.monitor)
    ear.addresses.grant([VIP, VIP2], MINUTE)
    ear.hear()
    host.ip("address", "add", "192.168.178.140/24", "dev", ETH)
    host.ip("address", "del", f"{VIP.address}/24", "dev", ETH)
    for i in range(40):
        host.ip("link", "set", FAR, "mtu", str(1400 + i))
    host.ip("link", "set", ETH, "down")
    told = ear.hear_to_the_end()
    assert ear.monitor.overruns >= 1
    assert AddressLost(VIP.address, ETH, LossBy.SOMEBODY) in told
    assert len([event for event in told if isinstance(event, AddressLost)]) == 1
    *_, seen = [event for event in told if isinstance(event, LinkObserved)]
    assert not seen.link.running
    assert [str(address) for address in seen.link.addresses] == [str(LB01), "192.168.178.140"]
    assert ear.hear() == []


def test_an_overrun_tells_links_that_went_and_came(host: Host, ear: Ear) -> None:
    shrink(ear.monitor)
    host.ip("link", "del", ETH)
    host.namespace.ip_batch([f"link add v{i} type veth peer w{i}" for i in range(40)])
    host.ip("link", "add", ETH, "type", "veth", "peer", FAR)
    told = ear.hear_to_the_end()
    assert ear.monitor.overruns >= 1
    assert [type(event) for event in told][-2:] == [LinkGone, LinkObserved]
    assert told[-1] == LinkObserved(replace(host.link(), running=False, addresses=()))


def test_what_is_lost_while_the_queue_empties_is_found_too(host: Host, ear: Ear) -> None:
    """The kernel drops news in silence until a queue that overran was empty once."""
    ear.monitor._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 17)
    many = [f"10.{i // 250}.{i % 250}.1/32" for i in range(2000)]
    host.namespace.ip_batch([f"address add {address} dev {FAR}" for address in many])
    ear.hear()
    assert ear.monitor.overruns == 1
    assert wait_readable(ear.monitor._socket.fileno(), 0)
    host.ip("address", "del", f"{LB01}/24", "dev", ETH)
    *_, last = ear.hear_to_the_end()
    assert isinstance(last, LinkObserved)
    assert last.link.addresses == ()


def test_news_that_comes_while_the_tables_are_read_is_not_undone_by_them(
    host: Host, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = ear.monitor._reader
    monkeypatch.setattr(reader, "ask", lambda: None)  # It takes its time.
    shrink(ear.monitor)
    host.namespace.ip_batch([f"link add v{i} type veth peer w{i}" for i in range(40)])
    ear.hear()
    assert ear.monitor._is_reading
    ear.monitor._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 17)
    old = reader.read()
    ear.addresses.grant([VIP], MINUTE)
    ear.hear()
    host.ip("link", "set", ETH, "address", "02:00:00:00:00:99")
    ear.wait_for_link(hardware_address=bytes.fromhex("020000000099"))
    reader._answers.append(old)
    os.eventfd_write(reader.fileno(), 1)
    assert ear.hear() == []
    host.ip("address", "del", f"{VIP.address}/24", "dev", ETH)
    host.ip("link", "set", ETH, "down")
    down = ear.wait_for_link(running=False)
    assert down.link.hardware_address == bytes.fromhex("020000000099")
    assert AddressLost(VIP.address, ETH, LossBy.SOMEBODY) in ear.told


def test_a_monitor_leaves_no_descriptor_behind(host: Host) -> None:
    before = len(os.listdir("/proc/self/fd"))
    ear = host.call(lambda: Monitor(frozenset()))
    ear.start()
    ear.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_one_address_with_two_masks_is_gone_when_both_are(host: Host, ear: Ear) -> None:
    for address in (LB01, VIP.address):
        host.ip("address", "add", f"{address}/32", "dev", ETH)
    ear.addresses.grant([VIP], MINUTE)
    for address in (LB01, VIP.address):
        host.ip("address", "del", f"{address}/32", "dev", ETH)
    host.ip("link", "set", ETH, "address", "02:00:00:00:00:99")
    last = ear.wait_for_link(hardware_address=bytes.fromhex("020000000099"))
    assert last.link.addresses == (LB01,)
    assert not [event for event in ear.told if isinstance(event, AddressLost)]
