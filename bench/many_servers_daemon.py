"""The daemon itself with tens of thousands of real servers: `python -m bench.many_servers_daemon`.

Knows one daemon in a network namespace of its own, with nftables: needs root, `unshare` and
`nft`. Wall time, so that the machine must be idle; and processor time of each process.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.many_servers_file import RELOADS, site_text

WITHIN_S = 300.0
QUIET_S = 2.0
"""With so little work in it the daemon is done."""
QUIET_SHARE = 0.15
READY, RELOADED = "ready: ", "configuration reloaded"
GONE = "is no longer in the file"
GLOBALS = "global_defs {\n    @halod lvs_engine nft\n}\n"


class _Lines:
    """What a program prints, with the moment of each line."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        self._program = program
        self.seen: list[tuple[float, str]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._program.stdout is not None
        for line in self._program.stdout:
            self.seen.append((time.monotonic(), line))

    def wait(self, after: int, text: str) -> float:
        """When a line with `text` came behind the first `after`."""
        until = time.monotonic() + WITHIN_S
        while time.monotonic() < until:
            for at, line in self.seen[after:]:
                if text in line:
                    return at
            time.sleep(0.001)
        sys.exit(f"no line with {text!r}; the last ones: {self.seen[-5:]}")


def _started(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def _processor_time(daemon: int) -> dict[str, float]:
    """Of each process of the daemon, seconds."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_text()
        except OSError:
            continue
        if daemon in (int(entry.name), int(fields[1])):
            child = re.search(r"halod\.daemon\.(\w+)", command)
            ticks = int(fields[11]) + int(fields[12])
            found[child[1] if child else "supervisor"] = ticks / os.sysconf("SC_CLK_TCK")
    return found


def _when_done(daemon: int) -> dict[str, float]:
    before = _processor_time(daemon)
    while True:
        time.sleep(QUIET_S)
        now = _processor_time(daemon)
        if sum(now.values()) - sum(before.values()) < QUIET_SHARE * QUIET_S:
            return now
        before = now


def _spent(before: dict[str, float], after: dict[str, float]) -> str:
    spent = {name: took - before.get(name, 0.0) for name, took in after.items()}
    return ", ".join(f"{name} {took:.2f} s" for name, took in spent.items() if took >= 0.01)


def _test(path: Path) -> None:
    began = time.monotonic()
    command = [sys.executable, "-m", "halod.cli.halod", "-t", "-f", str(path)]
    done = subprocess.run(command, check=False)
    took = time.monotonic() - began
    print(f"{took:8.2f} s  halod -t, status {done.returncode}", flush=True)


def _reload(name: str, path: Path, text: str, daemon: int, log: _Lines) -> None:
    path.write_text(text)
    before, lines = _processor_time(daemon), len(log.seen)
    began = time.monotonic()
    os.kill(daemon, signal.SIGHUP)
    reloaded = log.wait(lines, RELOADED) - began
    after = _when_done(daemon)
    # The service tells it when the table has it.
    gone = [at - began for at, line in log.seen[lines:] if GONE in line]
    table = f", out of the table after {gone[0]:.3f} s" if gone else ""
    print(f"{reloaded:8.3f} s  {name}: reloaded{table} ({_spent(before, after)})", flush=True)


def main() -> None:
    # Nobody answers here: what the checks find would be all that is seen.
    text = GLOBALS + site_text().replace("delay_loop 5\n", "delay_loop 100000\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "keepalived.conf")
        path.write_text(text)
        _test(path)
        own = f"-f {path} --run-dir {folder}/run -p {folder}/pid -r {folder}/vrrp -c {folder}/check"
        halod = f"exec {sys.executable} -m halod.cli.halod -n -l {own}"
        began = time.monotonic()
        program = _started(["unshare", "-n", "sh", "-c", f"ip link set lo up; {halod}"])
        try:
            log = _Lines(program)
            print(f"{log.wait(0, READY) - began:8.2f} s  ready", flush=True)
            print(f"{'':10}  the first load: {_spent({}, _when_done(program.pid))}", flush=True)
            for name, change in RELOADS:
                _reload(name, path, change(text), program.pid, log)
        finally:
            program.terminate()
            program.wait()


if __name__ == "__main__":
    main()
