"""What other people's codecs make of our bytes: pyroute2 and scapy.

Knows how each is asked. halod itself never imports them: a contract of import-linter holds that.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg
from pyroute2.netlink.rtnl.rtmsg import rtmsg
from scapy.layers.inet import IP, in4_chksum
from scapy.layers.l2 import ARP, Ether
from scapy.layers.vrrp import VRRP, VRRPv3

__all__ = ["ARP", "IP", "VRRP", "Ether", "pyroute2_read", "pyroute2_write"]
__all__ += ["scapy_vrrp2", "scapy_vrrp3", "scapy_vrrp3_is_intact"]

_KINDS: dict[int, type[Any]] = {16: ifinfmsg, 17: ifinfmsg, 20: ifaddrmsg, 21: ifaddrmsg, 24: rtmsg}


def pyroute2_read(message: bytes, type_: int) -> dict[str, Any]:
    """The fields of one netlink message, attributes among them."""
    parsed = _KINDS[type_](message)
    parsed.decode()
    return {**{key: parsed[key] for key, *_ in parsed.fields}, **dict(parsed["attrs"])}


def pyroute2_write(type_: int, fields: dict[str, Any], attributes: dict[str, Any]) -> bytes:
    """One netlink message with these fields and attributes."""
    made = _KINDS[type_]()
    for key, value in fields.items():
        made[key] = value
    made["attrs"] = list(attributes.items())
    made["header"]["type"] = type_
    made.encode()
    return bytes(made.data)


def scapy_vrrp2(
    vrid: int, priority: int, interval: int, addresses: list[IPv4Address], password: bytes
) -> bytes:
    """A VRRPv2 message as scapy makes it, checksum included."""
    secret = password.ljust(8, b"\0")
    made = VRRP(
        vrid=vrid,
        priority=priority,
        authtype=1 if password else 0,
        adv=interval,
        addrlist=[str(address) for address in addresses],
        auth1=int.from_bytes(secret[:4], "big"),
        auth2=int.from_bytes(secret[4:], "big"),
    )
    return bytes(made)


def scapy_vrrp3(
    source: IPv4Address,
    destination: IPv4Address,
    vrid: int,
    priority: int,
    interval_centiseconds: int,
    addresses: list[IPv4Address],
) -> bytes:
    """A VRRPv3 message as scapy makes it in an IP packet: its checksum has a pseudo-header."""
    packet = IP(src=str(source), dst=str(destination), proto=112) / VRRPv3(
        vrid=vrid,
        priority=priority,
        adv=interval_centiseconds,
        addrlist=[str(address) for address in addresses],
    )
    return bytes(packet)[20:]


def scapy_vrrp3_is_intact(message: bytes, source: IPv4Address, destination: IPv4Address) -> bool:
    """Whether scapy's own sum over pseudo-header and message comes out as zero."""
    around = IP(src=str(source), dst=str(destination), proto=112)
    total: int = in4_chksum(112, around, message)
    return total in (0, 0xFFFF)
