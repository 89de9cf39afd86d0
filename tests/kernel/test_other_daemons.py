"""Who else runs VRRP in this network namespace: found, named, and kept out."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from halod.kernel.other_daemons import Holder, claim, keepalived_processes
from halod.lab.patience import wait_until
from tests.kit.build import ETH
from tests.kit.host import Host, make_host

pytestmark = pytest.mark.needs_netns

CLAIMING = """
import ctypes, sys
from halod.kernel.other_daemons import claim
ctypes.CDLL(None).prctl(15, bytes.fromhex(sys.argv[1]), 0, 0, 0)
held = claim("ens33", 51)
print(type(held).__name__, flush=True)
sys.stdin.read()
"""


@contextmanager
def claiming(host: Host, name: bytes = b"halod") -> Iterator[int]:
    """A process that holds VRID 51 on ens33; its process id."""
    with subprocess.Popen(
        [*host.namespace.prefix, sys.executable, "-c", CLAIMING, name.hex()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "socket\n"
            yield process.pid
        finally:
            process.kill()


def ask(host: Host, vrid: int = 51) -> Holder | None:
    """Who has it; None: it was free, and is so again."""
    held = host.call(lambda: claim(ETH, vrid))
    if isinstance(held, Holder):
        return held
    held.close()
    return None


def test_what_nobody_holds_is_given_and_free_again_afterwards(host: Host) -> None:
    for _ in range(2):
        assert ask(host) is None


def test_a_holder_is_named_each_time_it_is_asked_for(host: Host) -> None:
    """A service that is started again every second asks for days."""
    with claiming(host) as pid:
        for _ in range(200):
            assert ask(host) == Holder(pid, "halod")
        assert ask(host, vrid=52) is None
    assert ask(host) is None, "the kernel drops the claim with its process"


def test_a_holder_that_is_stopped_is_named(host: Host) -> None:
    with claiming(host) as pid:
        os.kill(pid, signal.SIGSTOP)
        assert ask(host) == Holder(pid, "halod")


def test_a_holder_with_a_name_that_is_no_text_is_named(host: Host) -> None:
    with claiming(host, b"\xffd") as pid:
        assert ask(host) == Holder(pid, "\N{REPLACEMENT CHARACTER}d")


def test_another_namespace_is_another_world(host: Host) -> None:
    with make_host() as other, claiming(other):
        assert ask(host) is None


@contextmanager
def running(*command: str, cwd: Path) -> Iterator[int]:
    """A program for as long as the block lasts; its process id."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=cwd
    ) as process:
        try:
            yield process.pid
        finally:
            process.kill()


@contextmanager
def keepalived(host: Host, run: Path, *options: str) -> Iterator[int]:
    """A keepalived that runs VRRP alone; the id of its first process."""
    ids = ["-p", str(run / "k.pid"), "-r", str(run / "v.pid")]
    command = [*host.namespace.prefix, "keepalived", "-n", "-l", "-P", *options, *ids]
    with running(*command, cwd=run) as pid:
        assert wait_until((run / "v.pid").exists, 5), "its child has not started"
        yield pid


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "k.conf"
    file.write_text(f"vrrp_instance A {{\n interface {ETH}\n virtual_router_id 51\n}}\n")
    return file


@pytest.mark.needs_keepalived
@pytest.mark.parametrize(
    ("options", "file"),
    [
        (["-f", "{}"], "{}"),
        (["-f{}"], "{}"),
        (["--use-file={}"], "{}"),
        (["--use-file", "{}"], "{}"),
        (["-f", "k.conf"], "k.conf"),
        (["-lDf", "{}"], "{}"),
    ],
)
def test_a_keepalived_is_found_with_its_file(
    host: Host, config: Path, options: list[str], file: str
) -> None:
    with keepalived(host, config.parent, *(option.format(config) for option in options)) as pid:
        (found,) = host.call(keepalived_processes)
        assert found.pid == pid
        assert found.config_file == file.format(config)
        assert Path(found.config_path).read_text() == config.read_text()
        with make_host() as other:
            assert other.call(keepalived_processes) == []


def test_a_process_with_a_name_that_is_no_text_hinders_nobody(host: Host) -> None:
    with claiming(host, b"\xff\xfe"):
        assert host.call(keepalived_processes) == []


def test_a_process_that_only_sounds_like_it_is_none(host: Host, tmp_path: Path) -> None:
    program = tmp_path / "not-keepalived"
    shutil.copy("/bin/sleep", program)
    with running(*host.namespace.prefix, str(program), "60", cwd=tmp_path):
        assert host.call(keepalived_processes) == []
