"""Scripts, named pipes and mail of a halod pair and of a keepalived pair, under the same faults.

The pipes hold exactly the same lines. Scripts and mails are the same too, in that order with halod;
keepalived starts all at once, and a FAULT that follows a MASTER at once may be told before it. What
else differs is told in `judge`, and in the guide.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from tests.kit.mail_server import MailServer, mail_server
from tests.kit.pair import NEEDS_KEEPALIVED, VIP, WITHIN_S, Pair, set_up_pair, tutorial_config

pytestmark = [*NEEDS_KEEPALIVED, pytest.mark.timeout(180)]

MAIL_PORT = 2525
OWN = ("master", "backup", "fault", "stop")


@dataclass
class Ears:
    """Everything that one balancer tells."""

    folder: Path
    mail: MailServer
    fifo: int = -1
    """A pipe of our own: what is written stays in it until we look."""
    lines: list[str] = field(default_factory=list)

    def scripts(self) -> list[str]:
        path = self.folder / "scripts"
        return path.read_text().splitlines() if path.exists() else []

    def read(self) -> list[str]:
        """The lines of the pipe."""
        try:
            found = os.read(self.fifo, 1 << 16)
        except BlockingIOError:
            found = b""
        self.lines += found.decode().splitlines()
        return self.lines


def make_ears(folder: Path, mail: MailServer) -> Ears:
    folder.mkdir()
    os.mkfifo(folder / "fifo", 0o600)
    script = folder / "n.sh"
    script.write_text(f'#!/bin/sh\necho "$*" >> {folder}/scripts\n')
    script.chmod(0o755)
    return Ears(folder, mail, os.open(folder / "fifo", os.O_RDWR | os.O_NONBLOCK))


def config_of(name: str, folder: Path) -> str:
    script = folder / "n.sh"
    own = "\n".join(f'    notify_{word} "{script} {word}"' for word in OWN)
    text = tutorial_config(name)
    text = re.sub(
        r"(?m)^( +router_id \w+)",
        rf"""\1
  script_user root
  notification_email {{
    ops@example.org
  }}
  notification_email_from lb@example.org
  smtp_server 127.0.0.1 {MAIL_PORT}
  smtp_alert
  vrrp_notify_fifo {folder}/fifo""",
        text,
    )
    return text.replace(
        "    advert_int 1\n", f'    advert_int 1\n{own}\n    notify "{script} any"\n'
    )


@pytest.fixture
def ears(lab: Lab, tmp_path: Path) -> Iterator[dict[str, Ears]]:
    with ExitStack() as stack:
        found = {}
        for name in ("lb01", "lb02"):
            namespace = lab.machine(name).namespace
            server = stack.enter_context(mail_server(port=MAIL_PORT, namespace=namespace))
            found[name] = make_ears(tmp_path / name, server)
            stack.callback(os.close, found[name].fifo)
        yield found


def play(pair: Pair, ears: dict[str, Ears]) -> None:
    """A start, a link that goes and comes, a preemption, a stop, another start, the end."""
    lab = pair.lab

    def owned_by(name: str) -> None:
        lab.wait_for_owner(VIP, name, WITHIN_S)
        # A takeover is told before the next fault comes.
        told = f'"VI_1" MASTER {150 if name == "lb01" else 100}'
        count = masterships[name] = masterships.get(name, 0) + 1
        heard = ears[name]
        assert wait_until(lambda: sum(told in line for line in heard.read()) >= count, WITHIN_S)

    masterships: dict[str, int] = {}
    for node in (pair.lb01, pair.lb02):
        node.balancer.start()
        node.log.expect(r"Entering BACKUP STATE", within_s=WITHIN_S)
    owned_by("lb01")
    lab.faults.unplug("lb01")
    owned_by("lb02")
    lab.faults.plug("lb01")
    owned_by("lb01")
    pair.lb01.balancer.stop()
    owned_by("lb02")
    pair.lb01.balancer.start()
    owned_by("lb01")
    pair.lb02.balancer.stop()
    pair.lb01.balancer.stop()


SEEN = {
    "lb01": [
        *("BACKUP 150", "MASTER 150", "FAULT 150", "BACKUP 150", "MASTER 150", "STOP 150"),
        *("BACKUP 150", "MASTER 150", "STOP 150"),
    ],
    "lb02": [
        *("BACKUP 100", "MASTER 100", "BACKUP 100", "MASTER 100", "BACKUP 100", "STOP 100"),
    ],
}
"""What the pipe of each balancer of a keepalived pair holds after `play`."""


@pytest.mark.parametrize("program", ["keepalived", "halod"])
def test_both_tell_the_same(lab: Lab, ears: dict[str, Ears], tmp_path: Path, program: str) -> None:
    pair = set_up_pair(lab, program, program, lambda name: config_of(name, tmp_path / name))
    play(pair, ears)
    for name, heard in ears.items():
        judge(name, heard, program)


def judge(name: str, heard: Ears, program: str) -> None:
    states = SEEN[name]
    assert heard.read() == [f'INSTANCE "VI_1" {state}' for state in states]
    words = [state.partition(" ")[0] for state in states]
    every = [f"any INSTANCE VI_1 {state}" for state in states]
    own = [word.lower() for word in words]
    assert wait_until(lambda: len(heard.scripts()) >= 2 * len(states), 5.0), heard.scripts()
    assert sorted(heard.scripts()) == sorted(own + every)
    titles = ["Stopping" if word == "STOP" else f"Entering {word} state" for word in words]
    subjects = [f"[{name}] VRRP Instance VI_1 - {title}" for title in titles]
    if program == "halod":
        assert heard.scripts() == [line for two in zip(own, every, strict=True) for line in two]
        assert wait_until(lambda: len(heard.mail.got) >= len(subjects), 5.0)
        assert heard.mail.subjects() == subjects
        return
    # What is on its way when keepalived stops is lost, and with it the mail about the stop.
    sent, lost_at_most = Counter(heard.mail.subjects()), 2 * words.count("STOP")
    assert not sent - Counter(subjects)
    assert sent.total() >= len(subjects) - lost_at_most
    assert not [title for title in sent if "Stopping" in title]
