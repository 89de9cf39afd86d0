"""A patient client: one HTTP request every 20 ms by name, and how long each had to wait.

Runs in the client's namespace as a process of its own; writes one JSON line a request. A request
is one TCP connection, whose SYN the kernel repeats after 1, 3 and 7 s. When the connection breaks
before its answer, or was accepted and is then silent for 1 s, the request is sent again on a new
one, as it may be (a GET is idempotent, RFC 9110 section 9.2.2), until 10 s are over: only then it
has failed. Run as `python -m halod.lab.http_prober NAME=ADDRESS...`.
"""

import asyncio
import json
import re
import sys
import time

from halod.lab.punctual import Stop, pace

REQUEST_EVERY_S = 0.02
"""Between two requests; names take turns."""

DEADLINE_S = 10.0
"""Seconds after which a request without an answer has failed."""

SILENCE_S = 1.0
"""Seconds that an accepted connection may be silent; nginx answers in 3 ms. A VIP that moves leaves
such connections behind: the old node has acknowledged the request, so TCP repeats nothing, and its
answer cannot leave a node that no longer has the address."""

PAUSE_S = 0.05
"""Seconds before a broken connection is tried again."""

ANSWER_MAX = 64 * 1024
"""Bytes read of one answer; the tutorial's pages have fewer than 100."""

SERVER = re.compile(rb"\bweb\d+\b")
"""The tutorial's pages name the server that they are on."""


async def fetch(name: str, address: str, port: int) -> bytes:
    """One request on one connection; OSError (a timeout is one) or EOFError when it breaks."""
    reader, writer = await asyncio.open_connection(address, port)
    try:
        writer.write(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        answer = await asyncio.wait_for(reader.read(ANSWER_MAX), SILENCE_S)
        while part := await asyncio.wait_for(reader.read(ANSWER_MAX), SILENCE_S):
            answer += part
    finally:
        writer.close()
    if not answer:
        raise EOFError("closed without an answer")
    return answer


async def fetch_patiently(name: str, address: str, port: int = 80) -> tuple[bytes, int]:
    """Try until there is an answer; it, and how often the request was sent again."""
    again = 0
    while True:
        try:
            return await fetch(name, address, port), again
        except (OSError, EOFError):
            again += 1
            await asyncio.sleep(PAUSE_S)


async def request(name: str, address: str) -> None:
    """One request from its start to an answer or its deadline, and its line."""
    sent_ns = time.monotonic_ns()
    server, error, again = None, None, 0
    try:
        answer, again = await asyncio.wait_for(fetch_patiently(name, address), DEADLINE_S)
        status = answer.split(b"\r\n", 1)[0].decode(errors="replace")
        found = SERVER.search(answer)
        if " 200 " in status and found is not None:
            server = found[0].decode()
        else:
            error = status
    except TimeoutError:
        error = f"no answer within {DEADLINE_S:g} s"
    record = {
        "name": name,
        "vip": address,
        "sent_ns": sent_ns,
        "wait_ns": time.monotonic_ns() - sent_ns,
        "server": server,
        "error": error,
        "again": again,
    }
    print(json.dumps(record), flush=True)


async def run(targets: list[tuple[str, str]], every_s: float, stop: Stop) -> None:
    """Ask until told to stop, then wait for the requests under way."""
    loop = asyncio.get_running_loop()
    under_way: set[asyncio.Task[None]] = set()
    due = loop.time()
    count = 0
    while not stop.asked:
        name, address = targets[count % len(targets)]
        count += 1
        task = loop.create_task(request(name, address))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        due = max(due + every_s, loop.time())
        await asyncio.sleep(due - loop.time())
    await asyncio.gather(*under_way)


def main(arguments: list[str]) -> int:
    """Ask until SIGTERM."""
    stop = Stop()
    every_s, words = pace(arguments, REQUEST_EVERY_S)
    targets = [(name, address) for name, address in (text.split("=") for text in words)]
    asyncio.run(run(targets, every_s, stop))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
