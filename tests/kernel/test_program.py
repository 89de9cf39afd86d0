"""Programs of the operator's: what they get of us, and that they end with all they started."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import TypeVar

import pytest

from halod.kernel.account import Account, default_account, find_account
from halod.kernel.program import SEARCH_PATH, Program, ProgramEnd, start_program
from halod.kernel.program_run import GRACE, run_program
from halod.lab.patience import wait_until
from halod.model.units import Duration

T = TypeVar("T")
LONG = Duration.seconds(60)
NOBODY_UID = 65534


def account(name: str = "root", group: str = "") -> Account:
    found = find_account(name, group)
    assert isinstance(found, Account), found
    return found


def ourselves() -> Account:
    return Account("me", os.geteuid(), os.getegid(), (), "/tmp", "/bin/sh")


def script(folder: Path, text: str, first: str = "#!/bin/sh") -> list[str]:
    path = folder / "script.sh"
    path.write_text(f"{first}\n{text}\n")
    path.chmod(0o755)
    return [str(path)]


def run(coroutine: Coroutine[None, None, T]) -> T:
    return asyncio.run(coroutine)


def end_of(program: Program) -> ProgramEnd:
    return program.reap()


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_its_exit_status_is_told() -> None:
    for status in (0, 1, 2, 127, 255):
        ended = end_of(start_program(["/bin/sh", "-c", f"exit {status}"], ourselves()))
        assert ended == ProgramEnd(status, f"exit {status}")
        assert ended.succeeded == (status == 0)


def test_a_signal_that_killed_it_is_told() -> None:
    ended = end_of(start_program(["/bin/sh", "-c", "kill -SEGV $$"], ourselves()))
    assert ended == ProgramEnd(None, "killed by SIGSEGV")
    assert not ended.succeeded


def test_its_arguments_are_its_own(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["/bin/sh", "-c", f'printf "%s\\n" "$@" > {out}', "x", "a b", "", "'", "\udcff", "*"]
    assert end_of(start_program(words, ourselves())).succeeded
    assert out.read_bytes() == b"a b\n\n'\n\xff\n*\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["/nonexistent/check"], "could not be started: execve: No such file or directory"),
        (["/etc/passwd"], "could not be started: execve: Permission denied"),
        (["/etc"], "could not be started: execve: Permission denied"),
    ],
)
def test_what_cannot_be_started_says_why(words: list[str], told: str) -> None:
    assert end_of(start_program(words, ourselves())) == ProgramEnd(None, told)


def test_an_interpreter_that_is_not_there_is_told(tmp_path: Path) -> None:
    ended = end_of(start_program(script(tmp_path, "", "#!/nonexistent/sh"), ourselves()))
    assert ended.words == "could not be started: execve: No such file or directory"


def test_a_script_without_an_interpreter_is_one_of_the_shell(tmp_path: Path) -> None:
    """keepalived 2.2.7 takes such a check for a success, for it never runs."""
    path = tmp_path / "bare"
    path.write_text("exit $1\n")
    path.chmod(0o755)
    assert end_of(start_program([str(path), "5"], ourselves())).status == 5


SELF = """
import json, os, resource, signal, sys
def status(name):
    return next(l.split()[1] for l in open("/proc/self/status") if l.startswith(name))
fds = "/proc/self/fd"
open_ones = [d for d in os.listdir(fds) if os.path.exists(f"{fds}/{d}")]
json.dump(
    {
        "descriptors": {d: os.readlink(f"{fds}/{d}") for d in open_ones},
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "blocked": status("SigBlk"), "ignored": status("SigIgn"), "caught": status("SigCgt"),
        "session": os.getsid(0), "group": os.getpgrp(), "pid": os.getpid(),
        "ids": [*os.getresuid(), *os.getresgid()], "groups": os.getgroups(),
        "umask": os.umask(0),
        "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
    },
    open(sys.argv[1], "w"),
)
"""


def shown(out: Path, who: Account) -> dict[str, object]:
    """What a program finds in itself."""
    source = out.with_suffix(".py")
    source.write_text(SELF)
    source.chmod(0o644)
    ended = end_of(start_program(["/usr/bin/python3", "-I", "-S", str(source), str(out)], who))
    assert ended.succeeded, ended.words
    found: dict[str, object] = json.loads(out.read_text())
    return found


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """One in which everybody may write, and into which everybody gets."""
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o055)
    made = tmp_path / "open"
    made.mkdir()
    made.chmod(0o777)
    return made


@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="no Python of the system")
def test_it_gets_nothing_of_ours(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_OURS", "1111")
    leaked = os.open("/etc/passwd", os.O_RDONLY)
    os.set_inheritable(leaked, True)
    kept = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    try:
        found = shown(open_folder / "seen", ourselves())
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
        signal.signal(signal.SIGHUP, kept)
        os.close(leaked)
    descriptors = found["descriptors"]
    assert isinstance(descriptors, dict)
    assert {descriptors[d] for d in ("0", "1", "2")} == {"/dev/null"}
    assert set(descriptors) <= {"0", "1", "2", "3", "4"}, "the interpreter opens one or two itself"
    assert "/etc/passwd" not in descriptors.values()
    environment = found["environment"]
    assert isinstance(environment, dict)
    environment.pop("LC_CTYPE", None)  # the interpreter's own
    assert environment == {
        "PATH": SEARCH_PATH,
        "HOME": "/tmp",
        "LOGNAME": "me",
        "USER": "me",
        "SHELL": "/bin/sh",
    }
    assert found["folder"] == "/"
    assert int(str(found["blocked"]), 16) == 0
    # Python ignores SIGPIPE and SIGXFSZ itself, and nothing else.
    pythons = (1 << (signal.SIGPIPE - 1)) | (1 << (signal.SIGXFSZ - 1))
    # 32 and 33 are libc's own: make starts its commands with them ignored, and nobody may set them.
    libcs = 0b11 << 31
    assert int(str(found["ignored"]), 16) & ~pythons & ~libcs == 0
    assert found["session"] == found["group"] == found["pid"]
    assert found["umask"] == 0o022


def test_its_signals_are_as_at_the_beginning_of_the_world() -> None:
    """The shell shows what it was given: it ignores nothing by itself."""
    kept = signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        words = ["/bin/sh", "-c", "grep -q 'SigIgn:.*0000000[0-3][08]0000000$' /proc/self/status"]
        assert end_of(start_program(words, ourselves())).succeeded
    finally:
        signal.signal(signal.SIGPIPE, kept)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_becomes_its_user(open_folder: Path) -> None:
    who = account("nobody")
    found = shown(open_folder / "seen", who)
    assert found["ids"] == [who.uid] * 3 + [who.gid] * 3
    assert found["groups"] == sorted(who.groups)
    environment = found["environment"]
    assert isinstance(environment, dict)
    assert environment["USER"] == "nobody"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_cannot_come_back_from_its_user() -> None:
    words = ["/usr/bin/python3", "-I", "-c", "import os; os.setuid(0)"]
    assert end_of(start_program(words, account("nobody"))).status == 1


def test_an_account_that_is_not_there_is_told() -> None:
    assert find_account("no-such-user") == "there is no user no-such-user on this machine"
    told = find_account("root", "no-such-group")
    assert told == "there is no group no-such-group on this machine"


def test_a_group_takes_the_place_of_the_users_own() -> None:
    assert account("root", "daemon").gid == account("daemon").gid


def test_somebody_runs_what_nobody_is_named_for() -> None:
    found = default_account()
    assert isinstance(found, Account)
    assert found.name in ("keepalived_script", "root")


def test_what_it_started_ends_with_it_at_the_time_limit(tmp_path: Path) -> None:
    """It forks, ignores SIGTERM, and so do its children."""
    pids = tmp_path / "pids"
    words = script(
        tmp_path,
        f"trap '' TERM\n(trap '' TERM; sleep 60) & echo $! >> {pids}\n"
        f"(sleep 60) & echo $! >> {pids}\necho $$ >> {pids}\nsleep 60",
    )
    begun = time.monotonic()
    ended = run(run_program(words, ourselves(), Duration.milliseconds(500)))
    took_s = time.monotonic() - begun
    assert ended == ProgramEnd(None, "timed out after 0.500 s")
    assert took_s >= 0.5 + GRACE.as_seconds()
    started = [int(line) for line in pids.read_text().split()]
    assert len(started) == 3
    assert wait_until(lambda: not any(map(alive, started)), 5)


def test_children_of_one_that_obeys_end_too(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    words = script(tmp_path, f"(trap '' TERM; sleep 60) & echo $! >> {pids}\nsleep 60")
    begun = time.monotonic()
    run(run_program(words, ourselves(), Duration.milliseconds(300)))
    assert time.monotonic() - begun < 0.3 + GRACE.as_seconds(), "its leader obeyed at once"
    (child,) = map(int, pids.read_text().split())
    assert wait_until(lambda: not alive(child), 5)


def test_what_it_leaves_in_the_background_stays(tmp_path: Path) -> None:
    """A check that starts its service again, as many do."""
    pids = tmp_path / "pids"
    words = script(tmp_path, f"sleep 60 & echo $! >> {pids}\nexit 0")
    assert run(run_program(words, ourselves(), LONG)).succeeded
    (child,) = map(int, pids.read_text().split())
    try:
        assert alive(child)
    finally:
        os.kill(child, signal.SIGKILL)


def test_it_ends_when_nobody_waits_for_it_any_more(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    words = script(tmp_path, f"trap '' TERM\necho $$ >> {pids}\nsleep 60")

    async def give_up() -> None:
        task = asyncio.ensure_future(run_program(words, ourselves(), LONG))
        while not (pids.exists() and pids.read_text()):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(give_up())
    assert wait_until(lambda: not alive(int(pids.read_text())), 5)


def test_it_dies_with_us(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    words = script(tmp_path, f"echo $$ >> {pids}\nexec sleep 60")
    source = (
        "import os, time\n"
        "from halod.kernel.account import Account\n"
        "from halod.kernel.program import start_program\n"
        "me = Account('me', os.geteuid(), os.getegid(), (), '/', '/bin/sh')\n"
        f"start_program({words!r}, me)\ntime.sleep(60)\n"
    )
    parent = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, "-c", source])
    try:
        assert wait_until(lambda: pids.exists() and bool(pids.read_text()), 20)
    finally:
        os.kill(parent, signal.SIGKILL)
        os.waitpid(parent, 0)
    assert wait_until(lambda: not alive(int(pids.read_text())), 5)


def test_many_at_a_time_and_none_left(tmp_path: Path) -> None:
    """While another thread of ours works, as the mail's does."""
    over = threading.Event()
    worker = threading.Thread(target=lambda: over.wait(60))
    worker.start()
    before = os.listdir("/proc/self/fd")

    async def all_of_them() -> list[ProgramEnd]:
        runs = [
            run_program(["/bin/sh", "-c", f"exit {n % 3}"], ourselves(), LONG) for n in range(60)
        ]
        return await asyncio.gather(*runs)

    ended = run(all_of_them())
    over.set()
    worker.join()
    assert [e.status for e in ended] == [n % 3 for n in range(60)]
    assert len(os.listdir("/proc/self/fd")) == len(before)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
