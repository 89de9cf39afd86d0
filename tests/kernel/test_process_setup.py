"""What the heartbeat does to itself, read back from the kernel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from halod.kernel.process_setup import REAL_TIME_PRIORITY

pytestmark = pytest.mark.needs_netns

PREPARED = """
import json, os, resource, sys, threading
from halod.kernel.process_setup import prepare_heartbeat, prepare_worker, spare_children
told = list(prepare_heartbeat(os.getppid()))
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines())
worker = {}
def work():
    prepare_worker()
    worker["policy"] = os.sched_getscheduler(0)
    worker["priority"] = os.sched_getparam(0).sched_priority
thread = threading.Thread(target=work)
thread.start()
thread.join()
spare_children()
child = os.popen("grep -h ^Cap /proc/self/status; chrt -p $$").read()
print(json.dumps({
    "told": told, "status": status, "worker": worker, "child": child,
    "policy": os.sched_getscheduler(0), "priority": os.sched_getparam(0).sched_priority,
    "memlock": resource.getrlimit(resource.RLIMIT_MEMLOCK),
}))
"""
RR_FOR_ITSELF = os.SCHED_RR | os.SCHED_RESET_ON_FORK
NET_ADMIN_AND_RAW = f"{(1 << 12) | (1 << 13):016x}"


def prepared(*prefix: str) -> dict[str, Any]:
    """What a process looks like after its preparation, started with fewer rights by `prefix`."""
    done = subprocess.run(
        [*prefix, sys.executable, "-c", PREPARED], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def without(*capabilities: str) -> Sequence[str]:
    names = ",".join(f"-{name}" for name in capabilities)
    return ["setpriv", f"--bounding-set={names}", f"--inh-caps={names}"]


def test_the_heartbeat_keeps_two_capabilities_for_good() -> None:
    found = prepared()
    status = found["status"]
    assert status["CapEff"] == status["CapPrm"] == status["CapBnd"] == NET_ADMIN_AND_RAW
    assert status["CapInh"] == status["CapAmb"] == f"{0:016x}"
    assert status["NoNewPrivs"] == "1"


def test_it_runs_before_ordinary_processes_and_its_children_do_not() -> None:
    found = prepared()
    assert found["policy"] == RR_FOR_ITSELF
    assert found["priority"] == REAL_TIME_PRIORITY
    assert "SCHED_OTHER" in found["child"]


def test_the_worker_runs_before_ordinary_processes_and_after_the_heartbeat() -> None:
    """SCHED_RESET_ON_FORK holds for threads, too: set too early, it makes the worker ordinary."""
    found = prepared()
    assert found["worker"] == {"policy": RR_FOR_ITSELF, "priority": REAL_TIME_PRIORITY - 1}


def test_its_memory_is_kept_in_core_or_it_says_why_not() -> None:
    found = prepared()
    locked_kb = int(found["status"]["VmLck"].split()[0])
    told = dict(found["told"])
    if found["memlock"] == [-1, -1]:
        assert locked_kb > 5000
        assert told == {}
    else:
        # Without CAP_SYS_RESOURCE; locked all the same, every later mapping would fail.
        assert locked_kb == 0
        assert told.keys() == {"memory"}


def test_scheduling_that_is_refused_is_told() -> None:
    found = prepared("prlimit", "--rtprio=0:0", *without("sys_nice"))
    subjects = dict(found["told"])
    assert subjects["scheduling"] == (
        "SCHED_RR refused (Operation not permitted): adverts may be late under load"
    )
    assert found["policy"] == found["worker"]["policy"] == os.SCHED_OTHER
    assert found["status"]["CapEff"] == NET_ADMIN_AND_RAW, "the rest is done all the same"


def test_memory_that_cannot_be_locked_is_told() -> None:
    found = prepared("prlimit", "--memlock=65536:65536", *without("ipc_lock", "sys_resource"))
    assert dict(found["told"])["memory"] == (
        "not kept in core (the limit of 64 KiB on locked memory may not be raised; in a systemd "
        "unit: LimitMEMLOCK=infinity): adverts may be late while memory is short"
    )


def test_capabilities_that_are_not_there_are_told() -> None:
    found = prepared(*without("net_raw"))
    assert dict(found["told"])["privileges"] == (
        "capset refused (Operation not permitted): it runs with all privileges"
    )


ORPHAN = """
import os, sys
from halod.kernel.process_setup import prepare_heartbeat
list(prepare_heartbeat(1))
print("still here")
"""


def test_a_process_whose_parent_is_gone_already_ends() -> None:
    done = subprocess.run([sys.executable, "-c", ORPHAN], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "\\n".join([
    "import os, signal, sys",
    "from halod.kernel.process_setup import prepare_heartbeat",
    "list(prepare_heartbeat(os.getppid()))",
    "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])",
    "print('ready', flush=True)",
    "print(signal.sigwait([signal.SIGTERM]).name, flush=True)",
])])
sys.stdin.read()
"""


def test_the_death_of_the_parent_is_a_clean_stop() -> None:
    """PDEATHSIG: a supervisor that is killed takes its child to the end."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n"
        parent.kill()
        assert parent.stdout.readline() == "SIGTERM\n"
