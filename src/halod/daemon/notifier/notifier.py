"""Tells operators' programs and mailboxes what became of an instance or a server.

Knows who asked to be told. Must not know how the programs are run, nor how mail is sent.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

from halod.daemon.notifier.pipes import Pipes, Trouble
from halod.daemon.notifier.script_lanes import Resolve, ScriptLanes, Tell
from halod.daemon.stop_span import STOP_WITHIN_S
from halod.kernel.account import Account
from halod.model.balance_effect import ServerNotice
from halod.model.configuration import Configuration
from halod.model.notice import Notice
from halod.model.notify_policy import NotifyPolicy
from halod.model.occasion import Occasion, Subject
from halod.model.units import Instant
from halod.notify.postman import Postman
from halod.telling.letter import letter_of
from halod.telling.server_words import server_lane, server_letter, server_line
from halod.telling.words import as_told, commands_of, fifo_line

__all__ = ["Notifier"]

STATES = frozenset({Occasion.MASTER, Occasion.BACKUP, Occasion.FAULT})

_Key = tuple[Subject, str]


def _policies(configuration: Configuration) -> dict[_Key, NotifyPolicy]:
    return {
        **{(Subject.INSTANCE, each.name): each.notify for each in configuration.instances},
        **{(Subject.GROUP, each.name): each.notify for each in configuration.groups},
    }


class Notifier:
    """Everything that is told by one daemon."""

    def __init__(
        self,
        resolve: Resolve,
        account: Callable[[str, str], Account | str],
        clocks: tuple[Callable[[], Instant], Callable[[], float]],
        tell: Tell,
        trouble: Trouble,
    ) -> None:
        """`resolve`, `account`: whom a program runs as; `clocks`: monotonic, and of the wall."""
        self._scripts = ScriptLanes(resolve, tell)
        self._pipes = Pipes(resolve, account, tell, trouble)
        self._postman = Postman(*clocks, tell, trouble)
        self._policies: dict[_Key, NotifyPolicy] = {}
        self._departed: dict[_Key, NotifyPolicy] = {}
        """Of those that the last reload removed: their end is still to be told."""
        self._router_id = ""
        self._faults_by_mail = True
        self._vrrp_paths: set[str] = set()
        """Pipes that are told of instances and groups."""
        self._lvs_paths: set[str] = set()
        """Pipes that are told of virtual and real servers."""
        self._told = 0
        self._states: dict[_Key, Notice] = {}
        """What was told last of the state of each."""

    def adopt(self, configuration: Configuration) -> None:
        """Takes up a configuration, at the start and at each reload."""
        before, self._policies = self._policies, _policies(configuration)
        self._departed = {key: p for key, p in before.items() if key not in self._policies}
        self._router_id = configuration.router_id or os.uname().nodename
        self._faults_by_mail = configuration.mail.faults
        self._scripts.limit = configuration.notify.time_limit
        wanted = configuration.notify
        self._vrrp_paths = {each.path for each in (wanted.fifo, wanted.vrrp_fifo) if each}
        self._lvs_paths = {each.path for each in (wanted.fifo, wanted.lvs_fifo) if each}
        self._pipes.adopt(wanted.fifos)
        self._postman.adopt(configuration.mail)
        self._states = {key: n for key, n in self._states.items() if key in self._policies}
        if configuration.notify.states_on_reload:
            # Groups first, as keepalived has them.
            for notice in sorted(self._states.values(), key=lambda n: n.subject.value):
                self._pipes.write(fifo_line(notice), self._vrrp_paths)

    def notice(self, notice: Notice) -> None:
        """Tells all who asked for it. Waits for nobody."""
        key = notice.subject, notice.name
        policy = self._policies.get(key) or self._departed.get(key)
        if policy is None:
            return
        self._told += 1
        if notice.occasion in STATES:
            self._states[key] = notice
        self._pipes.write(fifo_line(as_told(policy, notice)), self._vrrp_paths)
        for command in commands_of(policy, notice):
            self._scripts.add(notice.name, command)
        if not policy.mail or (notice.occasion is Occasion.FAULT and not self._faults_by_mail):
            return
        letter = letter_of(notice, self._router_id)
        if letter is not None:
            self._postman.post(letter)

    def server_notice(self, notice: ServerNotice) -> None:
        """The same of a virtual or real server; it says itself which program is run."""
        self._told += 1
        if not notice.mail_only:
            self._pipes.write(server_line(notice), self._lvs_paths)
        if notice.command is not None:
            self._scripts.add(server_lane(notice), notice.command)
        letter = server_letter(notice, self._router_id)
        if letter is not None:
            self._postman.post(letter)

    def figures(self) -> dict[str, Any]:
        """For status: JSON."""
        return {
            "told": self._told,
            "scripts": self._scripts.figures(),
            "fifos": self._pipes.figures(),
            "mail": self._postman.figures(),
        }

    async def stop(self) -> None:
        """What was told last is still run, written and sent, as far as the time goes."""
        await asyncio.gather(
            self._scripts.stop(STOP_WITHIN_S),
            self._pipes.stop(),
            self._postman.stop(STOP_WITHIN_S),
        )
