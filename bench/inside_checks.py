"""Inside a kernel of its own: checks by halod or by keepalived, and what an attempt costs there.

    python -m bench.inside_checks halod|keepalived tcp|http COUNT SECONDS

Prints one line of JSON. Knows both. Must not judge. keepalived does not check without ip_vs, so
both are measured where that is; a system call costs far more there than on a machine.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.checks import SERVERS_EACH, configuration, measure, processor_ns, target
from halod.model.units import Duration

LOOP = Duration.seconds(1)
SETTLE_S = 3.0
"""Until each was done once."""
CHECK = {
    "tcp": "TCP_CHECK { \n connect_timeout 5\n }",
    "http": "HTTP_GET {\n url {\n path /\n status_code 200\n }\n connect_timeout 5\n }",
}


def main() -> None:
    """Prints what an attempt costs, in microseconds of processor time."""
    program, kind, count, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as folder, target(Path(folder)) as port:
        if program == "halod":
            cost = asyncio.run(measure(configuration(count, kind, port, LOOP), count, seconds))
            attempt_us = cost.attempt_us
        else:
            attempt_us = _keepalived(kind, count, seconds, port, Path(folder))
    print(json.dumps({"program": program, "kind": kind, "attempt_us": attempt_us}))


def _keepalived(kind: str, count: int, seconds: float, port: int, folder: Path) -> float:
    config = folder / "keepalived.conf"
    config.write_text(_file(kind, count, port))
    options = [
        "-n",
        "-l",
        "-C",
        "-f",
        str(config),
        "-p",
        str(folder / "p"),
        "-c",
        str(folder / "c"),
    ]
    with subprocess.Popen(["keepalived", *options], stderr=subprocess.DEVNULL) as running:
        try:
            time.sleep(LOOP.as_seconds() + SETTLE_S)
            children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text()
            checker = int(children.split()[0])
            spent_ns, attempts = processor_ns(checker), _connections()
            time.sleep(seconds)
            spent_ns = processor_ns(checker) - spent_ns
            return spent_ns / (_connections() - attempts) / 1000
        finally:
            running.terminate()


def _file(kind: str, count: int, port: int) -> str:
    lines = ["global_defs {\n router_id bench\n}"]
    for first in range(0, count, SERVERS_EACH):
        lines.append(f"virtual_server 10.0.{first >> 8}.{first & 255} 80 {{")
        lines.append(f" delay_loop {LOOP.whole_seconds}\n lb_algo rr\n lb_kind NAT\n protocol TCP")
        for number in range(first, min(first + SERVERS_EACH, count)):
            address = f"127.1.{number >> 8}.{number & 255}"
            lines.append(f" real_server {address} {port} {{\n weight 1\n {CHECK[kind]}\n }}")
        lines.append("}")
    return "\n".join(lines) + "\n"


def _connections() -> int:
    """Begun on this kernel so far (RFC 4022, tcpActiveOpens): nobody but the checker begins any."""
    names, numbers = (
        line.split()
        for line in Path("/proc/net/snmp").read_text().splitlines()
        if line.startswith("Tcp:")
    )
    return int(dict(zip(names, numbers, strict=True))["ActiveOpens"])


if __name__ == "__main__":
    main()
