"""IPVS over generic netlink: services, destinations, sync daemon and timeouts, as bytes and back.

    genlmsghdr: cmd = IPVS_CMD_*, version 1
    +-- SERVICE (nested) -------------------------------------------+
    | AF u16        PROTOCOL u16    ADDR 16 bytes     PORT be16     |
    |   or, of a firewall mark:     FWMARK u32                      |
    | SCHED_NAME    FLAGS {flags u32, mask u32}       PE_NAME       |
    | TIMEOUT u32 s NETMASK be32 (IPv4), bits u32 (IPv6)            |
    | STATS, STATS64 (nested, from the kernel alone)                |
    +-- DEST (nested) ----------------------------------------------+
    | ADDR 16 bytes PORT be16       ADDR_FAMILY u16                 |
    | FWD_METHOD u32                WEIGHT u32                      |
    | U_THRESH u32  L_THRESH u32                                    |
    | TUN_TYPE u8   TUN_PORT be16   TUN_FLAGS u16                   |
    | ACTIVE_CONNS, INACT_CONNS, PERSIST_CONNS u32, STATS, STATS64  |
    +-- DAEMON (nested) --------------------------------------------+
    | STATE u32     MCAST_IFN       SYNC_ID u32   SYNC_MAXLEN u16   |
    | MCAST_GROUP be32 or MCAST_GROUP6            MCAST_PORT u16    |
    | MCAST_TTL u8                                                  |
    +-- TIMEOUT_TCP, TIMEOUT_TCP_FIN, TIMEOUT_UDP u32 s ------------+

Numbers are in host byte order where no `be` stands. An IPv4 address is the first 4 of 16 bytes.

Knows `linux/ip_vs.h`; DEST stands in `ipvs_destination.py`. Must not know sockets, nor which
service is wanted.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import ip_address

from halod.model.balance_effect import SyncRole
from halod.model.endpoint import Protocol, ServiceKey
from halod.model.service_table import Service
from halod.model.units import Duration
from halod.model.virtual_server import LvsTimeouts, SyncDaemon
from halod.wire.generic_netlink import encode_command
from halod.wire.ipvs_attributes import (
    BE16,
    BE32,
    U8,
    U16,
    U32,
    Attributes,
    DaemonAttribute,
    InfoAttribute,
    IpvsCommand,
    ServiceAttribute,
    TopAttribute,
    nest,
    nested,
    number,
    numbers,
    text,
    words,
)
from halod.wire.ipvs_destination import ADDRESS_BYTES, AF_OF, FAMILY_OF, packed, read_endpoint
from halod.wire.netlink import DecodeError, attribute

__all__ = ["FAMILY", "IpvsCommand", "IpvsInfo", "command", "decode_daemon", "decode_info"]
__all__ += ["decode_service", "decode_timeouts", "encode_daemon", "encode_key", "encode_role"]
__all__ += ["encode_service", "encode_timeouts"]

FAMILY = "IPVS"
"""IPVS_GENL_NAME."""
_VERSION = 1
_BITS = {4: 32, 6: 128}
_ALL = 0xFFFFFFFF

_FLAGS = struct.Struct("=II")

_PERSISTENT, _ONE_PACKET = 0x01, 0x04
_SCHEDULER_FLAGS = 0x38
"""IP_VS_SVC_F_SCHED1 to 3."""
_PROTOCOLS = {protocol.value: protocol for protocol in Protocol}


@dataclass(frozen=True, slots=True)
class IpvsInfo:
    """What the kernel has."""

    version: tuple[int, int, int]
    table_size: int
    """Rows of its hash table of connections."""


def command(number: IpvsCommand, attributes_: bytes = b"") -> bytes:
    """Payload of a message to the family."""
    return encode_command(number, _VERSION, attributes_)


def encode_key(key: ServiceKey) -> bytes:
    """SERVICE as far as it identifies one."""
    return nest(TopAttribute.SERVICE, _key(key))


def encode_service(service: Service) -> bytes:
    """SERVICE in full."""
    is_persistent = service.persistence.ns > 0
    flags = service.scheduler_flags & _SCHEDULER_FLAGS
    flags |= _PERSISTENT * is_persistent | _ONE_PACKET * service.one_packet
    bits = service.persistence_mask or _BITS[service.key.family]
    # Without persistence the kernel wants a mask, too.
    mask = U32.pack(bits) if service.key.family == 6 else BE32.pack(_ALL << (32 - bits) & _ALL)
    body = _key(service.key)
    body += text(ServiceAttribute.SCHED_NAME, service.scheduler)
    body += attribute(ServiceAttribute.FLAGS, _FLAGS.pack(flags, _ALL))
    body += attribute(ServiceAttribute.TIMEOUT, U32.pack(service.persistence.whole_seconds))
    body += attribute(ServiceAttribute.NETMASK, mask)
    if service.persistence_engine:
        body += text(ServiceAttribute.PE_NAME, service.persistence_engine)
    return nest(TopAttribute.SERVICE, body)


def encode_role(role: SyncRole) -> bytes:
    """DAEMON as far as DEL_DAEMON needs it."""
    return nest(TopAttribute.DAEMON, attribute(DaemonAttribute.STATE, U32.pack(role.value)))


def encode_daemon(role: SyncRole, daemon: SyncDaemon) -> bytes:
    """DAEMON in full; what is 0 or empty is left to the kernel."""
    body = attribute(DaemonAttribute.STATE, U32.pack(role.value))
    body += text(DaemonAttribute.MCAST_IFN, daemon.interface)
    body += attribute(DaemonAttribute.SYNC_ID, U32.pack(daemon.sync_id or 0))
    if daemon.maximum_length:
        body += attribute(DaemonAttribute.SYNC_MAXLEN, U16.pack(daemon.maximum_length))
    if daemon.group:
        group = ip_address(daemon.group)
        type_ = DaemonAttribute.MCAST_GROUP if group.version == 4 else DaemonAttribute.MCAST_GROUP6
        body += attribute(type_, group.packed)
    if daemon.port:
        body += attribute(DaemonAttribute.MCAST_PORT, U16.pack(daemon.port))
    if daemon.ttl:
        body += attribute(DaemonAttribute.MCAST_TTL, U8.pack(daemon.ttl))
    return nest(TopAttribute.DAEMON, body)


def encode_timeouts(timeouts: LvsTimeouts) -> bytes:
    """Of SET_CONFIG; 0 leaves one as it is."""
    wanted = {
        TopAttribute.TIMEOUT_TCP: timeouts.tcp,
        TopAttribute.TIMEOUT_TCP_FIN: timeouts.tcp_fin,
        TopAttribute.TIMEOUT_UDP: timeouts.udp,
    }
    return b"".join(
        attribute(type_, U32.pack(span.whole_seconds)) for type_, span in wanted.items()
    )


def decode_service(top: Attributes) -> Service:
    """From a NEW_SERVICE message; raises DecodeError."""
    found = nested(top, TopAttribute.SERVICE)
    key = _decode_key(found)
    flags, _ = numbers(_FLAGS, found, ServiceAttribute.FLAGS)
    service = Service(
        key,
        scheduler=words(found, ServiceAttribute.SCHED_NAME),
        scheduler_flags=flags & _SCHEDULER_FLAGS,
        one_packet=bool(flags & _ONE_PACKET),
        persistence_engine=words(found, ServiceAttribute.PE_NAME),
    )
    if not flags & _PERSISTENT:
        return service
    seconds = number(U32, found, ServiceAttribute.TIMEOUT)
    if key.family == 6:
        bits = number(U32, found, ServiceAttribute.NETMASK)
    else:
        mask = number(BE32, found, ServiceAttribute.NETMASK)
        bits = mask.bit_count()
    return Service(
        key,
        service.scheduler,
        service.scheduler_flags,
        service.one_packet,
        Duration.seconds(seconds),
        bits,
        service.persistence_engine,
    )


def decode_daemon(top: Attributes) -> tuple[SyncRole, SyncDaemon]:
    """From a NEW_DAEMON message; raises DecodeError."""
    found = nested(top, TopAttribute.DAEMON)
    state = number(U32, found, DaemonAttribute.STATE)
    if state not in {role.value for role in SyncRole}:
        raise DecodeError(f"state of a sync daemon {state}")
    group = ""
    groups = {DaemonAttribute.MCAST_GROUP: 4, DaemonAttribute.MCAST_GROUP6: ADDRESS_BYTES}
    for type_, size in groups.items():
        if type_ in found:
            if len(found[type_]) != size:
                raise DecodeError("length of a multicast group")
            group = str(ip_address(found[type_]))
    return SyncRole(state), SyncDaemon(
        interface=words(found, DaemonAttribute.MCAST_IFN),
        sync_id=number(U32, found, DaemonAttribute.SYNC_ID),
        maximum_length=number(U16, found, DaemonAttribute.SYNC_MAXLEN, 0),
        port=number(U16, found, DaemonAttribute.MCAST_PORT, 0),
        ttl=number(U8, found, DaemonAttribute.MCAST_TTL, 0),
        group=group,
    )


def decode_timeouts(top: Attributes) -> LvsTimeouts:
    """From an answer to GET_CONFIG; raises DecodeError."""
    types = (TopAttribute.TIMEOUT_TCP, TopAttribute.TIMEOUT_TCP_FIN, TopAttribute.TIMEOUT_UDP)
    tcp, tcp_fin, udp = (Duration.seconds(number(U32, top, type_, 0)) for type_ in types)
    return LvsTimeouts(tcp, tcp_fin, udp)


def decode_info(top: Attributes) -> IpvsInfo:
    """From an answer to GET_INFO; raises DecodeError."""
    version = number(U32, top, InfoAttribute.VERSION)
    size = number(U32, top, InfoAttribute.CONN_TAB_SIZE)
    return IpvsInfo((version >> 16 & 0xFF, version >> 8 & 0xFF, version & 0xFF), size)


def _key(key: ServiceKey) -> bytes:
    body = attribute(ServiceAttribute.AF, U16.pack(AF_OF[key.family]))
    if key.endpoint is None or key.protocol is None:
        return body + attribute(ServiceAttribute.FWMARK, U32.pack(key.mark))
    body += attribute(ServiceAttribute.PROTOCOL, U16.pack(key.protocol.value))
    body += attribute(ServiceAttribute.ADDR, packed(key.endpoint.address))
    return body + attribute(ServiceAttribute.PORT, BE16.pack(key.endpoint.port))


def _decode_key(found: Attributes) -> ServiceKey:
    family = FAMILY_OF.get(number(U16, found, ServiceAttribute.AF))
    if family is None:
        raise DecodeError("an address family that is neither IPv4 nor IPv6")
    if ServiceAttribute.FWMARK in found:
        return ServiceKey(family, None, None, number(U32, found, ServiceAttribute.FWMARK))
    protocol = number(U16, found, ServiceAttribute.PROTOCOL)
    if protocol not in _PROTOCOLS:
        raise DecodeError(f"protocol {protocol}")
    endpoint = read_endpoint(found, family, ServiceAttribute.ADDR, ServiceAttribute.PORT)
    return ServiceKey(family, _PROTOCOLS[protocol], endpoint)
