"""Runs a program of the operator's: as its user, with nothing of ours, and to its end.

Knows fork(2), execve(2) and process groups. Must not know what a program is for, nor wait: whoever
started one looks at its descriptor.

What the program gets: its user with that user's groups; a session and a process group of its own;
a clean environment; `/` as its folder; no descriptor but /dev/null as 0, 1 and 2; no signal blocked
or ignored; SIGTERM when we die. The group gets every signal that we send, so whatever the program
has started ends with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import resource
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from halod.kernel.account import Account

__all__ = ["SEARCH_PATH", "Program", "ProgramEnd", "give_umask", "start_program"]

SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SHELL = "/bin/sh"
UMASK = 0o022
_umask = UMASK
_PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None, use_errno=True).prctl
_EXIT_NOT_STARTED = 127
_REPORT_BYTES_MAX = 64
_FIRST_INHERITED = 3
_DESCRIPTORS = resource.getrlimit(resource.RLIMIT_NOFILE)
"""As this process was started with: it may raise its own."""
_ALL_SIGNALS = frozenset(signal.valid_signals())
_RESET = tuple(_ALL_SIGNALS - {signal.SIGKILL, signal.SIGSTOP})


@dataclass(frozen=True, slots=True)
class ProgramEnd:
    """How one run ended."""

    status: int | None
    """Exit status; None: it did not end by itself, or was never started."""
    words: str
    """For people: `exit 1`, `killed by SIGKILL`, `could not be started: …`."""
    was_tried: bool = True
    """False: this machine had no process, memory or descriptor for it, whatever the program is."""

    @property
    def succeeded(self) -> bool:
        return self.status == 0


class Program:
    """One that runs. Its descriptor is readable when it has ended; then `reap` it."""

    def __init__(self, pid: int, pidfd: int, report: int) -> None:
        self.pid = pid
        self._pidfd = pidfd
        self._report = report

    def fileno(self) -> int:
        return self._pidfd

    def terminate(self) -> None:
        """Asks it, and what it has started, to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it, and what it has started."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        # Until `reap` the number of the leader is taken, and so is that of its group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def reap(self) -> ProgramEnd:
        """Waits for its end where that has not come, and lets go of it."""
        _, status = os.waitpid(self.pid, 0)
        try:
            told = os.read(self._report, _REPORT_BYTES_MAX)
        except BlockingIOError:
            told = b""
        os.close(self._report)
        os.close(self._pidfd)
        if told:
            stage, _, number = told.decode().partition(" ")
            reason = os.strerror(int(number))
            return ProgramEnd(None, f"could not be started: {stage}: {reason}")
        code = os.waitstatus_to_exitcode(status)
        if code >= 0:
            return ProgramEnd(code, f"exit {code}")
        return ProgramEnd(None, f"killed by {_name_of(-code)}")


def give_umask(mask: int | None) -> None:
    """Of programs that are started from now on; None: 022."""
    global _umask  # noqa: PLW0603 - as the umask itself: one a process
    _umask = UMASK if mask is None else mask


def start_program(
    words: Sequence[str], account: Account, extra: Mapping[str, str] | None = None
) -> Program:
    """Starts it, or raises OSError where there is no room for another process.

    `words`: the path of the program, and its arguments. `extra`: variables beside the clean
    environment. What goes wrong in the new process comes out of `reap`.
    """
    arguments = [os.fsencode(word) for word in words]
    environment = {os.fsencode(k): os.fsencode(v) for k, v in _environment(account, extra).items()}
    ours, theirs = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    parent = os.getpid()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ALL_SIGNALS)
    try:
        pid = os.fork()
        if pid == 0:
            _become(arguments, environment, account, theirs, parent)
    except OSError:
        os.close(ours)
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(theirs)
    try:
        return Program(pid, os.pidfd_open(pid), ours)
    except OSError:
        # No descriptor left: what cannot be watched must not run.
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(ours)
        raise


def _environment(account: Account, extra: Mapping[str, str] | None) -> dict[str, str]:
    return {
        "PATH": SEARCH_PATH,
        "HOME": account.home,
        "LOGNAME": account.name,
        "USER": account.name,
        "SHELL": SHELL,
        **(extra or {}),
    }


def _become(
    arguments: list[bytes],
    environment: dict[bytes, bytes],
    account: Account,
    report: int,
    parent: int,
) -> None:
    """In the new process. Nothing of ours may run in it after this: it ends here, whatever happens.

    System calls alone, in an order that counts: the descriptors before the user, who may not see
    what is in them; the wish to die with the parent after the user, which clears it.
    """
    stage = "fork"
    try:
        stage = "setsid"
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in _RESET:
            # The two that threads use cannot be set.
            with contextlib.suppress(OSError):
                signal.signal(number, signal.SIG_DFL)
        stage = "/dev/null"
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(_FIRST_INHERITED):
            os.dup2(null, descriptor)
        report = _close_others(report)
        os.umask(_umask)
        os.chdir("/")
        resource.setrlimit(resource.RLIMIT_NOFILE, _DESCRIPTORS)
        if not account.is_ours:
            stage = f"user:{account.name}"
            os.setgroups(account.groups)
            os.setresgid(account.gid, account.gid, account.gid)
            os.setresuid(account.uid, account.uid, account.uid)
        _prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(_EXIT_NOT_STARTED)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        stage = "execve"
        _execute(arguments, environment)
    except OSError as error:
        os.write(report, f"{stage} {error.errno}".encode())
    finally:
        os._exit(_EXIT_NOT_STARTED)


def _close_others(report: int) -> int:
    """Everything but 0, 1, 2 and the pipe, which becomes 3 and goes with the new program."""
    if report != _FIRST_INHERITED:
        os.dup2(report, _FIRST_INHERITED, inheritable=False)
    os.closerange(_FIRST_INHERITED + 1, os.sysconf("SC_OPEN_MAX"))
    return _FIRST_INHERITED


def _execute(arguments: list[bytes], environment: dict[bytes, bytes]) -> None:
    try:
        os.execve(arguments[0], arguments, environment)  # noqa: S606 - as the file says
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        # A script without `#!`: what a shell makes of one.
        os.execve(SHELL, [SHELL.encode(), *arguments], environment)  # noqa: S606 - likewise


def _name_of(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
