"""`python -m tools.fuzz`: plays examples for a while; every finding comes with its replay command.

Knows time, memory and the process in which examples are played. Must not know what an example is.

A child plays, and its parent watches: one that dies or does not come back is a finding as well.
"""

from __future__ import annotations

import argparse
import mmap
import os
import resource
import signal
import struct
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from tools.fuzz.balance_target import BalanceTarget
from tools.fuzz.config_target import ConfigTarget
from tools.fuzz.example import Target, Violation, randomness
from tools.fuzz.wire_target import WireTarget

TARGETS: tuple[type[Target[Any]], ...] = (ConfigTarget, WireTarget, BalanceTarget)
PROCESSOR_S_MAX = 1.0
"""Of one example: processor time, for a busy machine makes no hang. On a machine that is slower
than the one on which this was set it is longer by as much."""
YARDSTICK_S = 0.0075
"""What `_yardstick_s` took there."""
TRIES = 3
"""An example is too slow that is so each time: what is taken from a virtual machine counts as its
own time there."""
STUCK_S = 60.0
"""Of one batch: what no signal ends, as a loop inside a regular expression."""
MEMORY_MAX = 512 << 20
"""Bytes of address space for the child, above what it has at its start."""
FINDINGS_MAX = 20
SHRINK_S = 20.0
FOLDER = Path(__file__).resolve().parent.parent.parent / "build" / "fuzz"
_PROGRESS = struct.Struct("=QQ")


class TooSlow(Exception):  # noqa: N818 - a finding
    """An example took more processor time than any may."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What an example brought to light."""

    what: str
    trace: str = ""
    is_slow: bool = False


def main() -> int:
    arguments = _arguments()
    if arguments.number is not None:
        return _replay(arguments)
    print(f"fuzz: seed {arguments.seed}, {arguments.seconds:g} s", flush=True)
    progress = mmap.mmap(-1, _PROGRESS.size)
    child = os.fork()
    if child == 0:
        status = 70
        try:
            status = _play(arguments, progress)
        except BaseException:  # noqa: BLE001 - the parent tells
            traceback.print_exc()
        sys.stdout.flush()
        os._exit(status)
    status = _watch(child, progress)
    if status == 0:
        return 0
    target, number = _PROGRESS.unpack(progress)
    if status not in (0, 1):
        how = "does not come back" if status == -signal.SIGKILL else f"ends with {status}"
        print(f"FOUND: the process {how}\n  {_command(arguments.seed, TARGETS[target], number)}")
    return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument(
        "--seed", type=int, default=None, help="default: drawn, and printed at the start"
    )
    names = [target.name for target in TARGETS]
    parser.add_argument("--target", choices=names, help="default: all, each for its share")
    parser.add_argument("--number", type=int, help="play this one example again, and show it")
    found = parser.parse_args()
    if found.seed is None:
        found.seed = int.from_bytes(os.urandom(4), "big")
    if found.number is not None and found.target is None:
        parser.error("--number goes with --target")
    return found


def _command(seed: int, target: type[Target[Any]] | Target[Any], number: int) -> str:
    return f"python -m tools.fuzz --seed {seed} --target {target.name} --number {number}"


# ---- the parent ------------------------------------------------------------------------------


def _watch(child: int, progress: mmap.mmap) -> int:
    """The child's exit status; below 0: the signal that ended it."""
    seen, since = progress[:], time.monotonic()
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        if progress[:] != seen:
            seen, since = progress[:], time.monotonic()
        elif time.monotonic() - since > STUCK_S:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.2)


# ---- the child -------------------------------------------------------------------------------


def _play(arguments: argparse.Namespace, progress: mmap.mmap) -> int:
    signal.signal(signal.SIGPROF, _too_slow)
    targets = [kind() for kind in TARGETS if arguments.target in (None, kind.name)]
    spent = dict.fromkeys(targets, 0.0)
    counts = dict.fromkeys(targets, 0)
    slowest = dict.fromkeys(targets, 0.0)
    found: dict[str, str] = {}
    for target in targets:
        _one(target, arguments.seed, 0)
    at_start = _limit_memory()
    end = time.monotonic() + arguments.seconds
    while time.monotonic() < end and len(found) < FINDINGS_MAX:
        target = min(targets, key=lambda each: spent[each] / each.share)
        began = time.process_time()
        for _ in range(target.batch):
            number = counts[target]
            progress[:] = _PROGRESS.pack(TARGETS.index(type(target)), number)
            before = time.process_time()
            finding = _one(target, arguments.seed, number)
            slowest[target] = max(slowest[target], time.process_time() - before)
            counts[target] += 1
            if finding is not None and finding.what not in found:
                found[finding.what] = _command(arguments.seed, target, number)
                _report(target, arguments.seed, number, finding)
        spent[target] += time.process_time() - began
    for target in targets:
        rate = counts[target] / max(spent[target], 1e-9)
        print(
            f"fuzz: {target.name}: {counts[target]} examples, {rate:.0f} a second of processor "
            f"time, the slowest {slowest[target]:.2f} s"
        )
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - at_start
    print(f"fuzz: {len(found)} findings; at most {grown / 1024:.0f} MiB above the start")
    return 1 if found else 0


def _limit_memory() -> int:
    """KiB that are resident now; more than MEMORY_MAX above it is a MemoryError, so a finding."""
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY_MAX, size + MEMORY_MAX))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _too_slow(_number: int, _frame: FrameType | None) -> None:
    raise TooSlow(f"takes more than {PROCESSOR_S_MAX:g} s")


@cache
def _limit_s() -> float:
    """`PROCESSOR_S_MAX` on this machine."""
    return PROCESSOR_S_MAX * max(1.0, min(_yardstick_s() for _ in range(5)) / YARDSTICK_S)


def _yardstick_s() -> float:
    """Processor time of a loop that is the same everywhere."""
    began, total = time.process_time(), 0
    for number in range(200_000):
        total += number % 7
    return time.process_time() - began


@contextmanager
def _in_time() -> Iterator[None]:
    signal.setitimer(signal.ITIMER_PROF, _limit_s())
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _one(target: Target[Any], seed: int, number: int) -> Finding | None:
    return _judge(target, target.make(randomness(seed, target.name, number)))


def _judge(target: Target[Any], example: Any) -> Finding | None:
    for _ in range(TRIES - 1):
        finding = _judge_once(target, example)
        if finding is None or not finding.is_slow:
            return finding
    return _judge_once(target, example)


def _judge_once(target: Target[Any], example: Any) -> Finding | None:
    try:
        with _in_time():
            target.play(example)
    except Violation as violation:
        return Finding(str(violation))
    except TooSlow as slow:
        return Finding(str(slow), traceback.format_exc(), is_slow=True)
    except Exception as error:  # noqa: BLE001 - whatever it is, it was found
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        return Finding(f"{type(error).__name__} at {where}", traceback.format_exc())
    return None


# ---- what was found --------------------------------------------------------------------------


def _report(target: Target[Any], seed: int, number: int, finding: Finding) -> None:
    example = _shrunk(target, target.make(randomness(seed, target.name, number)), finding)
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{target.name}-{seed}-{number}.txt"
    path.write_text(f"{finding.what}\n\n{target.show(example)}\n\n{finding.trace}")
    print(f"FOUND: {finding.what}\n  {_command(seed, target, number)}\n  {path}", flush=True)


def _shrunk(target: Target[Any], example: Any, finding: Finding) -> Any:
    """The smallest that was found within SHRINK_S and shows the same."""
    end = time.monotonic() + SHRINK_S
    shrinks = True
    while shrinks:
        shrinks = False
        for smaller in target.smaller(example):
            if time.monotonic() > end:
                return example
            again = _judge(target, smaller)
            if again is not None and again.what == finding.what:
                example, shrinks = smaller, True
                break
    return example


def _replay(arguments: argparse.Namespace) -> int:
    signal.signal(signal.SIGPROF, _too_slow)
    target = next(kind for kind in TARGETS if kind.name == arguments.target)()
    example = target.make(randomness(arguments.seed, target.name, arguments.number))
    print(target.show(example))
    finding = _judge(target, example)
    print(f"FOUND: {finding.what}\n{finding.trace}" if finding else "nothing was found")
    return 1 if finding else 0


if __name__ == "__main__":
    sys.exit(main())
