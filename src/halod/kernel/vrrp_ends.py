"""The sockets of one interface and family: one hears us, one hears strangers, and some speak.

Where an instance has AH, one more hears what comes for us as protocol 51.

Knows which socket carries which advert. Must not know interfaces beside its own, families
(`ip_layer`), nor what an advert says.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from halod.kernel.ip_layer import LAYERS, Target
from halod.kernel.raw_socket import attach_filter, open_receiver
from halod.model.address import IpAddress, Link
from halod.model.effect import SendAdvert
from halod.model.vrrp import ANY_LINK, GROUP_V4, GROUP_V6, VrrpInstance
from halod.wire import vrid_filter, vrrp
from halod.wire.advert_frame import advert_frame, frame_of
from halod.wire.envelope import PROTOCOL_AH

__all__ = ["Audience", "Ends", "Straight"]

RECEIVE_BUFFER = 1024 * 1024
"""Bytes: adverts of 255 instances for several seconds, while the process is held up."""
STRANGERS_BUFFER = 32 * 1024
"""Bytes: room for about 80. Those that find none are counted by the kernel."""

Straight = tuple[Callable[[bytes], int], bytes]
"""What sends to where a socket is connected, and what is sent."""
_Ways = tuple[tuple[socket.socket, bytes, Target | None], ...]
"""Socket, payload, and where to; None: to where the socket is connected."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom the instances of one interface and family want to hear."""

    vrids: frozenset[int]
    groups: frozenset[IpAddress]
    """Those of the instances that use multicast."""
    unicast_ttls: frozenset[int]
    """Of the adverts of the others."""
    sources: frozenset[IpAddress]
    """Addresses that instances were told to speak from."""
    behind_header: bool
    """Whether any of them has AH: then all of them hear it, so that one that does not want it can
    say so."""

    @classmethod
    def of(cls, instances: Iterable[VrrpInstance]) -> Audience:
        """Instances of one interface and family."""
        each = tuple(instances)
        return cls(
            frozenset(i.virtual_router_id for i in each),
            frozenset(i.group for i in each if i.unicast is None),
            frozenset(i.unicast.ttl for i in each if i.unicast is not None),
            frozenset(i.source for i in each if i.source is not None),
            any(i.ah_key is not None for i in each),
        )


class Ends:
    """Open from the start until `close`. OSError: they cannot be had, and none is left."""

    def __init__(self, link: Link, audience: Audience | None, ip_version: int = 4) -> None:
        """`audience`: None: everybody, and the standard's group."""
        # Bound to no device where the routes say which it is.
        self.name, self.index = "" if link.name == ANY_LINK else link.name, link.index
        self._layer = LAYERS[ip_version]
        self._opened: list[socket.socket] = []
        self._speakers: dict[tuple[IpAddress, IpAddress | None, int, bool], socket.socket] = {}
        """By source, group (None: unicast), TTL, and whether it is given whole datagrams."""
        self._ways: dict[str, tuple[SendAdvert, _Ways]] = {}
        """Instance to the advert that it sent last, and how it goes out: mostly the same."""
        self._framing: socket.socket | None = None
        self._groups: frozenset[IpAddress] = frozenset()
        self._unicast_ttls = frozenset() if audience is None else audience.unicast_ttls
        self._behind_header: socket.socket | None = None
        try:
            self.receiver = self._open_receiver(RECEIVE_BUFFER, vrid_filter.ours, audience)
            self.strangers: socket.socket | None = None
            if audience is not None and self.name:
                self.strangers = self._open_receiver(
                    STRANGERS_BUFFER, vrid_filter.strangers, audience
                )
                self._listen_behind_header(audience)
            standard = GROUP_V4 if ip_version == 4 else GROUP_V6
            self._join(frozenset([standard]) if audience is None else audience.groups)
        except OSError:
            self.close()
            raise

    def _open_receiver(
        self,
        buffer_bytes: int,
        program: Callable[[Iterable[int], int], bytes],
        audience: Audience | None,
    ) -> socket.socket:
        layer = self._layer
        code = None if audience is None else program(audience.vrids, layer.version)
        opened = open_receiver(self.name, buffer_bytes, code, layer.family)
        self._opened.append(opened)
        layer.set_up_receiver(opened)
        return opened

    def _listen_behind_header(self, audience: Audience) -> None:
        """Opens, alters or closes the socket of protocol 51. It joins no group of its own."""
        if not audience.behind_header:
            if self._behind_header is not None:
                self._opened.remove(self._behind_header)
                self._behind_header.close()
                self._behind_header = None
            return
        program = vrid_filter.ours_behind_auth_header(audience.vrids)
        if self._behind_header is not None:
            attach_filter(self._behind_header, program)
            return
        opened = open_receiver(self.name, RECEIVE_BUFFER, program, self._layer.family, PROTOCOL_AH)
        self._opened.append(opened)
        self._behind_header = opened

    def receivers(self) -> Iterator[socket.socket]:
        """What hears our adverts."""
        yield self.receiver
        if self._behind_header is not None:
            yield self._behind_header

    def reader(self, receiver: socket.socket) -> Callable[[], bytes]:
        """Of one of its sockets: a datagram with its header, OSError where there is none."""
        return self._layer.reader(receiver)

    def listen_for(self, audience: Audience) -> None:
        """First those that are ours now: what both let through for a moment is only seen twice."""
        version = self._layer.version
        attach_filter(self.receiver, vrid_filter.ours(audience.vrids, version))
        if self.strangers is not None:
            attach_filter(self.strangers, vrid_filter.strangers(audience.vrids, version))
        self._listen_behind_header(audience)
        self._join(audience.groups)
        self._unicast_ttls = audience.unicast_ttls

    def _join(self, groups: frozenset[IpAddress]) -> None:
        """The membership of one socket counts for all of this host."""
        for group in groups - self._groups:
            self._layer.membership(self.receiver, group, self.index, joins=True)
        for group in self._groups - groups:
            self._layer.membership(self.receiver, group, self.index, joins=False)
        self._groups = groups

    # ---- speaking --------------------------------------------------------------------------

    def send(self, effect: SendAdvert) -> str | None:
        """To each destination; the reason where it reached none of them."""
        reason: str | None = None
        reached = False
        try:
            ways = self._ways_of(effect)
        except OSError as error:
            return f"{error.strerror}"
        for speaker, payload, target in ways:
            try:
                if target is None:
                    speaker.send(payload)
                else:
                    speaker.sendto(payload, target)
            except OSError as error:
                reason = f"{error.strerror}"
            else:
                reached = True
        return None if reached else reason

    def straight(self, effect: SendAdvert) -> Straight | None:
        """What sends an advert that was sent before, and what is given to it; None: it goes several
        ways, or to a peer. Void after a change of the sockets."""
        known = self._ways.get(effect.instance)
        if known is None or known[0] is not effect or len(known[1]) != 1:
            return None
        [(speaker, payload, target)] = known[1]
        return (speaker.send, payload) if target is None else None

    def _ways_of(self, effect: SendAdvert) -> _Ways:
        known = self._ways.get(effect.instance)
        if known is not None and known[0] is effect:
            return known[1]
        if effect.hardware_source is not None:
            ways: _Ways = ((self._frame_speaker(), _frame(effect, effect.hardware_source), None),)
            self._ways[effect.instance] = effect, ways
            return ways
        ways = tuple(
            (
                self._speaker(effect.source, group, effect.ttl, whole=effect.whole),
                payload,
                None if group is not None else self._layer.target(destination, self.index),
            )
            for destination, payload in effect.packets()
            for group in (destination if destination.is_multicast else None,)
        )
        self._ways[effect.instance] = effect, ways
        return ways

    def speak_from(self, source: IpAddress) -> None:
        """Opens at once what will carry adverts from there, so that the first does not wait."""
        self._hush()
        for whole in (False,) if self._behind_header is None else (False, True):
            for group in self._groups:
                self._speaker(source, group, vrrp.TTL, whole=whole)
            for ttl in self._unicast_ttls:
                self._speaker(source, None, ttl, whole=whole)

    def _frame_speaker(self) -> socket.socket:
        """Sends whole frames, which come from a virtual MAC: on the interface itself, so that they
        go out while the link with that MAC is down."""
        if self._framing is None:
            framing = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
            self._opened.append(framing)
            framing.setblocking(False)
            framing.bind((self.name, 0))
            self._framing = framing
        return self._framing

    def _hush(self) -> None:
        for speaker in self._speakers.values():
            speaker.close()
        self._speakers.clear()
        self._ways.clear()

    def _speaker(
        self, source: IpAddress, group: IpAddress | None, ttl: int, *, whole: bool = False
    ) -> socket.socket:
        key = source, group, ttl, whole
        found = self._speakers.get(key)
        if found is None:
            found = self._speakers[key] = self._open_speaker(source, group, ttl, whole=whole)
        return found

    def _open_speaker(
        self, source: IpAddress, group: IpAddress | None, ttl: int, *, whole: bool
    ) -> socket.socket:
        layer, protocol = self._layer, PROTOCOL_AH if whole else vrrp.PROTOCOL
        speaker = socket.socket(layer.family, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
        try:
            if whole:
                speaker.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)
            speaker.setblocking(False)
            device = self.name.encode() + b"\0"
            speaker.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device)
            # It only speaks: what comes to it is not even queued.
            speaker.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 0)
            # The primary address, never a virtual one (RFC 9568, 5.1.1.1). To a group it is
            # connected, so each send is spared the look-up of its destination. For unicast it is
            # not: a peer whose daemon is down answers "protocol unreachable", and a socket that is
            # connected takes that for its own failure.
            layer.set_up_speaker(speaker, source, group, self.index, ttl)
        except OSError:
            speaker.close()
            raise
        return speaker

    def close(self) -> None:
        self._hush()
        for opened in self._opened:
            opened.close()


def _frame(effect: SendAdvert, hardware_source: bytes) -> bytes:
    group = effect.destination
    if effect.whole:
        return frame_of(hardware_source, group, effect.payload)
    return advert_frame(hardware_source, effect.source, group, effect.ttl, effect.payload)
