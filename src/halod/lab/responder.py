"""Who answers for an address: on every balancer a UDP socket that replies with the host's name.

One process serves all hosts, by sockets opened inside their namespaces; it runs in the switch's
namespace, so nothing that is done to a host's processes silences it: as long as a host's kernel has
the address and its cable, it answers. Run as `python -m halod.lab.responder NAME=NAMESPACE…`.
"""

import selectors
import socket
import struct
import sys

from halod.lab.namespace import Namespace
from halod.lab.punctual import Stop, be_punctual

PROBE_PORT = 7070
"""UDP port of the responder on every balancer."""

IP_PKTINFO = 8
"""Linux: the ancillary message that tells and sets a datagram's local address (ip(7))."""

PACKET_INFO = struct.Struct("@i4s4s")
"""struct in_pktinfo: interface index, local address to send from, destination address."""

DATAGRAM_MAX = 64
"""Bytes; a probe has 8."""


def open_socket() -> socket.socket:
    """A socket that hears datagrams to any local address and learns which."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    sock.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
    sock.bind(("", PROBE_PORT))
    return sock


def answer(sock: socket.socket, name: bytes) -> None:
    """Reply to one datagram from the very address that it was sent to, with our name appended."""
    try:
        payload, ancillary, _flags, sender = sock.recvmsg(DATAGRAM_MAX, 64)
    except BlockingIOError:
        return
    for level, kind, data in ancillary:
        if (level, kind) == (socket.IPPROTO_IP, IP_PKTINFO):
            _index, _local, destination = PACKET_INFO.unpack(data[: PACKET_INFO.size])
            control = PACKET_INFO.pack(0, destination, bytes(4))
            try:
                sock.sendmsg([payload, name], [(level, kind, control)], 0, sender)
            except OSError:
                # The address went away between the question and the answer: then nobody answers.
                return


def main(arguments: list[str]) -> int:
    """Answer until SIGTERM."""
    stop = Stop()
    selector = selectors.DefaultSelector()
    for argument in arguments:
        name, namespace = argument.split("=")
        sock = Namespace(namespace).call(open_socket)
        selector.register(sock, selectors.EVENT_READ, name.encode())
    be_punctual()
    print("ready", flush=True)
    while not stop.asked:
        for key, _events in selector.select(timeout=1.0):
            assert isinstance(key.fileobj, socket.socket)
            answer(key.fileobj, key.data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
