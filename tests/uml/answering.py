"""A real server for `inside_traffic.py`: answers everything with its name.

    answering.py NAME VIP PORT...

TCP: the name at once, and then each line that comes, until the peer has finished. UDP: the name to
each packet for the VIP. Knows sockets alone; runs in a namespace of its own.
"""

import selectors
import socket
import sys


def main(name: str, vip: str, ports: list[int]) -> None:
    """Serves for ever."""
    waiting = selectors.DefaultSelector()
    for port in ports:
        listener = socket.create_server(
            ("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=128
        )
        waiting.register(listener, selectors.EVENT_READ, "listener")
        packets = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        packets.bind((vip, port))  # else the answer would come from another address
        waiting.register(packets, selectors.EVENT_READ, "packets")
    print("ready", flush=True)
    while True:
        for key, _ in waiting.select():
            ready = key.fileobj
            assert isinstance(ready, socket.socket)
            if key.data == "listener":
                connection, _ = ready.accept()
                connection.sendall(name.encode() + b"\n")
                waiting.register(connection, selectors.EVENT_READ, "connection")
            elif key.data == "packets":
                _, peer = ready.recvfrom(2048)
                ready.sendto(name.encode(), peer)
            else:
                said = ready.recv(2048)
                if said:
                    ready.sendall(said)
                else:
                    waiting.unregister(ready)
                    ready.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], [int(word) for word in sys.argv[3:]])
