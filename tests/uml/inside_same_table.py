"""The table of a real kernel after halod is that after keepalived, for each configuration.

Played inside of user-mode-linux: see `tests/kernel/test_ipvs.py`. Both daemons run whole; no check
has ended yet: servers with `alpha` are down, all others up.

A start takes 6 s of the guest's processor. So a quarter of them is there when halod starts, some
over the table that keepalived has left; the others come by a reload of one daemon that had one
other service before.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from halod.lab.patience import wait_until
from tests.uml.lvs_files import FILES, NETWORK, clear, keepalived, reset_timeouts, table

pytestmark = pytest.mark.timeout(200)

EXCHANGE = Path(os.environ["EXCHANGE"])
HALOD = Path(sys.executable).with_name("halod")
LEAST = 30
"""Configurations, as the acceptance of virtual servers asks for."""
WITHIN_S = 60.0
"""For a start, on a machine where other tests run; alone it takes 6 s."""
ASK_EVERY_S = 0.1
ADOPTED = ("groups", "methods", "persistence", "tunnels")
"""Started over the table of keepalived, which must be left as it is."""
NEUTRAL = "virtual_server 192.0.2.77 7 {\n real_server 192.0.2.78 7 {\n }\n}\n"
"""Named by no file."""

_NUMBER, _OF = (int(word) for word in os.environ["SHARD"].split("/"))
_STARTED = {*ADOPTED, *list(FILES)[::6]}
_OF_THIS_BOOT = sorted(FILES, key=lambda name: name not in _STARTED)[_NUMBER - 1 :: _OF]
STARTED = [name for name in _OF_THIS_BOOT if name in _STARTED]
RELOADED = [name for name in _OF_THIS_BOOT if name not in _STARTED]


class Halod:
    """A whole daemon, and the file that it reads."""

    def __init__(self, text: str, *options: str) -> None:
        self._file, self._log = EXCHANGE / "halod.conf", EXCHANGE / "halod.log"
        self._file.write_text(text)
        command = [str(HALOD), "-n", "-l", "-D", "-f", str(self._file), *options]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [*command, "--run-dir", "/run/halod"], stdout=log, stderr=log
            )

    def reload(self, text: str) -> None:
        self._file.write_text(text)
        self._process.send_signal(signal.SIGHUP)

    def wait_for(self, wanted: str) -> None:
        """Until the table is that."""
        assert wait_until(lambda: table() == wanted, WITHIN_S, ASK_EVERY_S), (
            f"{table()}\ninstead of\n{wanted}\n{self._said()}"
        )

    def wait_until_it_said(self, words: str) -> None:
        assert wait_until(lambda: words in self._said(), WITHIN_S, ASK_EVERY_S), self._said()

    def stop(self) -> None:
        """Cleanly: its services go."""
        self._process.terminate()
        assert self._process.wait(WITHIN_S) == 0, self._said()

    def _said(self) -> str:
        return self._log.read_text()[-4000:]


@pytest.fixture(scope="module", autouse=True)
def empty() -> str:
    """The table of a kernel that has just booted."""
    subprocess.run(["sh", "-eu", "-c", NETWORK], check=True)
    return table()


@pytest.fixture(scope="module")
def neutral(empty: str) -> str:
    """The table with the one service that no file names."""
    after = by_keepalived(NEUTRAL)
    assert after != empty
    clear()
    return after


@pytest.fixture(scope="module")
def wanted(empty: str) -> dict[str, str]:
    """Tables after keepalived, of the files that halod reads at a reload."""
    found = {}
    for name in RELOADED:
        found[name] = by_keepalived(text_of(name))
        assert found[name] != empty
        clear()
    return found


@pytest.fixture(scope="module")
def running(wanted: dict[str, str], neutral: str) -> Iterator[Halod]:
    daemon = Halod(NEUTRAL)
    daemon.wait_for(neutral)
    yield daemon
    daemon.stop()


def text_of(name: str) -> str:
    """The file, in which who is BACKUP stays so for as long as is looked."""
    return re.sub(r"^(\s*advert_int)\s+\S+", r"\1 60", FILES[name].read_text(), flags=re.MULTILINE)


def by_keepalived(text: str) -> str:
    """The table after its start, which stays."""
    path = EXCHANGE / "keepalived.conf"
    path.write_text(text)
    with keepalived(path):
        return table()


@pytest.mark.parametrize("name", STARTED)
def test_after_a_start_the_table_is_that_after_keepalived(name: str, empty: str) -> None:
    text = text_of(name)
    wanted = by_keepalived(text)
    assert wanted != empty
    if name not in ADOPTED:
        clear()
    # Without VRRP there is one process less to be waited for.
    options = () if "vrrp_instance" in text else ("-C",)
    daemon = Halod(text, *options)
    try:
        if name in ADOPTED:
            daemon.wait_until_it_said("were as wanted, and it took 0 operations")
        daemon.wait_for(wanted)
    finally:
        daemon.stop()
    reset_timeouts()
    assert table() == empty


@pytest.mark.skipif(_NUMBER != _OF, reason="of the last boot, which starts halod least often")
def test_the_table_of_another_namespace_is_that_after_keepalived(empty: str) -> None:
    subprocess.run(["ip", "netns", "add", "red"], check=True)
    clean = table("red")
    text = f"net_namespace_ipvs red\n{text_of('settings')}"
    path = EXCHANGE / "keepalived.conf"
    # The sync daemon needs a link there, and which of them it takes is another matter.
    text = re.sub(r"^\s*lvs_sync_daemon.*\n", "", text, flags=re.MULTILINE)
    path.write_text(text)
    with keepalived(path):
        wanted = table("red")
    assert wanted != clean
    subprocess.run(["ip", "netns", "exec", "red", "ipvsadm", "-C"], check=True)
    subprocess.run(["ip", "netns", "exec", "red", "ipvsadm", "--set", "9", "9", "9"], check=True)
    daemon = Halod(text, "-C")
    try:
        assert wait_until(lambda: table("red") == wanted, WITHIN_S, ASK_EVERY_S), table("red")
        assert table() == empty
    finally:
        daemon.stop()


@pytest.mark.parametrize("name", RELOADED)
def test_after_a_reload_the_table_is_that_after_keepalived(
    name: str, wanted: dict[str, str], neutral: str, running: Halod
) -> None:
    running.reload(text_of(name))
    running.wait_for(wanted[name])
    running.reload(NEUTRAL)
    reset_timeouts()
    running.wait_for(neutral)


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= LEAST, "Debian's samples are not installed: /usr/share/doc/keepalived"
