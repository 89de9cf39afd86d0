"""`halod -t` reads files and writes to the terminal: no socket, no netlink, no name resolved.

Seen from outside, by strace(1): what a program does not call it cannot do.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from halod.lab.tutorial_files import tutorial_text
from tests.capabilities import find_program

BIN = Path(sys.executable).parent
CALLS = "socket,socketpair,connect,bind,sendto,sendmsg,open,openat,creat,unlink,mkdir,rename,execve"
RESOLVER_FILES = ("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf")

FILE = (
    tutorial_text("lb01/keepalived-dual.conf").replace(
        "router_id lb01",
        "router_id lb01\nsmtp_server mail.example.org\nnotification_email {\na@example.org\n}",
    )
    + "\nvirtual_server lb.example.org 80 {\n}\nnonsense\ninclude more.conf\n"
    + "$A=${_PWD}${_RANDOM}${_ENV HOME}\n@lb01 x_${A}\n~SEQ(N,1,3) y_${N}\n"
)


PROGRAMS = [["halod", "-t", "-f"], ["halod", "-t", "-e", "-i", "lb01", "-f"], ["haloctl", "check"]]


@pytest.fixture(scope="module", params=PROGRAMS, ids=str)
def trace(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """A configuration, and the calls made while it was checked."""
    folder = tmp_path_factory.mktemp("trace")
    file, log = folder / "keepalived.conf", folder / "strace.log"
    file.write_text(FILE)
    (folder / "more.conf").write_text("vrrp_script S {\nscript /bin/true\n}\n")
    strace = find_program("strace")
    assert strace is not None
    program, *arguments = request.param
    command = [strace, "-f", "-s", "4096", "-e", f"trace={CALLS}", "-o", str(log)]
    done = subprocess.run(
        [*command, BIN / program, *arguments, file], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 5, done.stderr
    assert "unknown keyword `nonsense`" in done.stdout
    return file, log.read_text()


@pytest.mark.needs_strace
def test_no_socket_is_opened(trace: tuple[Path, str]) -> None:
    _, calls = trace
    assert not re.findall(r".*(?:socket|connect|bind|sendto|sendmsg)\(.*", calls)


@pytest.mark.needs_strace
def test_no_name_is_resolved(trace: tuple[Path, str]) -> None:
    _, calls = trace
    assert not [file for file in RESOLVER_FILES if file in calls]
    assert "example.org" not in calls


@pytest.mark.needs_strace
def test_no_other_program_is_run(trace: tuple[Path, str]) -> None:
    _, calls = trace
    assert len([line for line in calls.splitlines() if "execve(" in line and " = 0" in line]) == 1


@pytest.mark.needs_strace
def test_no_file_is_written(trace: tuple[Path, str]) -> None:
    """Python's own bytecode aside: it lies beside the sources, where they may be written."""
    file, calls = trace
    written = re.findall(r".*(?:O_WRONLY|O_RDWR|O_CREAT|mkdir|unlink|creat\().*", calls)
    assert not [line for line in written if "__pycache__" not in line]
    assert f'"{file}"' in calls, "the trace must have seen the file being read"


@pytest.mark.needs_strace
def test_a_socket_would_be_seen(tmp_path: Path) -> None:
    """Else the tests above would hold for nothing."""
    strace = find_program("strace")
    assert strace is not None
    log = tmp_path / "strace.log"
    code = "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)"
    command = [strace, "-f", "-e", f"trace={CALLS}", "-o", str(log), sys.executable, "-c", code]
    subprocess.run(command, check=True, timeout=60)
    assert "socket(AF_NETLINK" in log.read_text()
